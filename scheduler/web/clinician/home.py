"""A clinician's first page: the session that comes next with who waits for it, and the rest of the day."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import today
from scheduler.web import pages
from scheduler.web.pages import actor_of, services_of


async def show_today(request: Request) -> Response:
    """Show the day."""
    return pages.show(
        request, "clinician/home.html", today=await today.show_today(services_of(request), actor_of(request))
    )
