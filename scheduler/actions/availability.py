"""Availability: clinicians keep their own hours; each change is in the log with what was before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.actions.perform import look, perform
from scheduler.domain.audit import Entity, Event
from scheduler.domain.availability import DayOff, ExtraHours, Hours, WeeklyHours, merged
from scheduler.domain.booking import Session
from scheduler.domain.errors import Invalid
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.times import day_of, wall_text
from scheduler.services import Services
from scheduler.storage import audit, hours, sessions
from scheduler.storage.database import Transaction

AHEAD = timedelta(days=90)
LONGEST_DAYS_OFF = timedelta(days=366)
LAST_DAY_AHEAD = timedelta(days=3 * 366)


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


async def set_weekly_hours(services: Services, actor: Actor, weekly: tuple[WeeklyHours, ...]) -> None:
    """Replace the actor's weekly hours; blocks that touch or overlap become one. Booked sessions stay.

    Raises:
        Denied: the actor keeps no hours.
    """
    joined = [
        (services.new_id(), WeeklyHours(weekday, starts, ends))
        for weekday in range(7)
        for starts, ends in merged((one.starts, one.ends) for one in weekly if one.weekday == weekday)
    ]
    await _change(services, actor, lambda tx, own: hours.set_weekly(tx, own, joined))


async def add_days_off(services: Services, actor: Actor, *, first_date: date, last_date: date) -> None:
    """Close the actor's weekly hours on these days, both included. Booked sessions stay.

    Raises:
        Invalid: over already, too far ahead, in the wrong order, or longer than a year.
        Denied: the actor keeps no hours.
    """
    _check_days(first_date, last_date, today=day_of(services.now(), actor.zone))
    off = DayOff(first_date, last_date, services.new_id())
    await _change(services, actor, lambda tx, own: hours.add_day_off(tx, own, off))


async def add_extra_hours(services: Services, actor: Actor, *, day: date, starts: int, ends: int) -> None:
    """Open a block on one date, in minutes after midnight, even where the day is off.

    Raises:
        Invalid: over already or too far ahead.
        Denied: the actor keeps no hours.
    """
    today = day_of(services.now(), actor.zone)
    if not today <= day <= today + LAST_DAY_AHEAD:
        raise Invalid({"date": "Please choose a day from today on, within three years."})
    extra = ExtraHours(day, starts, ends, services.new_id())
    await _change(services, actor, lambda tx, own: hours.add_extra(tx, own, extra))


async def remove_hours(services: Services, actor: Actor, rule_id: str) -> None:
    """Take away the actor's days off or extra hours with this id.

    Raises:
        NotFound: there are none, or they are somebody else's.
        Denied: the actor keeps no hours.
    """
    await _change(services, actor, lambda tx, own: hours.remove(tx, own, rule_id))


async def _change(services: Services, actor: Actor, change: Callable[[Transaction, str], None]) -> None:
    trail, own = services.trail(actor), actor.person_id or ""
    today = day_of(trail.at, actor.zone)

    def work(tx: Transaction) -> None:
        require(actor, Task.HOURS_OWN, Subject(own=True))
        before = _words(hours.of(tx, own, since=today))
        change(tx, own)
        after = _words(hours.of(tx, own, since=today))
        touched = (Entity("hours", own),)
        detail: dict[str, object] = {"before": before, "after": after}
        audit.append(tx, trail, Event.HOURS_CHANGED, entities=touched, detail=detail)

    await perform(services, actor, Event.HOURS_CHANGED, work)


def _check_days(first_date: date, last_date: date, *, today: date) -> None:
    if last_date < first_date:
        raise Invalid({"last_date": "The last day comes before the first."})
    if last_date < today:
        raise Invalid({"last_date": "These days are over already."})
    if first_date > today + LAST_DAY_AHEAD:
        raise Invalid({"first_date": "Please choose days within the next three years."})
    if last_date - first_date > LONGEST_DAYS_OFF:
        raise Invalid({"last_date": "Please enter a year at most at a time."})


def _words(own: Hours) -> list[str]:
    """Return hours as plain lines for the sealed detail of an entry; weekday 0 is Monday."""
    return [
        *(f"weekday {one.weekday}, {wall_text(one.starts)}-{wall_text(one.ends)}" for one in own.weekly),
        *(f"off {one.first_date} to {one.last_date}" for one in own.days_off),
        *(f"extra {one.date}, {wall_text(one.starts)}-{wall_text(one.ends)}" for one in own.extra),
    ]
