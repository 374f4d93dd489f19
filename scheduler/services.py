"""Services: everything an action needs from outside, in one frozen value handed to ``create_app``.

Tests build it with fakes and patch nothing.
"""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scheduler.domain import ids
from scheduler.domain.audit import Trail
from scheduler.domain.people import Actor
from scheduler.gateways.made_up_calendars import MadeUpCalendars
from scheduler.gateways.mail import Mail, mail_for
from scheduler.gateways.outside_calendars import HttpsCalendars, OutsideCalendars
from scheduler.gateways.video import Video, built_in_video
from scheduler.settings import Settings
from scheduler.storage.database import Database
from scheduler.storage.keyring import Keyring, load_keyring
from scheduler.storage.postgresql import PostgresqlDatabase
from scheduler.storage.signer import Signer, load_signer
from scheduler.storage.sqlite import SqliteDatabase
from scheduler.storage.vault import Vault

SQLITE_PREFIX = "sqlite+aiosqlite:///"
SEED_BYTES = 16


@dataclass(frozen=True, slots=True)
class Services:
    """The outside world of the actions. ``now`` returns aware UTC; ids are public, secrets are not."""

    settings: Settings
    database: Database
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    new_secret: Callable[[], str]
    mail: Mail
    video: Video
    outside_calendars: OutsideCalendars
    vault: Vault
    keyring: Keyring
    signer: Signer

    def trail(self, actor: Actor) -> Trail:
        """Return what an action needs to write its entries; drawn before the transaction."""
        return Trail(actor=actor, at=self.now(), seed=secrets.token_bytes(SEED_BYTES))


def build_services(settings: Settings) -> Services:
    """Return the real services of an installation.

    Raises:
        KeysMissing: the key folder is absent or incomplete.
    """
    keyring = load_keyring(settings.keys_dir)
    vault = Vault(keyring)
    return Services(
        settings=settings,
        database=open_database(settings.database_url, vault),
        now=utc_now,
        new_id=new_id,
        new_secret=new_secret,
        mail=mail_for(settings.mail_url),
        video=built_in_video(settings, keyring),
        outside_calendars=MadeUpCalendars() if settings.is_demo else HttpsCalendars(),
        vault=vault,
        keyring=keyring,
        signer=load_signer(settings.keys_dir, settings.audit_origin),
    )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Services]:
    """Give the real services for a while; whatever happens meanwhile, the database is closed at the end.

    Its threads are no daemons: a process in which one is left never ends.

    Raises:
        KeysMissing: the key folder is absent or incomplete.
    """
    services = build_services(settings)
    try:
        yield services
    finally:
        await services.database.close()


def open_database(url: str, vault: Vault) -> Database:
    """Return the database of a URL; connections are opened on first use."""
    if url.startswith(SQLITE_PREFIX):
        return SqliteDatabase(Path(url.removeprefix(SQLITE_PREFIX)), vault)
    return PostgresqlDatabase(url, vault)


def utc_now() -> datetime:
    """Return the present moment, aware UTC; the one place that reads the clock."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a fresh public id of 100 random bits (``domain/ids.py``)."""
    return ids.spelled(secrets.token_bytes(ids.LENGTH))


def new_secret() -> str:
    """Return a fresh secret: 192 random bits, URL-safe (OWASP ASVS 5.0 asks for 128)."""
    return secrets.token_urlsafe(24)
