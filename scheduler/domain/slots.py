"""Slots: times that can be booked, computed from hours and taken ticks, never stored.

free = open minus taken, where a start counts when

* the whole session lies in one stretch of the clinician's open time,
* neither it nor its pauses touch a taken tick of the clinician (taken ticks include the pauses of others),
* it lies on the kind's step, counted from the start of the block of hours,
* it is not sooner than the least notice and not later than the horizon.

All of it is done on integers whose bits are five-minute cells (``availability.py``): a run of n free cells is
found by and-ing the integer with itself, shifted, about log2(n) times.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from scheduler.domain.availability import Hours, Kind, cells, lattice
from scheduler.domain.times import DAY_MINUTES, TICK_MINUTES, Interval, day_of, moment_of, tick_at, tick_of

Span = tuple[int, int]  # ticks, the end excluded

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which a kind can be booked, with the clinicians who are free then."""

    interval: Interval
    clinician_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The ticks in which a kind may start, seen at one moment: ``base`` is the first, ``size`` how many."""

    base: int
    size: int

    @classmethod
    def of(cls, kind: Kind, *, now: datetime) -> "Window":
        """Return the window from the least notice to the horizon; both ends may be booked."""
        soonest = -(-int((now + timedelta(minutes=kind.least_notice)).timestamp()) // (TICK_MINUTES * 60))
        latest = tick_of(now + timedelta(days=min(kind.horizon_days, MOST_DAYS)))
        return cls(soonest, max(latest - soonest + 1, 0))

    def opens_after(self, moment: datetime) -> bool:
        """Tell whether the moment lies before the least notice."""
        return tick_of(moment) < self.base

    def covers(self, moment: datetime) -> bool:
        """Tell whether a session may start then."""
        return self.base <= tick_of(moment) < self.base + self.size

    def local_days(self, zone: str) -> tuple[int, int]:
        """Return the ordinal of the first local day that matters, and how many days do.

        One more on each side counts, for what runs past midnight.
        """
        first = day_of(moment_of(self.base), zone).toordinal() - 1
        return first, self.size * TICK_MINUTES // DAY_MINUTES + 4


def starts_of(kind: Kind, hours: Hours, taken: Iterable[Span], window: Window) -> int:
    """Return the free starts of one clinician as bits from the window's base on."""
    first, days = window.local_days(hours.zone)
    begin, bits = open_starts(hours, first, days, kind.minutes, kind.start_step)
    in_window = (bits >> (window.base - begin)) & ((1 << window.size) - 1)
    return in_window & quiet_starts(kind, taken, window) if in_window else 0


@lru_cache(maxsize=1_024)
def open_starts(hours: Hours, first: int, days: int, minutes: int, step: int) -> tuple[int, int]:
    """Return the starts on ``step`` at which so many minutes lie in one stretch of open time, as bits.

    Of ``days`` local days from the one with ordinal ``first`` on; with the tick of bit 0. Remembered, because
    hours change far less often than they are asked for.
    """
    begin = tick_at(first, 0, hours.zone)
    size = tick_at(first + days, 0, hours.zone) - begin
    spans = hours.spans(first, days)
    inside = runs(cells(spans, begin, size), minutes // TICK_MINUTES)
    return begin, inside & lattice(spans, begin, size, step // TICK_MINUTES)


def quiet_starts(kind: Kind, taken: Iterable[Span], window: Window) -> int:
    """Return the starts at which neither the session nor its pauses touch a taken tick, as bits."""
    before = kind.pause_before // TICK_MINUTES
    length = before + (kind.minutes + kind.pause_after) // TICK_MINUTES
    reach = window.size + length
    untaken = ((1 << reach) - 1) & ~cells(taken, window.base - before, reach)
    return runs(untaken, length)


def undisturbed(taken: Iterable[Span], minutes: int, window: Window) -> int:
    """Return the starts at which so many minutes meet none of a person's own taken ticks, as bits."""
    length = minutes // TICK_MINUTES
    reach = window.size + length
    return runs(((1 << reach) - 1) & ~cells(taken, window.base, reach), length)


def runs(bits: int, length: int) -> int:
    """Return the bits at which ``length`` set bits in a row begin."""
    have = 1
    while have < length:
        more = min(have, length - have)
        bits &= bits >> more
        have += more
    return bits


def digits(bits: int) -> str:
    """Return bits as the digits 0 and 1, bit 0 first, without what follows the last 1."""
    return bin(bits)[:1:-1]


def places_in(text: str) -> Iterator[int]:
    """Yield the places of the digits 1, in order."""
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)


def free(
    kind: Kind,
    every_hours: Sequence[Hours],
    taken: Mapping[str, Sequence[Span]],
    *,
    own: Sequence[Span],
    now: datetime,
) -> list[Slot]:
    """Return the free slots of a kind, soonest first.

    ``taken`` holds each clinician's taken spans by id, ``own`` those of the person who wants to book, so that
    no slot is shown at which they are elsewhere.
    """
    window, length = Window.of(kind, now=now), kind.minutes // TICK_MINUTES
    own_free = undisturbed(own, kind.minutes, window)
    anybody, columns = 0, []
    for hours in every_hours:
        bits = own_free & starts_of(kind, hours, taken.get(hours.clinician_id, ()), window)
        anybody |= bits
        columns.append((hours.clinician_id, digits(bits).ljust(window.size, "0")))
    return [
        Slot(
            Interval.of_ticks(window.base + place, window.base + place + length),
            tuple([name for name, column in columns if column[place] == "1"]),
        )
        for place in places_in(digits(anybody))
    ]


def is_open(kind: Kind, hours: Hours, starts_at: datetime) -> bool:
    """Tell whether the clinician's hours allow the kind to start then, whatever is taken, however soon."""
    window = Window(tick_of(starts_at), 1)
    return starts_of(kind, hours, (), window) == 1


def who_can(
    kind: Kind, every_hours: Sequence[Hours], taken: Mapping[str, Sequence[Span]], interval: Interval
) -> list[str]:
    """Return the ids of the clinicians who are open and free for the interval, least taken first.

    ``taken`` holds their taken spans around that day; of two as little taken, the smaller id comes first.
    """
    needed = interval.widened(before=kind.pause_before, after=kind.pause_after).ticks
    able = [
        hours.clinician_id
        for hours in every_hours
        if is_open(kind, hours, interval.starts_at)
        and not any(
            first < needed.stop and needed.start < end for first, end in taken.get(hours.clinician_id, ())
        )
    ]
    return sorted(able, key=lambda one: (sum(end - first for first, end in taken.get(one, ())), one))


def nearest_slots(wanted: datetime, slots: Iterable[Slot], count: int) -> list[Slot]:
    """Return the slots that start nearest to ``wanted``, soonest first; of two as near, the earlier."""
    by_distance = sorted(
        slots, key=lambda slot: (abs(slot.interval.starts_at - wanted), slot.interval.starts_at)
    )
    return sorted(by_distance[:count], key=lambda slot: slot.interval.starts_at)


def by_day(slots: Iterable[Slot], zone: str) -> dict[date, list[Slot]]:
    """Return the slots grouped by the local day of ``zone`` on which they start, in order."""
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        days.setdefault(day_of(slot.interval.starts_at, zone), []).append(slot)
    return days
