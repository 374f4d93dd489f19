"""The addresses that stand in mail for one session: the same for everybody, they lead each to their page."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.web import pages
from scheduler.web.pages import actor_of


async def find_session(request: Request) -> Response:
    """Go to the reader's own page of a session; whether it is theirs is for that page to say."""
    actor, session_id = actor_of(request), request.path_params["session_id"]
    name = "clinician.session" if actor.is_staff else "family.session"
    return pages.go(request, name, session_id=session_id)


async def find_place(request: Request) -> Response:
    """Go to the page where a place in a session can be taken; whether it is theirs, that page says."""
    actor, session_id = actor_of(request), request.path_params["session_id"]
    name = "clinician.session" if actor.is_staff else "family.group"
    return pages.go(request, name, session_id=session_id)
