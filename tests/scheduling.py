"""A small world to book in: a family with a release, a therapist with hours, a check-in."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import func, select

from scheduler.actions.booking import Wish, book_session
from scheduler.domain.availability import Kind, WeeklyHours
from scheduler.domain.booking import Session
from scheduler.domain.people import Actor, Person, Role
from scheduler.domain.times import iso
from scheduler.services import Services
from scheduler.storage import hours, kinds, people
from scheduler.storage.database import Transaction
from scheduler.storage.tables import (
    audit_entries,
    audit_head,
    bookings,
    holds,
    join_links,
    notices,
    places,
    sessions,
    taken_ticks,
)
from tests.builders import Family, add_family, add_person, add_release

CHECK_IN = Kind("check_in", "Check-in", 20, pause_after=5, least_notice=60, horizon_days=28, start_step=25)
CARE_TEAM = Kind(
    "care_team",
    "Care-team session",
    50,
    pause_before=5,
    pause_after=10,
    least_notice=60,
    start_step=30,
    duties=("family therapist", "psychiatrist"),
)
WEEK = tuple(WeeklyHours(weekday, 9 * 60, 12 * 60) for weekday in range(5))  # Monday to Friday, 9:00 to 12:00
TUESDAY_NINE = datetime(2026, 11, 3, 17, tzinfo=UTC)  # 9:00 in Pacific time, the day after the tests' now
STEP = timedelta(minutes=25)
ALL_AT_NINE = Wish(CARE_TEAM.id, TUESDAY_NINE, topic="The new plan")
AT_NINE = Wish(CHECK_IN.id, TUESDAY_NINE, topic="Weekend visits: «¿puede venir la abuela?» 家族 🙂")
NINE = {"kind_id": CHECK_IN.id, "starts_at": iso(TUESDAY_NINE)}  # as the list's form sends it


@dataclass(frozen=True)
class World:
    """Who lives in it. The mother may book with the therapist."""

    family: Family

    @property
    def mother(self) -> Actor:
        """The family member who books."""
        return self.family.mother_actor

    @property
    def therapist(self) -> Actor:
        """The clinician on the care team."""
        return self.family.clinician_actor


async def add_world(services: Services, *, kind: Kind = CHECK_IN, surname: str = "Rivera") -> World:
    """Keep a family with a release and a therapist who offers ``kind`` on weekday mornings."""
    family = await add_family(services, surname)
    await add_release(services, family.client, family.mother)
    await open_hours(services, family.clinician)
    await services.database.write(lambda tx: kinds.add(tx, kind, offered_by=[family.clinician.id]))
    return World(family)


async def add_neighbours(services: Services, world: World, surname: str = "Baker") -> World:
    """Keep another family with a release and the same therapist."""
    family = await add_family(services, surname, clinician=world.family.clinician)
    await add_release(services, family.client, family.mother)
    return World(family)


async def add_colleague(services: Services, world: World, *, duty: str = "psychiatrist") -> Person:
    """Keep a second clinician with the same hours, on the family's care team, who offers the check-in too."""
    person = await add_person(services, f"Colleague {duty}", Role.CLINICIAN, duty=duty)
    await open_hours(services, person)

    def work(tx: Transaction) -> None:
        people.add_to_care_team(tx, client_id=world.family.client.id, person_id=person.id)
        kinds.offer(tx, CHECK_IN.id, person.id)

    await services.database.write(work)
    return person


async def add_care_team(services: Services, world: World) -> Person:
    """Keep a psychiatrist on the family's care team, whom it can meet together with its therapist."""
    psychiatrist = await add_colleague(services, world)
    offered_by = [world.family.clinician.id, psychiatrist.id]
    await services.database.write(lambda tx: kinds.add(tx, CARE_TEAM, offered_by=offered_by))
    return psychiatrist


async def join_team(services: Services, world: World, clinician: Person) -> None:
    """Put a clinician on a family's care team."""
    client = world.family.client
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client.id, person_id=clinician.id)
    )


async def book(services: Services, world: World, wish: Wish = AT_NINE) -> Session:
    """Book for the family's mother."""
    return await book_session(services, world.mother, wish)


async def booked(browser: httpx2.AsyncClient, **changes: str) -> str:
    """Book over HTTP and return the path of the session."""
    answer = await browser.post("/family/book", data=NINE | changes)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


async def open_hours(services: Services, clinician: Person, weekly: tuple[WeeklyHours, ...] = WEEK) -> None:
    """Keep a clinician's weekly hours."""
    blocks = [(services.new_id(), block) for block in weekly]
    await services.database.write(lambda tx: hours.set_weekly(tx, clinician.id, blocks))


@dataclass(frozen=True)
class Counts:
    """How many rows there are; what a refused act must leave as it was."""

    sessions: int
    places: int
    bookings: int
    holds: int
    ticks: int
    links: int
    notices: int


async def counts(services: Services) -> Counts:
    """Count the rows that booking writes."""
    tables = (sessions, places, bookings, holds, taken_ticks, join_links, notices)
    return await services.database.read(
        lambda tx: Counts(
            *(tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
        )
    )


async def entries(services: Services) -> list[tuple[str, str]]:
    """Return event and outcome of every entry, in order; the log has no gap and its head counts it."""

    def work(tx: Transaction) -> list[tuple[str, str]]:
        rows = tx.execute(select(audit_entries).order_by(audit_entries.c.seq)).all()
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert tx.execute(select(audit_head.c.size)).scalar_one() == len(rows)
        return [(row.event, row.outcome) for row in rows]

    return await services.database.read(work)


async def rows(services: Services, table: Any) -> list[Any]:
    """Return every row of a table."""
    return await services.database.read(lambda tx: list(tx.execute(select(table)).all()))


def without_release(kind: Kind = CHECK_IN) -> Kind:
    """Return the kind as one for which no release is needed."""
    return replace(kind, education_only=True)
