"""Closed: where hours let no session start, as things stand at one moment. Too soon, too late, or full."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from scheduler.domain.availability import Hours
from scheduler.domain.cells import Span
from scheduler.domain.limits import NO_LIMITS
from scheduler.domain.times import tick_from, tick_of

END_OF_TIME = 1 << 40  # a tick later than any


def at_moment(hours: Hours, begun: Iterable[datetime], *, now: datetime) -> Hours:
    """Return the hours as they stand now: closed where it is too soon or too late, and where days are full.

    ``begun`` holds the start of each session and hold of the clinician's that counts against their limits.
    """
    limits, closed = hours.limits, list[Span]()
    if limits == NO_LIMITS:
        return hours
    if limits.least_notice is not None:
        closed.append((0, tick_from(now + timedelta(minutes=limits.least_notice))))
    if limits.horizon_days is not None:
        closed.append((tick_of(now + timedelta(days=limits.horizon_days)) + 1, END_OF_TIME))
    for day in _full_days(hours, begun):
        closed += hours.ticks_of_day(day)
    return replace(hours, closed=tuple(closed)) if closed else hours


def is_full(hours: Hours, begun: Iterable[datetime], moment: datetime) -> bool:
    """Tell whether one more session then would be more than they asked for, that day or that week."""
    return hours.limits.counts and hours.day_at(moment) in _full_days(hours, begun)


def _full_days(hours: Hours, begun: Iterable[datetime]) -> set[date]:
    days = Counter(hours.day_at(moment) for moment in begun)
    weeks = Counter[date]()
    for day, count in days.items():
        weeks[day - timedelta(days=day.weekday())] += count
    most_a_day, most_a_week = hours.limits.most_a_day, hours.limits.most_a_week
    full = {day for day, count in days.items() if most_a_day is not None and count >= most_a_day}
    for monday, count in weeks.items():
        if most_a_week is not None and count >= most_a_week:
            full |= {monday + timedelta(days=number) for number in range(7)}
    return full
