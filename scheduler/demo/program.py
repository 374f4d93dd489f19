"""The demo's program: six steps with their handouts, held in the evenings, over, under way and to come.

A coordinator writes it by the same actions that people use, and the clockwork lays its sessions; families'
places are laid here, those of the past as attended.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from scheduler.actions.enrolling import enrol_family
from scheduler.actions.laying import lay_ahead
from scheduler.actions.offerings import OfferingWish, add_offering, skip_date
from scheduler.actions.paths import correct_credit, see_path
from scheduler.actions.programs import add_program
from scheduler.actions.steps import StepWish, add_step
from scheduler.demo.cast import FAMILIES, PACIFIC, STAFF, THERAPIST, Household
from scheduler.demo.house import House, today_in
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.booking import Booking, Duty, Place, Session, Status
from scheduler.domain.credits import Credit
from scheduler.domain.notices import Rule
from scheduler.domain.people import SYSTEM
from scheduler.domain.program import Offering, Step
from scheduler.domain.times import Interval, moment_of, tick_of
from scheduler.services import Services
from scheduler.storage import (
    attendance,
    audit,
    bookings,
    cohorts,
    join_links,
    kinds,
    notices,
    sessions,
    slots,
    step_credits,
)
from scheduler.storage.database import Transaction
from scheduler.storage.notices import Owed
from scheduler.storage.tables import sessions as session_rows

HANDOUTS = Path(__file__).parent / "handouts"
NAME = "Family program"
COORDINATOR = "Tom Brandt"
CAPACITY = 12
WEEKS = 3
UNDER_WAY_FOR = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Part:
    """A step of the demo; ``needs`` counts from 0, ``handout`` is a file."""

    title: str
    minutes: int
    goals: str
    handout: str
    is_group: bool = True
    education_only: bool = True
    needs: tuple[int, ...] = ()


PARTS = (
    Part(
        "What co-occurring conditions look like at home",
        60,
        "See what belongs to the illness and what does not, and why nobody is to blame.",
        "at_home",
    ),
    Part(
        "How relapse risk shows up",
        60,
        "Know the early signs, say what you notice, and know what to do when it is urgent.",
        "relapse_risk",
        needs=(0,),
    ),
    Part(
        "Boundaries without monitoring or rescuing",
        75,
        "Tell a boundary from monitoring and from rescuing, and write one of your own.",
        "boundaries",
    ),
    Part(
        "Talking so that conflict goes down",
        75,
        "Try four small tools that make a fight shorter, and know when to stop.",
        "calmer_talk",
    ),
    Part(
        "Stepping down from PHP to IOP",
        50,
        "Plan the first two weeks together: the days, the rides, the worries, whom to call.",
        "stepping_down",
        is_group=False,
        education_only=False,
        needs=(1,),
    ),
    Part("Caring for yourself", 60, "Find what wears you out, and take one hour back.", "your_own_care"),
)
OFFERED = (  # step, host, co-hosts, weekday, starts
    (0, "Denise Walker", (), 0, 17 * 60 + 30),
    (1, "Samuel Levin", (), 1, 17 * 60 + 30),
    (2, "Maya Okafor", ("Denise Walker",), 2, 17 * 60 + 30),
    (3, "Maya Okafor", (), 3, 17 * 60 + 30),
    (5, "Denise Walker", (), 3, 18 * 60),
)
COURSES: dict[
    int, dict[int, int]
] = {  # family: which week it takes which offering; -1 is the last, 1 the next
    0: {0: -3, 1: -2, 2: -1, 3: 1},
    1: {0: -2, 1: -1, 2: 1, 3: 2},
    2: {0: -1, 2: 1, 3: 2, 4: 1},
    3: {0: -3, 1: -2, 2: -1},  # the next one of the fourth step is full
}
UNDER_WAY_STEP, UNDER_WAY_HOST = 1, "Samuel Levin"
SKIPPED_OFFERING, SKIPPED_WEEK = 4, 5
MISSED_OFFERING, MISSED_FAMILY = 4, 1  # last week; its page offers the next times
DONE_BEFORE = "Daniel Rivera"  # has done every step, so that there is a certificate
DONE_WORDS = "He took part in the program before, when it was held on paper."
FULL, FULL_WEEK = (3, 4), 1  # offerings with no more seats than people, so that one can wait for a place


async def lay(house: House, now: datetime) -> list[Offering]:
    """Lay the program before ``now``: its steps, offerings, families, and the groups that are over."""
    steps = await _write(house)
    await _lay_under_way(house, steps[UNDER_WAY_STEP], now)
    offerings = await _offer(house, steps, now)
    await _fill(house, offerings, now, weeks=range(-WEEKS, 0))
    missed = offerings[MISSED_OFFERING]
    session = await _session_on(house.services, missed, _evening(missed, today_in(PACIFIC, now), -1))
    if session is not None:
        await _seat(house, session, [FAMILIES[MISSED_FAMILY]], is_over=True, is_missed=True)
    return offerings


async def lay_coming(house: House, offerings: list[Offering], now: datetime) -> None:
    """Lay what is to come after ``now``, with the families' places, and skip one date."""
    await lay_ahead(house.services)
    await _fill(house, offerings, now, weeks=range(1, WEEKS + 1))
    offering = offerings[SKIPPED_OFFERING]
    day = _evening(offering, today_in(PACIFIC, now), SKIPPED_WEEK)
    await skip_date(house.services, await house.actor(COORDINATOR), offering.id, day, held=False)
    for crowded in (offerings[number] for number in FULL):
        await _crowd(house.services, crowded, _evening(crowded, today_in(PACIFIC, now), FULL_WEEK))
    await _credit_all(house)


