"""Fresh, migrated databases of both engines, quickly.

Every test process (one, or each worker of pytest-xdist) migrates one template of each engine. SQLite's file
is copied for each test. Copying a PostgreSQL database costs more than most tests, so that one that a test
gives back is emptied and lent again, unless its schema was changed.
"""

import asyncio
import atexit
import itertools
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import asyncpg

from scheduler.storage.schema import migrate_to_head
from scheduler.storage.tables import METADATA
from tests.postgresql_server import running_server

T = TypeVar("T")
ADMINISTRATION = "postgres"
TEMPLATE = "hearth_template"
SCHEMA = """
    SELECT string_agg(mark, ',' ORDER BY mark) FROM (
        SELECT format('table %s %s', oid, relnatts) FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT format('trigger %s %s', oid, tgenabled) FROM pg_trigger
        UNION ALL SELECT 'revision ' || version_num FROM alembic_version
    ) AS marks (mark)
"""  # copies keep the object numbers (oid) of their template
EMPTY = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "SET session_replication_role = replica",  # past the guards of the audit log and the foreign keys
    *(f'DELETE FROM "{table.name}"' for table in METADATA.sorted_tables if table.name != "audit_head"),
    "UPDATE audit_head SET size = 0",  # the one row that the migrations write
)
_numbers = itertools.count(1)
_free: list[str] = []


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
    """Lend the URL of a fresh migrated PostgreSQL database."""
    name = _free.pop() if _free else _copied(_postgresql_template())
    try:
        yield running_server().url(name)
    finally:
        _give_back(name)


@contextmanager
def empty_postgresql_url() -> Iterator[str]:
    """Lend the URL of a PostgreSQL database without any table, and drop it afterwards."""
    name = _copied("template0")
    try:
        yield running_server().url(name)
    finally:
        _drop(name)


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
    _run(ADMINISTRATION, f'CREATE DATABASE "{TEMPLATE}" TEMPLATE template0')
    migrate(running_server().url(TEMPLATE))
    return TEMPLATE


@lru_cache(maxsize=1)
def _schema_of_template() -> str:
    return str(_connected(_postgresql_template(), lambda connection: connection.fetchval(SCHEMA)))


def _copied(template: str) -> str:
    name = f"hearth_{next(_numbers)}"
    _run(ADMINISTRATION, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _give_back(name: str) -> None:
    """Empty the database for the next test, or drop it if a test has changed its schema."""
    if _connected(name, _is_emptied):
        _free.append(name)
    else:
        _drop(name)


async def _is_emptied(connection: asyncpg.Connection) -> bool:
    try:
        if await connection.fetchval(SCHEMA) != _schema_of_template():
            return False
    except asyncpg.UndefinedTableError:
        return False
    await connection.execute("; ".join(EMPTY))
    return True


def _drop(name: str) -> None:
    _run(ADMINISTRATION, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(database: str, sql: str) -> None:
    _connected(database, lambda connection: connection.execute(sql))


def _connected(database: str, use: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    async def run() -> T:
        connection = await asyncpg.connect(running_server().url(database, scheme="postgresql"))
        try:
            return await use(connection)
        finally:
            await connection.close()

    return apart(lambda: asyncio.run(run()))
