"""From the proof to the room: the notice and one's whereabouts, camera and sound, the waiting room, the room.

Each page looks up anew how things stand, and sends on to where the person belongs now.
"""

from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from scheduler.actions import rooms, waiting
from scheduler.domain.errors import Invalid
from scheduler.domain.join_links import Truth
from scheduler.domain.phones import read_phone
from scheduler.web import forms, pages
from scheduler.web.join_cookies import place_of
from scheduler.web.pages import actor_of, services_of

STATUSES = {
    Truth.CANCELLED: HTTPStatus.GONE,
    Truth.CLOSED: HTTPStatus.GONE,
    Truth.ENDED: HTTPStatus.GONE,
    Truth.REMOVED: HTTPStatus.FORBIDDEN,
    Truth.TURNED_AWAY: HTTPStatus.FORBIDDEN,
}


def _phone(text: str) -> str:
    try:
        return read_phone(text)
    except ValueError as wrong:
        raise ValueError(
            "Please write a phone number with its area code, like 510 555 0142, or 510 555 0142 ext. 12."
        ) from wrong


Phone = Annotated[str, AfterValidator(_phone)]


class DetailsForm(forms.Form):
    """Who and where somebody is, and how to call them back (16 CCR 1815.5)."""

    full_name: str = Field(
        max_length=120, json_schema_extra={"words": "Please keep your name under 120 letters."}
    )
    location: str = Field(max_length=300, json_schema_extra={"words": "Please keep it under 300 letters."})
    call_back: Phone


async def show_details(request: Request) -> Response:
    """Show the notice of 42 CFR 2.32 with the consent's scope, and ask where the person is."""
    return await _details_page(request)


async def tell_details(request: Request) -> Response:
    """Keep what the person told."""
    try:
        form = await forms.read(request, DetailsForm)
    except Invalid as invalid:
        return await _details_page(request, invalid)
    details = waiting.Details(form.full_name, form.location, form.call_back)
    await waiting.tell_details(services_of(request), actor_of(request), place_of(request), details)
    return pages.go(request, "join.camera")


async def show_camera(request: Request) -> Response:
    """Let the person try camera and sound before anybody sees or hears them."""
    standing = await waiting.how_it_stands(services_of(request), place_of(request))
    if standing.truth in STATUSES:
        return pages.go(request, "join.wait")
    if not standing.has_details:
        return pages.go(request, "join.details")
    return pages.show(request, "visitor/join/camera.html", waiting=standing)


async def begin_to_wait(request: Request) -> Response:
    """Sit down in the waiting room."""
    truth = await waiting.begin_to_wait(services_of(request), actor_of(request), place_of(request))
    return pages.go(request, "join.details" if truth is Truth.PREPARING else "join.wait")


async def show_waiting(request: Request) -> Response:
    """Show the truth: waiting, moved, cancelled, turned away; or go on to the room."""
    standing = await waiting.how_it_stands(services_of(request), place_of(request))
    if standing.truth is Truth.ADMITTED:
        return pages.go(request, "join.room")
    if standing.truth is Truth.PREPARING:
        return pages.go(request, "join.camera" if standing.has_details else "join.details")
    status = STATUSES.get(standing.truth, HTTPStatus.OK)
    return pages.show(request, "visitor/join/wait.html", status=status, waiting=standing)


async def tell_state(request: Request) -> Response:
    """Tell the waiting page whether it has something new to say, or where to go."""
    standing = await waiting.how_it_stands(services_of(request), place_of(request))
    is_admitted = standing.truth is Truth.ADMITTED
    go = str(request.app.url_path_for("join.room")) if is_admitted else None
    return JSONResponse({"state": standing.truth, "version": standing.version, "go": go})


async def leave(request: Request) -> Response:
    """Leave the waiting room or the room."""
    await waiting.leave(services_of(request), actor_of(request), place_of(request))
    return pages.go(request, "join.wait")


async def show_room(request: Request) -> Response:
    """Show the room to whoever was let in; names come over its line, after the pass was checked."""
    standing = await waiting.how_it_stands(services_of(request), place_of(request))
    if standing.truth is not Truth.ADMITTED:
        return pages.go(request, "join.wait")
    return pages.show(request, "visitor/join/room.html")


async def give_pass(request: Request) -> Response:
    """Give a pass of five minutes to whoever was let in."""
    return JSONResponse({"pass": await rooms.family_pass(services_of(request), place_of(request))})


async def _details_page(request: Request, invalid: Invalid | None = None) -> Response:
    preparing = await waiting.read_notice(services_of(request), actor_of(request), place_of(request))
    told = preparing.told
    typed = {"full_name": told.full_name, "location": told.location, "call_back": told.call_back}
    return pages.show(
        request,
        "visitor/join/details.html",
        status=invalid.status if invalid else 200,
        scope=preparing.scope,
        errors=invalid.errors if invalid else {},
        typed=invalid.typed if invalid else typed,
    )
