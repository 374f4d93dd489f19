"""The application with a page that fails and one that says what it received, and a browser that sees both."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scheduler.app import create_app
from scheduler.services import Services
from tests.conftest import new_browser
from tests.engines import sqlite_url


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One engine is enough: no shield asks the database."""
    return sqlite_url(tmp_path)


@pytest.fixture
def app(services: Services) -> Starlette:
    """The application, with the two pages more."""
    app = create_app(services)
    app.router.routes.insert(0, Route("/fails", fails))
    app.router.routes.insert(0, Route("/receives", receives, methods=["GET", "POST"]))
    return app


async def fails(request: Request) -> Response:
    raise RuntimeError("a fault that nobody expected")


async def receives(request: Request) -> Response:
    return Response(f"{len(await request.body())} {request.state.source.ip} {request.url.scheme}")


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that is shown the page of an unhandled error."""
    async with new_browser(app) as browser:
        browser._transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        yield browser
