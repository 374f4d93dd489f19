"""Shields: what every request passes before anything else, and every response after everything else.

In this order, outermost first:

1. **peer** finds who is really asking (a trusted proxy's word counts) and draws the request's reference
2. **headers** puts the security headers on every response, of errors, files and refused WebSockets too
3. **access log** writes one line, without secrets
4. **origins** refuses foreign host names, and state changes and WebSockets asked for by other origins
5. **letters** refuses control characters in the address
6. **sizes** refuses oversized headers and bodies (also chunked ones), and cuts slow bodies

They stand outside Starlette's own stack, so that even the page of an unhandled error carries the headers.
Within it follow ``signed_in`` and ``rate_limits``.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scheduler.domain.errors import Refusal
from scheduler.services import new_id
from scheduler.settings import Settings
from scheduler.web.shields import access_log, letters, origins, peer, refusing, sizes
from scheduler.web.shields.headers import SecurityHeaders

__all__ = ["Shields"]


class Shields:
    """Pure ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._proxies = peer.networks(settings.trusted_proxies)
        self._headers = SecurityHeaders(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Shield one request or WebSocket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        peer.attach(scope, self._proxies, reference=new_id())
        answer = _Answer(scope, send, self._headers)
        try:
            await self._checked(scope, receive, answer)
        finally:
            access_log.write(scope, answer.status, answer.started_at)

    async def _checked(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            sizes.check_headers(scope)
            origins.check(scope, self._settings)
            letters.check(scope)
            receive = await sizes.with_body(scope, receive)
        except Refusal as refusal:
            await refusing.answer(scope, receive, answer.send, refusal)
            return
        except sizes.Left:
            return
        await self._app(scope, receive, answer.send)


class _Answer:
    """The way back: adds the headers, and turns the refusal of a WebSocket into a real response."""

    def __init__(self, scope: Scope, send: Send, headers: SecurityHeaders) -> None:
        self._scope, self._send, self._headers = scope, send, headers
        self._is_socket_open = False
        self.started_at = access_log.tick()
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        kind = message["type"]
        if kind in ("http.response.start", "websocket.http.response.start"):
            self.status = message["status"]
            message["headers"] = self._headers.complete(self._scope, message)
        elif kind == "websocket.accept":
            self._is_socket_open, self.status = True, 101
        elif kind == "websocket.close" and not self._is_socket_open:
            await self._refuse_socket()
            return
        await self._send(message)

    async def _refuse_socket(self) -> None:
        self.status = 403
        if "websocket.http.response" not in self._scope.get("extensions", {}):
            await self._send({"type": "websocket.close", "code": 1008})
            return
        start: Message = {"type": "websocket.http.response.start", "status": 403, "headers": []}
        start["headers"] = self._headers.complete(self._scope, start)
        await self._send(start)
        await self._send({"type": "websocket.http.response.body", "body": b""})
