"""PostgreSQL under strain: whoever finds no free connection is told to come back."""

import asyncio

from sqlalchemy import text

from scheduler.domain.errors import Unavailable
from scheduler.services import Services
from scheduler.storage.postgresql import PostgresqlDatabase
from tests.engines import postgresql_url

SLOW = text("SELECT pg_sleep(0.5)")


async def test_who_finds_no_free_connection_in_time_is_told_to_come_back(services: Services) -> None:
    with postgresql_url() as url:
        database = PostgresqlDatabase(url, services.vault, pool_size=1, patience=0.05)
        works = [database.read(lambda tx: tx.execute(SLOW).close()) for _ in range(2)]

        found = await asyncio.gather(*works, return_exceptions=True)

        await database.close()
    assert [type(one) for one in found if one is not None] == [Unavailable]
