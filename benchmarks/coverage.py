"""Coverage of a clinician with 40 sessions against one bare durable commit of as many rows.

Ours: two clinicians take 40 sessions over from each other, by turns. Each time is one act: the situation is
read, the plan held against it, and hosts, places, ticks, notices and log entries are kept, in one transaction
with ``synchronous=FULL``. The ceiling writes as many small rows with the bare library and commits once.

What holds it back, of some 40 ms a time: half is reading the situation (everybody's places, hours and taken
time, the releases opened one by one), a quarter keeping what changes, a sixth the log. As a long work it is
begun in the loop's thread and then run in the writer's (docs/decisions/0009), so that it is read twice.
"""

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks import house
from benchmarks.ratio import Ratio
from scheduler.actions.covering import Cover, cover
from scheduler.domain.absences import Absence
from scheduler.domain.booking import Booking, Duty, Place, Session
from scheduler.domain.coverage import Act, Choice, Planned
from scheduler.domain.people import Actor, Person, Proof, Role
from scheduler.domain.times import Interval
from scheduler.services import Services, build_services
from scheduler.settings import Settings
from scheduler.storage import bookings, join_links, people, sessions, slots
from scheduler.storage.database import Transaction
from scheduler.storage.tables import METADATA

SESSIONS, ROUNDS = 40, 15
WRITTEN = ("audit_details", "audit_entries", "notices")  # rows that come with each time; the others change


def run() -> Iterable[Ratio]:
    """Return coverages per second against bare commits per second, the best of all rounds."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        home = house.build(Path(name), families=SESSIONS)
        os.environ.update(home.environment)
        ours, rows = asyncio.run(_covered(build_services(Settings()), home))  # type: ignore[call-arg]
        ceiling = max(bare_commit(Path(name), rows) for _ in range(ROUNDS))
    yield Ratio(
        f"coverage of {SESSIONS} sessions", ours, ceiling, "a second", 0.02, f"one bare commit of {rows} rows"
    )


async def _covered(services: Services, home: house.House) -> tuple[float, int]:
    """Return the best rate, and how many rows one time writes or changes."""
    everyone = {one.name: one for one in await services.database.read(people.everyone)}
    hosts = [everyone["therapist0.0"], everyone["therapist1.0"]]
    booked = [
        await _book(services, everyone, hosts, number, Interval.lasting(starts_at, minutes=20))
        for number, starts_at in enumerate(home.starts(SESSIONS))
    ]
    before, fastest = await _rows(services), float("inf")
    for number in range(ROUNDS):
        away, other = hosts[number % 2], hosts[(number + 1) % 2]
        plan = {one.id: Planned(one.starts_at, Choice(Act.REASSIGN, other.id)) for one in booked}
        days = Absence(booked[0].starts_at.date(), booked[-1].ends_at.date())
        actor = Actor(away.id, Role.CLINICIAN, Proof.PASSKEY)
        started = time.perf_counter()
        assert await cover(services, actor, Cover(away.id, days, plan, closes_days=False)) == SESSIONS
        fastest = min(fastest, time.perf_counter() - started)
    written = (await _rows(services) - before) // ROUNDS
    await services.database.close()
    return 1 / fastest, written + SESSIONS * (1 + 3 + 5)  # a session, three places and five ticks each


async def _book(
    services: Services, everyone: dict[str, Person], hosts: list[Person], number: int, interval: Interval
) -> Session:
    client, mother = everyone[f"client{number}"], everyone[f"mother{number}"]
    session = Session(services.new_id(), house.CHECK_IN.id, hosts[0].id, interval, services.new_secret())
    booking_id, jti, now = services.new_id(), services.new_secret(), services.now()

    def work(tx: Transaction) -> None:
        for host in hosts:
            if (client.id, host.id) not in people.care_teams_of(tx, [client.id]):
                people.add_to_care_team(tx, client_id=client.id, person_id=host.id)
        sessions.add(tx, session)
        around = interval.widened(before=0, after=house.CHECK_IN.pause_after).ticks
        slots.take(tx, {mother.id: interval.ticks, hosts[0].id: around}, session_id=session.id)
        bookings.add_places(
            tx,
            [Place(session.id, mother.id, Duty.MEMBER, client.id), Place(session.id, hosts[0].id, Duty.HOST)],
        )
        bookings.add(tx, Booking(booking_id, session.id, client.id, mother.id, now))
        join_links.open_for(tx, session_id=session.id, person_id=mother.id, jti=jti, now=now)

    await services.database.write(work)
    return session


async def _rows(services: Services) -> int:
    def work(tx: Transaction) -> int:
        return sum(len(tx.execute(METADATA.tables[name].select()).all()) for name in WRITTEN)

    return await services.database.read(work)


def bare_commit(folder: Path, rows: int) -> float:
    """Return how many times a second the bare library could keep so many small rows in one commit."""
    line = sqlite3.connect(folder / "raw.db", isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("PRAGMA synchronous=FULL")
    line.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, text TEXT)")
    started = time.perf_counter()
    line.execute("BEGIN IMMEDIATE")
    line.executemany("INSERT INTO rows (text) VALUES (?)", [("a small row of text",)] * rows)
    line.execute("COMMIT")
    rate = 1 / (time.perf_counter() - started)
    line.close()
    return rate
