"""Acts on one time in the same instant, through the whole application.

Many at once, on both engines; and two at once on PostgreSQL, where each has a connection of its own. Those
are made to overlap: the first is stopped just before its commit, at the head of the audit log, until the
other can go no further either.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.booking import Status
from scheduler.domain.times import iso, moment_of
from scheduler.services import Services
from scheduler.storage.tables import holds as hold_rows
from scheduler.storage.tables import sessions as session_rows
from scheduler.storage.tables import taken_ticks
from tests.conftest import new_browser
from tests.scheduling import (
    NINE,
    STEP,
    TUESDAY_NINE,
    World,
    add_colleague,
    add_neighbours,
    booked,
    counts,
    entries,
    rows,
)
from tests.signing_in import sign_in

TOPIC = "Weekend: 你好 مرحبا"
LATER = NINE | {"starts_at": iso(TUESDAY_NINE + STEP)}
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)

Act = Callable[[], Awaitable[httpx2.Response]]


@dataclass(frozen=True)
class Contest:
    """The mother has a session at 9:25; her family and the neighbours' press at once."""

    services: Services
    acts: Mapping[str, Act]


@pytest.fixture
async def contest(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> AsyncIterator[Contest]:
    """What the two may press. Nobody has 9:00 yet."""
    path = await booked(browser, starts_at=LATER["starts_at"])
    neighbours = await add_neighbours(services, world)
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)
        yield Contest(
            services,
            {
                "book": lambda: browser.post("/family/book", data=NINE),
                "move": lambda: browser.post(f"{path}/move", data=NINE),
                "cancel": lambda: browser.post(f"{path}/cancel"),
                "they book": lambda: other.post("/family/book", data=NINE),
                "they hold": lambda: other.post("/family/book/hold", data=NINE),
                "they book ours": lambda: other.post("/family/book", data=LATER),
            },
        )


@asynccontextmanager
async def log_stopped(services: Services) -> AsyncIterator[asyncpg.Connection]:
    """Let nobody append to the audit log for a while; lends a connection that sees who waits."""
    url = services.settings.database_url.replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT size FROM audit_head FOR UPDATE")
            yield connection
    finally:
        await connection.close()


async def waiting(watch: asyncpg.Connection) -> int:
    """Return how many connections wait for another one."""
    await watch.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees but one state else
    return int(await watch.fetchval(WAITING))


async def overlapped(services: Services, first: Act, second: Act) -> tuple[int, int]:
    """Return both statuses; the second act begins while the first, all but done, waits for its commit."""
    async with asyncio.timeout(20):
        async with log_stopped(services) as watch:
            one = asyncio.ensure_future(first())
            while await waiting(watch) < 1:
                assert not one.done(), "the first act was to wait"
            two = asyncio.ensure_future(second())
            while await waiting(watch) < 2 and not two.done():
                pass
        return (await one).status_code, (await two).status_code


async def is_sound(services: Services) -> bool:
    """Tell whether the sessions that stand, and the holds, take all their ticks and nothing else does."""
    standing = [one for one in await rows(services, session_rows) if one.status == Status.BOOKED]
    held = await rows(services, hold_rows)
    wanted = {one.id: (9, one.starts_at) for one in standing}  # the two people's, and the pause after it
    wanted |= {one.id: (5, one.starts_at) for one in held}
    ticks = defaultdict(list)
    for row in await rows(services, taken_ticks):
        ticks[row.session_id or row.hold_id].append(row.tick)
    return {owner: (len(mine), moment_of(min(mine))) for owner, mine in ticks.items()} == wanted


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("first", "second", "statuses", "done"),
    [
        ("move", "they book", (303, 409), 1),
        ("they book", "move", (303, 409), 1),
        ("move", "they hold", (303, 409), 1),
        ("they hold", "move", (303, 409), 1),
        ("book", "they book", (303, 409), 1),
        ("they hold", "book", (303, 409), 1),
        ("cancel", "they book ours", (303, 409), 1),
        ("cancel", "move", (303, 410), 1),
        ("move", "cancel", (303, 303), 2),
        ("book", "move", (303, 409), 1),
        ("move", "book", (303, 303), 1),  # the family has a session of this kind then already
        ("book", "book", (303, 303), 1),
        ("move", "move", (303, 303), 1),
        ("cancel", "cancel", (303, 303), 1),
    ],
)
async def test_of_two_acts_that_overlap_the_second_meets_what_the_first_has_done(
    contest: Contest, first: str, second: str, statuses: tuple[int, int], done: int
) -> None:
    services, acts = contest.services, contest.acts
    before = await entries(services)

    assert await overlapped(services, acts[first], acts[second]) == statuses

    assert await is_sound(services)
    written = (await entries(services))[len(before) :]
    assert [outcome for event, outcome in written if event != "person.read"] == ["success"] * done


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_time_that_is_being_given_up_is_free_once_it_is(contest: Contest) -> None:
    services, acts = contest.services, contest.acts
    await overlapped(services, acts["cancel"], acts["they book ours"])

    assert (await acts["they book ours"]()).status_code == 303
    assert await is_sound(services)


@pytest.mark.parametrize("is_held", [False, True])
async def test_sixty_four_bookings_of_one_time_at_once_by_one_person_are_one(
    services: Services, world: World, browser: httpx2.AsyncClient, is_held: bool
) -> None:
    await add_colleague(services, world)
    form = NINE | {"topic": TOPIC}
    if is_held:
        held = await browser.post("/family/book/hold", data=NINE)
        form |= {"hold_id": str(held.headers["location"]).rpartition("/")[2]}

    answers = await asyncio.gather(*(browser.post("/family/book", data=form) for _ in range(64)))

    assert [answer.status_code for answer in answers] == [303] * 64
    assert len({answer.headers["location"] for answer in answers}) == 1
    kept = await counts(services)
    assert (kept.sessions, kept.places, kept.bookings, kept.ticks, kept.links, kept.notices) == (
        1,
        2,
        1,
        9,
        1,
        2,
    )
    assert kept.holds == 0
    booked_entries = [one for one in await entries(services) if one[0] == "session.booked"]
    assert booked_entries == [("session.booked", "success")]


async def test_a_time_pressed_many_times_at_once_is_held_once(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    answers = await asyncio.gather(*(browser.post("/family/book/hold", data=NINE) for _ in range(16)))

    assert [answer.status_code for answer in answers] == [303] * 16
    assert (await counts(services)).holds == 1


async def test_of_sixty_four_bookings_of_one_time_at_once_one_succeeds(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    before = len(await entries(services))
    browsers = [browser]
    for number in range(63):
        family = await add_neighbours(services, world, f"Family{number}")
        browsers.append(new_browser(app))
        await sign_in(services, browsers[-1], family.family.mother)

    answers = await asyncio.gather(
        *(one.post("/family/book", data=NINE | {"topic": TOPIC}) for one in browsers)
    )

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(303), statuses.count(409)) == (1, 63)
    kept = await counts(services)
    assert (kept.sessions, kept.places, kept.bookings, kept.ticks, kept.links, kept.notices) == (
        1,
        2,
        1,
        9,
        1,
        2,
    )
    booked_entries = [one for one in (await entries(services))[before:] if one[0] == "session.booked"]
    assert booked_entries == [("session.booked", "success")]
    for one in browsers[1:]:
        await one.aclose()
