"""A person's own calendar address: make one, see it once, take it back."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import invites
from scheduler.web import pages
from scheduler.web.pages import actor_of, services_of

PAGE = "account/feed.html"


async def show_feed(request: Request) -> Response:
    """Show whether the reader has a calendar address."""
    has_one = await invites.has_feed(services_of(request), actor_of(request))
    return pages.show(request, PAGE, has_one=has_one, address="")


async def make_feed(request: Request) -> Response:
    """Make an address and show it, this once; an earlier one stops working."""
    services = services_of(request)
    token = await invites.make_feed(services, actor_of(request))
    address = services.settings.url(f"/calendar/{token}.ics")
    return pages.show(request, PAGE, has_one=True, address=address)


async def revoke_feed(request: Request) -> Response:
    """Take the address back."""
    await invites.revoke_feed(services_of(request), actor_of(request))
    return pages.go(request, "account.calendar")
