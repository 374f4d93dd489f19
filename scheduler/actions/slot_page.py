"""A page of slots: a week of free times in the reader's zone, from the first free day on."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from scheduler.domain.offers import Offer
from scheduler.domain.slots import FreeTimes, Slot
from scheduler.domain.times import day_of, moment_of, tick_at

DAYS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class SlotDay:
    """One day of the reader's zone with its free times, perhaps none."""

    day: date
    times: FreeTimes

    @property
    def slots(self) -> list[Slot]:
        """Return the free times as slots."""
        return self.times.slots()


@dataclass(frozen=True, slots=True)
class SlotPage:
    """A week of free slots in the reader's ``zone``, of everybody or of one ``duty``.

    ``earlier`` and ``later`` are the first days of the neighbouring pages, None where nothing is free.
    """

    offer: Offer
    duty: str
    zone: str
    days: tuple[SlotDay, ...]
    earlier: date | None
    later: date | None


def page_of(offer: Offer, found: FreeTimes, *, duty: str, zone: str, since: date | None) -> SlotPage:
    """Return the week of slots that begins with the first free day from ``since`` on."""
    start = found.next_from(_midnight(since, zone) if since else found.base)
    if start is None:
        last = found.last_before(found.base + found.anybody.bit_length())
        return SlotPage(offer, duty, zone, (), None if last is None else _day(last, zone), None)
    first = _day(start, zone)
    days = [first + timedelta(days=number) for number in range(DAYS_SHOWN + 1)]
    midnights = [_midnight(day, zone) for day in days]
    week, later = found.part(midnights[0], midnights[-1]), found.next_from(midnights[-1])
    last = week.last_before(midnights[-1])
    assert last is not None, "the first day has a free time"
    return SlotPage(
        offer,
        duty,
        zone,
        tuple(
            SlotDay(day, week.part(begin, end))
            for day, (begin, end) in zip(days, pairwise(midnights), strict=False)
            if begin <= last
        ),
        _earlier(found, first, midnights[0], zone),
        None if later is None else _day(later, zone),
    )


def _earlier(found: FreeTimes, first: date, midnight: int, zone: str) -> date | None:
    """Return the day on which the page before the one from ``first`` on begins, None where none is free."""
    if found.last_before(midnight) is None:
        return None
    soonest = found.next_from(found.base)
    assert soonest is not None
    return max(_day(soonest, zone), first - timedelta(days=DAYS_SHOWN))


def _day(tick: int, zone: str) -> date:
    return day_of(moment_of(tick), zone)


def _midnight(day: date, zone: str) -> int:
    return tick_at(day.toordinal(), 0, zone)
