"""Sessions of the weekly offerings, created ahead: before any family takes a place in them.

What is to be there follows from the offerings alone; what is there has the key (offering, date). So the job
may run at any time, twice at once, or after a crash, and lays each session once. Each is a transaction of its
own; those who hold them are told of all of them in one mail. A date on which somebody cannot hold it is left
out, told to the coordinators with the reason, and tried again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.actions.hindrances import able
from scheduler.actions.places import booked, note, owe
from scheduler.actions.slots import kept_free
from scheduler.domain.audit import Entity, Event, Trail
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Duty, Place, Session
from scheduler.domain.errors import SlotTaken
from scheduler.domain.hindrances import Missing
from scheduler.domain.notices import Rule
from scheduler.domain.people import SYSTEM
from scheduler.domain.program import Cohort, Offering
from scheduler.domain.times import Interval
from scheduler.services import Services
from scheduler.storage import (
    audit,
    bookings,
    cohorts,
    hours,
    kinds,
    offerings,
    people,
    sessions,
    slots,
)
from scheduler.storage.database import Transaction

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A date of an offering without its session. ``missing`` are those who cannot hold it then, and why."""

    offering: Offering
    day: date
    interval: Interval
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Unlaid:
    """A session of a step that could not be created: when it was to be, who could not hold it, and why."""

    offering_id: str
    title: str
    interval: Interval
    who: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The id and the secret of one session, drawn before the transaction, and by which act it comes."""

    session_id: str
    room_name: str
    act_id: str


async def lay_ahead(
    services: Services, offering_ids: Sequence[str] | None = None, *, act_id: str = ""
) -> int:
    """Create what the offerings, or these of them, lack in the coming weeks; return how many; a job.

    ``act_id`` is that of the act it follows from, so that its hosts are told of both together.
    """
    now, told_as = services.now(), act_id or services.new_id()

    def look(tx: Transaction) -> list[Gap]:
        found = offerings.live(tx)
        chosen = [one for one in found if offering_ids is None or one.id in offering_ids]
        return gaps(tx, chosen, weeks=services.settings.offering_weeks, now=now)

    wanting = await services.database.read(look)
    laid = [await _lay(services, gap, told_as) for gap in wanting if not gap.missing]
    return sum(laid)


def gaps(tx: Transaction, found: Sequence[Offering], *, weeks: int, now: datetime) -> list[Gap]:
    """Return the dates of offerings that have no session yet, soonest first."""
    if not found:
        return []
    minutes = {one.step_id: kinds.get(tx, one.step_id).minutes for one in found}
    there = cohorts.offering_dates(tx, [one.id for one in found], since=now.date() - A_DAY)
    wanting = [
        (offering, day, offering.interval_on(day, minutes[offering.step_id]))
        for offering in found
        for day in offering.ahead(weeks=weeks, now=now)
        if (offering.id, day) not in there
    ]
    if not wanting:
        return []
    held = able(tx, wanting, now)
    kept = [Gap(offering, day, when, held.missing(offering, when)) for offering, day, when in wanting]
    return sorted(kept, key=lambda gap: (gap.interval, gap.offering.id))


def unlaid(tx: Transaction, *, weeks: int, now: datetime) -> tuple[Unlaid, ...]:
    """Return the sessions that could not be created, soonest first, in words for those who coordinate."""
    found = [gap for gap in gaps(tx, offerings.live(tx), weeks=weeks, now=now) if gap.missing]
    titles = kinds.names_of(tx, (gap.offering.step_id for gap in found))
    hosts = people.get_many(tx, {one.person_id for gap in found for one in gap.missing})
    return tuple(
        Unlaid(
            gap.offering.id,
            titles[gap.offering.step_id],
            gap.interval,
            tuple((hosts[one.person_id].name, one.words) for one in gap.missing),
        )
        for gap in found
    )


async def _lay(services: Services, gap: Gap, act_id: str) -> bool:
    """Create one session, if it is still wanted and its hosts are still free; tell whether it was."""
    trail = services.trail(SYSTEM)
    drawn = _Drawn(services.new_id(), services.new_secret(), act_id)
    weeks = services.settings.offering_weeks

    def work(tx: Transaction) -> bool:
        offering = offerings.locked(tx, gap.offering.id)
        hours.lock(tx, offering.host_ids)
        found = gaps(tx, [offering], weeks=weeks, now=trail.at)
        if not any(one.day == gap.day and not one.missing for one in found):
            return False
        _keep(tx, trail, offering, gap.day, drawn)
        return True

    try:
        return await services.database.write(work)
    except SlotTaken:
        return False


def _keep(tx: Transaction, trail: Trail, offering: Offering, day: date, drawn: _Drawn) -> None:
    """Keep a session of an offering with its hosts' places, ticks and notices."""
    kind = kinds.get(tx, offering.step_id)
    interval = offering.interval_on(day, kind.minutes)
    session = Session(
        id=drawn.session_id,
        kind_id=kind.id,
        host_id=offering.host_id,
        interval=interval,
        room_name=drawn.room_name,
        capacity=offering.capacity,
        offering_id=offering.id,
        offering_date=day,
    )
    seats = list(_host_places(session.id, offering))
    ticks = _ticks(tx, kind, offering, interval)
    slots.make_room(tx, ticks.items(), now=trail.at)
    sessions.add(tx, session)
    slots.take(tx, ticks, session_id=session.id)
    bookings.add_places(tx, seats)
    owe(tx, seats, Rule.BOOKED, trail.at, act_id=drawn.act_id)
    touched = (Entity("session", session.id), Entity("offering", offering.id))
    audit.append(tx, trail, Event.SESSION_OFFERED, entities=touched)


