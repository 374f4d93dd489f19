"""Availability: clinicians keep their own hours; each change is in the log with what was before and after.

A change that would leave booked sessions outside is refused with them, unless they are named in ``despite``
(what the clinician has seen and accepts) or it is None, which asks nothing. They stay booked either way.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.actions.perform import look, perform
from scheduler.domain.audit import Entity, Event, Facts, Noted
from scheduler.domain.availability import (
    Block,
    DayOff,
    ExtraHours,
    Hours,
    Kind,
    WeeklyHours,
    clashing,
    merged,
)
from scheduler.domain.booking import Session
from scheduler.domain.errors import Invalid, WouldStrand
from scheduler.domain.hours_changes import (
    check_day,
    check_days_off,
    check_extra,
    check_length,
    check_travel,
    strands,
)
from scheduler.domain.limits import Limits
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.times import Interval, day_of, instant_of, wall_text
from scheduler.domain.travel import Travel
from scheduler.services import Services
from scheduler.storage import audit, hours, kinds, sessions
from scheduler.storage.database import Transaction

AHEAD = timedelta(days=90)
ALL_AHEAD = timedelta(days=2 * 366)
DAYS_SHOWN = 7
MARGIN = timedelta(days=3)  # wherever the clinician is on the days shown

Despite = Collection[str] | None
Change = Callable[[Transaction, Hours], None]


@dataclass(frozen=True, slots=True)
class DaySeen:
    """One local day of a clinician's in its ``zone``: its blocks, and the times of the booked sessions."""

    day: date
    zone: str
    blocks: tuple[Block, ...]
    is_off: bool
    booked: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class HoursSeen:
    """A clinician's hours, seven days of them, and their booked sessions outside, which want a decision.

    ``kinds`` are all that families book, ``offered`` the ids of those that this clinician offers.
    """

    hours: Hours
    outside: tuple[Session, ...]
    week: tuple[DaySeen, ...]
    kinds: tuple[Kind, ...]
    offered: frozenset[str]


async def see_hours(services: Services, actor: Actor, *, since: date | None = None) -> HoursSeen:
    """Return the actor's own hours, with seven days from today on, or from ``since`` if that is later.

    No client is named, so that no entry is left.

    Raises:
        Denied: the actor keeps no hours.
    """
    now = services.now()

    def work(tx: Transaction) -> HoursSeen:
        require(actor, Task.HOURS_OWN, Subject(own=True))
        own = hours.of(tx, actor.person_id or "", since=day_of(now, actor.zone))
        hosted = sessions.hosted_by(tx, own.clinician_id, since=now, until=now + AHEAD)
        return HoursSeen(
            own,
            tuple(one for one in hosted if not one.is_group and not own.cover(one.interval)),
            _week(tx, own, max(since or date.min, own.day_at(now))),
            tuple(kinds.bookable(tx)),
            frozenset(kind.id for kind in kinds.offered_by(tx, own.clinician_id)),
        )

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def set_weekly_hours(
    services: Services, actor: Actor, weekly: Sequence[WeeklyHours], *, despite: Despite = None
) -> None:
    """Replace the actor's weekly hours; blocks that touch become one.

    Raises:
        Invalid: two blocks of a day overlap.
        WouldStrand: booked sessions would lie outside.
        Denied: the actor keeps no hours.
    """
    joined: list[tuple[str, WeeklyHours]] = []
    for weekday in range(7):
        blocks = [(one.starts, one.ends) for one in weekly if one.weekday == weekday]
        if clashing(blocks):
            raise Invalid({"form": "Hours of one day overlap."})
        joined += [(services.new_id(), WeeklyHours(weekday, starts, ends)) for starts, ends in merged(blocks)]
    await _change(services, actor, lambda tx, own: hours.set_weekly(tx, own.clinician_id, joined), despite)


