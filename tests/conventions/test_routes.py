"""The site map: every address is closed to everybody but its audience, and no address breaks on nonsense.

Each is opened as nobody, and signed in as each role, with parameters that name nothing and an empty form.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from scheduler.domain.audit import Event
from scheduler.domain.people import FAMILY, STAFF, Proof, Role
from scheduler.domain.sign_ins import SignIn
from scheduler.services import Services
from scheduler.storage import sign_ins
from scheduler.storage.tables import audit_entries
from scheduler.web.audiences import OPEN, ROLES, Audience
from scheduler.web.routes import SOCKETS, pages
from scheduler.web.routes.page import Page, Socket
from tests import builders
from tests.conftest import BASE_URL, new_browser

ROLES_THAT_SIGN_IN = sorted(FAMILY | STAFF)
NONSENSE = "nobodyisnamedthis000"
TOKEN = "a-token-of-one-browser-0123456789"
OPEN_TO_EVERYONE = re.compile(
    r"/|/(?:c|first-conversation|sign-in|sign-out|step-up|enrol|j|join|demo|patterns|calendar|audit|healthz|readyz|metrics)(?:/.*)?"
)


@pytest.fixture
def services(services: Services) -> Services:
    """Services with the demo's pages and the debugging ones."""
    return replace(services, settings=services.settings.model_copy(update={"is_demo": True, "debug": True}))


@pytest.fixture
async def stranger(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser in which nobody is signed in."""
    async with new_browser(app) as client:
        yield client


@pytest.fixture(params=ROLES_THAT_SIGN_IN)
async def role(request: pytest.FixtureRequest, services: Services, stranger: httpx2.AsyncClient) -> Role:
    """Each role in turn, signed in in the stranger's browser."""
    chosen: Role = request.param
    person = await builders.add_person(services, "Robin Walker", chosen)
    now = services.now()
    sign_in = SignIn(
        services.new_id(), person.id, Proof.PASSKEY, "Firefox", now, now, now + timedelta(hours=12)
    )
    await services.database.write(lambda tx: sign_ins.add(tx, sign_in, token=TOKEN))
    stranger.cookies.set(services.settings.cookie("hearth"), TOKEN)
    return chosen


def address(page: Page | Socket) -> str:
    """Return an address of the route with nonsense for each parameter."""
    return re.sub(r"\{\w+:int\}", "7", re.sub(r"\{\w+(?::(?:str|path))?\}", NONSENSE, page.path))


def is_for(page: Page | Socket, role: Role | None) -> bool:
    """Tell whether the page's audience holds the role; None is nobody."""
    return page.audience in OPEN or role in ROLES[page.audience]


async def statuses(browser: httpx2.AsyncClient, found: list[Page]) -> list[tuple[Page, int]]:
    """Open each page, and return what it answered."""
    return [(page, (await browser.request(page.method, address(page))).status_code) for page in found]


async def test_nobody_gets_past_a_closed_door(services: Services, stranger: httpx2.AsyncClient) -> None:
    closed = [page for page in pages(services.settings) if not is_for(page, None)]

    answers = await statuses(stranger, closed)

    assert [f"{page.method} {page.path}: {status}" for page, status in answers if status != 401] == []


async def test_a_wrong_role_gets_past_no_door_and_every_try_is_logged(
    services: Services, stranger: httpx2.AsyncClient, role: Role
) -> None:
    closed = [page for page in pages(services.settings) if not is_for(page, role)]

    answers = await statuses(stranger, closed)

    denied = (
        select(func.count()).select_from(audit_entries).where(audit_entries.c.event == Event.ACCESS_DENIED)
    )
    assert [f"{page.method} {page.path}: {status}" for page, status in answers if status != 403] == []
    assert await services.database.read(lambda tx: tx.execute(denied).scalar_one()) == len(closed)


async def test_the_right_role_gets_a_clear_answer_to_nonsense(
    services: Services, stranger: httpx2.AsyncClient, role: Role
) -> None:
    ways_out = ("POST /sign-out",)
    own = [
        page
        for page in pages(services.settings)
        if is_for(page, role) and f"{page.method} {page.path}" not in ways_out
    ]

    answers = await statuses(stranger, own)

    wrong = [(page, status) for page, status in answers if status == 401 or status >= 500]
    assert [f"{page.method} {page.path}: {status}" for page, status in wrong] == []


async def test_nobody_and_no_wrong_role_gets_through_a_socket(
    app: Starlette, stranger: httpx2.AsyncClient, role: Role
) -> None:
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in stranger.cookies.jar)
    as_nobody = [socket for socket in SOCKETS if not is_for(socket, None)]
    as_role = [socket for socket in SOCKETS if not is_for(socket, role)]

    opened = [socket.path for socket in as_nobody if await is_accepted(app, socket, "")]
    opened += [socket.path for socket in as_role if await is_accepted(app, socket, cookies)]

    assert opened == []


async def is_accepted(app: Starlette, socket: Socket, cookies: str) -> bool:
    """Open a WebSocket as a browser would, leave at once, and tell whether it was accepted."""
    headers = {"host": httpx2.URL(BASE_URL).host, "origin": BASE_URL, "sec-fetch-site": "same-origin"}
    scope = {
        "type": "websocket",
        "path": address(socket),
        "raw_path": address(socket).encode(),
        "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in (headers | {"cookie": cookies}).items()],
        "scheme": "wss",
        "server": (headers["host"], 443),
        "client": ("127.0.0.1", 1),
        "subprotocols": [],
        "extensions": {},
    }
    heard = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}])
    said: list[str] = []

    async def receive() -> Any:
        return next(heard)

    async def send(message: Any) -> None:
        said.append(message["type"])

    await app(scope, receive, send)
    return "websocket.accept" in said


def test_an_address_is_open_to_everyone_on_purpose(services: Services) -> None:
    opened = [page.path for page in pages(services.settings) if page.audience in OPEN]

    assert [path for path in opened if not OPEN_TO_EVERYONE.fullmatch(path)] == []


def test_no_two_pages_share_a_name_or_an_address(services: Services) -> None:
    found = pages(services.settings)

    assert len({(page.method, page.path) for page in found}) == len(found)
    assert len({page.name for page in found}) == len(found)


def test_every_audience_is_somebody() -> None:
    assert set(Audience) == OPEN | ROLES.keys()
