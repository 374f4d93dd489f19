"""Times: the five-minute grid, local days across clock changes, and the one place of wording.

Instants are aware UTC and lie on a grid of five minutes; a *tick* is the number of whole grid steps since
1970-01-01T00:00Z. Rules ("Mondays from 9:00") are wall times with an IANA zone and become instants so:

* a wall time that a clock change skips (a gap) moves forward to the moment of the change;
* a wall time that a clock change repeats (a fold) means its first occurrence.

All present zones keep offsets of whole quarter hours, so a wall time on the grid is an instant on the grid.
Pages, mail and calendar files print times with the ``spoken_*`` functions here and nowhere else. ``zone`` is
always an IANA name; zones themselves are worded in ``domain/zones.py``.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.domain.zones import spoken_zone

TICK_SECONDS = 300
TICK_MINUTES = 5
DAY_MINUTES = 1440
FIRST_YEAR, LAST_YEAR = 2000, 2199  # of days that people may name

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

FAR_DAYS = 300  # from here on a printed day carries its year


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of time in UTC, on the grid: ``starts_at`` belongs to it, ``ends_at`` does not.

    Raises:
        ValueError: a moment is naive, not in UTC or off the grid, or the end is not after the start.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for moment in (self.starts_at, self.ends_at):
            if moment.utcoffset() != timedelta(0):
                raise ValueError("a moment of an interval is aware and in UTC")
            if not is_on_grid(moment):
                raise ValueError("a moment of an interval lies on the five-minute grid")
        if self.starts_at >= self.ends_at:
            raise ValueError("an interval ends after it starts")

    @staticmethod
    @lru_cache(maxsize=65_536)
    def of_ticks(first: int, end: int) -> "Interval":
        """Return the interval from tick ``first`` up to, not including, tick ``end``; remembered."""
        return Interval(moment_of(first), moment_of(end))

    @classmethod
    def lasting(cls, starts_at: datetime, *, minutes: int) -> "Interval":
        """Return the interval that starts then and lasts so many minutes."""
        return cls(starts_at, starts_at + timedelta(minutes=minutes))

    @property
    def minutes(self) -> int:
        """Return the length in minutes."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)

    @property
    def ticks(self) -> range:
        """Return the ticks it covers."""
        return range(tick_of(self.starts_at), tick_of(self.ends_at))

    def overlaps(self, other: "Interval") -> bool:
        """Tell whether the two share a moment; intervals that only touch do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def widened(self, *, before: int, after: int) -> "Interval":
        """Return it with so many minutes more on either side."""
        return Interval(self.starts_at - timedelta(minutes=before), self.ends_at + timedelta(minutes=after))


def tick_of(moment: datetime) -> int:
    """Return the tick in which an aware moment lies."""
    return int(moment.timestamp()) // TICK_SECONDS


def tick_from(moment: datetime) -> int:
    """Return the first tick that does not begin before the moment, told to the second."""
    return -(-int(moment.timestamp()) // TICK_SECONDS)


def moment_of(tick: int) -> datetime:
    """Return the moment at which a tick begins, aware UTC."""
    return datetime.fromtimestamp(tick * TICK_SECONDS, UTC)


def is_on_grid(moment: datetime) -> bool:
    """Tell whether the moment is a whole multiple of five minutes, in any zone of today."""
    return moment.minute % TICK_MINUTES == 0 and moment.second == 0 and moment.microsecond == 0


def local(moment: datetime, zone: str) -> datetime:
    """Return the aware moment as the wall clock of ``zone`` shows it."""
    return moment.astimezone(ZoneInfo(zone))


def is_in_reach(day: date) -> bool:
    """Tell whether a day that somebody named lies in the years with which one can reckon."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def day_of(moment: datetime, zone: str) -> date:
    """Return the local day on which the moment falls."""
    return local(moment, zone).date()


