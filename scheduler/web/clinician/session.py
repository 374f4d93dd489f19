"""A session as its clinician sees it: who is expected, who waits, letting them in, and opening the room.

The buttons are ordinary forms; with JavaScript they are pressed without leaving the page, so that the room
goes on beside them.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from scheduler.actions import admissions, link_care, rooms
from scheduler.domain.inquiries import FIRST_CONVERSATION
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of

OfPerson = Callable[[Services, Actor, str, str], Awaitable[None]]
OfRoom = Callable[[Services, Actor, str], Awaitable[None]]


class RoomForm(forms.Form):
    """From which page a button was pressed: ``room``, ``today``, or else the session's own."""

    page: str = ""


class PersonForm(RoomForm):
    """Whom a button is about."""

    person_id: str


async def show_session(request: Request) -> Response:
    """Show the session with its people; a first conversation has a page of its own."""
    roster = await _roster(request)
    if roster.session.kind_id == FIRST_CONVERSATION.id:
        return pages.go(request, "inquiry", session_id=roster.session.id)
    return pages.show(request, "clinician/session.html", roster=roster)


async def show_roster(request: Request) -> Response:
    """Show the list alone, for a page that has it already and puts the fresh one in its place."""
    return pages.show(
        request,
        "clinician/roster_alone.html",
        roster=await _roster(request),
        shown_on=request.query_params.get("page", ""),
    )


async def tell_version(request: Request) -> Response:
    """Tell whether the list has something new to show."""
    session_id = request.path_params["session_id"]
    version = await admissions.roster_version(services_of(request), actor_of(request), session_id)
    return JSONResponse({"version": version})


async def admit(request: Request) -> Response:
    """Let a waiting person in."""
    return await _about_person(request, admissions.admit)


async def turn_away(request: Request) -> Response:
    """Tell a person at the door that they cannot come in."""
    return await _about_person(request, admissions.turn_away)


async def remove(request: Request) -> Response:
    """Take a person out of the room."""
    return await _about_person(request, admissions.remove)


async def let_back(request: Request) -> Response:
    """Let a person who was kept out come to the door again."""
    return await _about_person(request, admissions.let_back)


async def send_link(request: Request) -> Response:
    """Mail a person their link again."""
    return await _about_person(request, link_care.send_link_again)


async def stop_link(request: Request) -> Response:
    """Let a person's link open nothing any more."""
    return await _about_person(request, link_care.stop_link)


async def open_room(request: Request) -> Response:
    """Open the room, or come back to it, and go there."""
    session_id = request.path_params["session_id"]
    await rooms.open_room(services_of(request), actor_of(request), session_id)
    return pages.go(request, "room", session_id=session_id)


async def lock_room(request: Request) -> Response:
    """Let nobody new in."""
    return await _about_room(request, rooms.lock_room)


async def unlock_room(request: Request) -> Response:
    """Let people in again."""
    return await _about_room(request, rooms.unlock_room)


async def end_room(request: Request) -> Response:
    """End the session for everybody in the room."""
    session_id = request.path_params["session_id"]
    await rooms.end_room(services_of(request), actor_of(request), session_id)
    return pages.go(request, "clinician.session", session_id=session_id)


async def _roster(request: Request) -> admissions.Roster:
    return await admissions.show_roster(
        services_of(request), actor_of(request), request.path_params["session_id"]
    )


async def _about_person(request: Request, act: OfPerson) -> Response:
    form = await forms.read(request, PersonForm)
    session_id = request.path_params["session_id"]
    await act(services_of(request), actor_of(request), session_id, form.person_id)
    return _back(request, form.page)


async def _about_room(request: Request, act: OfRoom) -> Response:
    form = await forms.read(request, RoomForm)
    await act(services_of(request), actor_of(request), request.path_params["session_id"])
    return _back(request, form.page)


def _back(request: Request, page: str) -> Response:
    session_id = request.path_params["session_id"]
    if page == "today":
        return pages.go(request, "clinician.home")
    return pages.go(request, "room" if page == "room" else "clinician.session", session_id=session_id)
