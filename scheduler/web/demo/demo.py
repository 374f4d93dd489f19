"""The demo's own doors: everyone who can sign in, the addresses that do it, and the inbox.

They exist in the demo alone, and answer this machine alone.
"""

import re
from itertools import groupby

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import demo
from scheduler.domain.errors import NotFound
from scheduler.domain.people import FAMILY
from scheduler.domain.times import day_of
from scheduler.web import pages, signed_in, ways_back
from scheduler.web.browsers import browser_of
from scheduler.web.machine.callers import is_loopback
from scheduler.web.pages import actor_of, services_of

ZONE = "America/Los_Angeles"  # the made-up program's; nobody need be signed in to look at the mail
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


async def show_people(request: Request) -> Response:
    """Show who can sign in."""
    _require_this_machine(request)
    house = await demo.look_around(services_of(request))
    families = [one for one in house.people if one.person.role in FAMILY]
    staff = [one for one in house.people if one.person.role not in FAMILY]
    groups = [("Families", families), ("Staff", staff)]
    return pages.show(request, "demo/people.html", groups=groups, soon=house.soon)


async def sign_in(request: Request) -> Response:
    """Sign a person in at once and go to their first page."""
    _require_this_machine(request)
    services = services_of(request)
    token = request.path_params["token"]
    begun = await demo.sign_in(services, actor_of(request), token, browser=browser_of(request))
    return signed_in.begin(ways_back.go_on("", begun.role), begun, services.settings)


async def show_inbox(request: Request) -> Response:
    """Show the mail that went out, of everybody or of one address, day by day."""
    _require_this_machine(request)
    recipient = request.query_params.get("to", "")
    mails = await demo.inbox(services_of(request), recipient=recipient)
    days = [list(group) for _, group in groupby(mails, key=lambda one: day_of(one.sent_at, ZONE))]
    return pages.show(request, "demo/mail.html", days=days, recipient=recipient, zone=ZONE)


async def show_letter(request: Request) -> Response:
    """Show one mail as text whose links can be followed, with its calendar file."""
    _require_this_machine(request)
    received = await demo.letter(services_of(request), request.path_params["key"])
    return pages.show(request, "demo/letter.html", received=received, text=linked(received.text), zone=ZONE)


def linked(text: str) -> Markup:
    """Return plain text as HTML in which web addresses are links; everything else is escaped."""
    parts: list[Markup] = []
    end = 0
    for address in _ADDRESS.finditer(text):
        parts += [escape(text[end : address.start()]), Markup('<a href="{0}">{0}</a>').format(address[0])]
        end = address.end()
    return Markup("").join([*parts, escape(text[end:])])


def _require_this_machine(request: Request) -> None:
    if not is_loopback(request):
        raise NotFound("demo")
