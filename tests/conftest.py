"""Fixtures for every storey: services on each engine, a clock that stands still, a browser."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.app import create_app
from scheduler.domain.outside_calendars import CannotBeRead, Fault
from scheduler.gateways.outside_calendars import Fetched
from scheduler.gateways.video import built_in_video
from scheduler.services import Services, new_secret, open_database
from scheduler.settings import Settings
from scheduler.storage.keyring import load_keyring, new_master_key
from scheduler.storage.signer import load_signer, new_signer_key
from scheduler.storage.vault import Vault
from tests.engines import postgresql_url, sqlite_url

ENGINES = ("sqlite", "postgresql")
BASE_URL = "https://hearth.test"


@dataclass
class Clock:
    """A clock that stands still until it is moved. It starts on Monday 2 November 2026, 17:00 UTC."""

    at: datetime = datetime(2026, 11, 2, 17, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.at

    def move(self, **length: float) -> None:
        """Move on by a length, as for ``timedelta``."""
        self.at += timedelta(**length)


@dataclass
class FakeMail:
    """A mail gateway that keeps what it was given, and raises ``fault`` where one is set."""

    sent: list[EmailMessage] = field(default_factory=list)
    fault: Exception | None = None

    async def send(self, message: EmailMessage) -> None:
        """Keep the message."""
        if self.fault is not None:
            raise self.fault
        self.sent.append(message)


@dataclass
class FakeOutsideCalendars:
    """Other calendars by address: a file, or why there is none; ``asked`` keeps what was asked with."""

    found: dict[str, Fetched | Fault] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def fetch(self, address: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        """Return the file; none where the ETag is that of the file."""
        self.asked.append((address, etag))
        answer = self.found.get(address, Fault.UNREACHABLE)
        if isinstance(answer, Fault):
            raise CannotBeRead(answer)
        return Fetched(None, etag) if etag and etag == answer.etag else answer


@pytest.fixture
def outside() -> FakeOutsideCalendars:
    """The outside calendars of ``services``."""
    return FakeOutsideCalendars()


@pytest.fixture
def clock() -> Clock:
    """The clock of ``services``."""
    return Clock()


@pytest.fixture
def mail() -> FakeMail:
    """The mail gateway of ``services``."""
    return FakeMail()


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database on each engine."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
    else:
        with postgresql_url() as url:
            yield url


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a small installation behind https."""
    return new_settings(tmp_path, database_url)


def new_settings(tmp_path: Path, database_url: str) -> Settings:
    """Return `settings` with keys and mail in a folder."""
    return Settings(
        database_url=database_url,
        base_url=BASE_URL,  # type: ignore[arg-type]  # pydantic reads it
        keys_dir=tmp_path / "keys",
        mail_url=f"maildir:{tmp_path / 'mail'}",
        mail_from="Hearth <hello@hearth.test>",
        exports_dir=tmp_path / "exports",
        requests_a_minute=100_000,
        requests_a_minute_in_all=1_000_000,
    )


@pytest.fixture
async def services(
    settings: Settings, clock: Clock, mail: FakeMail, outside: FakeOutsideCalendars
) -> AsyncIterator[Services]:
    """Services on each engine with fakes for clock, ids and mail; everything else is real."""
    made = new_services(settings, clock, mail, outside)
    yield made
    await made.database.close()


def new_services(settings: Settings, clock: Clock, mail: FakeMail, outside: FakeOutsideCalendars) -> Services:
    """Return `services`; whoever asks closes its database."""
    new_master_key(settings.keys_dir, clock())
    new_signer_key(settings.keys_dir)
    keyring = load_keyring(settings.keys_dir)
    vault = Vault(keyring)
    return Services(
        settings=settings,
        database=open_database(settings.database_url, vault),
        now=clock,
        new_id=numbered_ids(),
        new_secret=new_secret,
        mail=mail,
        video=built_in_video(settings, keyring),
        outside_calendars=outside,
        vault=vault,
        keyring=keyring,
        signer=load_signer(settings.keys_dir, settings.audit_origin),
    )


def numbered_ids() -> Callable[[], str]:
    """Return a source of ids: id00001, id00002 and so on."""
    numbers = itertools.count(1)
    return lambda: f"id{next(numbers):05}"


@pytest.fixture
def app(services: Services) -> Starlette:
    """The whole application on ``services``, without the clockwork."""
    return create_app(services)


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser on the application that follows no redirects."""
    async with new_browser(app) as client:
        yield client


def new_browser(app: Starlette) -> httpx2.AsyncClient:
    """Return another browser with cookies of its own."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),
        base_url=BASE_URL,
        headers={"Sec-Fetch-Site": "same-origin", "Origin": BASE_URL, "Accept": "text/html"},
    )
