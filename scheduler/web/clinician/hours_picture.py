"""Seven days of a clinician's as a picture: boxes in a drawing 372 units wide, a column for each day.

What a box means shows without colour: open time is outlined, a booked session filled, a day off hatched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.actions.availability import DaySeen
from scheduler.domain.times import DAY_MINUTES, WEEKDAYS, Interval, local, spoken_date, spoken_wall

LEFT, TOP, COLUMN, HOUR = 50, 44, 46, 24  # units: beside and above the boxes, a day's width, an hour's height
BOTTOM, GAP = 8, 4
FIRST_HOUR, LAST_HOUR = 9, 17  # shown at least


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of one day, in units of the drawing."""

    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its heads, its boxes, and how the same is said in words."""

    x: int
    weekday: str
    number: str
    is_off: bool
    frame: Box
    opened: tuple[Box, ...]
    booked: tuple[Box, ...]
    words: str
    open_words: str
    day: DaySeen


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole drawing: ``lines`` are the hours with their height, in words."""

    width: int
    height: int
    lines: tuple[tuple[int, str], ...]
    columns: tuple[Column, ...]


def drawn(week: Sequence[DaySeen], *, today: date) -> Picture:
    """Return the days as a picture."""
    edges = [minutes for day in week for block in (*day.blocks, *_walls(day)) for minutes in block]
    first = min([FIRST_HOUR, *(minutes // 60 for minutes in edges)])
    last = max([LAST_HOUR, *(-(-minutes // 60) for minutes in edges)])
    return Picture(
        LEFT + COLUMN * len(week),
        TOP + HOUR * (last - first) + BOTTOM,
        tuple((TOP + HOUR * (hour - first), _hour(hour)) for hour in range(first, last + 1)),
        tuple(_column(day, place, (first * 60, last * 60), today) for place, day in enumerate(week)),
    )


def _column(day: DaySeen, place: int, shown: tuple[int, int], today: date) -> Column:
    x = LEFT + COLUMN * place

    def box(starts: int, ends: int) -> Box:
        y, height = (minutes * HOUR / 60 for minutes in (starts - shown[0], ends - starts))
        return Box(x + GAP // 2, round(TOP + y, 1), COLUMN - GAP, round(height, 1))

    return Column(
        x + COLUMN // 2,
        WEEKDAYS[day.day.weekday()][:3],
        str(day.day.day),
        day.is_off,
        box(*shown),
        tuple(box(*block) for block in day.blocks),
        tuple(box(*block) for block in _walls(day)),
        spoken_date(day.day, today=today),
        _open_words(day),
        day,
    )


def _open_words(day: DaySeen) -> str:
    blocks = [f"{spoken_wall(starts)} to {spoken_wall(ends)}" for starts, ends in day.blocks]
    if day.is_off:
        return "; ".join(["day off", *blocks])
    return ", ".join(blocks) or "closed"


def _walls(day: DaySeen) -> list[tuple[int, int]]:
    """Return the booked sessions as minutes of the day."""
    walls = [_wall(interval, day) for interval in day.booked]
    return [(starts, max(ends, starts + 5)) for starts, ends in walls if starts < ends]


def _wall(interval: Interval, day: DaySeen) -> tuple[int, int]:
    midnight = datetime.combine(day.day, datetime.min.time())
    starts, ends = (
        (local(moment, day.zone).replace(tzinfo=None) - midnight).total_seconds() // 60
        for moment in (interval.starts_at, interval.ends_at)
    )
    return max(int(starts), 0), min(int(ends), DAY_MINUTES)


def _hour(hour: int) -> str:
    figures, _, half = spoken_wall(hour * 60).partition(":00 ")
    return half if half in ("noon", "midnight") else f"{figures} {half}"
