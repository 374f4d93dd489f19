"""PostgreSQL: the same plain functions through asyncpg, run again after a serialisation failure."""

import asyncio
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from scheduler.domain.errors import Unavailable
from scheduler.storage.database import Transaction, Work
from scheduler.storage.vault import Vault

T = TypeVar("T")

TRIES = 6
POOL_PATIENCE = 30.0  # seconds that a work waits for a connection
RUN_AGAIN = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
OUT_OF_ORDER = ("08", "53", "57", "58", "25006")  # connection, resources, operator, system, read-only


class PostgresqlDatabase:
    """A pool of connections to one PostgreSQL database; several serving processes may share it.

    Transactions are READ COMMITTED: what must not change between a check and its use is locked by the
    storage function that reads it (``with_for_update``), and the audit head orders all writers.
    """

    engine_name = "postgresql"

    def __init__(
        self, url: str, vault: Vault, *, pool_size: int = 8, patience: float = POOL_PATIENCE
    ) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=patience,
            pool_pre_ping=True,
            hide_parameters=True,
        )
        self._snapshots = self._engine.execution_options(
            postgresql_readonly=True, isolation_level="REPEATABLE READ"
        )
        self._vault = vault

    async def read(self, work: Work[T]) -> T:
        """See `Database.read`."""
        return await self._run(self._snapshots, work)

    async def write(self, work: Work[T]) -> T:
        """See `Database.write`."""
        return await self._run(self._engine, work)

    async def close(self) -> None:
        """See `Database.close`."""
        await self._engine.dispose()

    async def _run(self, engine: AsyncEngine, work: Work[T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(engine, work)
            except DBAPIError as failed:
                state = str(getattr(failed.orig, "sqlstate", "") or "")
                if state in RUN_AGAIN and attempt < TRIES:
                    await asyncio.sleep(0.005 * 2**attempt)
                    continue
                if state.startswith(OUT_OF_ORDER) or state in RUN_AGAIN:
                    raise Unavailable(f"{type(failed).__name__} {state}") from failed
                if isinstance(failed, (OperationalError, InterfaceError)) and not state:
                    raise Unavailable(type(failed).__name__) from failed
                raise
            except (OSError, TimeoutError, PoolTimeout) as unreachable:
                raise Unavailable(type(unreachable).__name__) from unreachable
        raise AssertionError("unreachable")

    async def _once(self, engine: AsyncEngine, work: Work[T]) -> T:
        async with engine.begin() as connection:
            return await connection.run_sync(self._work_on, work)

    def _work_on(self, connection: Connection, work: Work[T]) -> T:
        return work(Transaction(connection, self._vault))
