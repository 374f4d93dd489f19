"""A thousand families who take places in two hundred groups of twelve at once, through HTTP.

Each family takes one place in a group of its choice, spread so that more families ask for some groups than
these have seats. Every answer is a place (303) or the offer of the waitlist (409), each with a durable commit
and entry. The ceiling is that of ``booking``: raw durable commits of single small rows.

What holds it back is what holds a booking back: one interpreter, and fifteen statements an act.
"""

import asyncio
import random
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from benchmarks import house, load
from benchmarks.booking import raw_commits
from benchmarks.ratio import Ratio
from scheduler.domain.booking import Duty, Place, Session
from scheduler.domain.people import Person, Role
from scheduler.domain.program import Program, Step
from scheduler.domain.times import Interval
from scheduler.services import Services, opened
from scheduler.settings import Settings
from scheduler.storage import bookings, people, programs, sessions, slots
from scheduler.storage.database import Transaction
from scheduler.storage.tables import clients

FAMILIES, GROUPS, SEATS = 1_000, 200, 12
POPULAR = 40  # groups that half of the families want
LINES = 32
PATIENCE_SECONDS = 120.0
STEP = Step("welcome", "program", 1, "Welcome", 60, is_group=True, education_only=True)


def run() -> Iterable[Ratio]:
    """Return acts per second against raw commits per second, and that no seat was given twice."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        home = house.build(Path(folder), families=FAMILIES)
        groups = asyncio.run(_lay_groups())
        raw = raw_commits(Path(folder))
        with house.serving(home.environment) as port:
            result = load.put(load.Plan(port, PATIENCE_SECONDS, _plan(home, groups)))
        asyncio.run(_check(groups, result.statuses.get("303", 0)))
    assert set(result.statuses) <= {"303", "409"}, result
    assert sum(result.statuses.values()) == FAMILIES, result
    done = FAMILIES / result.seconds
    yield Ratio("places in groups", done, raw, "per second", 0.05, "raw durable commits, one writer")


def _plan(home: house.House, groups: list[str]) -> list[list[str]]:
    chance = random.Random(1)
    lines: list[list[str]] = [[] for _ in range(LINES)]
    for number, cookie in enumerate(home.cookies):
        wanted = groups[chance.randrange(POPULAR if number % 2 else GROUPS)]
        path = f"/family/groups/{wanted}/take"
        lines[number % LINES].append(load.request("POST", path, cookie=cookie, body="from=bench"))
    return lines


async def _lay_groups() -> list[str]:
    """Keep a program that every family is enrolled in, and its groups; return their ids."""
    async with opened(Settings()) as services:  # type: ignore[call-arg]  # the environment fills it
        return await services.database.write(lambda tx: _laid(tx, services))


def _laid(tx: Transaction, services: Services) -> list[str]:
    programs.add(tx, Program("program", "Family program"), [STEP])
    for client_id in tx.execute(select(clients.c.person_id)).scalars():
        programs.enrol(tx, "program", client_id, enrolled_at=services.now())
    return [_group(tx, services, number) for number in range(GROUPS)]


def _group(tx: Transaction, services: Services, number: int) -> str:
    host = Person(services.new_id(), Role.CLINICIAN, f"host{number}", f"host{number}@people.test", "UTC")
    people.add(tx, host, created_at=services.now())
    day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3, hours=number)
    session = Session(
        services.new_id(),
        STEP.id,
        host.id,
        Interval.lasting(day, minutes=STEP.minutes),
        services.new_secret(),
        capacity=SEATS,
    )
    sessions.add(tx, session)
    bookings.add_places(tx, [Place(session.id, host.id, Duty.HOST)])
    slots.take(tx, {host.id: session.interval.ticks}, session_id=session.id)
    return session.id


async def _check(groups: list[str], taken: int) -> None:
    async with opened(Settings()) as services:  # type: ignore[call-arg]  # the environment fills it
        places = await services.database.read(lambda tx: bookings.places_of_many(tx, groups))
    seated = [sum(seat.client_id is not None for seat in seats) for seats in places.values()]
    assert sum(seated) == taken, "each place was given once"
    assert max(seated) <= SEATS, "none beyond the seats"
