"""The first page of all: join, book, sign in."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.web import pages


async def show_home(request: Request) -> Response:
    """Show the first page."""
    return pages.show(request, "visitor/home.html")
