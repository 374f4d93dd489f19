"""Somebody is away: a coordinator, or a supervisor, covers for a clinician."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.web import coverage
from scheduler.web.coverage import Behalf

OTHERS = Behalf("coordinator.coverage", is_own=False)


async def show_coverage(request: Request) -> Response:
    """Ask who and when, or show the sessions."""
    return await coverage.show(request, OTHERS)


async def preview(request: Request) -> Response:
    """Show what will happen."""
    return await coverage.preview(request, OTHERS)


async def send(request: Request) -> Response:
    """Do it."""
    return await coverage.send(request, OTHERS)