async def add_days_off(
    services: Services, actor: Actor, *, first_date: date, last_date: date, despite: Despite = None
) -> None:
    """Close the actor's weekly hours on these days, both included.

    Raises:
        Invalid: as `check_days_off`.
        WouldStrand: booked sessions would lie outside.
        Denied: the actor keeps no hours.
    """
    today, off_id = day_of(services.now(), actor.zone), services.new_id()

    def change(tx: Transaction, own: Hours) -> None:
        check_days_off(own, first_date, last_date, today=today)
        hours.add_day_off(tx, own.clinician_id, DayOff(first_date, last_date, off_id))

    await _change(services, actor, change, despite)


async def add_extra_hours(services: Services, actor: Actor, *, day: date, starts: int, ends: int) -> None:
    """Open a block on one date, in minutes after midnight, even where the day is off.

    Raises:
        Invalid: as `check_length` and `check_extra`.
        Denied: the actor keeps no hours.
    """
    check_length(starts, ends)
    now, extra = services.now(), ExtraHours(day, starts, ends, services.new_id())

    def change(tx: Transaction, own: Hours) -> None:
        check_extra(own, extra, now=now)
        hours.add_extra(tx, own.clinician_id, extra)

    await _change(services, actor, change)


async def set_only_hours(
    services: Services, actor: Actor, *, day: date, blocks: Sequence[Block], despite: Despite = None
) -> None:
    """Let these blocks be all that is open on one date, in place of the weekly and of other extra hours.

    Raises:
        Invalid: as `check_day`, or there is no block, or two overlap.
        WouldStrand: booked sessions would lie outside.
        Denied: the actor keeps no hours.
    """
    if not blocks or clashing(blocks):
        raise Invalid({"form": "Hours of one day are missing, or overlap."})
    now = services.now()
    only = [ExtraHours(day, *block, services.new_id(), instead=True) for block in merged(blocks)]

    def change(tx: Transaction, own: Hours) -> None:
        check_day(own, day, now=now)
        hours.clear_day(tx, own.clinician_id, day)
        for extra in only:
            hours.add_extra(tx, own.clinician_id, extra)

    await _change(services, actor, change, despite)


async def add_travel(
    services: Services,
    actor: Actor,
    *,
    first_date: date,
    last_date: date,
    zone: str,
    despite: Despite = None,
) -> None:
    """Let the actor's hours be wall time of another zone on these days, both included.

    Raises:
        Invalid: the last day comes before the first, or as `check_travel`.
        WouldStrand: booked sessions would lie outside.
        Denied: the actor keeps no hours.
    """
    if last_date < first_date:
        raise Invalid({"there_until": "The last day comes before the first."})
    now, travel = services.now(), Travel(first_date, last_date, zone, services.new_id())

    def change(tx: Transaction, own: Hours) -> None:
        check_travel(own, travel, today=day_of(now, zone))
        hours.add_travel(tx, own.clinician_id, travel)

    await _change(services, actor, change, despite)


async def remove_hours(services: Services, actor: Actor, rule_id: str, *, despite: Despite = None) -> None:
    """Take away the actor's days off, extra hours or travel with this id.

    Raises:
        NotFound: there are none, or they are somebody else's.
        WouldStrand: booked sessions would lie outside.
        Denied: the actor keeps no hours.
    """
    await _change(services, actor, lambda tx, own: hours.remove(tx, own.clinician_id, rule_id), despite)


async def set_limits(services: Services, actor: Actor, limits: Limits) -> None:
    """Replace the actor's limits. Booked sessions stay, even where they are more than the new limits allow.

    Raises:
        Invalid: as `Limits.check`.
        Denied: the actor keeps no hours.
    """
    limits.check()
    await _change(services, actor, lambda tx, own: hours.set_limits(tx, own.clinician_id, limits))


async def offer_kinds(
    services: Services, actor: Actor, kind_ids: Collection[str], *, despite: Despite = None
) -> None:
    """Let the actor offer these of the kinds that families book, and no others.

    Raises:
        WouldStrand: sessions of a kind that is offered no longer are booked.
        Denied: the actor keeps no hours.
    """

    def change(tx: Transaction, own: Hours) -> None:
        offered = {kind.id for kind in kinds.offered_by(tx, own.clinician_id)}
        for kind in kinds.bookable(tx):
            if kind.id in kind_ids and kind.id not in offered:
                kinds.offer(tx, kind.id, own.clinician_id)
            if kind.id in offered and kind.id not in kind_ids:
                kinds.withdraw(tx, kind.id, own.clinician_id)

    await _change(services, actor, change, despite)


