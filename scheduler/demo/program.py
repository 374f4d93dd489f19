"""The demo's program: six steps, offered in the evenings, with groups over, under way and to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.demo.cast import FAMILIES, PACIFIC, Household
from scheduler.demo.house import House, today_in
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.booking import Booking, Duty, Place, Session, Status
from scheduler.domain.notices import Rule
from scheduler.domain.people import SYSTEM
from scheduler.domain.program import Offering, Program, Step
from scheduler.domain.times import Interval, moment_of, tick_of
from scheduler.services import Services
from scheduler.storage import (
    attendance,
    audit,
    bookings,
    join_links,
    notices,
    programs,
    sessions,
    slots,
)
from scheduler.storage.database import Transaction
from scheduler.storage.notices import Owed

PROGRAM = Program("family-program", "Family program")
CAPACITY = 8
WEEKS = 3
UNDER_WAY_FOR = timedelta(minutes=20)

STEPS = (
    ("Welcome: what these weeks are like", 60, True, "Meet the team, ask anything, know what comes next."),
    ("How substances change a brain and a family", 60, True, "Why it is nobody's fault, and what helps."),
    ("Listening so that it is safe to talk", 75, True, "Try three ways to answer without a fight."),
    ("Boundaries that hold and still show love", 75, True, "Write one boundary of your own."),
    ("Your family's own session", 50, False, "Bring what matters most to you now."),
    ("A plan for home", 50, False, "Who does what in the first weeks, and whom to call."),
)
OFFERED = (  # step, host, weekday, starts
    (0, "Denise Walker", 0, 17 * 60 + 30),
    (1, "Samuel Levin", 1, 17 * 60 + 30),
    (2, "Maya Okafor", 2, 17 * 60 + 30),
    (3, "Maya Okafor", 3, 17 * 60 + 30),
)
COURSES: dict[
    int, dict[int, int]
] = {  # family: which week it takes which offering; -1 is the last, 1 the next
    0: {0: -3, 1: -2, 2: -1, 3: 1},
    1: {0: -2, 1: -1, 2: 1, 3: 2},
    2: {0: -1, 2: 1, 3: 2},
    3: {0: -1, 2: 2, 3: 3},
}
UNDER_WAY_HOST = "Samuel Levin"


@dataclass(frozen=True, slots=True)
class Group:
    """One group session that is to be laid: who hosts it, when, for which families."""

    offering: Offering
    host: str
    interval: Interval
    families: tuple[Household, ...]


async def lay(house: House, now: datetime) -> None:
    """Lay the program with its steps, offerings, enrolments and group sessions around ``now``."""
    offerings = await _lay_course(house, now)
    for group in _groups(offerings, now):
        await _lay_group(house, group, now)


async def _lay_course(house: House, now: datetime) -> list[Offering]:
    steps = [_step(number, *facts) for number, facts in enumerate(STEPS)]
    first_date = today_in(PACIFIC, now) - timedelta(weeks=WEEKS)
    offerings = [
        _offering(house, steps[step], host, weekday, starts, first_date)
        for step, host, weekday, starts in OFFERED
    ]
    enrolled_at = house.services.now()

    def work(tx: Transaction) -> None:
        programs.add(tx, PROGRAM, steps)
        for offering in offerings:
            programs.add_offering(tx, offering)
        for family in FAMILIES:
            programs.enrol(tx, PROGRAM.id, house.persons[family.client].id, enrolled_at=enrolled_at)

    await house.services.database.write(work)
    return offerings


def _step(number: int, title: str, minutes: int, is_group: bool, goals: str) -> Step:
    place = number + 1
    return Step(f"step-{place}", PROGRAM.id, place, title, minutes, is_group, goals, education_only=is_group)


def _offering(house: House, step: Step, host: str, weekday: int, starts: int, first_date: date) -> Offering:
    host_id = house.persons[host].id
    return Offering(f"of-{step.id}", step.id, host_id, weekday, starts, PACIFIC, CAPACITY, first_date)


def _groups(offerings: list[Offering], now: datetime) -> Iterator[Group]:
    """Yield the evenings of three weeks either side of today, and the group that is under way at ``now``.

    Coming groups are laid whether or not anybody has a place yet: they exist before anyone books.
    """
    today = today_in(PACIFIC, now)
    for number, (offering, (step, host, *_)) in enumerate(zip(offerings, OFFERED, strict=True)):
        for week in (*range(-WEEKS, 0), *range(1, WEEKS + 1)):
            families = tuple(family for family, course in COURSES.items() if course.get(number) == week)
            if families or week > 0:
                starts_at = offering.starts_on(_evening(offering, today, week))
                interval = Interval.lasting(starts_at, minutes=STEPS[step][1])
                yield Group(offering, host, interval, tuple(FAMILIES[place] for place in families))
    started = moment_of(tick_of(now - UNDER_WAY_FOR))
    yield Group(offerings[1], UNDER_WAY_HOST, Interval.lasting(started, minutes=60), FAMILIES[2:])


def _evening(offering: Offering, today: date, week: int) -> date:
    """Return the offering's ``week``-th date before (negative) or after today; today itself is none."""
    ahead = (offering.weekday - today.weekday()) % 7 or 7
    return today + timedelta(days=ahead, weeks=week - 1 if week > 0 else week - (ahead == 7))


