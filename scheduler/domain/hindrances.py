"""Hindrances: what keeps somebody from holding a session of an offering, and how it is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from scheduler.domain.availability import Hours
from scheduler.domain.cells import Span, is_clear
from scheduler.domain.closed import is_full
from scheduler.domain.times import Interval


class Hindrance(StrEnum):
    """Why somebody cannot hold it."""

    AWAY = "away"
    CALENDAR = "calendar"
    ENDED = "ended"
    FULL = "full"
    TAKEN = "taken"


WORDS: Mapping[Hindrance, str] = MappingProxyType(
    {
        Hindrance.AWAY: "has the day off",
        Hindrance.CALENDAR: "has something in another calendar then",
        Hindrance.ENDED: "does not work here any more",
        Hindrance.FULL: "has as many sessions then as they asked for",
        Hindrance.TAKEN: "is not free then",
    }
)


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody who cannot hold a session, and why."""

    person_id: str
    why: Hindrance

    @property
    def words(self) -> str:
        """Return why, as it follows a name."""
        return WORDS[self.why]


@dataclass(frozen=True, slots=True)
class Diary:
    """A host's hours, taken spans, busy spans ``outside``, and what has ``begun`` that counts for limits."""

    hours: Hours
    taken: tuple[Span, ...] = ()
    outside: tuple[Span, ...] = ()
    begun: tuple[datetime, ...] = ()

    def hindrance(self, when: Interval, ticks: range, *, is_beyond: bool) -> Hindrance | None:
        """Return what keeps them from a session that takes these ticks; ``is_beyond`` looks at no limits."""
        if not is_clear(self.taken, ticks):
            return Hindrance.TAKEN
        if self.is_off(when):
            return Hindrance.AWAY
        if not is_clear(self.outside, ticks):
            return Hindrance.CALENDAR
        return Hindrance.FULL if not is_beyond and self.is_full(when.starts_at) else None

    def is_full(self, moment: datetime) -> bool:
        """Tell whether one more session then is more than they asked for."""
        return is_full(self.hours, self.begun, moment)

    def is_off(self, when: Interval) -> bool:
        """Tell whether one of its days is taken off; extra hours may open it all the same."""
        first, last = (
            self.hours.day_at(when.starts_at),
            self.hours.day_at(when.ends_at - timedelta(minutes=1)),
        )
        return any(self.hours.is_off(day) for day in _days(first, last)) and not self.hours.cover(when)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
