"""Slots of one clinician with every rule against a slow, obvious search, in every zone.

The search knows date-times and zones only, no ticks and no bits: it walks along the clock in steps of five
minutes, and asks of each moment which day it is for the clinician and what the rules of that day say.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain import slots
from scheduler.domain.availability import DayOff, ExtraHours, Hours, Kind, WeeklyHours
from scheduler.domain.closed import at_moment
from scheduler.domain.limits import Limits
from scheduler.domain.times import Interval, tick_of
from scheduler.domain.travel import Travel
from scheduler.domain.zones import zone_names

FIVE = timedelta(minutes=5)
DAY = timedelta(days=1)
NOON = time(12)
YEARS = range(2026, 2031)
ZONES = sorted(zone_names())
PARTS = 4  # of the sweep, so that a failure names its part


@dataclass(frozen=True)
class World:
    """A kind, a clinician's rules, what they are taken by (start and end), and the moment of asking."""

    kind: Kind
    hours: Hours
    taken: tuple[tuple[datetime, datetime], ...]
    now: datetime


# ---------------------------------------------------------------------------------------------- the oracle


def wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@lru_cache(maxsize=200_000)
def first_showing(wanted: datetime, zone: str) -> datetime:
    """Return the first moment at which the clock of a zone shows this wall time, or has jumped past it."""
    moment = wanted.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=3)  # well before
    while wall(moment, zone) < wanted:
        moment += FIVE
    return moment


def zone_of_day(hours: Hours, day: date) -> str:
    for travel in hours.travels:
        if travel.first_date <= day <= travel.last_date:
            return travel.zone
    return hours.zone


def day_of(hours: Hours, moment: datetime) -> date:
    for travel in hours.travels:
        if travel.first_date <= wall(moment, travel.zone).date() <= travel.last_date:
            return wall(moment, travel.zone).date()
    return wall(moment, hours.zone).date()


