"""Slots of 20 clinicians over four weeks with 2,000 busy stretches, against the usual date-time objects.

The ceiling here is a floor: the plain way, which steps through each block of hours with aware date-times and
holds every start against every busy stretch of its clinician. Both find the same starts.

What holds ours back: turning taken spans into bits (a shift and an or for each, on integers of a thousand
bytes), then telling for each of a thousand starts who of twenty is free. Hours as bits are remembered.
"""

import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.ratio import Ratio
from scheduler.domain.availability import Hours, Kind, WeeklyHours
from scheduler.domain.slots import Window, free, starts_of
from scheduler.domain.times import tick_of

NOW = datetime(2026, 10, 19, 12, tzinfo=UTC)  # the weeks ahead hold the end of summer time
ZONES = ("America/Los_Angeles", "America/New_York", "America/Chicago", "Europe/Berlin")
CLINICIANS, BUSY_EACH, DAYS = 20, 100, 28
KIND = Kind("check_in", "Check-in", 20, pause_after=5, horizon_days=DAYS, start_step=25)
WEEK = tuple(WeeklyHours(weekday, *block) for weekday in range(5) for block in ((540, 720), (780, 1020)))
TRIES = 9
PLAIN_MS, PEER_MS = 128, 79  # date-times and Cal.com's code given these rules, once, side by side

Busy = dict[str, list[tuple[datetime, datetime]]]


def run() -> Iterable[Ratio]:
    """Return how many times as fast ours is."""
    every = [Hours(f"c{number}", ZONES[number % len(ZONES)], WEEK) for number in range(CLINICIANS)]
    busy = _busy(every)
    taken = {
        name: [(tick_of(starts), tick_of(ends)) for starts, ends in spans] for name, spans in busy.items()
    }
    found = {
        (one, slot.interval.starts_at)
        for slot in free(KIND, every, taken, own=(), now=NOW)
        for one in slot.clinician_ids
    }
    assert found == plain(every, busy), "both ways find the same starts"
    window = Window.of(KIND, now=NOW)
    as_bits = as_slots = theirs = 0.0
    for _ in range(TRIES):
        as_bits = max(
            as_bits, _rate(lambda: [starts_of(KIND, one, taken[one.clinician_id], window) for one in every])
        )
        as_slots = max(as_slots, _rate(lambda: free(KIND, every, taken, own=(), now=NOW).slots()))
        theirs = max(theirs, _rate(lambda: plain(every, busy)))
    yield Ratio("slots, as bits", as_bits, theirs, "searches/s", 30, "plain date-times")
    yield Ratio("slots, with who is free", as_slots, theirs, "searches/s", 10, "plain date-times")
    peer = theirs * PLAIN_MS / PEER_MS
    yield Ratio("slots, against a peer", as_slots, peer, "searches/s", 5, "Cal.com's own code, by its ratio")


def plain(every: list[Hours], busy: Busy) -> set[tuple[str, datetime]]:
    """Return (clinician, start) of all free times, found the plain way."""
    return {
        (hours.clinician_id, start)
        for hours in every
        for number in range(-1, DAYS + 2)
        for start in _of_day(hours, NOW.date() + timedelta(days=number), busy[hours.clinician_id])
    }


def _of_day(hours: Hours, day: date, busy: list[tuple[datetime, datetime]]) -> Iterable[datetime]:
    there, length = ZoneInfo(hours.zone), timedelta(minutes=KIND.minutes)
    for rule in hours.weekly:
        if rule.weekday != day.weekday():
            continue
        midnight = datetime.combine(day, datetime.min.time(), there)
        start = (midnight + timedelta(minutes=rule.starts)).astimezone(UTC)
        close = (midnight + timedelta(minutes=rule.ends)).astimezone(UTC)
        while start + length <= close:
            quiet = start + length + timedelta(minutes=KIND.pause_after)
            is_free = not any(starts < quiet and start < ends for starts, ends in busy)
            if is_free and NOW <= start <= NOW + timedelta(days=DAYS):
                yield start
            start += timedelta(minutes=KIND.start_step)


def _busy(every: list[Hours]) -> Busy:
    chance = random.Random(1)
    first = NOW.replace(hour=0)
    return {
        hours.clinician_id: [
            (moment, moment + timedelta(minutes=25))
            for moment in (
                first + timedelta(minutes=5 * chance.randrange(DAYS * 288)) for _ in range(BUSY_EACH)
            )
        ]
        for hours in every
    }


def _rate(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return 1 / (time.process_time() - started)