async def _change(services: Services, actor: Actor, change: Change, despite: Despite = None) -> None:
    trail, clinician_id = services.trail(actor), actor.person_id or ""
    today = day_of(trail.at, actor.zone)

    def work(tx: Transaction) -> None:
        require(actor, Task.HOURS_OWN, Subject(own=True))
        hours.lock(tx, [clinician_id])
        before = _State.of(tx, clinician_id, today)
        change(tx, before.hours)
        after = _State.of(tx, clinician_id, today)
        left_out = _stranded(tx, before, after, trail.at)
        if despite is not None and not {one.id for one in left_out} <= set(despite):
            raise WouldStrand([(one.id, one.interval) for one in left_out])
        touched = (Entity("hours", clinician_id),)
        detail: dict[str, object] = {"before": before.words, "after": after.words}
        audit.append(tx, trail, Event.HOURS_CHANGED, entities=touched, detail=detail)

    await perform(services, actor, Event.HOURS_CHANGED, work)


@dataclass(frozen=True, slots=True)
class _State:
    """What a change may touch: the hours, and the kinds offered."""

    hours: Hours
    kinds: tuple[Kind, ...]

    @classmethod
    def of(cls, tx: Transaction, clinician_id: str, since: date) -> "_State":
        return cls(hours.of(tx, clinician_id, since=since), tuple(kinds.offered_by(tx, clinician_id)))

    @property
    def words(self) -> list[str]:
        """Return it as plain lines for the sealed detail of an entry."""
        return [*_words(self.hours), *(f"offers {kind.name}" for kind in self.kinds)]


def changed_hours(before: Hours, after: Hours) -> Noted:
    """Return the entry of a change of hours, with both sealed beside it."""
    touched = (Entity("hours", after.clinician_id),)
    detail: dict[str, object] = {"before": _words(before), "after": _words(after)}
    return Noted(Event.HOURS_CHANGED, Facts(entities=touched), detail)


def _words(own: Hours) -> list[str]:
    """Return hours as plain lines; weekday 0 is Monday."""
    return [
        *(f"weekday {one.weekday}, {wall_text(one.starts)}-{wall_text(one.ends)}" for one in own.weekly),
        *(f"off {one.first_date} to {one.last_date}" for one in own.days_off),
        *(f"{_only(one)} {one.date}, {wall_text(one.starts)}-{wall_text(one.ends)}" for one in own.extra),
        *(f"in {one.zone} {one.first_date} to {one.last_date}" for one in own.travels),
        *(f"{name} {value}" for name, value in own.limits.asked()),
    ]


def _only(extra: ExtraHours) -> str:
    return "only" if extra.instead else "extra"


def _stranded(tx: Transaction, before: _State, after: _State, now: datetime) -> list[Session]:
    withdrawn = {kind.id for kind in before.kinds} - {kind.id for kind in after.kinds}
    return [
        session
        for session in sessions.hosted_by(tx, after.hours.clinician_id, since=now, until=now + ALL_AHEAD)
        if session.kind_id in withdrawn or strands(before.hours, after.hours, session.interval)
    ]


def _week(tx: Transaction, own: Hours, first: date) -> tuple[DaySeen, ...]:
    days = [first + timedelta(days=number) for number in range(DAYS_SHOWN)]
    since, until = (instant_of(day, 0, own.zone) for day in (days[0], days[-1]))
    booked = sessions.hosted_by(tx, own.clinician_id, since=since - MARGIN, until=until + MARGIN)
    return tuple(
        DaySeen(
            day,
            own.zone_on(day),
            own.blocks_on(day),
            own.is_off(day),
            tuple(one.interval for one in booked if own.day_at(one.starts_at) == day),
        )
        for day in days
    )
