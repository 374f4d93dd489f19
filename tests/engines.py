"""Fresh, migrated databases of both engines, quickly: migrate one template, then copy it for each test.

Every test process (one, or each worker of pytest-xdist) has its own SQLite template file and its own
PostgreSQL server with a template database.
"""

import asyncio
import atexit
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import asyncpg

from scheduler.storage.schema import migrate_to_head
from tests.postgresql_server import running_server

T = TypeVar("T")
TEMPLATE = "hearth_template"
_numbers = itertools.count(1)


def sqlite_url(folder: Path) -> str:
    """Return the URL of a fresh migrated SQLite file in ``folder``."""
    target = folder / "hearth.db"
    shutil.copyfile(_sqlite_template(), target)
    return sqlite_url_of(target)


def sqlite_url_of(path: Path) -> str:
    """Return the URL of a SQLite file, which need not exist."""
    return f"sqlite+aiosqlite:///{path}"


@contextmanager
def postgresql_url() -> Iterator[str]:
    """Lend the URL of a fresh migrated PostgreSQL database, and drop it afterwards."""
    with _postgresql_database(template=_postgresql_template()) as url:
        yield url


@contextmanager
def empty_postgresql_url() -> Iterator[str]:
    """Lend the URL of a PostgreSQL database without any table, and drop it afterwards."""
    with _postgresql_database(template="template0") as url:
        yield url


def migrate(url: str) -> None:
    """Bring a database to head, from within an event loop or without one."""
    apart(lambda: migrate_to_head(url))


def apart(function: Callable[[], T]) -> T:
    """Run a function that starts an event loop of its own in a thread, away from any that runs here."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(function).result()


@lru_cache(maxsize=1)
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hearth-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    template = folder / "template.db"
    migrate(sqlite_url_of(template))
    return template


@lru_cache(maxsize=1)
def _postgresql_template() -> str:
    _statement(f'CREATE DATABASE "{TEMPLATE}" TEMPLATE template0')
    migrate(running_server().url(TEMPLATE))
    return TEMPLATE


@contextmanager
def _postgresql_database(*, template: str) -> Iterator[str]:
    name = f"hearth_{next(_numbers)}"
    _statement(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield running_server().url(name)
    finally:
        _statement(f'DROP DATABASE "{name}" WITH (FORCE)')


def _statement(sql: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(running_server().url("postgres", scheme="postgresql"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    apart(lambda: asyncio.run(run()))