async def _credit_all(house: House) -> None:
    """Let one person have done every step, by the word of a coordinator."""
    client_id, person_id = house.persons[FAMILIES[0].client].id, house.persons[DONE_BEFORE].id
    services, actor = house.services, await house.actor(COORDINATOR)
    path = await see_path(services, actor, client_id)
    for done in next(one.steps for one in path.walkers if one.person.id == person_id):
        await correct_credit(
            services, actor, client_id, person_id, done.step.id, is_given=True, reason=DONE_WORDS
        )


async def _crowd(services: Services, offering: Offering, day: date) -> None:
    """Leave a group no more seats than it has people."""
    session = await _session_on(services, offering, day)
    assert session is not None
    smaller = update(session_rows).where(session_rows.c.id == session.id)
    await services.database.write(
        lambda tx: tx.execute(smaller.values(capacity=session_rows.c.places_taken)).close()
    )


async def _write(house: House) -> list[Step]:
    services, actor = house.services, await house.actor(COORDINATOR)
    program = await add_program(services, actor, NAME)
    steps: list[Step] = []
    for part in PARTS:
        steps.append(await add_step(services, actor, program.id, _wish(part, steps)))
    for family in FAMILIES:
        await enrol_family(services, actor, program.id, house.persons[family.client].id)
    therapists = [house.persons[person.name].id for person in STAFF if person.duty == THERAPIST]

    def offer_singles(tx: Transaction) -> None:
        for step in steps:
            for therapist_id in () if step.is_group else therapists:
                kinds.offer(tx, step.id, therapist_id)

    await services.database.write(offer_singles)
    return steps


def _wish(part: Part, steps: list[Step]) -> StepWish:
    text = (HANDOUTS / f"{part.handout}.md").read_text(encoding="utf-8")
    needs = tuple(steps[place].id for place in part.needs)
    return StepWish(
        part.title, part.minutes, part.is_group, part.education_only, part.goals, text.strip(), needs
    )


