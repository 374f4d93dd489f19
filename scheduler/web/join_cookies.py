"""The two cookies of joining, beside the sign-in: which link was followed, and which browser holds the place.

``hearth-join`` (the doorway) is encrypted and lasts 15 minutes; it finds a link and opens nothing.
``hearth-place`` is the random token of a browser that has proved itself; it lasts as long as a session may.
Under https their names begin with ``__Host-``.
"""

from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from scheduler.actions.join_links import DOORWAY_LASTS, read_doorway
from scheduler.domain.join_links import Doorway
from scheduler.web.pages import services_of

DOORWAY = "hearth-join"
PLACE = "hearth-place"
PLACE_LASTS = timedelta(hours=12)
LONGEST = 600  # bytes; ours are shorter


def doorway_text(request: HTTPConnection) -> str:
    """Return the doorway's cookie as it came, "" where there is none."""
    text = request.cookies.get(services_of(request).settings.cookie(DOORWAY), "")
    return text if len(text) <= LONGEST else ""


def doorway_of(request: HTTPConnection) -> Doorway | None:
    """Return which link this browser followed in the last 15 minutes, or None."""
    return read_doorway(services_of(request), doorway_text(request))


def place_of(request: HTTPConnection) -> str:
    """Return the token of the place this browser says it holds, "" where it says nothing."""
    text = request.cookies.get(services_of(request).settings.cookie(PLACE), "")
    return text if len(text) <= LONGEST else ""


def keep_doorway(request: HTTPConnection, response: Response, text: str) -> Response:
    """Give the browser its doorway, and return the response."""
    return _keep(request, response, DOORWAY, text, DOORWAY_LASTS)


def keep_place(request: HTTPConnection, response: Response, token: str) -> Response:
    """Give the browser the token of its place, and return the response."""
    return _keep(request, response, PLACE, token, PLACE_LASTS)


def _keep(request: HTTPConnection, response: Response, name: str, value: str, lasts: timedelta) -> Response:
    settings = services_of(request).settings
    response.set_cookie(
        settings.cookie(name),
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",  # the link is followed from a mail program
    )
    return response
