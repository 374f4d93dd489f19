"""create_app(services): middleware in order, error pages, lifespan; nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from scheduler.actions.access import log_fault
from scheduler.domain.errors import Refusal
from scheduler.domain.people import Actor, Role
from scheduler.jobs import clockwork
from scheduler.services import Services
from scheduler.web import pages
from scheduler.web.rate_limits import RateLimits
from scheduler.web.routes import build_routes
from scheduler.web.shields import Shields
from scheduler.web.signed_in import SignedIn


class Hearth(Starlette):
    """Starlette with the shields outermost, so that even the page of an unhandled error carries them."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the stack; headers, and the refusal of unsafe requests, come first."""
        services: Services = self.state.services
        return Shields(super().build_middleware_stack(), settings=services.settings)


def create_app(services: Services, *, jobs: bool = False) -> Starlette:
    """Return the application; with ``jobs`` the clockwork runs inside it (one process on SQLite)."""
    app = Hearth(
        routes=build_routes(services.settings),
        middleware=[
            Middleware(SignedIn, services=services),  # sets request.state.actor
            Middleware(RateLimits, services=services),  # by person, else by address
        ],
        exception_handlers={
            Refusal: pages.refuse,
            HTTPException: pages.nothing_here,
            Exception: _fault,
        },
        lifespan=_lifespan(jobs=jobs),
    )
    app.state.services = services
    return app


Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def _lifespan(*, jobs: bool) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        services: Services = app.state.services
        try:
            async with clockwork(services) if jobs else nullcontext():
                yield
        finally:
            await services.database.close()

    return lifespan


async def _fault(request: Request, fault: Exception) -> Response:
    nobody = Actor(person_id=None, role=Role.ANONYMOUS)
    await log_fault(pages.services_of(request), getattr(request.state, "actor", nobody), fault)
    return pages.show(request, "refusals/unexpected.html", status=500)
