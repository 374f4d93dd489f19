"""Repeating rules of calendars (RFC 5545, section 3.3.10), worked out between two moments in bounded steps.

A rule is a row of *periods* (years, months, weeks or days, every ``interval``-th); in each, the days that
pass every BY part count, at the times of day that the rule or its start names. Without COUNT the periods
before the window are leapt over. Rules that repeat within one day are refused: no person's calendar needs
them, and a single line of that kind makes millions of times.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from math import prod

from scheduler.domain.outside_calendars import CannotBeRead, Fault

MOST_STEPS = 200_000
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
WITHIN_A_DAY = ("HOURLY", "MINUTELY", "SECONDLY")
LIMITS = {
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
    "BYSETPOS": (-366, 366),
}

Numbers = tuple[int, ...]


class Budget:
    """How much work one file may make, in days looked at and times found."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self._left = steps

    def take(self, steps: int = 1) -> None:
        """Take some.

        Raises:
            CannotBeRead: none is left.
        """
        self._left -= steps
        if self._left < 0:
            raise CannotBeRead(Fault.TOO_MUCH)


@dataclass(frozen=True, slots=True)
class Window:
    """The wall times that matter, the end excluded."""

    first: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as written; ``by_day`` holds pairs of place (0 for every) and weekday (0 is Monday)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    by_month: Numbers = ()
    by_month_day: Numbers = ()
    by_year_day: Numbers = ()
    by_week_no: Numbers = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_hour: Numbers = ()
    by_minute: Numbers = ()
    by_second: Numbers = ()
    by_set_pos: Numbers = ()
    week_start: int = 0

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Return the rule of an RRULE line's value.

        Raises:
            CannotBeRead: it is none, or repeats within one day.
        """
        parts = dict(part.split("=", 1) for part in text.upper().split(";") if "=" in part)
        frequency = parts.get("FREQ", "").strip()
        if frequency not in FREQUENCIES:
            raise CannotBeRead(Fault.TOO_MUCH if frequency in WITHIN_A_DAY else Fault.MALFORMED)
        numbers = {name: _numbers(parts.get(name, ""), *limits) for name, limits in LIMITS.items()}
        return cls(
            frequency,
            interval=_number(parts.get("INTERVAL", "1"), least=1),
            count=_number(parts["COUNT"], least=1) if "COUNT" in parts else None,
            until=parts.get("UNTIL", ""),
            by_month=numbers["BYMONTH"],
            by_month_day=numbers["BYMONTHDAY"],
            by_year_day=numbers["BYYEARDAY"],
            by_week_no=numbers["BYWEEKNO"],
            by_day=_weekdays(parts.get("BYDAY", "")),
            by_hour=numbers["BYHOUR"],
            by_minute=numbers["BYMINUTE"],
            by_second=numbers["BYSECOND"],
            by_set_pos=numbers["BYSETPOS"],
            week_start=_weekday(parts.get("WKST", "MO")),
        )

    def starts(
        self, start: datetime, until: datetime | None, window: Window, budget: Budget
    ) -> list[datetime]:
        """Return the wall times from ``start`` to ``until`` that lie in the window.

        Raises:
            CannotBeRead: it takes too many steps.
        """
        rule, left = self.filled(start), self.count
        found: list[datetime] = []
        for days in rule.periods(start, window, budget):
            for moment in rule.times(days, start, budget):
                if moment < start:
                    continue
                if moment >= window.end or left == 0 or (until is not None and moment > until):
                    return found
                left = None if left is None else left - 1
                if moment >= window.first:
                    found.append(moment)
        return found

    def filled(self, start: datetime) -> "Rule":
        """Return the rule with what its start says where the rule itself is silent."""
        values = {name: getattr(self, name) for name in self.__slots__}
        names_days = self.by_week_no or self.by_year_day or self.by_month_day or self.by_day
        if self.frequency == "YEARLY" and not names_days:
            values |= {"by_month": self.by_month or (start.month,), "by_month_day": (start.day,)}
        elif self.frequency == "MONTHLY" and not names_days:
            values |= {"by_month_day": (start.day,)}
        elif self.frequency == "WEEKLY" and not names_days:
            values |= {"by_day": ((0, start.weekday()),)}
        return Rule(**values)

    def periods(self, start: datetime, window: Window, budget: Budget) -> Iterator[list[date]]:
        """Yield the days that count of each period, until one begins after the window."""
        last = window.end.date()
        number = 0 if self.count is not None else self._leap(start, window.first)
        while (first := self._first_day(start.date(), number)) is not None and first <= last:
            candidates = self._candidates(first)
            budget.take(1 + len(candidates))
            yield [day for day in candidates if self._counts(day)]
            number += self.interval

    def _leap(self, start: datetime, first: datetime) -> int:
        """Return the number of the last period of this rule that begins before the window."""
        day, begin = max(first, start).date(), start.date()
        apart = {
            "YEARLY": day.year - begin.year,
            "MONTHLY": (day.year - begin.year) * 12 + day.month - begin.month,
            "WEEKLY": (day - begin).days // 7,
            "DAILY": (day - begin).days,
        }[self.frequency]
        return apart // self.interval * self.interval

    def _first_day(self, begin: date, number: int) -> date | None:
        """Return the first day of the ``number``-th period after that of ``begin``, None past all years."""
        months = begin.year * 12 + begin.month - 1 + number
        if self.frequency in ("YEARLY", "MONTHLY"):
            year = begin.year + number if self.frequency == "YEARLY" else months // 12
            month = 1 if self.frequency == "YEARLY" else months % 12 + 1
            return date(year, month, 1) if year <= date.max.year else None
        days = number
        if self.frequency == "WEEKLY":
            days = number * 7 - (begin.weekday() - self.week_start) % 7
        ordinal = begin.toordinal() + days
        return date.fromordinal(ordinal) if ordinal <= date.max.toordinal() else None

    def _candidates(self, first: date) -> list[date]:
        if self.frequency == "DAILY":
            return [first]
        if self.frequency == "WEEKLY":
            places = {(weekday - self.week_start) % 7 for _, weekday in self.by_day} or set(range(7))
            return [first + timedelta(days=place) for place in sorted(places)]
        months = (first.month,) if self.frequency == "MONTHLY" else self.by_month or tuple(range(1, 13))
        return [day for month in sorted(set(months)) for day in self._days_of_month(first.year, month)]

    def _days_of_month(self, year: int, month: int) -> list[date]:
        size = _month_days(year, month)
        if not self.by_month_day:
            return [date(year, month, day) for day in range(1, size + 1)]
        days = {day if day > 0 else size + 1 + day for day in self.by_month_day}
        return [date(year, month, day) for day in sorted(days) if 1 <= day <= size]

    def _counts(self, day: date) -> bool:
        return (
            (not self.by_month or day.month in self.by_month)
            and (not self.by_month_day or self._is_day_of_month(day))
            and (
                not self.by_year_day or _is_one_of(self.by_year_day, day.timetuple().tm_yday, _year_days(day))
            )
            and (not self.by_week_no or _is_one_of(self.by_week_no, *_week(day, self.week_start)))
            and (not self.by_day or any(self._is_weekday(day, *one) for one in self.by_day))
        )

    def _is_day_of_month(self, day: date) -> bool:
        return _is_one_of(self.by_month_day, day.day, _month_days(day.year, day.month))

    def _is_weekday(self, day: date, place: int, weekday: int) -> bool:
        """Tell whether the day is that weekday, and the ``place``-th of its month or year."""
        if day.weekday() != weekday:
            return False
        if place == 0 or self.frequency in ("WEEKLY", "DAILY"):
            return True
        if self.frequency == "MONTHLY" or self.by_month:
            number, size = day.day, _month_days(day.year, day.month)
        else:
            number, size = day.timetuple().tm_yday, _year_days(day)
        return place in ((number - 1) // 7 + 1, -((size - number) // 7 + 1))

    def times(self, days: list[date], start: datetime, budget: Budget) -> list[datetime]:
        """Return the days at every time of day, or those of them that BYSETPOS picks."""
        parts = (
            self.by_hour or (start.hour,),
            self.by_minute or (start.minute,),
            self.by_second or (start.second,),
        )
        budget.take(len(days) * prod(map(len, parts)))  # before any is made: a line can name a whole day
        every = [datetime.combine(day, time(*clock)) for day in days for clock in product(*parts)]
        if not self.by_set_pos:
            return every
        places = {place - 1 if place > 0 else len(every) + place for place in self.by_set_pos}
        return [every[place] for place in sorted(places) if 0 <= place < len(every)]


def _numbers(text: str, least: int, most: int) -> Numbers:
    """Return a comma-separated list of numbers between two limits, each once, in order."""
    found = {_number(one, least=least) for one in text.split(",")} if text else set()
    if any(one > most for one in found):
        raise CannotBeRead(Fault.MALFORMED)
    return tuple(sorted(found))


def _number(text: str, *, least: int) -> int:
    try:
        number = int(text) if len(text) <= 6 else least - 1
    except ValueError as wrong:
        raise CannotBeRead(Fault.MALFORMED) from wrong
    if number < least:
        raise CannotBeRead(Fault.MALFORMED)
    return number


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    parts = [one.strip() for one in text.split(",")] if text else []
    return tuple((_number(one[:-2], least=-53) if one[:-2] else 0, _weekday(one[-2:])) for one in parts)


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise CannotBeRead(Fault.MALFORMED)
    return WEEKDAYS.index(text)


def _is_one_of(numbers: Numbers, number: int, size: int) -> bool:
    """Tell whether a number counted from the start, or from the end as -1, -2 and so on, is among these."""
    return number in numbers or number - size - 1 in numbers


@lru_cache(maxsize=16_384)
def _month_days(year: int, month: int) -> int:
    return 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days


def _year_days(day: date) -> int:
    return date(day.year, 12, 31).timetuple().tm_yday


def _week(day: date, week_start: int) -> tuple[int, int]:
    """Return the number of a day's week, and how many its year has (ISO 8601, weeks from ``week_start``)."""
    middle = day - timedelta(days=(day.weekday() - week_start) % 7) + timedelta(days=3)
    last = date(middle.year, 12, 28)
    last_middle = last - timedelta(days=(last.weekday() - week_start) % 7) + timedelta(days=3)
    return (middle.timetuple().tm_yday - 1) // 7 + 1, (last_middle.timetuple().tm_yday - 1) // 7 + 1
