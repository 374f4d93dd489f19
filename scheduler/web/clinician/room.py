"""The host's side of the room: picture and sound, with the list of who waits beside them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from scheduler.actions import rooms
from scheduler.domain.errors import RoomShut
from scheduler.web import pages
from scheduler.web.pages import actor_of, services_of


async def show_room(request: Request) -> Response:
    """Show the room to its host; one that is not open sends back to the session, where it is opened."""
    session_id = request.path_params["session_id"]
    try:
        roster = await rooms.show_room(services_of(request), actor_of(request), session_id)
    except RoomShut:
        return pages.go(request, "clinician.session", session_id=session_id)
    return pages.show(request, "clinician/room.html", roster=roster)


async def give_pass(request: Request) -> Response:
    """Give the host a pass of five minutes; being the host is looked up each time."""
    session_id = request.path_params["session_id"]
    return JSONResponse({"pass": await rooms.host_pass(services_of(request), actor_of(request), session_id)})


async def leave(request: Request) -> Response:
    """Go out; the room stays open."""
    session_id = request.path_params["session_id"]
    await rooms.leave_room(services_of(request), actor_of(request), session_id)
    return pages.go(request, "clinician.session", session_id=session_id)
