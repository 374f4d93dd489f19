"""A group of the program, as a family sees it: take a place, wait for one, or go off the list."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import groups, waitlist
from scheduler.domain.errors import ElsewhereThen, GroupFull
from scheduler.web import pages
from scheduler.web.family import choosing
from scheduler.web.pages import actor_of, services_of

DONE_WORDS = {
    "waiting": "You are on the waitlist.",
    "left": "You are not on the waitlist any more.",
}
FULL_WORDS = "The last place was just taken. Nothing was booked for you."
ELSEWHERE_WORDS = "You have another session at that time. Nothing was booked for you."


async def show_group(request: Request) -> Response:
    """Show a group: when it is, and whether there is room."""
    return await _page(request)


async def take(request: Request) -> Response:
    """Take a place; where the last is gone, offer the waitlist and other times."""
    session_id = _session_id(request)
    try:
        await groups.take_places(services_of(request), actor_of(request), session_id)
    except GroupFull as full:
        return await _page(request, full, FULL_WORDS)
    except ElsewhereThen as elsewhere:
        return await _page(request, elsewhere, ELSEWHERE_WORDS)
    return choosing.go(request, "family.session", {"done": "booked"}, session_id=session_id)


async def wait(request: Request) -> Response:
    """Go on the waitlist."""
    session_id = _session_id(request)
    await groups.join_waitlist(services_of(request), actor_of(request), session_id)
    return choosing.go(request, "family.group", {"done": "waiting"}, session_id=session_id)


async def leave(request: Request) -> Response:
    """Go off the waitlist, or decline what is offered."""
    session_id = _session_id(request)
    await waitlist.leave_waitlist(services_of(request), actor_of(request), session_id)
    return choosing.go(request, "family.group", {"done": "left"}, session_id=session_id)


async def _page(
    request: Request, refusal: GroupFull | ElsewhereThen | None = None, words: str = ""
) -> Response:
    detail = await groups.see_group(services_of(request), actor_of(request), _session_id(request))
    return pages.show(
        request,
        "family/group.html",
        status=200 if refusal is None else refusal.status,
        detail=detail,
        done=DONE_WORDS.get(request.query_params.get("done", ""), ""),
        refused=words,
        zone=choosing.zone_of(request),
    )


def _session_id(request: Request) -> str:
    return str(request.path_params["session_id"])
