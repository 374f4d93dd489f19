"""Calendar files over http: a person's feed for calendar programs, and one session's file for its reader."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import invites
from scheduler.web.pages import actor_of, services_of

CALENDAR = "text/calendar; charset=utf-8"
FEED_CACHE = "private, max-age=300"


async def show_feed(request: Request) -> Response:
    """Answer with the feed that the token opens; 304 when the reader has it already (RFC 9110, 13.1.2)."""
    actor = actor_of(request)
    feed = await invites.read_feed(services_of(request), request.path_params["token"], source=actor.source)
    headers = {"ETag": feed.etag, "Cache-Control": FEED_CACHE}
    if feed.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(feed.file, headers={**headers, "Content-Type": CALENDAR})


async def show_session_file(request: Request) -> Response:
    """Answer with the calendar file of the reader's own place in a session."""
    session_id = request.path_params["session_id"]
    file = await invites.calendar_file(services_of(request), actor_of(request), session_id)
    headers = {"Content-Type": CALENDAR, "Content-Disposition": 'attachment; filename="appointment.ics"'}
    return Response(file, headers=headers)
