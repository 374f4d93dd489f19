"""The first page of all: join, book, ask for a first conversation, sign in."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.domain.permissions import Task, allows
from scheduler.web import pages
from scheduler.web.pages import actor_of


async def show_home(request: Request) -> Response:
    """Show the first page."""
    return pages.show(request, "visitor/home.html", may_ask=allows(actor_of(request), Task.INQUIRY_ASK))
