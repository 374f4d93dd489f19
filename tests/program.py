"""A program to try: a coordinator, two hosts, a family, two group steps; and what was laid of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, select, update

from scheduler.actions.offerings import OfferingWish, add_offering
from scheduler.actions.programs import add_program
from scheduler.actions.steps import StepWish, add_step
from scheduler.domain.people import Actor, Person, Role
from scheduler.domain.program import Offering, Program, Step
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.tables import notices, places, sessions, taken_ticks
from tests.builders import PACIFIC, Family, actor, add_family, add_person

THURSDAY = 3
HALF_PAST_FIVE = 17 * 60 + 30
FIRST_DATE = date(2026, 10, 1)
# Thursdays, 5:30 pm Pacific; the tests' now is Monday 2 November 2026, the day after the clocks went back
THURSDAYS = [datetime(2026, 11, 6, 1, 30, tzinfo=UTC) + timedelta(weeks=week) for week in range(6)]
WELCOME = StepWish("Welcome", 60, is_group=True, education_only=True, handout="## Hello")
BOUNDARIES = StepWish("Boundaries", 75, is_group=True, education_only=True)


@dataclass(frozen=True)
class Course:
    """The program, who writes it and who holds it."""

    coordinator: Actor
    tom: Person
    host: Person
    helper: Person
    family: Family
    program: Program
    steps: tuple[Step, Step]

    @property
    def wish(self) -> OfferingWish:
        """Thursdays at half past five, with the host, for twelve."""
        return OfferingWish(self.host.id, THURSDAY, HALF_PAST_FIVE, PACIFIC, 12, FIRST_DATE)


async def add_course(services: Services) -> Course:
    """Keep a program of two group steps, written by a coordinator on the care team of one family."""
    family = await add_family(services)
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    host = await add_person(services, "Denise Walker", Role.CLINICIAN, duty="case manager")
    helper = await add_person(services, "Samuel Levin", Role.CLINICIAN, duty="psychiatrist")
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=family.client.id, person_id=tom.id)
    )
    coordinator = actor(tom, client_ids={family.client.id})
    program = await add_program(services, coordinator, "Family program")
    first = await add_step(services, coordinator, program.id, WELCOME)
    second = await add_step(services, coordinator, program.id, BOUNDARIES)
    return Course(coordinator, tom, host, helper, family, program, (first, second))


async def offer(services: Services, course: Course, wish: OfferingWish | None = None) -> Offering:
    """Keep that the first step is offered, and lay its sessions."""
    return await add_offering(services, course.coordinator, course.steps[0].id, wish or course.wish)


async def laid(services: Services, *, status: str = "booked") -> list[datetime]:
    """Return when the sessions with this status start, soonest first."""
    chosen = select(sessions.c.starts_at).where(sessions.c.status == status).order_by(sessions.c.starts_at)
    return await services.database.read(lambda tx: list(tx.execute(chosen).scalars()))


async def take_places(services: Services, starts_at: datetime, seats: int) -> None:
    """Let so many places of the session then be taken."""
    change = update(sessions).where(sessions.c.starts_at == starts_at).values(places_taken=seats)
    await services.database.write(lambda tx: tx.execute(change))


async def forget_sessions(services: Services) -> None:
    """Put everything back to where nothing was laid yet."""
    for table in (taken_ticks, notices, places, sessions):
        statement = delete(table)
        await services.database.write(lambda tx, one=statement: tx.execute(one))  # type: ignore[misc]
