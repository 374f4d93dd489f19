"""SQLite: one writer with group commit, a few read-only readers, each in a thread of its own.

A hop between threads costs more than the SQL of a page, so that a read runs at once in the event loop's own
thread (`Glance`), and in a reader's thread when that takes too long.

All writing work that is waiting goes as one group: BEGIN IMMEDIATE, a savepoint each, one durable commit for
all; then every caller gets its result or its refusal. What waits for others or for the disk, the beginning
and the commit, is done in the writer's thread, the works in the event loop's, one at a time; if one of them
takes too long, the group begins anew in the writer's thread.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from scheduler.domain.errors import Unavailable
from scheduler.storage.database import Transaction, Work
from scheduler.storage.sqlite_lines import Glance, Thread, TooLong
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
    "PRAGMA cache_size=-2000",
)


@dataclass(slots=True)
class _Waiting:
    work: Work[Any]
    outcome: asyncio.Future[Any]


class SqliteDatabase:
    """One file, one serving process."""

    engine_name = "sqlite"

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path, self._vault = path, vault
        self._writer = Thread(path, WRITER_PRAGMAS, vault)
        self._readers = [Thread(path, READER_PRAGMAS, vault) for _ in range(READERS)]
        self._free_readers: asyncio.Queue[Thread] = asyncio.Queue()
        self._glance: Glance | None = None
        self._waiting: list[_Waiting] = []
        self._draining: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    async def read(self, work: Work[T]) -> T:
        """See `Database.read`."""
        glance = self._glance or await self._open()
        try:
            return glance.run(lambda tx: _read_snapshot(tx, work))
        except TooLong:
            reader = await self._free_readers.get()
        try:
            return await reader.run(lambda tx: _read_snapshot(tx, work))
        finally:
            self._free_readers.put_nowait(reader)

    async def write(self, work: Work[T]) -> T:
        """See `Database.write`."""
        if self._glance is None:
            await self._open()
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, outcome))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        return await asyncio.shield(outcome)

    async def close(self) -> None:
        """See `Database.close`."""
        async with self._opening:
            glance, self._glance = self._glance, None
            if self._draining is not None:
                await asyncio.wait([self._draining])
            for thread in (self._writer, *self._readers):
                await thread.close()
            if glance is not None:
                glance.close()

    async def _open(self) -> Glance:
        async with self._opening:
            if self._glance is not None:
                return self._glance
            for thread in (self._writer, *self._readers):
                await thread.open()
            self._free_readers = asyncio.Queue()
            for reader in self._readers:
                self._free_readers.put_nowait(reader)
            self._glance = Glance(self._path, READER_PRAGMAS, self._vault)
            return self._glance

    async def _drain(self) -> None:
        while self._waiting:
            group: list[_Waiting] = []
            try:
                outcomes = await self._write_group(group)
            except (
                BaseException
            ):  # the loop ends, or a fault of ours: nothing stays open, nobody waits in vain
                await asyncio.shield(self._writer.run(_undo))
                for waiting in (*group, *self._take(len(self._waiting))):
                    _hand_out(waiting.outcome, _Failed(Unavailable("the group was broken off")))
                raise
            for waiting, outcome in zip(group, outcomes, strict=True):
                _hand_out(waiting.outcome, outcome)

    async def _write_group(self, group: list[_Waiting]) -> list[object]:
        """Run what waits in one transaction, and what comes meanwhile; ``group`` is filled with it.

        When it fails as a whole, each gets the same refusal.
        """
        try:
            await self._writer.run(_begin)
            outcomes = [outcome async for outcome in self._outcomes(group)]
            await self._writer.run(_commit)
        except TooLong:
            await self._writer.run(_undo)
            return await self._writer.run(lambda tx: _write_long(tx, [one.work for one in group]))
        except (sqlite3.Error, DBAPIError) as failed:
            await self._writer.run(_undo)
            group += [] if group else self._take(LARGEST_GROUP)
            return _all_failed(group, failed)
        return outcomes

    async def _outcomes(self, group: list[_Waiting]) -> AsyncIterator[object]:
        while self._waiting and len(group) < LARGEST_GROUP:
            group += self._take(1)
            yield self._writer.run_here(partial(_in_savepoint, work=group[-1].work))
            await asyncio.sleep(0)  # others go on, and may come to wait

    def _take(self, count: int) -> list[_Waiting]:
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken


@dataclass(frozen=True, slots=True)
class _Failed:
    reason: BaseException


def _hand_out(future: asyncio.Future[Any], outcome: object) -> None:
    if future.done():
        return
    if isinstance(outcome, _Failed):
        future.set_exception(outcome.reason)
        future.exception()  # a caller who was cancelled never looks; that is not an unseen error
    else:
        future.set_result(outcome)


def _read_snapshot(tx: Transaction, work: Work[T]) -> T:
    raw = _raw(tx)
    try:
        raw.execute("BEGIN")
        try:
            return work(tx)
        finally:
            raw.execute("ROLLBACK")
    except (sqlite3.OperationalError, DBAPIError) as failed:
        raise _refusal(failed) from failed


def _begin(tx: Transaction) -> None:
    _raw(tx).execute("BEGIN IMMEDIATE")


def _commit(tx: Transaction) -> None:
    _raw(tx).execute("COMMIT")


def _undo(tx: Transaction) -> None:
    if _raw(tx).in_transaction:
        _raw(tx).execute("ROLLBACK")


def _write_long(tx: Transaction, works: list[Work[Any]]) -> list[object]:
    """Run the works in one transaction, whole, in the writer's thread."""
    try:
        _begin(tx)
        outcomes = [_in_savepoint(tx, work) for work in works]
        _commit(tx)
    except (sqlite3.Error, DBAPIError) as failed:
        _undo(tx)
        return _all_failed(works, failed)
    return outcomes


def _all_failed(works: Sequence[object], failed: Exception) -> list[object]:
    return [_Failed(Unavailable(f"cannot write: {type(failed).__name__}: {failed}"))] * len(works)


def _in_savepoint(tx: Transaction, work: Work[Any]) -> object:
    raw = _raw(tx)
    raw.execute("SAVEPOINT work")
    try:
        result = work(tx)
    except (KeyboardInterrupt, SystemExit):  # the process ends, and nothing of the group is kept
        raise
    except BaseException as reason:  # whatever else flies belongs to this work's caller alone
        if not raw.in_transaction:  # the disk is full, or alike: SQLite has rolled the whole group back
            raise sqlite3.OperationalError("the transaction was rolled back") from reason
        raw.execute("ROLLBACK TO work")
        raw.execute("RELEASE work")
        return _Failed(_refusal(reason))
    raw.execute("RELEASE work")
    return result


def _refusal(failed: BaseException) -> BaseException:
    """Return what the caller sees: trouble with the file is Unavailable, all else flies as it is.

    But for StopIteration, which cannot be handed to whoever awaits.
    """
    if isinstance(failed, StopIteration):
        return RuntimeError("a work let StopIteration fly")
    cause = failed.orig if isinstance(failed, DBAPIError) else failed
    if isinstance(cause, sqlite3.OperationalError):
        return Unavailable(f"{type(cause).__name__}: {cause}")
    return failed


def _raw(tx: Transaction) -> sqlite3.Connection:
    assert tx.sqlite is not None
    return tx.sqlite
