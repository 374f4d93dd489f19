"""Every URL with its handler, name and audience, in one list.

A page is closed to everybody but its audience; ``tests/conventions`` walk this list as nobody and as each
wrong role. Add a page at its alphabetical place within its block.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from scheduler.actions.access import log_denied_access
from scheduler.domain.errors import Denied, Refusal
from scheduler.settings import Settings
from scheduler.web import audiences
from scheduler.web.audiences import Audience
from scheduler.web.pages import STATIC, actor_of, services_of
from scheduler.web.visitor import home

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


VISITOR = [
    Page("GET", "/", home.show_home, "home", Audience.VISITOR),
]

PAGES = [*VISITOR]

SOCKETS: list[Socket] = []

DEBUG_PAGES: list[Page] = []

DEMO_PAGES: list[Page] = []


def pages(settings: Settings) -> list[Page]:
    """Return the pages of this installation: the demo's and the debugging ones only where they are on."""
    return PAGES + (DEMO_PAGES if settings.is_demo else []) + (DEBUG_PAGES if settings.debug else [])


def build_routes(settings: Settings) -> list[BaseRoute]:
    """Return the routing table."""
    return [
        *(
            Route(page.path, _guarded(page), name=page.name, methods=[page.method])
            for page in pages(settings)
        ),
        *(WebSocketRoute(socket.path, socket.handler, name=socket.name) for socket in SOCKETS),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]


def _guarded(page: Page) -> Handler:
    async def guarded(request: Request) -> Response:
        try:
            audiences.admit(actor_of(request), page.audience)
        except Denied as denied:
            await log_denied_access(services_of(request), actor_of(request), denied)
            raise
        return await page.handler(request)

    return guarded


async def refuse_socket(socket: WebSocket, refusal: Refusal) -> None:
    """Close a WebSocket before it is accepted; the browser sees 403 (RFC 6455, section 4.2.2)."""
    await socket.close(code=1008, reason=refusal.page)