def blocks_of(hours: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield the day's blocks as wall times, found five minutes by five minutes."""
    extra = [(one.starts, one.ends) for one in hours.extra if one.date == day]
    is_replaced = any(one.instead for one in hours.extra if one.date == day)
    is_off = any(off.first_date <= day <= off.last_date for off in hours.days_off)
    if not is_replaced and not is_off:
        extra += [(one.starts, one.ends) for one in hours.weekly if one.weekday == day.weekday()]
    midnight, begun = datetime.combine(day, datetime.min.time()), None
    for minute in range(0, 1445, 5):
        is_open = any(starts <= minute < ends for starts, ends in extra)
        if is_open and begun is None:
            begun = minute
        if not is_open and begun is not None:
            yield midnight + timedelta(minutes=begun), midnight + timedelta(minutes=minute)
            begun = None


def steps(first: datetime, end: datetime, step: timedelta = FIVE) -> Iterator[datetime]:
    while first < end:
        yield first
        first += step


def slow_starts(world: World) -> list[datetime]:
    kind, hours, now = world.kind, world.hours, world.now
    opened, starts = set[datetime](), set[datetime]()
    for number in range(-4, kind.horizon_days + 5):
        day = now.date() + number * DAY
        zone = zone_of_day(hours, day)
        for begins, ends in blocks_of(hours, day):
            stretch = first_showing(begins, zone), first_showing(ends, zone)
            opened |= set(steps(*stretch))
            starts |= set(steps(*stretch, timedelta(minutes=kind.start_step)))
    days = Counter(day_of(hours, begins) for begins, _ in world.taken)
    return sorted(start for start in starts if slow_allows(world, start, opened, days))


def slow_allows(world: World, start: datetime, opened: set[datetime], days: Counter[date]) -> bool:
    kind, limits, now = world.kind, world.hours.limits, world.now
    notice = max(kind.least_notice, limits.least_notice or 0)
    horizon = min(kind.horizon_days, 9_999 if limits.horizon_days is None else limits.horizon_days)
    if not now + timedelta(minutes=notice) <= start <= now + horizon * DAY:
        return False
    end = start + timedelta(minutes=kind.minutes)
    before = timedelta(minutes=max(kind.pause_before, limits.pause_before or 0))
    after = timedelta(minutes=max(kind.pause_after, limits.pause_after or 0))
    if any(begins < end + after and start - before < ends for begins, ends in world.taken):
        return False
    day = day_of(world.hours, start)
    monday = day - day.weekday() * DAY
    in_week = sum(days[monday + number * DAY] for number in range(7))
    if limits.most_a_day is not None and days[day] >= limits.most_a_day:
        return False
    if limits.most_a_week is not None and in_week >= limits.most_a_week:
        return False
    return all(moment in opened for moment in steps(start, end))


def found(world: World) -> list[datetime]:
    """Return what the house itself finds."""
    spans = [(tick_of(begins), tick_of(ends)) for begins, ends in world.taken]
    hours = at_moment(world.hours, [begins for begins, _ in world.taken], now=world.now)
    free = slots.free(world.kind, [hours], {hours.clinician_id: spans}, own=(), now=world.now)
    return [slot.interval.starts_at for slot in free]


# ---------------------------------------------------------------------------------------------- the worlds


@lru_cache(maxsize=1_024)
def change_days(zone: str, year: int) -> tuple[date, ...]:
    """Return the days of a year on which a zone's clocks change; a plain day where there are none."""
    changes = []
    first = datetime(year, 1, 1, tzinfo=UTC)
    for week in steps(first, first + 365 * DAY, 7 * DAY):
        if offset(week, zone) == offset(week + 7 * DAY, zone):
            continue  # no zone changes its clocks twice in a week
        days = [week + number * DAY for number in range(8)]
        changes += [
            before.date() for before, after in pairwise(days) if offset(before, zone) != offset(after, zone)
        ]
    return tuple(changes) or (date(year, 6, 15),)


def offset(moment: datetime, zone: str) -> timedelta | None:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


@lru_cache(maxsize=1)
def clocks() -> list[tuple[str, tuple[date, ...]]]:
    """Return every zone with the days to try: all changes of five years, once for names of the same clock."""
    seen, listed = set[object](), list[tuple[str, tuple[date, ...]]]()
    for zone in ZONES:
        changes = tuple(day for year in YEARS for day in change_days(zone, year))
        clock = tuple((day, offset(datetime.combine(day, NOON, UTC), zone)) for day in changes)
        listed.append((zone, changes[len(listed) % len(changes) :][:1] if clock in seen else changes))
        seen.add(clock)
    return listed


def a_world(chance: random.Random, zone: str, near: date) -> World:
    """Return a world around a day, with whatever rules chance has it."""
    now = datetime.combine(near, datetime.min.time(), UTC) + timedelta(minutes=chance.randrange(-1500, 1500))

    def day() -> date:
        return near + chance.randrange(-2, 4) * DAY

    kind = Kind(
        "kind",
        "Kind",
        minutes=5 * chance.randrange(1, 13),
        pause_before=5 * chance.randrange(3),
        pause_after=5 * chance.randrange(3),
        least_notice=chance.choice((0, 7, 60)),
        horizon_days=chance.randrange(1, 4),
        start_step=chance.choice((5, 15, 25, 30)),
    )
    hours = Hours(
        "clinician",
        zone,
        tuple(WeeklyHours(chance.randrange(7), *a_block(chance)) for _ in range(chance.randrange(2, 8))),
        tuple(DayOff(one, one + DAY) for one in [day() for _ in range(chance.randrange(2))]),
        tuple(
            ExtraHours(day(), *a_block(chance), instead=chance.random() < 0.5)
            for _ in range(chance.randrange(3))
        ),
        some_travel(chance, day()),
        some_limits(chance),
    )
    begun = [now + 5 * timedelta(minutes=chance.randrange(-600, 1000)) for _ in range(chance.randrange(8))]
    taken = tuple(
        (on_grid(moment), on_grid(moment) + timedelta(minutes=5 * chance.randrange(1, 12)))
        for moment in begun
    )
    return World(kind, hours, taken, now)


def a_block(chance: random.Random) -> tuple[int, int]:
    starts = 5 * chance.randrange(0, 280)
    return starts, min(1440, starts + 5 * chance.randrange(1, 140))


def some_travel(chance: random.Random, first: date) -> tuple[Travel, ...]:
    if chance.random() < 0.4:
        return ()
    last = first + chance.randrange(3) * DAY
    there = Travel(first, last, chance.choice(ZONES))
    if chance.random() < 0.6:
        return (there,)
    return there, Travel(last + DAY, last + chance.randrange(1, 3) * DAY, chance.choice(ZONES))


def some_limits(chance: random.Random) -> Limits:
    def maybe(number: int) -> int | None:
        return number if chance.random() < 0.3 else None

    return Limits(
        pause_before=maybe(5 * chance.randrange(5)),
        pause_after=maybe(5 * chance.randrange(5)),
        least_notice=maybe(60 * chance.randrange(15)),
        horizon_days=maybe(chance.randrange(1, 4)),
        most_a_day=maybe(chance.randrange(1, 5)),
        most_a_week=maybe(chance.randrange(1, 8)),
    )


def on_grid(moment: datetime) -> datetime:
    return moment - timedelta(
        minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond
    )


# ------------------------------------------------------------------------------------------ against it


@pytest.mark.parametrize("part", range(PARTS))
def test_in_every_zone_at_the_changes_of_its_clocks_the_slots_are_those_of_a_slow_search(part: int) -> None:
    for zone, days in clocks()[part::PARTS]:
        chance = random.Random(zone)
        for near in days:
            world = a_world(chance, zone, near)
            assert found(world) == slow_starts(world), (zone, near, world)


@settings(max_examples=120, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(ZONES), st.sampled_from(YEARS), st.integers(0, 3))
def test_whatever_the_rules_the_slots_are_those_of_a_slow_search(
    chance: random.Random, zone: str, year: int, place: int
) -> None:
    changes = change_days(zone, year)
    world = a_world(chance, zone, changes[place % len(changes)])

    assert found(world) == slow_starts(world)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(ZONES), st.sampled_from(YEARS))
def test_every_moment_belongs_to_one_local_day(chance: random.Random, zone: str, year: int) -> None:
    world = a_world(chance, zone, change_days(zone, year)[0])
    first = world.now - 2 * DAY

    for moment in steps(on_grid(first), first + 5 * DAY, timedelta(minutes=35)):
        days = [moment.date() + number * DAY for number in range(-2, 3)]
        tick = tick_of(moment)
        holding = [
            day for day in days if any(low <= tick < end for low, end in world.hours.ticks_of_day(day))
        ]
        assert holding == [day_of(world.hours, moment)]


def test_a_travel_from_one_end_of_the_date_line_to_the_other_is_found_at_its_edge() -> None:
    now = datetime(2026, 11, 3, 10, 30, tzinfo=UTC)  # at home the 4th has come, there it is still the 2nd
    there = Travel(date(2026, 11, 2), date(2026, 11, 2), "Etc/GMT+12")
    evening = (WeeklyHours(0, 22 * 60, 24 * 60),)  # on Mondays
    hours = Hours("clinician", "Pacific/Kiritimati", evening, travels=(there,))
    world = World(Kind("kind", "Kind", 30, horizon_days=1, start_step=30), hours, (), now)

    assert found(world) == slow_starts(world) == [now, now + 6 * FIVE, now + 12 * FIVE]
    assert hours.cover(Interval.lasting(now, minutes=30))
