"""Availability: clinicians keep their own hours; each change is in the log with what was before and after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.actions.perform import look, perform
from scheduler.domain.audit import Entity, Event
from scheduler.domain.availability import (
    DayOff,
    ExtraHours,
    Hours,
    WeeklyHours,
    check_length,
    clashing,
    merged,
)
from scheduler.domain.booking import Session
from scheduler.domain.errors import Invalid
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.times import day_of, wall_text
from scheduler.services import Services
from scheduler.storage import audit, hours, sessions
from scheduler.storage.database import Transaction

AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class HoursSeen:
    """A clinician's hours, and their booked sessions that now lie outside them and want a decision."""

    hours: Hours
    outside: tuple[Session, ...]


async def see_hours(services: Services, actor: Actor) -> HoursSeen:
    """Return the actor's own hours from today on; no client is named, so that no entry is left.

    Raises:
        Denied: the actor keeps no hours.
    """
    now = services.now()

    def work(tx: Transaction) -> HoursSeen:
        require(actor, Task.HOURS_OWN, Subject(own=True))
        own = hours.of(tx, actor.person_id or "", since=day_of(now, actor.zone))
        hosted = sessions.hosted_by(tx, own.clinician_id, since=now, until=now + AHEAD)
        return HoursSeen(
            own, tuple(one for one in hosted if not one.is_group and not own.cover(one.interval))
        )

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def set_weekly_hours(services: Services, actor: Actor, weekly: Sequence[WeeklyHours]) -> None:
    """Replace the actor's weekly hours; blocks that touch become one. Booked sessions stay.

    Raises:
        Invalid: two blocks of a day overlap.
        Denied: the actor keeps no hours.
    """
    joined: list[tuple[str, WeeklyHours]] = []
    for weekday in range(7):
        blocks = [(one.starts, one.ends) for one in weekly if one.weekday == weekday]
        if clashing(blocks):
            raise Invalid({"form": "Hours of one day overlap."})
        joined += [(services.new_id(), WeeklyHours(weekday, starts, ends)) for starts, ends in merged(blocks)]
    await _change(services, actor, lambda tx, own: hours.set_weekly(tx, own.clinician_id, joined))


async def add_days_off(services: Services, actor: Actor, *, first_date: date, last_date: date) -> None:
    """Close the actor's weekly hours on these days, both included. Booked sessions stay.

    Raises:
        Invalid: as `Hours.check_days_off`.
        Denied: the actor keeps no hours.
    """
    today, off_id = day_of(services.now(), actor.zone), services.new_id()

    def change(tx: Transaction, own: Hours) -> None:
        own.check_days_off(first_date, last_date, today=today)
        hours.add_day_off(tx, own.clinician_id, DayOff(first_date, last_date, off_id))

    await _change(services, actor, change)


async def add_extra_hours(services: Services, actor: Actor, *, day: date, starts: int, ends: int) -> None:
    """Open a block on one date, in minutes after midnight, even where the day is off.

    Raises:
        Invalid: as `check_length` and `Hours.check_extra`.
        Denied: the actor keeps no hours.
    """
    check_length(starts, ends)
    now, extra = services.now(), ExtraHours(day, starts, ends, services.new_id())

    def change(tx: Transaction, own: Hours) -> None:
        own.check_extra(extra, now=now)
        hours.add_extra(tx, own.clinician_id, extra)

    await _change(services, actor, change)


async def remove_hours(services: Services, actor: Actor, rule_id: str) -> None:
    """Take away the actor's days off or extra hours with this id.

    Raises:
        NotFound: there are none, or they are somebody else's.
        Denied: the actor keeps no hours.
    """
    await _change(services, actor, lambda tx, own: hours.remove(tx, own.clinician_id, rule_id))


async def _change(services: Services, actor: Actor, change: Callable[[Transaction, Hours], None]) -> None:
    trail, clinician_id = services.trail(actor), actor.person_id or ""
    today = day_of(trail.at, actor.zone)

    def work(tx: Transaction) -> None:
        require(actor, Task.HOURS_OWN, Subject(own=True))
        before = hours.of(tx, clinician_id, since=today)
        change(tx, before)
        after = hours.of(tx, clinician_id, since=today)
        touched = (Entity("hours", clinician_id),)
        detail: dict[str, object] = {"before": _words(before), "after": _words(after)}
        audit.append(tx, trail, Event.HOURS_CHANGED, entities=touched, detail=detail)

    await perform(services, actor, Event.HOURS_CHANGED, work)


def _words(own: Hours) -> list[str]:
    """Return hours as plain lines for the sealed detail of an entry; weekday 0 is Monday."""
    return [
        *(f"weekday {one.weekday}, {wall_text(one.starts)}-{wall_text(one.ends)}" for one in own.weekly),
        *(f"off {one.first_date} to {one.last_date}" for one in own.days_off),
        *(f"extra {one.date}, {wall_text(one.starts)}-{wall_text(one.ends)}" for one in own.extra),
    ]
