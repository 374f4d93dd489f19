"""Slots: times that can be booked, computed from hours and taken ticks, never stored.

free = open minus taken, where a start counts when

* the whole session lies in one stretch of the clinician's open time,
* neither it nor its pauses touch a taken tick of the clinician (taken ticks include the pauses of others),
* it lies on the kind's step, counted from the start of the block of hours,
* it is not sooner than the least notice and not later than the horizon, the kind's and the clinician's,
* on its local day, and in its week, the clinician has fewer sessions than they take at most.

A kind of several duties can start when every one of them has somebody of its own who is free; its step counts
from the hours of those who may host, so that the others' hours need not begin together with theirs.

All of it is done on integers whose bits are five-minute cells (``cells.py``): a run of n free cells is
found by and-ing the integer with itself, shifted, about log2(n) times.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, reduce
from itertools import islice
from operator import and_

from scheduler.domain.availability import Hours, Kind
from scheduler.domain.cells import Span, cells, is_clear, lattice
from scheduler.domain.times import (
    DAY_MINUTES,
    TICK_MINUTES,
    Interval,
    day_of,
    moment_of,
    tick_at,
    tick_from,
    tick_of,
)

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
        soonest = tick_from(now + timedelta(minutes=kind.least_notice))
        latest = tick_of(now + timedelta(days=min(kind.horizon_days, MOST_DAYS)))
        return cls(soonest, max(latest - soonest + 1, 0))

    def opens_after(self, moment: datetime) -> bool:
        """Tell whether the moment lies before the least notice."""
        return tick_of(moment) < self.base

    def covers(self, moment: datetime) -> bool:
        """Tell whether a session may start then."""
        return self.base <= tick_of(moment) < self.base + self.size

    def local_days(self, zone: str, *, spare: int = 0) -> tuple[int, int]:
        """Return the ordinal of the first local day that matters, and how many days do.

        One more on each side counts, for what runs past midnight, and ``spare`` ones for zones of travel.
        """
        first = day_of(moment_of(self.base), zone).toordinal() - 1 - spare
        return first, self.size * TICK_MINUTES // DAY_MINUTES + 4 + 2 * spare


def starts_of(kind: Kind, hours: Hours, taken: Iterable[Span], window: Window) -> int:
    """Return the free starts of one clinician as bits from the window's base on."""
    first, days = window.local_days(hours.zone, spare=hours.spare_days)
    begin, bits = open_starts(hours, first, days, kind.minutes, kind.start_step)
    in_window = (bits >> (window.base - begin)) & ((1 << window.size) - 1)
    if hours.closed:
        in_window &= ~cells(hours.closed, window.base, window.size)
    return in_window & quiet_starts(hours.offered(kind), taken, window) if in_window else 0


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


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """The free starts of a kind as bits from tick ``base`` on, made into slots only where they are looked at.

    ``length`` is a session's, in ticks; ``anybody`` holds the starts at which somebody is free, ``columns``
    each clinician's id with theirs.
    """

    base: int
    length: int
    anybody: int
    columns: tuple[tuple[str, int], ...]

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return self.anybody != 0

    def __iter__(self) -> Iterator[Slot]:
        """Yield every slot, soonest first."""
        return iter(self.slots())

    def slots(self) -> list[Slot]:
        """Return every slot, soonest first."""
        places = _places_in(_digits(self.anybody))
        start, length = self.base, self.length
        if len(self.columns) == 1:
            only = (self.columns[0][0],)
            return [Slot(Interval.of_ticks(start + at, start + at + length), only) for at in places]
        size = self.anybody.bit_length()
        columns = [(name, _digits(bits).ljust(size, "0")) for name, bits in self.columns]
        return [
            Slot(
                Interval.of_ticks(start + at, start + at + length),
                tuple([name for name, column in columns if column[at] == "1"]),
            )
            for at in places
        ]

    def part(self, first: int, end: int) -> "FreeTimes":
        """Return those that start from tick ``first`` up to, not including, tick ``end``."""
        low = max(first - self.base, 0)
        frame = (1 << max(end - self.base - low, 0)) - 1
        columns = tuple([(name, (bits >> low) & frame) for name, bits in self.columns])
        return FreeTimes(self.base + low, self.length, (self.anybody >> low) & frame, columns)

    def next_from(self, tick: int) -> int | None:
        """Return the first free start at or after a tick."""
        place = max(tick - self.base, 0)
        bits = self.anybody >> place
        return self.base + place + (bits & -bits).bit_length() - 1 if bits else None

    def last_before(self, tick: int) -> int | None:
        """Return the last free start before a tick."""
        bits = self.anybody & ((1 << max(tick - self.base, 0)) - 1)
        return self.base + bits.bit_length() - 1 if bits else None

    def nearest(self, wanted: datetime, count: int) -> list[Slot]:
        """Return the slots that start nearest to ``wanted``, soonest first; of two as near, the earlier."""
        tick = tick_of(wanted)
        after, before = self.next_from(tick), self.last_before(tick)
        found: list[int] = []
        while len(found) < count and (after is not None or before is not None):
            if after is None or (before is not None and tick - before <= after - tick):
                assert before is not None
                found.append(before)
                before = self.last_before(before)
            else:
                found.append(after)
                after = self.next_from(after + 1)
        return [slot for start in sorted(found) for slot in self.part(start, start + 1)]

    def without(self, starts_at: datetime) -> "FreeTimes":
        """Return the others."""
        keep = ~(1 << max(tick_of(starts_at) - self.base, 0))
        columns = tuple((name, bits & keep) for name, bits in self.columns)
        return FreeTimes(self.base, self.length, self.anybody & keep, columns)