async def _offer(house: House, steps: list[Step], now: datetime) -> list[Offering]:
    actor = await house.actor(COORDINATOR)
    first_date = today_in(PACIFIC, now) - timedelta(weeks=WEEKS)
    return [
        await add_offering(
            house.services,
            actor,
            steps[step].id,
            OfferingWish(
                house.persons[host].id,
                weekday,
                starts,
                PACIFIC,
                CAPACITY,
                first_date,
                co_host_ids=tuple(house.persons[name].id for name in helpers),
            ),
        )
        for step, host, helpers, weekday, starts in OFFERED
    ]


def _evening(offering: Offering, today: date, week: int) -> date:
    """Return the offering's ``week``-th date before (negative) or after today; today itself is none."""
    ahead = (offering.weekday - today.weekday()) % 7 or 7
    return today + timedelta(days=ahead, weeks=week - 1 if week > 0 else week - (ahead == 7))


async def _lay_under_way(house: House, step: Step, now: datetime) -> None:
    """Lay a group that is under way at ``now``, whatever the time of day."""
    started = moment_of(tick_of(now - UNDER_WAY_FOR))
    session = Session(
        id=house.services.new_id(),
        kind_id=step.id,
        host_id=house.persons[UNDER_WAY_HOST].id,
        interval=Interval.lasting(started, minutes=step.minutes),
        room_name=house.services.new_secret(),
        capacity=CAPACITY,
    )

    def work(tx: Transaction) -> None:
        sessions.add(tx, session)
        bookings.add_places(tx, [Place(session.id, session.host_id, Duty.HOST)])
        slots.take(tx, {session.host_id: session.interval.ticks}, session_id=session.id)

    await house.services.database.write(work)
    await _seat(house, session, FAMILIES[2:], is_over=False)


async def _fill(house: House, offerings: list[Offering], now: datetime, *, weeks: Iterable[int]) -> None:
    """Give families their places in the groups of these weeks before or after ``now``."""
    today = today_in(PACIFIC, now)
    for number, offering in enumerate(offerings):
        for week in weeks:
            families = [FAMILIES[place] for place, course in COURSES.items() if course.get(number) == week]
            session = await _session_on(house.services, offering, _evening(offering, today, week))
            if families and session is not None:
                await _seat(house, session, families, is_over=week < 0)


async def _session_on(services: Services, offering: Offering, day: date) -> Session | None:
    since = offering.starts_on(day) - timedelta(minutes=1)
    found = await services.database.read(lambda tx: cohorts.of_offerings(tx, [offering.id], since=since))
    return next((session for session, _ in found if session.offering_date == day), None)


async def _seat(
    house: House,
    session: Session,
    families: Sequence[Household],
    *,
    is_over: bool,
    is_missed: bool = False,
) -> None:
    services, trail = house.services, house.services.trail(SYSTEM)
    seats = [seat for family in families for seat in _seats(house, family, session)]
    claims = [_claim(house, family, session) for family in families]
    owed = [] if is_over else _owed(services, seats, told_at=trail.at)
    jtis = {seat.person_id: services.new_secret() for seat in seats}

    def work(tx: Transaction) -> None:
        _keep(tx, session, seats, claims)
        for person_id, jti in jtis.items():
            join_links.open_for(tx, session_id=session.id, person_id=person_id, jti=jti, now=trail.at)
        if is_over:
            came = () if is_missed else tuple(jtis)
            sessions.set_status(tx, session.id, Status.ATTENDED if came else Status.MISSED)
            attendance.settle_places(tx, session.id, frozenset(came))
            for person_id in came:
                minutes = session.interval.minutes
                step_credits.give(tx, Credit(session.kind_id, person_id, True, session.starts_at, minutes))
        notices.queue_all(tx, owed)
        for claim in claims:
            _note(tx, trail, session, claim)

    await services.database.write(work)


def _keep(tx: Transaction, session: Session, seats: list[Place], claims: list[Booking]) -> None:
    bookings.add_places(tx, seats)
    bookings.free_room(tx, session.id, -len(seats))
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


def _seats(house: House, family: Household, session: Session) -> Iterator[Place]:
    for relative in family.in_groups:
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
