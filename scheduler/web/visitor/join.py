"""The way in from a mail: follow the link, look at the door, prove who you are, or ask for a fresh link.

Until somebody has proved who they are, these pages hold neutral words and times only: no name, no program.
"""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import join_links, proofs
from scheduler.domain.codes import Outcome
from scheduler.domain.errors import Invalid, LinkUnusable
from scheduler.web import forms, pages
from scheduler.web.join_cookies import doorway_of, doorway_text, keep_doorway, keep_place, place_of
from scheduler.web.pages import actor_of, services_of
from scheduler.web.visitor.sign_in import Code, Email

CODE_WORDS = {
    Outcome.WRONG: "This is not the code. Please look again at the newest mail.",
    Outcome.GONE: "This code no longer works. Please ask for a new one.",
}


class CodeForm(forms.Form):
    """The code from the mail; a browser that is known already sends none."""

    code: Code | None = None


class FreshLinkForm(forms.Form):
    """Where the fresh link goes, if we know the address."""

    email: Email


async def follow_link(request: Request) -> Response:
    """Note which link was followed and take it out of the address bar; scanners may do this at will."""
    cookie = await join_links.follow(
        services_of(request), actor_of(request), request.path_params["token"], cookie=doorway_text(request)
    )
    return keep_doorway(request, pages.go(request, "join"), cookie)


async def show_door(request: Request) -> Response:
    """Show what the followed link opens, and when; without one, how to find it."""
    doorway, place = doorway_of(request), place_of(request)
    if doorway is None:
        return pages.show(request, "visitor/join/ask.html", has_place=bool(place), errors={}, typed={})
    at_door = await join_links.look(services_of(request), actor_of(request), doorway, place=place)
    if at_door.has_place and not at_door.is_early:
        return pages.go(request, "join.wait")
    return pages.show(request, "visitor/join/door.html", door=at_door)


async def send_code(request: Request) -> Response:
    """Mail a code to the link's person, and go on to where it is typed."""
    doorway = doorway_of(request)
    if doorway is None:
        return pages.go(request, "join")
    await proofs.send_code(services_of(request), actor_of(request), doorway)
    return pages.go(request, "join.prove")


async def show_prove(request: Request) -> Response:
    """Show the field for the code."""
    if doorway_of(request) is None:
        return pages.go(request, "join")
    return _code_page(request)


async def prove(request: Request) -> Response:
    """Try the proof; when it is right this browser holds the place."""
    doorway = doorway_of(request)
    if doorway is None:
        raise LinkUnusable("no doorway")
    try:
        form = await forms.read(request, CodeForm)
    except Invalid as invalid:
        return _code_page(request, invalid.errors)
    tried = await proofs.prove(services_of(request), actor_of(request), doorway, code=form.code or "")
    if not tried.place:
        return _code_page(request, {"code": CODE_WORDS[tried.outcome] if form.code else forms.MISSING})
    return keep_place(request, pages.go(request, "join.details"), tried.place)


async def join_signed_in(request: Request) -> Response:
    """Bring a signed-in family member from the page of their session to its door."""
    session_id = request.path_params["session_id"]
    tried = await proofs.prove_signed_in(services_of(request), actor_of(request), session_id)
    return keep_place(request, pages.go(request, "join.details"), tried.place)


async def send_fresh_link(request: Request) -> Response:
    """Mail a fresh link where the address is known; the answer is the same in any case."""
    try:
        form = await forms.read(request, FreshLinkForm)
    except Invalid as invalid:
        return pages.show(
            request,
            "visitor/join/ask.html",
            status=422,
            has_place=False,
            errors=invalid.errors,
            typed=invalid.typed,
        )
    await join_links.send_fresh_link(services_of(request), actor_of(request), form.email)
    return pages.go(request, "join.fresh.sent")


async def show_fresh_sent(request: Request) -> Response:
    """Say that a link is on its way, if the address is one of ours."""
    return pages.show(request, "visitor/join/fresh_sent.html")


def _code_page(request: Request, errors: dict[str, str] | None = None) -> Response:
    return pages.show(request, "visitor/join/prove.html", status=422 if errors else 200, errors=errors or {})