def instant_of(day: date, minutes: int, zone: str) -> datetime:
    """Return the instant (aware UTC) at which the wall clock of ``zone`` shows ``minutes`` after midnight.

    1440 means the midnight that ends the day. A skipped wall time gives the moment of the clock change, a
    repeated one its first occurrence.
    """
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    there = ZoneInfo(zone)
    instant = wall.replace(tzinfo=there).astimezone(UTC)
    if instant.astimezone(there).replace(tzinfo=None) == wall:
        return instant
    return _end_of_gap(wall, there)


def _end_of_gap(wall: datetime, there: ZoneInfo) -> datetime:
    before = tick_of(wall.replace(tzinfo=there, fold=1))  # read with the later offset: lies before the change
    after = tick_of(wall.replace(tzinfo=there, fold=0))
    early_offset = moment_of(before).astimezone(there).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if moment_of(middle).astimezone(there).utcoffset() == early_offset:
            before = middle
        else:
            after = middle
    return moment_of(after)


@lru_cache(maxsize=65_536)
def day_ticks(ordinal: int, zone: str) -> tuple[int, bool]:
    """Return the first tick of a local day and whether no clock changes on it, so that minutes can be added.

    ``ordinal`` is the day's proleptic Gregorian ordinal (`date.toordinal`). Worked out once a day and zone.
    """
    day = date.fromordinal(ordinal)
    first = tick_of(instant_of(day, 0, zone))
    end = tick_of(instant_of(day, DAY_MINUTES, zone))
    same_offset = local(moment_of(first), zone).utcoffset() == local(moment_of(end), zone).utcoffset()
    return first, same_offset and end - first == DAY_MINUTES // TICK_MINUTES


def tick_at(ordinal: int, minutes: int, zone: str) -> int:
    """Return the tick of a wall time: `instant_of` in integers, quick on days without a clock change."""
    first, is_plain = day_ticks(ordinal, zone)
    if is_plain:
        return first + minutes // TICK_MINUTES
    return tick_of(instant_of(date.fromordinal(ordinal), minutes, zone))


def iso(moment: datetime) -> str:
    """Return the moment for machines: "2026-11-03T22:00Z", as in a form's field or ``<time datetime>``."""
    return moment.astimezone(UTC).isoformat(timespec="minutes")[:16] + "Z"


def parse_iso(text: str) -> datetime:
    """Return the moment that `iso` wrote, aware UTC.

    Raises:
        ValueError: not such a text, naive, or off the five-minute grid.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment names its offset")
    if not is_on_grid(moment):
        raise ValueError("a moment lies on the five-minute grid")
    try:
        return moment.astimezone(UTC)
    except OverflowError as too_far:
        raise ValueError("a moment lies within the calendar") from too_far


def minutes_of(text: str) -> int:
    """Return the minutes after midnight of a wall time written ``HH:MM``; ``24:00`` ends the day.

    Raises:
        ValueError: not such a text, or off the five-minute grid.
    """
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        raise ValueError("a wall time is written HH:MM")
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > DAY_MINUTES or len(minutes) != 2 or len(hours) > 2:
        raise ValueError("a wall time lies within the day")
    if total % TICK_MINUTES:
        raise ValueError("a wall time lies on the five-minute grid")
    return total


def wall_text(minutes: int) -> str:
    """Return minutes after midnight as ``HH:MM``, the value of ``<input type=time>``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def spoken_date(day: date, *, today: date | None = None) -> str:
    """Return "Tuesday 3 November"; with ``today`` given, the year is added to days about a year away."""
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    if today is not None and abs((day - today).days) >= FAR_DAYS:
        return f"{words} {day.year}"
    return words


