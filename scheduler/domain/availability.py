"""Availability: a clinician's hours, as wall-time rules, and the five-minute cells they open.

A day's open time is its weekly hours, unless it is a day off, and its extra hours, which open even a day off.
Extra hours that stand *instead* of the weekly ones are all that is open on their day.
A block is a pair of minutes after midnight in the zone where the clinician is on that day; ``ends`` of 1440
is the end of the day. A block whose ends a clock change moves is moved with them (`times.instant_of`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from scheduler.domain.cells import Span, cells, cut
from scheduler.domain.households import ClientPart, Quorum
from scheduler.domain.limits import NO_LIMITS, Limits
from scheduler.domain.times import DAY_MINUTES, TICK_MINUTES, Interval, day_of, tick_at
from scheduler.domain.travel import Travel

Block = tuple[int, int]


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
    """A block of work on one date, beside the weekly hours or ``instead`` of them."""

    date: date
    starts: int
    ends: int
    id: str = ""
    instead: bool = False

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
    takes all at once, the host's first; where there are none, anyone who offers it. ``needs_guardian`` and
    ``client_part`` are its `quorum`.
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
    needs_guardian: bool = False
    client_part: ClientPart = ClientPart.MAY

    def __post_init__(self) -> None:
        """Refuse lengths off the grid, which would split a cell."""
        for length in (self.minutes, self.pause_before, self.pause_after, self.start_step):
            if length < 0 or length % TICK_MINUTES:
                raise ValueError("lengths are whole multiples of five minutes")
        if not self.minutes or not self.start_step:
            raise ValueError("a session lasts, and its starts lie apart")
        if any(duty.splitlines() != [duty] for duty in self.duties):
            raise ValueError("a duty is one line")

    def with_pauses(self, before: int | None, after: int | None) -> "Kind":
        """Return the kind with these pauses where they are longer than its own."""
        longer = max(before or 0, self.pause_before), max(after or 0, self.pause_after)
        if longer == (self.pause_before, self.pause_after):
            return self
        return replace(self, pause_before=longer[0], pause_after=longer[1])

    @property
    def quorum(self) -> Quorum:
        """Return who must take part."""
        return Quorum(self.needs_guardian, self.client_part)


@dataclass(frozen=True, slots=True)
class Hours:
    """When one clinician works, in their own ``zone`` or, on days of travel, in another.

    ``closed`` are the ticks at which no session may start, as things stand then (`closed.at_moment`):
    too soon, too late, full days and weeks. They are no rules: equal hours may differ in them.
    """

    clinician_id: str
    zone: str
    weekly: tuple[WeeklyHours, ...] = ()
    days_off: tuple[DayOff, ...] = ()
    extra: tuple[ExtraHours, ...] = ()
    travels: tuple[Travel, ...] = ()
    limits: Limits = NO_LIMITS
    closed: tuple[Span, ...] = field(default=(), compare=False)

    def blocks_on(self, day: date) -> tuple[Block, ...]:
        """Return the day's blocks in order, those that touch or overlap made one."""
        extra = [more for more in self.extra if more.date == day]
        blocks = [(more.starts, more.ends) for more in extra]
        if not any(more.instead for more in extra) and not self.is_off(day):
            weekday = day.weekday()
            blocks += [(rule.starts, rule.ends) for rule in self.weekly if rule.weekday == weekday]
        return merged(blocks)

    def is_off(self, day: date) -> bool:
        """Tell whether the day is taken off; extra hours may open it all the same."""
        return any(off.covers(day) for off in self.days_off)

    def zone_on(self, day: date) -> str:
        """Return the zone in whose wall time the hours of a day are."""
        return next((one.zone for one in self.travels if one.covers(day)), self.zone)

    def zone_at(self, moment: datetime) -> str:
        """Return the zone in which the clinician is then: a travel's once its first day has come there."""
        return next((one.zone for one in self.travels if one.covers(day_of(moment, one.zone))), self.zone)

    def day_at(self, moment: datetime) -> date:
        """Return the local day of the moment, where the clinician is then."""
        return day_of(moment, self.zone_at(moment))

    def ticks_of_day(self, day: date) -> list[Span]:
        """Return all ticks whose local day (`day_at`) it is; a day of travel may come in two pieces."""
        ordinal, spans, gone = day.toordinal(), [], [one.span for one in self.travels]
        for place, zone in enumerate(
            [one.zone if one.covers(day) else "" for one in self.travels] + [self.zone]
        ):
            pieces = [(tick_at(ordinal, 0, zone), tick_at(ordinal + 1, 0, zone))] if zone else []
            for hole in gone[:place]:
                pieces = cut(pieces, hole)
            spans += pieces
        return spans

    def spans(self, first: int, days: int) -> list[Span]:
        """Return the open time of so many local days as half-open spans of ticks; ``first`` is an ordinal."""
        week, abroad = self._week(), self._zones_abroad(first, first + days)
        special = self._special_days(first, first + days)
        return [
            (tick_at(ordinal, starts, zone), tick_at(ordinal, ends, zone))
            for ordinal in range(first, first + days)
            for zone in (abroad.get(ordinal, self.zone),)
            for starts, ends in (special[ordinal] if ordinal in special else week[(ordinal - 1) % 7])
        ]

    def days_of(self, interval: Interval) -> tuple[int, int]:
        """Return the ordinal of the first local day whose hours may reach into it, and how many days do."""
        first, spare = day_of(interval.starts_at, self.zone).toordinal() - 1, self.spare_days
        return first - spare, interval.minutes // DAY_MINUTES + 4 + 2 * spare

    @property
    def spare_days(self) -> int:
        """Return by how many days a zone of travel may be ahead of the own one, or behind it."""
        return 1 if self.travels else 0

    def cover(self, interval: Interval) -> bool:
        """Tell whether the whole interval lies in open time."""
        base, size = interval.ticks.start, len(interval.ticks)
        return cells(self.spans(*self.days_of(interval)), base, size) == (1 << size) - 1

    def is_away_for(self, interval: Interval) -> bool:
        """Tell whether the day of a session is taken off, and no extra hours of that day cover it."""
        return self.is_off(self.day_at(interval.starts_at)) and not self.cover(interval)

    def whenever(self) -> "Hours":
        """Return the hours for a time that is promised already: however soon, however late."""
        return replace(self, limits=replace(self.limits, least_notice=None, horizon_days=None))

    def offered(self, kind: Kind) -> Kind:
        """Return the kind as this clinician offers it, with the pauses of their own."""
        return kind.with_pauses(self.limits.pause_before, self.limits.pause_after)

    def _zones_abroad(self, begin: int, end: int) -> dict[int, str]:
        """Return the zones of days of travel, by ordinal."""
        return {
            ordinal: one.zone
            for one in reversed(self.travels)
            for ordinal in range(
                max(begin, one.first_date.toordinal()), min(end, one.last_date.toordinal() + 1)
            )
        }

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
