"""The answer to a request that middleware refuses before any page has seen it."""

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from scheduler.domain.errors import Refusal
from scheduler.web import pages


async def answer(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    """Send the refusal's page; a WebSocket gets its status in place of being accepted (RFC 6455, 4.2.2)."""
    if scope["type"] == "websocket":
        await _deny_socket(scope, send, refusal)
        return
    response = await pages.refuse(Request(scope), refusal)
    if refusal.status in (408, 413):  # what is left of the body would be read as the next request
        response.headers["connection"] = "close"
    await response(scope, receive, send)


async def _deny_socket(scope: Scope, send: Send, refusal: Refusal) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})
