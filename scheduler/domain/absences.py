"""Absences: when a clinician is away, and which of their days that closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.domain.availability import DayOff, Hours
from scheduler.domain.errors import Invalid
from scheduler.domain.hours_changes import LONGEST_DAYS_OFF
from scheduler.domain.times import DAY_MINUTES, Interval, instant_of


@dataclass(frozen=True, slots=True)
class Absence:
    """When somebody is away: from ``starts`` of the first day until ``ends`` of the last, in minutes after
    midnight on the clock where they are on that day.
    """

    first_date: date
    last_date: date
    starts: int = 0
    ends: int = DAY_MINUTES

    def interval(self, own: Hours) -> Interval:
        """Return it as an interval, for somebody with these hours.

        Raises:
            ValueError: it ends before it begins.
        """
        return Interval(
            instant_of(self.first_date, self.starts, own.zone_on(self.first_date)),
            instant_of(self.last_date, self.ends, own.zone_on(self.last_date)),
        )

    def check(self, own: Hours, *, now: datetime) -> Interval:
        """Return the interval of an absence that somebody typed.

        Raises:
            Invalid: it ends before it begins, is over, or is longer than a year.
        """
        if self.last_date < self.first_date:
            raise Invalid({"last_date": "The last day comes before the first."})
        if self.last_date - self.first_date > LONGEST_DAYS_OFF:
            raise Invalid({"last_date": "Please enter a year at most at a time."})
        try:
            found = self.interval(own)
        except ValueError as backwards:
            raise Invalid({"ends": "This ends before it starts."}) from backwards
        if found.ends_at <= now:
            raise Invalid({"last_date": "These days are over already."})
        return found

    def days_to_close(self, days_off: Sequence[DayOff]) -> list[tuple[date, date]]:
        """Return the whole days of it that are not off yet, as stretches from a first to a last day."""
        first = self.first_date + timedelta(days=1 if self.starts else 0)
        last = self.last_date - timedelta(days=0 if self.ends == DAY_MINUTES else 1)
        stretches: list[tuple[date, date]] = []
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if any(off.covers(day) for off in days_off):
                continue
            if stretches and stretches[-1][1] == day - timedelta(days=1):
                stretches[-1] = (stretches[-1][0], day)
            else:
                stretches.append((day, day))
        return stretches
