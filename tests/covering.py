"""A therapist with sessions while they are away, and a colleague of the same work who could take them."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from scheduler.actions.absences import AbsenceSeen, Asked, see_absence
from scheduler.actions.availability import set_limits
from scheduler.actions.booking import Wish
from scheduler.actions.covering import Cover
from scheduler.domain.absences import Absence
from scheduler.domain.availability import Kind, WeeklyHours
from scheduler.domain.booking import Booking, Duty, Place, Session
from scheduler.domain.coverage import Choice, Planned
from scheduler.domain.coverage_plan import Preset
from scheduler.domain.limits import NO_LIMITS, Limits
from scheduler.domain.people import Actor, Person, Role
from scheduler.domain.times import Interval
from scheduler.services import Services
from scheduler.storage import bookings, join_links, kinds, people, sessions, slots
from scheduler.storage.database import Transaction
from scheduler.storage.tables import notices
from tests.builders import actor, add_person
from tests.scheduling import (
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_colleague,
    add_neighbours,
    add_world,
    book,
    open_hours,
    rows,
)

TUESDAY = date(2026, 11, 3)
ABSENCE = Absence(TUESDAY, TUESDAY)
GROUP = Kind("group", "Evening group", 60, 5, 5, 60, 42, 60, education_only=True, is_bookable=False)


@dataclass(frozen=True)
class Practice:
    """Two families with a session each on Tuesday, their therapist, and a colleague on both care teams."""

    world: World
    neighbours: World
    colleague: Person
    coordinator: Person
    first: Session
    second: Session

    @property
    def therapist(self) -> Actor:
        """The clinician who is away."""
        return self.world.therapist

    @property
    def coordinator_actor(self) -> Actor:
        """The coordinator, on nobody's care team."""
        return actor(self.coordinator)

    def cover(self, choices: dict[str, Choice], *, closes_days: bool = True) -> Cover:
        """Return the wish to do this on Tuesday, for the sessions as they were first booked."""
        at = {self.first.id: self.first.starts_at, self.second.id: self.second.starts_at}
        plan = {session_id: Planned(at[session_id], choice) for session_id, choice in choices.items()}
        return Cover(self.world.family.clinician.id, ABSENCE, plan, closes_days)


async def add_practice(
    services: Services, *, limits: Limits = NO_LIMITS, between: timedelta = STEP
) -> Practice:
    """Keep them, with a session at nine and one so much later, and a therapist who asks for ``limits``."""
    world = await add_world(services)
    if limits != NO_LIMITS:
        await set_limits(services, world.therapist, limits)
    neighbours = await add_neighbours(services, world)
    first = await book(services, world)
    second = await book(services, neighbours, Wish(CHECK_IN.id, TUESDAY_NINE + between))
    colleague = await add_colleague(services, world, duty="family therapist")
    client_id = neighbours.family.client.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=colleague.id)
    )
    coordinator = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    return Practice(world, neighbours, colleague, coordinator, first, second)


async def seen(
    services: Services, who: Actor, clinician_id: str, preset: Preset = Preset.REASSIGN
) -> AbsenceSeen:
    """Return what an absence on Tuesday affects."""
    return await see_absence(services, who, Asked(clinician_id, ABSENCE, preset))


async def told(services: Services, session: Session) -> Counter[tuple[str, str]]:
    """Return who was told by which rule about a session, since it was booked, and how many times."""
    found = [row for row in await rows(services, notices) if row.session_id == session.id]
    return Counter((row.person_id, row.rule) for row in found if (row.rule, row.sequence) != ("booked", 0))


async def add_group(services: Services, practice: Practice, *, starts_at: datetime) -> Session:
    """Keep a group of both families with the therapist, who has hours then."""
    jtis = [services.new_secret() for _ in range(2)]
    booking_ids, session_id = [services.new_id() for _ in range(2)], services.new_id()
    host = practice.world.family.clinician
    session = Session(
        session_id,
        GROUP.id,
        host.id,
        Interval.lasting(starts_at, minutes=60),
        services.new_secret(),
        capacity=8,
    )
    families = [practice.world.family, practice.neighbours.family]
    members = [Place(session_id, one.mother.id, Duty.MEMBER, one.client.id) for one in families]

    def work(tx: Transaction) -> None:
        kinds.add(tx, GROUP)
        sessions.add(tx, session, places_taken=2)
        around = session.interval.widened(before=5, after=5).ticks
        ticks = {seat.person_id: session.interval.ticks for seat in members} | {host.id: around}
        slots.take(tx, ticks, session_id=session_id)
        bookings.add_places(tx, [*members, Place(session_id, host.id, Duty.HOST)])
        for seat, booking_id, jti in zip(members, booking_ids, jtis, strict=True):
            client_id = seat.client_id or ""
            bookings.add(tx, Booking(booking_id, session_id, client_id, seat.person_id, services.now()))
            join_links.open_for(
                tx, session_id=session_id, person_id=seat.person_id, jti=jti, now=services.now()
            )

    await services.database.write(work)
    return session


async def add_many(services: Services, practice: Practice, count: int) -> list[Session]:
    """Book so many sessions more for the first family, on the Tuesday, with a therapist who works all day."""
    everywhere = tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(7))
    for one in (practice.world.family.clinician, practice.colleague):
        await open_hours(services, one, everywhere)
    begin = datetime(2026, 11, 3, 18, 30, tzinfo=UTC)
    return [
        await _kept(
            services, practice.world, Interval.lasting(begin + number * timedelta(minutes=25), minutes=20)
        )
        for number in range(count)
    ]


async def _kept(services: Services, world: World, interval: Interval) -> Session:
    """Keep a session of the family with the therapist, as booking would."""
    session_id, booking_id, jti = services.new_id(), services.new_id(), services.new_secret()
    family = world.family
    session = Session(session_id, CHECK_IN.id, family.clinician.id, interval, services.new_secret())
    member = Place(session_id, family.mother.id, Duty.MEMBER, family.client.id)

    def work(tx: Transaction) -> None:
        sessions.add(tx, session)
        around = interval.widened(before=0, after=5).ticks
        slots.take(tx, {member.person_id: interval.ticks, session.host_id: around}, session_id=session_id)
        bookings.add_places(tx, [member, Place(session_id, session.host_id, Duty.HOST)])
        bookings.add(tx, Booking(booking_id, session_id, family.client.id, member.person_id, services.now()))
        join_links.open_for(
            tx, session_id=session_id, person_id=member.person_id, jti=jti, now=services.now()
        )

    await services.database.write(work)
    return session
