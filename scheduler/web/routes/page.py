"""What an address is: its method, path, handler, name and audience."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from scheduler.web.audiences import Audience

Handler = Callable[[Request], Awaitable[Response]]
SocketHandler = Callable[[WebSocket], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Page:
    """One address: ``method`` is GET (HEAD comes with it) or POST."""

    method: str
    path: str
    handler: Handler
    name: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Socket:
    """One WebSocket address."""

    path: str
    handler: SocketHandler
    name: str
    audience: Audience