async def _lay_group(house: House, group: Group, now: datetime) -> None:
    services, trail = house.services, house.services.trail(SYSTEM)
    session = _session(house, group)
    is_over = group.interval.ends_at <= now
    seats = [Place(session.id, session.host_id, Duty.HOST), *_seats(house, group, session)]
    claims = [_claim(house, family, session) for family in group.families]
    owed = [] if is_over else _owed(services, seats, told_at=trail.at)
    jtis = {seat.person_id: services.new_secret() for seat in seats if seat.client_id}

    def work(tx: Transaction) -> None:
        _keep(tx, session, seats, claims)
        for person_id, jti in jtis.items():
            join_links.open_for(tx, session_id=session.id, person_id=person_id, jti=jti, now=trail.at)
        if is_over:
            sessions.set_status(tx, session.id, Status.ATTENDED)
            attendance.settle_places(tx, session.id, jtis.keys())
        notices.queue_all(tx, owed)
        for claim in claims:
            _note(tx, trail, session, claim)

    await services.database.write(work)


def _session(house: House, group: Group) -> Session:
    return Session(
        id=house.services.new_id(),
        kind_id=group.offering.step_id,
        host_id=house.persons[group.host].id,
        interval=group.interval,
        room_name=house.services.new_secret(),
        capacity=CAPACITY,
        offering_id=group.offering.id,
    )


def _keep(tx: Transaction, session: Session, seats: list[Place], claims: list[Booking]) -> None:
    sessions.add(tx, session, places_taken=sum(seat.client_id is not None for seat in seats))
    bookings.add_places(tx, seats)
    for claim in claims:
        bookings.add(tx, claim)
    slots.take(tx, {seat.person_id: session.interval.ticks for seat in seats}, session_id=session.id)


def _note(tx: Transaction, trail: Trail, session: Session, claim: Booking) -> None:
    touched = [Entity("session", session.id), Entity("booking", claim.id)]
    audit.append(
        tx,
        trail,
        Event.SESSION_BOOKED,
        client_id=claim.client_id,
        entities=touched,
        purpose=Purpose.TREATMENT,
    )


def _seats(house: House, group: Group, session: Session) -> Iterator[Place]:
    for family in group.families:
        for relative in family.relatives:
            person, client = house.persons[relative.name], house.persons[family.client]
            yield Place(session.id, person.id, Duty.MEMBER, client.id)


def _claim(house: House, family: Household, session: Session) -> Booking:
    client, booker = house.persons[family.client], house.persons[family.relatives[0].name]
    return Booking(house.services.new_id(), session.id, client.id, booker.id, house.services.now())


def _owed(services: Services, seats: list[Place], *, told_at: datetime) -> list[Owed]:
    return [
        Owed(services.new_id(), seat.person_id, seat.session_id, Rule.BOOKED, told_at, sequence=0)
        for seat in seats
    ]