def free(
    kind: Kind,
    every_hours: Sequence[Hours],
    taken: Mapping[str, Sequence[Span]],
    *,
    own: Sequence[Span],
    now: datetime,
    duty_of: Mapping[str, str] | None = None,
) -> FreeTimes:
    """Return the free times of a kind.

    ``taken`` holds each clinician's taken spans by id, ``own`` those of the person who wants to book, so that
    no slot is shown at which they are elsewhere; ``duty_of`` each clinician's duty, for a kind of several.
    """
    window = Window.of(kind, now=now)
    own_free = undisturbed(own, kind.minutes, window)
    duties = duty_of or {}
    anybody, columns = 0, []
    for hours in every_hours:
        asked = _asked_of(duties.get(hours.clinician_id), kind)
        bits = own_free & starts_of(asked, hours, taken.get(hours.clinician_id, ()), window)
        anybody |= bits
        columns.append((hours.clinician_id, bits))
    if kind.duties:
        anybody = all_at_once(kind.duties, [(duties.get(one, ""), bits) for one, bits in columns])
        columns = [(one, bits & anybody) for one, bits in columns]
    return FreeTimes(window.base, kind.minutes // TICK_MINUTES, anybody, tuple(columns))


def all_at_once(duties: Sequence[str], columns: Iterable[tuple[str, int]]) -> int:
    """Return the starts at which every duty has somebody of its own, as bits.

    ``columns`` holds the free starts of each clinician with their duty. A duty that is named twice takes two.
    """
    free_of = {
        duty: [0] * count for duty, count in Counter(duties).items()
    }  # at least one, at least two, ...
    for duty, bits in columns:
        more = bits
        for place, have in enumerate(free_of.get(duty, ())):
            free_of[duty][place], more = have | more, have & more
    return reduce(and_, [enough[-1] for enough in free_of.values()])


def is_open(kind: Kind, hours: Hours, starts_at: datetime) -> bool:
    """Tell whether the clinician's hours allow the kind to start then, whatever is taken.

    How soon it is and how full the day, the hours know only if they were seen `at_moment`.
    """
    window = Window(tick_of(starts_at), 1)
    return starts_of(kind, hours, (), window) == 1


def who_can(
    kind: Kind,
    every_hours: Sequence[Hours],
    taken: Mapping[str, Sequence[Span]],
    interval: Interval,
    *,
    known: Sequence[str] = (),
    duty_of: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the ids of the clinicians who are open and free for the interval, in the order of preference.

    Those whom the client knows come first, in the order of ``known``; then the least taken, where ``taken``
    holds their taken spans around that day; of two as little taken, the smaller id. ``duty_of`` as in `free`.
    """
    duties = duty_of or {}
    able = [
        hours.clinician_id
        for hours in every_hours
        if is_open(_asked_of(duties.get(hours.clinician_id), kind), hours, interval.starts_at)
        and _is_free(hours.offered(kind), taken.get(hours.clinician_id, ()), interval)
    ]
    place = {one: number for number, one in enumerate(known)}
    return sorted(
        able,
        key=lambda one: (
            place.get(one, len(place)),
            sum(end - first for first, end in taken.get(one, ())),
            one,
        ),
    )


def chosen(kind: Kind, able: Sequence[str], duty_of: Mapping[str, str]) -> tuple[str, ...]:
    """Return who of those able gets a session, the host first; nobody where one of its duties has nobody.

    That is the first of them or, for a kind of several duties, for each duty the first that is not taken yet.
    """
    found: list[str] = []
    for duty in kind.duties:
        theirs = (one for one in able if duty_of[one] == duty and one not in found)
        found.extend(islice(theirs, 1))
    if kind.duties:
        return tuple(found) if len(found) == len(kind.duties) else ()
    return tuple(able[:1])


def _asked_of(duty: str | None, kind: Kind) -> Kind:
    """Return the kind as somebody of a duty is asked for it: beside the host, anywhere on the grid."""
    return replace(kind, start_step=TICK_MINUTES) if kind.duties and duty != kind.duties[0] else kind


def _is_free(kind: Kind, taken: Iterable[Span], interval: Interval) -> bool:
    needed = interval.widened(before=kind.pause_before, after=kind.pause_after).ticks
    return is_clear(taken, needed)


def _digits(bits: int) -> str:
    """Return bits as the digits 0 and 1, bit 0 first, without what follows the last 1."""
    return bin(bits)[:1:-1]


def _places_in(text: str) -> Iterator[int]:
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)
