"""Groups to take places in: a program, a group of its first step, and families who are enrolled."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx2
from sqlalchemy import func, select
from starlette.applications import Starlette

from scheduler.domain.booking import Duty, Place, Session, Status
from scheduler.domain.people import Actor, Client, FamilyMember, Person, Role
from scheduler.domain.program import Program, Step
from scheduler.domain.times import Interval
from scheduler.services import Services
from scheduler.storage import bookings, people, programs, sessions, slots
from scheduler.storage import waitlist as kept
from scheduler.storage.database import Transaction
from scheduler.storage.tables import places, waitlist
from scheduler.storage.tables import sessions as session_rows
from tests.builders import PACIFIC, actor, add_person
from tests.conftest import new_browser
from tests.signing_in import sign_in

STEP = Step("s1", "p", 1, "Boundaries", 60, is_group=True, education_only=True)
EVENING = datetime(2026, 11, 6, 1, 30, tzinfo=UTC)  # Thursday 5 November, 5:30 pm in Pacific time


@dataclass(frozen=True)
class Member:
    """A family member with the client whose family they are of."""

    person: Person
    client: Person

    @property
    def actor(self) -> Actor:
        """The member, signed in."""
        return actor(self.person, client_ids={self.client.id})


@dataclass(frozen=True)
class Group:
    """A group session with its host."""

    session: Session
    host: Person

    @property
    def path(self) -> str:
        """The page of the group for families."""
        return f"/family/groups/{self.session.id}"


async def add_group(services: Services, *, capacity: int = 2, step: Step = STEP) -> Group:
    """Keep a program of one step and a group of it, which nobody has a place in."""
    host = await add_person(services, "Maya Okafor", Role.CLINICIAN, duty="family therapist")
    await services.database.write(lambda tx: programs.add(tx, Program("p", "Family program"), [step]))
    return await add_evening(services, host, capacity=capacity)


async def add_evening(
    services: Services, host: Person, *, capacity: int = 2, starts_at: datetime = EVENING
) -> Group:
    """Keep another group of the step."""
    interval = Interval.lasting(starts_at, minutes=60)
    session = Session(services.new_id(), "s1", host.id, interval, services.new_secret(), capacity=capacity)

    def work(tx: Transaction) -> None:
        sessions.add(tx, session)
        bookings.add_places(tx, [Place(session.id, host.id, Duty.HOST)])
        slots.take(tx, {host.id: interval.ticks}, session_id=session.id)

    await services.database.write(work)
    return Group(session, host)


async def add_members(services: Services, count: int, *, surname: str = "Number") -> list[Member]:
    """Keep so many families of one client and one member each, enrolled in the program."""
    made = [_member(services, f"{surname}{number}") for number in range(count)]

    def work(tx: Transaction) -> None:
        for one in made:
            for person in (one.client, one.person):
                people.add(tx, person, created_at=services.now())
            people.add_client(tx, Client(one.client.id, "iop"))
            people.add_family_member(tx, FamilyMember(one.person.id, one.client.id, "mother", "home"))
            programs.enrol(tx, "p", one.client.id, enrolled_at=services.now())

    await services.database.write(work)
    return made


async def add_relative(services: Services, member: Member, name: str, household: str = "home") -> Member:
    """Keep another family member of the same client."""
    person = await add_person(services, name, Role.FAMILY_MEMBER)
    tie = FamilyMember(person.id, member.client.id, "father", household)
    await services.database.write(lambda tx: people.add_family_member(tx, tie))
    return Member(person, member.client)


async def browser_of(services: Services, app: Starlette, member: Member) -> httpx2.AsyncClient:
    """Return a browser in which the member is signed in."""
    made = new_browser(app)
    await sign_in(services, made, member.person)
    return made


async def where_they_stand(services: Services) -> list[str]:
    """Return the status of every wait, in order."""
    chosen = select(waitlist.c.status).order_by(waitlist.c.position)
    return await services.database.read(lambda tx: list(tx.execute(chosen).scalars()))


@dataclass(frozen=True)
class Seats:
    """A group's seats: what its row counts as taken, what families have, and what is offered to some."""

    taken: int
    had: int
    offered: int
    capacity: int


async def seats(services: Services, group: Group) -> Seats:
    """Count the seats of a group."""
    session_id = group.session.id

    def work(tx: Transaction) -> Seats:
        row = tx.execute(select(session_rows).where(session_rows.c.id == session_id)).one()
        mine = (places.c.session_id == session_id, places.c.client_id.is_not(None))
        had = select(func.count()).select_from(places).where(*mine, places.c.status == Status.BOOKED)
        offered = [one.seats for one in kept.standing(tx, session_id) if one.is_offered]
        return Seats(row.places_taken, tx.execute(had).scalar_one(), sum(offered), row.capacity)

    return await services.database.read(work)


def _member(services: Services, surname: str) -> Member:
    ids = services.new_id(), services.new_id()
    client = Person(ids[0], Role.CLIENT, f"Jules {surname}", f"jules.{surname}@people.test", PACIFIC)
    mother = replace(client, id=ids[1], role=Role.FAMILY_MEMBER, name=f"Rosa {surname}")
    return Member(replace(mother, email=f"rosa.{surname}@people.test"), client)