def _host_places(session_id: str, offering: Offering) -> Iterator[Place]:
    yield Place(session_id, offering.host_id, Duty.HOST)
    for person_id in offering.co_host_ids:
        yield Place(session_id, person_id, Duty.CO_HOST)


def _ticks(tx: Transaction, kind: Kind, offering: Offering, interval: Interval) -> dict[str, range]:
    """Return for which ticks each host is kept free, with the pauses of their own."""
    zones = {one.id: one.zone for one in people.get_many(tx, offering.host_ids).values()}
    every = hours.of_all(tx, zones, since=interval.starts_at.date())
    return {own.clinician_id: kept_free(own.offered(kind), interval) for own in every}


def cohorts_of(tx: Transaction, offering_ids: Sequence[str], *, now: datetime) -> list[Cohort]:
    """Return the coming sessions of offerings, soonest first."""
    found = cohorts.of_offerings(tx, offering_ids, since=now) if offering_ids else []
    seats = bookings.places_of_many(tx, [session.id for session, _ in found])
    return [
        Cohort(
            session,
            tuple(one.person_id for one in booked(seats[session.id]) if one.client_id is None),
            taken,
        )
        for session, taken in found
    ]


def adapt(tx: Transaction, trail: Trail, before: Offering, after: Offering, minutes: tuple[int, int]) -> None:
    """Bring the coming sessions of a changed offering in line with it; ``minutes`` are before and after.

    Those in which anybody has a place stay as they are, and so do those that somebody has set apart from the
    offering. Of the others, those that no longer follow it are called off; what is due then is laid next.
    """
    cohorts.resize(tx, after.id, after.capacity, now=trail.at)
    for cohort in cohorts_of(tx, [after.id], now=trail.at):
        followed, follows = cohort.follows(before, minutes[0]), cohort.follows(after, minutes[1])
        if followed and not follows and cohorts.call_off_empty(tx, cohort.session.id, now=trail.at):
            _call_off(tx, trail, cohort.session)


def _call_off(tx: Transaction, trail: Trail, session: Session) -> None:
    gone = [seat.cancelled() for seat in booked(bookings.places_of(tx, session.id))]
    slots.give_back(tx, session.id)
    bookings.change_places(tx, gone)
    owe(tx, gone, Rule.CANCELLED, trail.at, act_id=trail.act_id)
    note(tx, trail, Event.SESSION_CANCELLED, session.cancelled(now=trail.at), None, None)