def spoken_full_date(day: date) -> str:
    """Return a day with its year: "3 November 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def spoken_day(moment: datetime, zone: str) -> str:
    """Return the local day: "Tuesday 3 November"."""
    return spoken_date(day_of(moment, zone))


def spoken_near_day(moment: datetime, zone: str, *, now: datetime) -> str:
    """Return "Today", "Tomorrow", or the local day, with its year where it is about a year away."""
    day, today = day_of(moment, zone), day_of(now, zone)
    if day == today:
        return "Today"
    if day == today + timedelta(days=1):
        return "Tomorrow"
    return spoken_date(day, today=today)


def spoken_clock(moment: datetime, zone: str) -> str:
    """Return the wall clock: "2:20 pm", "12:00 noon"; a repeated hour says which of the two it is."""
    wall = local(moment, zone)
    return f"{_figures(wall.hour, wall.minute)} {_half(wall.hour, wall.minute)}{_which_of_two(wall)}"


def spoken_wall(minutes: int) -> str:
    """Return minutes after midnight as a wall clock: 840 is "2:00 pm", 1440 is "12:00 midnight"."""
    hour, minute = divmod(minutes % DAY_MINUTES, 60)
    return f"{_figures(hour, minute)} {_half(hour, minute)}"


def spoken_clocks(interval: Interval, zone: str) -> str:
    """Return both ends on the clock: "2:00 to 2:20 pm", "11:50 am to 12:10 pm"."""
    starts, ends = local(interval.starts_at, zone), local(interval.ends_at, zone)
    same_half = _half(starts.hour, starts.minute) == _half(ends.hour, ends.minute)
    if same_half and not _which_of_two(starts) and not _which_of_two(ends):
        return f"{_figures(starts.hour, starts.minute)} to {spoken_clock(interval.ends_at, zone)}"
    return f"{spoken_clock(interval.starts_at, zone)} to {spoken_clock(interval.ends_at, zone)}"


def spoken_start(moment: datetime, zone: str) -> str:
    """Return a day with a time: "Tuesday 3 November, 2:00 pm"."""
    return f"{spoken_day(moment, zone)}, {spoken_clock(moment, zone)}"


def spoken_span(interval: Interval, zone: str) -> str:
    """Return "Tuesday 3 November, 2:00 to 2:20 pm", with both days named where it runs past midnight."""
    return _span(interval, zone, spoken_day(interval.starts_at, zone))


def spoken_near_span(interval: Interval, zone: str, *, now: datetime) -> str:
    """Return `spoken_span` with "Today" and "Tomorrow" where they are true."""
    return _span(interval, zone, spoken_near_day(interval.starts_at, zone, now=now))


def spoken_when(interval: Interval, zone: str) -> str:
    """Return the whole of it: "Tuesday 3 November, 2:00 to 2:20 pm, Pacific time"."""
    return f"{spoken_span(interval, zone)}, {spoken_zone(zone)}"


def spoken_wait(moment: datetime, *, now: datetime) -> str:
    """Return how far ahead it is: "in 12 minutes", "in 3 hours", "in 2 days"; "now" once it has come."""
    minutes = -((now - moment) // timedelta(minutes=1))
    if minutes <= 0:
        return "now"
    if minutes < 90:
        return f"in {_counted(minutes, 'minute')}"
    if minutes < 36 * 60:
        return f"in {_counted(round(minutes / 60), 'hour')}"
    return f"in {_counted(round(minutes / DAY_MINUTES), 'day')}"


def _span(interval: Interval, zone: str, day: str) -> str:
    last = local(interval.ends_at, zone) - timedelta(seconds=1)
    if last.date() == day_of(interval.starts_at, zone):
        return f"{day}, {spoken_clocks(interval, zone)}"
    end = f"{spoken_day(interval.ends_at, zone)}, {spoken_clock(interval.ends_at, zone)}"
    return f"{day}, {spoken_clock(interval.starts_at, zone)} to {end}"


def _figures(hour: int, minute: int) -> str:
    return f"{hour % 12 or 12}:{minute:02d}"


def _half(hour: int, minute: int) -> str:
    if minute == 0 and hour in (0, 12):
        return "noon" if hour else "midnight"
    return "am" if hour < 12 else "pm"


def _which_of_two(wall: datetime) -> str:
    if wall.replace(fold=0).utcoffset() == wall.replace(fold=1).utcoffset():
        return ""
    return " (after the clocks go back)" if wall.fold else " (before the clocks go back)"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
