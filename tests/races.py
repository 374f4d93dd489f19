"""Two acts at once on PostgreSQL, each on a connection of its own, so that their order is known.

The first has done its work and holds its locks; only when the second is seen to wait for one of them does the
first commit.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from scheduler.services import Services
from scheduler.storage.database import Transaction, Work
from scheduler.storage.postgresql import PostgresqlDatabase

T = TypeVar("T")
Act = Callable[[Services], Awaitable[object]]

PATIENCE = 20.0  # seconds; a race takes some milliseconds
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class HeldBack(PostgresqlDatabase):
    """A database whose writes are done and not committed until they are let go."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.settings.database_url, services.vault)
        self._own = create_async_engine(services.settings.database_url)
        self.is_done, self.is_let_go = asyncio.Event(), asyncio.Event()

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` and commit when it is let go."""
        async with self._own.begin() as connection:
            result = await connection.run_sync(self._work_on, work)
            self.is_done.set()
            await self.is_let_go.wait()
        return result

    async def close(self) -> None:
        """Let go of the connection."""
        await self._own.dispose()
        await super().close()


async def one_close_after_the_other(services: Services, first: Act, second: Act) -> list[object]:
    """Run two acts, the second while the first is not committed yet; return results or refusals.

    Raises:
        TimeoutError: the second does not wait for the first.
    """
    held = HeldBack(services)
    async with asyncio.timeout(PATIENCE):
        leading = asyncio.ensure_future(first(replace(services, database=held)))
        await held.is_done.wait()
        following = asyncio.ensure_future(second(services))
        while not await services.database.read(_someone_waits):
            pass
        held.is_let_go.set()
        results = await asyncio.gather(leading, following, return_exceptions=True)
    await held.close()
    return list(results)


def _someone_waits(tx: Transaction) -> bool:
    return bool(tx.execute(WAITING).scalar_one())
