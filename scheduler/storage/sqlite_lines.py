"""Connections to one SQLite file: in threads of their own, and one for what takes no time.

A `Thread` runs whole functions in the thread of an ``aiosqlite`` connection. A `Glance`, and a `Thread` that
is told so, run them where it is asked, in the event loop's own thread, for as many steps of SQLite's machine
as a page needs.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import aiosqlite
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from scheduler.domain.errors import Unavailable
from scheduler.storage.database import Transaction
from scheduler.storage.vault import Vault

T = TypeVar("T")

STEPS_AT_A_TIME = 500
MOST_TIMES = (
    40  # a page takes 700 steps, a booking 1,900, one of twenty clinicians under 20,000: two milliseconds
)


class Thread:
    """An ``aiosqlite`` connection that runs whole functions of a SQLAlchemy connection in its thread."""

    def __init__(self, path: Path, pragmas: tuple[str, ...], vault: Vault) -> None:
        self._path, self._pragmas, self._vault = path, pragmas, vault
        self._aiosqlite: aiosqlite.Connection | None = None
        self._transaction: Transaction | None = None

    async def open(self) -> None:
        """Connect and set the pragmas.

        Raises:
            Unavailable: the file cannot be opened.
        """
        connecting = aiosqlite.connect(self._path, isolation_level=None, check_same_thread=False)
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
        transaction = self._transaction
        assert transaction is not None, "the database is closed"
        return await self._in_thread(lambda: function(transaction))

    def run_here(self, function: Callable[[Transaction], T]) -> T:
        """Run ``function`` whole in the thread that asks, while this one rests, and return its result.

        Raises:
            TooLong: it needs more steps; the transaction may be undone.
        """
        assert self._transaction is not None, "the database is closed"
        return Steps(self._transaction).run(function)

    async def close(self) -> None:
        """Close the connection and end the thread."""
        if self._aiosqlite is not None:
            await self._in_thread(self._detach)
            await self._aiosqlite.close()
            self._aiosqlite = None

    def _attach(self) -> None:
        assert self._aiosqlite is not None
        raw = self._aiosqlite._conn  # noqa: SLF001 - the connection that lives in this thread
        self._transaction = attached(raw, self._vault)

    def _detach(self) -> None:
        if self._transaction is not None:
            detach(self._transaction)
            self._transaction = None

    async def _in_thread(self, function: Callable[[], T]) -> T:
        assert self._aiosqlite is not None, "the database is closed"
        result: T = await self._aiosqlite._execute(function)  # type: ignore[no-untyped-call]  # noqa: SLF001
        return result


class TooLong(Exception):  # no error: the work is done elsewhere
    """A work takes more than a glance."""


class Steps:
    """Counts the steps of SQLite's machine on one connection, and breaks off a work that needs too many."""

    def __init__(self, transaction: Transaction) -> None:
        assert transaction.sqlite is not None
        self._transaction, self._raw = transaction, transaction.sqlite
        self._times = 0

    def run(self, function: Callable[[Transaction], T]) -> T:
        """Run ``function`` whole and return its result.

        Raises:
            TooLong: it needs more steps; if it changed something, its transaction may be undone.
        """
        self._times = 0
        self._raw.set_progress_handler(self._count, STEPS_AT_A_TIME)
        try:
            result = function(self._transaction)
        except (sqlite3.OperationalError, DBAPIError, Unavailable) as failed:
            if self._are_spent:
                raise TooLong from failed
            raise
        finally:
            self._raw.set_progress_handler(None, 0)
        if self._are_spent:
            raise TooLong
        return result

    @property
    def _are_spent(self) -> bool:
        return self._times > MOST_TIMES

    def _count(self) -> bool:
        self._times += 1
        return self._are_spent


class Glance:
    """A read-only connection that runs works at once, in the thread that asks, unless they take too long.

    Most reads take a tenth of a millisecond, less than two hops between threads, which fight for the
    interpreter besides.
    """

    def __init__(self, path: Path, pragmas: tuple[str, ...], vault: Vault) -> None:
        try:
            raw = sqlite3.connect(path, isolation_level=None)
            for pragma in pragmas:
                raw.execute(pragma)
        except sqlite3.Error as failed:
            raise Unavailable(f"cannot open the database: {failed}") from failed
        self._raw, self._transaction = raw, attached(raw, vault)
        self._steps = Steps(self._transaction)

    def run(self, function: Callable[[Transaction], T]) -> T:
        """Run ``function`` whole and return its result.

        Raises:
            TooLong: it needs more steps; it has had no effect.
        """
        try:
            return self._steps.run(function)
        finally:
            if self._raw.in_transaction:  # the work's own ROLLBACK was one step too many
                self._raw.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        detach(self._transaction)
        self._raw.close()


def attached(raw: sqlite3.Connection, vault: Vault) -> Transaction:
    """Return a transaction on the driver's connection; whoever runs it begins and ends it."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: raw,
        poolclass=StaticPool,
        query_cache_size=1_000,
        hide_parameters=True,
    )
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    return Transaction(connection, vault, raw)


def detach(transaction: Transaction) -> None:
    """Let go of the driver's connection."""
    transaction.connection.close()
    transaction.connection.engine.dispose()
