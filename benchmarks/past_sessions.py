"""Whether the page of free times grows dearer with the years: 10,000 past sessions against 1,000,000.

Twenty clinicians see one family; then the same house has a hundred times the past, on both engines. The
search reads taken ticks by (person, tick), the primary key, between now and the horizon, so that the past is
never touched; ``tests/storage/test_query_plans.py`` holds the plans to that. The ratio is of searches per
second: with the long past against with the short one.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from benchmarks import house
from benchmarks.ratio import Ratio
from scheduler.actions.slots import show_slots
from scheduler.domain.people import Actor
from scheduler.domain.times import tick_of
from scheduler.services import Services, opened
from scheduler.settings import Settings
from scheduler.storage.database import Transaction
from scheduler.storage.keyring import new_master_key
from scheduler.storage.signer import new_signer_key
from tests.engines import postgresql_url, sqlite_url

SHORT_PAST, LONG_PAST = 10_000, 1_000_000
SEARCHES, ROUNDS = 60, 7
TEAM = house.Team(house.CHECK_IN, house.OFFICE_HOURS, size=20)
COUNTED = {
    "sqlite": "numbers (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)",
    "postgresql": "numbers (n) AS (SELECT generate_series(CAST(:first AS int), CAST(:last AS int)))",
}
SESSIONS = """
INSERT INTO sessions (id, kind_id, host_id, starts_at, ends_at, status, capacity, places_taken, room_name)
WITH RECURSIVE {counted}, hosts (place, id) AS (
    SELECT row_number() OVER () - 1, id FROM people WHERE role = 'clinician'
)
SELECT 'past' || n, 'check_in', hosts.id, {moment}, {moment_after}, 'attended', 0, 0, 'past' || n
FROM numbers JOIN hosts ON hosts.place = n % 20
"""
TICKS = """
INSERT INTO taken_ticks (person_id, tick, session_id)
WITH RECURSIVE {counted} SELECT sessions.host_id, :tick - n, 'past' || n
FROM numbers JOIN sessions ON sessions.id = 'past' || n
"""
MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', (:tick - n{later}) * 300, 'unixepoch')",
    "postgresql": "to_timestamp((:tick - n{later}) * 300)",
}


def run() -> Iterable[Ratio]:
    """Return searches per second with a long past against those with a short one, by turns."""
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        yield asyncio.run(_compared("SQLite", [sqlite_url(folder) for folder in folders], folders))
        urls = [stack.enter_context(postgresql_url()) for _ in folders]
        yield asyncio.run(_compared("PostgreSQL", urls, folders))


async def _compared(engine: str, urls: Sequence[str], folders: Sequence[Path]) -> Ratio:
    best = [0.0, 0.0]
    async with AsyncExitStack() as stack:
        houses = [
            await stack.enter_async_context(_with_past(url, folder / engine, sessions))
            for url, folder, sessions in zip(urls, folders, (LONG_PAST, SHORT_PAST), strict=True)
        ]
        for _ in range(ROUNDS):
            best = [max(one, await _searches(*home)) for one, home in zip(best, houses, strict=True)]
    name = f"slots, {LONG_PAST:,} past, {engine}"
    return Ratio(name, best[0], best[1], "searches/s", 0.8, f"{SHORT_PAST:,} past sessions")


@asynccontextmanager
async def _with_past(url: str, folder: Path, sessions: int) -> AsyncIterator[tuple[Services, Actor]]:
    async with _served(url, folder) as services:
        cookies = [services.new_secret()]
        [mother] = await services.database.write(lambda tx: house.add_families(tx, services, cookies, TEAM))
        await lay_past(services, sessions)
        yield services, mother


@asynccontextmanager
async def _served(url: str, folder: Path) -> AsyncIterator[Services]:
    settings = Settings(
        database_url=url,
        base_url="http://localhost:8000",  # type: ignore[arg-type]  # pydantic reads it
        keys_dir=folder,
        mail_url=f"maildir:{folder / 'mail'}",
        mail_from="Hearth <hello@hearth.test>",
    )
    new_master_key(folder, datetime.now(UTC))
    new_signer_key(folder)
    async with opened(settings) as services:
        yield services


async def lay_past(services: Services, sessions: int) -> None:
    """Put so many past sessions, a tick of their host each, into a house with 20 clinicians."""
    values = {"first": 1, "last": sessions, "tick": tick_of(services.now()) - 300}
    engine = services.database.engine_name
    moment, after = (MOMENT[engine].format(later=later) for later in ("", " + 1"))
    counted = COUNTED[engine]

    def work(tx: Transaction) -> None:
        laid = SESSIONS.format(counted=counted, moment=moment, moment_after=after)
        tx.connection.execute(text(laid), values)
        tx.connection.execute(text(TICKS.format(counted=counted)), values)
        tx.connection.execute(text("ANALYZE"))

    await services.database.write(work)


async def _searches(services: Services, mother: Actor) -> float:
    started = time.perf_counter()
    for _ in range(SEARCHES):
        await show_slots(services, mother, zone="UTC")
    return SEARCHES / (time.perf_counter() - started)
