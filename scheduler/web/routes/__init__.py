"""Every URL with its handler, name and audience, one list for each part of the house.

A page is closed to everybody but its audience; ``tests/conventions`` walk these lists as nobody and as each
wrong role. Add a page at its alphabetical place within the list of those who see it.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from scheduler.actions.access import log_denied_access
from scheduler.domain.errors import Denied, Refusal
from scheduler.settings import Settings
from scheduler.web import audiences, signalling
from scheduler.web.audiences import Audience
from scheduler.web.pages import STATIC, actor_of, services_of
from scheduler.web.routes import (
    account,
    admin,
    clinician,
    compliance,
    coordinator,
    demo,
    family,
    machine,
    visitor,
)
from scheduler.web.routes.page import Handler, Page, Socket
from scheduler.web.signposts import Signposts
from scheduler.web.visitor import patterns

PAGES = [
    *visitor.PAGES,
    *account.PAGES,
    *admin.PAGES,
    *clinician.PAGES,
    *compliance.PAGES,
    *coordinator.PAGES,
    *family.PAGES,
    *machine.PAGES,
]

SOCKETS: list[Socket] = [
    Socket("/join/signal", signalling.join_line, "join.signal", Audience.VISITOR),
    Socket("/room/{session_id}/signal", signalling.host_line, "room.signal", Audience.CLINICIAN),
]

DEBUG_PAGES: list[Page] = [
    Page("GET", "/patterns", patterns.show_patterns, "patterns", Audience.VISITOR),
    Page("GET", "/patterns/{page}", patterns.show_refusal, "patterns.refusal", Audience.VISITOR),
]


def pages(settings: Settings) -> list[Page]:
    """Return the pages of this installation: the demo's and the debugging ones only where they are on."""
    return PAGES + (demo.PAGES if settings.is_demo else []) + (DEBUG_PAGES if settings.debug else [])


def build_routes(settings: Settings) -> list[BaseRoute]:
    """Return the routing table."""
    found: list[Route | WebSocketRoute] = [
        *(
            Route(page.path, _guarded(page), name=page.name, methods=[page.method])
            for page in pages(settings)
        ),
        *(WebSocketRoute(socket.path, socket.handler, name=socket.name) for socket in SOCKETS),
    ]
    return [
        Signposts(found),
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
