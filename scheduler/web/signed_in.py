"""Whose browser is this? The cookie becomes an actor, once for each request.

Two cookies: ``hearth`` holds the random token of a sign-in, ``hearth-asked`` marks the browser that asked for
an e-mail code or a passkey's challenge. Under https their names begin with ``__Host-``.
"""

import re
from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scheduler.actions.sign_in import Begun, find_actor, nobody
from scheduler.domain.errors import Refusal
from scheduler.domain.sign_ins import REMEMBERED_LASTS
from scheduler.services import Services
from scheduler.settings import Settings
from scheduler.web.pages import services_of
from scheduler.web.shields import refusing
from scheduler.web.shields.headers import STATIC

COOKIE = "hearth"
ASKED_COOKIE = "hearth-asked"
ASKED_LASTS = timedelta(minutes=15)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


class SignedIn:
    """Pure ASGI middleware: sets ``request.state.actor`` for every request but those of files."""

    def __init__(self, app: ASGIApp, *, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the actor, then go on."""
        if scope["type"] != "lifespan":
            try:
                await self._attach(scope)
            except Refusal as refusal:
                await refusing.answer(scope, receive, send, refusal)
                return
        await self._app(scope, receive, send)

    async def _attach(self, scope: Scope) -> None:
        state = scope["state"]
        state["actor"] = nobody(state["source"])
        if scope["path"].startswith(STATIC):
            return
        connection = HTTPConnection(scope)
        token = connection.cookies.get(self._services.settings.cookie(COOKIE), "")
        if _TOKEN.fullmatch(token):
            state["actor"] = await find_actor(
                self._services, token, state["source"], is_someone_there=_is_someone_there(connection)
            )


def begin(response: Response, begun: Begun, settings: Settings) -> Response:
    """Give the browser the cookie of its new sign-in, and return the response."""
    lasts = REMEMBERED_LASTS if begun.is_remembered else None
    _set(response, settings, COOKIE, begun.token, lasts)
    _delete(response, settings, ASKED_COOKIE)
    return response


def end(response: Response, settings: Settings) -> Response:
    """Take the browser's cookie away, and return the response."""
    _delete(response, settings, COOKIE)
    return response


def asked_token(request: HTTPConnection) -> str:
    """Return the token that marks this browser as the one that asked, "" where it has not."""
    token = request.cookies.get(services_of(request).settings.cookie(ASKED_COOKIE), "")
    return token if _TOKEN.fullmatch(token) else ""


def mark_asked(response: Response, token: str, settings: Settings) -> Response:
    """Mark the browser as the one that asked with this token, and return the response."""
    _set(response, settings, ASKED_COOKIE, token, ASKED_LASTS)
    return response


def _is_someone_there(connection: HTTPConnection) -> bool:
    """Tell a person's request from one that a page makes by itself: a WebSocket, or looking by ``fetch``.

    A button that a script presses in the page was still pressed by somebody.
    """
    if connection.scope["type"] == "websocket":
        return False
    is_looking = connection.scope["method"] in ("GET", "HEAD")
    return not (is_looking and connection.headers.get("sec-fetch-dest", "document") == "empty")


def _set(response: Response, settings: Settings, name: str, value: str, lasts: timedelta | None) -> None:
    response.set_cookie(
        settings.cookie(name),
        value,
        max_age=None if lasts is None else int(lasts.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def _delete(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(
        settings.cookie(name), path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )
