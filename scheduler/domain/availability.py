"""Availability: a clinician's hours, as wall-time rules, and the five-minute cells they open.

A day's open time is its weekly hours, unless it is a day off, and its extra hours, which open even a day off.
A block is a pair of minutes after midnight in the clinician's zone; ``ends`` of 1440 is the end of the day. A
block whose ends a clock change moves is moved with them (`times.instant_of`).

Cells are the bits of one Python integer: bit ``i`` stands for tick ``base + i``. Unions, gaps and runs are
then a few operations on whole integers, however many days they cover.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from scheduler.domain.errors import Invalid
from scheduler.domain.times import (
    DAY_MINUTES,
    TICK_MINUTES,
    Interval,
    day_of,
    moment_of,
    spoken_date,
    spoken_wall,
    tick_at,
)

Block = tuple[int, int]

LONGEST_DAYS_OFF = timedelta(days=366)
LAST_DAY_AHEAD = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """A block of work on every ``weekday`` (0 is Monday), in minutes after midnight."""

    weekday: int
    starts: int
    ends: int

    def __post_init__(self) -> None:
        """Refuse what is no block of a week."""
        if not 0 <= self.weekday <= 6:
            raise ValueError("a weekday is 0 to 6")
        check_block(self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class DayOff:
    """Days without weekly hours, both ends included."""

    first_date: date
    last_date: date
    id: str = ""

    def __post_init__(self) -> None:
        """Refuse a stretch that ends before it begins."""
        if self.first_date > self.last_date:
            raise ValueError("days off end after they begin")

    def covers(self, day: date) -> bool:
        """Tell whether the day is one of them."""
        return self.first_date <= day <= self.last_date


@dataclass(frozen=True, slots=True)
class ExtraHours:
    """A block of work on one date, in minutes after midnight."""

    date: date
    starts: int
    ends: int
    id: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no block."""
        check_block(self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of session that families book, such as a check-in.

    ``name`` is in words. ``minutes`` is the length; a clinician is kept free ``pause_before`` and
    ``pause_after`` minutes around it. Starts lie ``start_step`` minutes apart, counted from the start of each
    block of hours. Bookable from ``least_notice`` minutes ahead up to ``horizon_days`` days ahead.
    ``education_only`` sessions tell nothing about the client and need no release. ``duties`` are whom it
    takes all at once, the host's first; where there are none, anyone who offers it.
    """

    id: str
    name: str
    minutes: int
    pause_before: int = 0
    pause_after: int = 0
    least_notice: int = 0
    horizon_days: int = 28
    start_step: int = TICK_MINUTES
    education_only: bool = False
    is_bookable: bool = True
    duties: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse lengths off the grid, which would split a cell."""
        for length in (self.minutes, self.pause_before, self.pause_after, self.start_step):
            if length < 0 or length % TICK_MINUTES:
                raise ValueError("lengths are whole multiples of five minutes")
        if not self.minutes or not self.start_step:
            raise ValueError("a session lasts, and its starts lie apart")
        if any(duty.splitlines() != [duty] for duty in self.duties):
            raise ValueError("a duty is one line")


@dataclass(frozen=True, slots=True)
class Hours:
    """When one clinician works, in their own ``zone``."""

    clinician_id: str
    zone: str
    weekly: tuple[WeeklyHours, ...] = ()
    days_off: tuple[DayOff, ...] = ()
    extra: tuple[ExtraHours, ...] = ()

    def blocks_on(self, day: date) -> tuple[Block, ...]:
        """Return the day's blocks in order, those that touch or overlap made one."""
        blocks = [(more.starts, more.ends) for more in self.extra if more.date == day]
        if not any(off.covers(day) for off in self.days_off):
            weekday = day.weekday()
            blocks += [(rule.starts, rule.ends) for rule in self.weekly if rule.weekday == weekday]
        return merged(blocks)

    def spans(self, first: int, days: int) -> list[tuple[int, int]]:
        """Return the open time of so many local days as half-open spans of ticks; ``first`` is an ordinal."""
        zone, week = self.zone, self._week()
        special = self._special_days(first, first + days)
        return [
            (tick_at(ordinal, starts, zone), tick_at(ordinal, ends, zone))
            for ordinal in range(first, first + days)
            for starts, ends in (special[ordinal] if ordinal in special else week[(ordinal - 1) % 7])
        ]

    def cover(self, interval: Interval) -> bool:
        """Tell whether the whole interval lies in open time."""
        base, size = interval.ticks.start, len(interval.ticks)
        first = day_of(interval.starts_at, self.zone).toordinal() - 1
        return cells(self.spans(first, 4), base, size) == (1 << size) - 1

    def check_days_off(self, first_date: date, last_date: date, *, today: date) -> None:
        """Return when these days, both included, may be taken off.

        Raises:
            Invalid: over already, too far ahead, in the wrong order, longer than a year, or off already.
        """
        if last_date < first_date:
            raise Invalid({"last_date": "The last day comes before the first."})
        if last_date < today:
            raise Invalid({"last_date": "These days are over already."})
        if first_date > today + LAST_DAY_AHEAD:
            raise Invalid({"first_date": "Please choose days within the next three years."})
        if last_date - first_date > LONGEST_DAYS_OFF:
            raise Invalid({"last_date": "Please enter a year at most at a time."})
        for off in self.days_off:
            if off.first_date <= last_date and first_date <= off.last_date:
                words = spoken_days_off(off, today=today)
                raise Invalid({"first_date": f"You have days off then already: {words}."})

    def check_extra(self, extra: ExtraHours, *, now: datetime) -> None:
        """Return when these hours may be opened.

        Raises:
            Invalid: over already, too far ahead, skipped by a clock change, or open already.
        """
        today = day_of(now, self.zone)
        if not today <= extra.date <= today + LAST_DAY_AHEAD:
            raise Invalid({"date": "Please choose a day from today on, within three years."})
        first, end = (
            tick_at(extra.date.toordinal(), minutes, self.zone) for minutes in (extra.starts, extra.ends)
        )
        if first == end:
            raise Invalid({"starts": "The clocks go forward on that day and skip this time."})
        if moment_of(end) <= now:
            raise Invalid({"ends": "This time is over already."})
        for more in self.extra:
            if more.date == extra.date and clashing([(more.starts, more.ends), (extra.starts, extra.ends)]):
                words = spoken_extra(more, today=today)
                raise Invalid({"starts": f"You have extra hours then already: {words}."})
        if any(starts <= extra.starts and extra.ends <= ends for starts, ends in self.blocks_on(extra.date)):
            raise Invalid({"starts": "Families can book at this time already."})

    def _week(self) -> list[tuple[Block, ...]]:
        return [
            merged((rule.starts, rule.ends) for rule in self.weekly if rule.weekday == weekday)
            for weekday in range(7)
        ]

    def _special_days(self, begin: int, end: int) -> dict[int, tuple[Block, ...]]:
        """Return the blocks of the days that differ from their week, by ordinal."""
        ordinals = {more.date.toordinal() for more in self.extra}
        for off in self.days_off:
            ordinals.update(
                range(max(begin, off.first_date.toordinal()), min(end, off.last_date.toordinal() + 1))
            )
        return {
            ordinal: self.blocks_on(date.fromordinal(ordinal))
            for ordinal in ordinals
            if begin <= ordinal < end
        }


def check_block(starts: int, ends: int) -> None:
    """Return when this is a block of one day on the grid.

    Raises:
        ValueError: off the grid, outside the day, or the end is not after the start.
    """
    if starts % TICK_MINUTES or ends % TICK_MINUTES:
        raise ValueError("a block lies on the five-minute grid")
    if not 0 <= starts < ends <= DAY_MINUTES:
        raise ValueError("a block ends after it starts, within its day")


def check_length(starts: int, ends: int) -> None:
    """Return when a block that somebody typed may be meant so, in minutes after midnight.

    Raises:
        Invalid: the end is not after the start, or the block is the whole day.
    """
    if ends < starts:
        raise Invalid({"ends": "This ends before it starts."})
    if ends == starts:
        raise Invalid({"ends": "This ends when it starts."})
    if (starts, ends) == (0, DAY_MINUTES):
        raise Invalid({"ends": "This is a whole day, midnight to midnight. Please enter when you work."})


def spoken_days_off(off: DayOff, *, today: date) -> str:
    """Return days off in words: "Tuesday 3 November", "Monday 21 December to Friday 1 January"."""
    first, last = (spoken_date(day, today=today) for day in (off.first_date, off.last_date))
    return first if first == last else f"{first} to {last}"


def spoken_extra(extra: ExtraHours, *, today: date) -> str:
    """Return extra hours in words: "Saturday 7 November, 10:00 am to 12:00 noon"."""
    day = spoken_date(extra.date, today=today)
    return f"{day}, {spoken_wall(extra.starts)} to {spoken_wall(extra.ends)}"


def merged(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks in order, those that touch or overlap made one."""
    joined: list[Block] = []
    for starts, ends in sorted(blocks):
        if joined and starts <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((starts, ends))
    return tuple(joined)


def clashing(blocks: Sequence[Block]) -> list[int]:
    """Return the places of the blocks that share time with an earlier one; those that only touch do not."""
    return [
        place
        for place, (starts, ends) in enumerate(blocks)
        if any(starts < other_ends and other_starts < ends for other_starts, other_ends in blocks[:place])
    ]


def cells(spans: Iterable[tuple[int, int]], base: int, size: int) -> int:
    """Return spans of ticks as bits: ``size`` cells from tick ``base`` on, the rest cut off."""
    bits = 0
    for first, end in spans:
        low, high = first - base, end - base
        low, high = low if low > 0 else 0, high if high < size else size
        if low < high:
            bits |= ((1 << (high - low)) - 1) << low
    return bits


def lattice(spans: Iterable[tuple[int, int]], base: int, size: int, step: int) -> int:
    """Return every ``step``-th cell of each span, counted from the span's own start, as bits."""
    bits = 0
    for first, end in spans:
        low, high = first - base, min(end - base, size)
        if low < 0:
            low += -(low // step) * step
        if low < high:
            bits |= _comb((high - low - 1) // step + 1, step) << low
    return bits


@lru_cache(maxsize=4_096)
def _comb(teeth: int, step: int) -> int:
    """Return ``teeth`` bits that lie ``step`` apart, the first at bit 0."""
    return int(((1 << (teeth * step)) - 1) // ((1 << step) - 1))
