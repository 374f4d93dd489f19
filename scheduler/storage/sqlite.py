"""SQLite: one writer with group commit, a few read-only readers, each in a thread of its own.

A whole `Work` runs in the thread of one ``aiosqlite`` connection, because the hop between threads costs
more than the SQL. All work that is waiting goes as one group: BEGIN IMMEDIATE, a savepoint each, one durable
commit for all; then every caller gets its result or its refusal. Reads that wait go as a group likewise, on
one snapshot.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from scheduler.domain.errors import Unavailable
from scheduler.storage.database import Transaction, Work
from scheduler.storage.vault import Vault

T = TypeVar("T")

READERS = 2
LARGEST_GROUP = 128
BUSY_TIMEOUT_MS = 5_000

WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA cache_size=-32000",
    "PRAGMA temp_store=MEMORY",
)
READER_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA query_only=ON",
    "PRAGMA cache_size=-4000",
)


class Thread:
    """An ``aiosqlite`` connection that runs whole functions of a SQLAlchemy connection in its thread."""

    def __init__(self, path: Path, pragmas: tuple[str, ...], vault: Vault) -> None:
        self._path, self._pragmas, self._vault = path, pragmas, vault
        self._aiosqlite: aiosqlite.Connection | None = None
        self._engine: Engine | None = None
        self._connection: Connection | None = None

    async def open(self) -> None:
        """Connect and set the pragmas.

        Raises:
            Unavailable: the file cannot be opened.
        """
        connecting = aiosqlite.connect(self._path, isolation_level=None)
        try:
            self._aiosqlite = await connecting
            for pragma in self._pragmas:
                await self._aiosqlite.execute(pragma)
        except sqlite3.Error as failed:
            if self._aiosqlite is None:  # its thread still says that it stops, and needs this loop for that
                await asyncio.to_thread(connecting._thread.join)  # noqa: SLF001  # nothing public waits for it
            raise Unavailable(f"cannot open the database: {failed}") from failed
        await self._in_thread(self._attach)

    async def run(self, function: Callable[[Transaction], T]) -> T:
        """Run ``function`` whole in the thread and return its result."""
        return await self._in_thread(lambda: function(self._transaction()))

    async def close(self) -> None:
        """Close the connection and end the thread."""
        if self._aiosqlite is not None:
            await self._in_thread(self._detach)
            await self._aiosqlite.close()
            self._aiosqlite = None

    def _detach(self) -> None:
        if self._connection is not None and self._engine is not None:
            self._connection.close()
            self._engine.dispose()
            self._connection = self._engine = None

    def _attach(self) -> None:
        assert self._aiosqlite is not None
        raw = self._aiosqlite._conn  # noqa: SLF001 - the connection that lives in this thread
        self._engine = create_engine(
            "sqlite://", creator=lambda: raw, poolclass=StaticPool, query_cache_size=1_000
        )
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _transaction(self) -> Transaction:
        assert self._connection is not None
        raw = self._connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        return Transaction(self._connection, self._vault, raw)

    async def _in_thread(self, function: Callable[[], T]) -> T:
        assert self._aiosqlite is not None, "the database is closed"
        result: T = await self._aiosqlite._execute(function)  # type: ignore[no-untyped-call]  # noqa: SLF001
        return result


@dataclass(slots=True)
class _Waiting:
    work: Work[Any]
    outcome: asyncio.Future[Any]


class SqliteDatabase:
    """One file, one serving process."""

    engine_name = "sqlite"

    def __init__(self, path: Path, vault: Vault) -> None:
        self._writer = Thread(path, WRITER_PRAGMAS, vault)
        self._readers = [Thread(path, READER_PRAGMAS, vault) for _ in range(READERS)]
        self._free_readers: list[Thread] = []
        self._asked: list[_Waiting] = []
        self._reading: set[asyncio.Task[None]] = set()
        self._waiting: list[_Waiting] = []
        self._draining: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._is_open = False

    async def read(self, work: Work[T]) -> T:
        """See `Database.read`."""
        await self._open()
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append(_Waiting(work, outcome))
        if len(self._asked) == 1:
            asyncio.get_running_loop().call_soon(self._send_reader)
        return await outcome

    async def write(self, work: Work[T]) -> T:
        """See `Database.write`."""
        await self._open()
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, outcome))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        return await asyncio.shield(outcome)

    async def close(self) -> None:
        """See `Database.close`."""
        if self._draining is not None:
            await self._draining
        while self._asked or self._reading:
            self._send_reader()
            await asyncio.wait(self._reading)
        for thread in (self._writer, *self._readers):
            await thread.close()
        self._is_open = False

    async def _open(self) -> None:
        if self._is_open:
            return
        async with self._opening:
            if self._is_open:
                return
            for thread in (self._writer, *self._readers):
                await thread.open()
            self._free_readers = [*self._readers]
            self._is_open = True

    async def _drain(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            await _run_group(self._writer, group, _write_group)

    def _send_reader(self) -> None:
        """Send a free reader to all reads that wait; without one, they wait until one comes back."""
        if not (self._asked and self._free_readers):
            return
        group, self._asked = self._asked, []
        task = asyncio.create_task(self._read(self._free_readers.pop(), group))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, reader: Thread, group: "list[_Waiting]") -> None:
        try:
            await _run_group(reader, group, _read_group)
        finally:
            self._free_readers.append(reader)
            self._send_reader()


@dataclass(frozen=True, slots=True)
class _Failed:
    reason: BaseException


async def _run_group(
    thread: Thread,
    group: list[_Waiting],
    run: Callable[[Transaction, list[Work[Any]]], list[object]],
) -> None:
    works = [waiting.work for waiting in group]
    outcomes = await thread.run(lambda tx: run(tx, works))
    for waiting, outcome in zip(group, outcomes, strict=True):
        _hand_out(waiting.outcome, outcome)


def _hand_out(future: asyncio.Future[Any], outcome: object) -> None:
    if future.done():
        return
    if isinstance(outcome, _Failed):
        future.set_exception(outcome.reason)
        future.exception()  # a caller who was cancelled never looks; that is not an unseen error
    else:
        future.set_result(outcome)


def _read_group(tx: Transaction, works: list[Work[Any]]) -> list[object]:
    """Run the works on one snapshot, each with a result or a refusal of its own."""
    raw = _raw(tx)
    try:
        raw.execute("BEGIN")
    except sqlite3.Error as failed:
        return [_Failed(_refusal(failed))] * len(works)
    try:
        return [_outcome(tx, work) for work in works]
    finally:
        raw.execute("ROLLBACK")


def _outcome(tx: Transaction, work: Work[Any]) -> object:
    try:
        return work(tx)
    except BaseException as reason:  # noqa: BLE001  # whatever flies belongs to this work's caller alone
        return _Failed(_refusal(reason))


def _write_group(tx: Transaction, works: list[Work[Any]]) -> list[object]:
    """Run the works in one transaction; when it fails as a whole, each gets the same refusal."""
    raw = _raw(tx)
    try:
        raw.execute("BEGIN IMMEDIATE")
        outcomes = [_in_savepoint(tx, raw, work) for work in works]
        raw.execute("COMMIT")
    except (sqlite3.Error, DBAPIError) as failed:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        return [_Failed(Unavailable(f"cannot write: {type(failed).__name__}: {failed}"))] * len(works)
    return outcomes


def _in_savepoint(tx: Transaction, raw: sqlite3.Connection, work: Work[Any]) -> object:
    raw.execute("SAVEPOINT work")
    try:
        result = work(tx)
    except BaseException as reason:  # whatever flies belongs to this work's caller alone
        if not raw.in_transaction:  # the disk is full, or alike: SQLite has rolled the whole group back
            raise sqlite3.OperationalError("the transaction was rolled back") from reason
        raw.execute("ROLLBACK TO work")
        raw.execute("RELEASE work")
        return _Failed(_refusal(reason))
    raw.execute("RELEASE work")
    return result


def _refusal(failed: BaseException) -> BaseException:
    """Return what the caller sees: trouble with the file is Unavailable, all else flies as it is."""
    cause = failed.orig if isinstance(failed, DBAPIError) else failed
    if isinstance(cause, sqlite3.OperationalError):
        return Unavailable(f"{type(cause).__name__}: {cause}")
    return failed


def _raw(tx: Transaction) -> sqlite3.Connection:
    assert tx.sqlite is not None
    return tx.sqlite
