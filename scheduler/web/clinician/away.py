"""A clinician is away: what becomes of their sessions, in three steps."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.web import coverage
from scheduler.web.coverage import Behalf

OWN = Behalf("clinician.away", is_own=True)


async def show_away(request: Request) -> Response:
    """Ask when, or show the sessions."""
    return await coverage.show(request, OWN)


async def preview(request: Request) -> Response:
    """Show what will happen."""
    return await coverage.preview(request, OWN)


async def send(request: Request) -> Response:
    """Do it."""
    return await coverage.send(request, OWN)
