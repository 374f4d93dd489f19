"""Hindrances: who of those who hold an offering cannot on which of its dates, and why."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.actions.slots import COUNTED_TICKS, RULES_KEPT, kept_free
from scheduler.domain.availability import Kind
from scheduler.domain.cells import Span
from scheduler.domain.hindrances import Diary, Hindrance, Missing
from scheduler.domain.limits import LONGEST_PAUSE
from scheduler.domain.program import Offering
from scheduler.domain.times import TICK_MINUTES, Interval
from scheduler.storage import hours, kinds, people, slots
from scheduler.storage.database import Transaction

Wanted = tuple[Offering, date, Interval]
MARGIN = LONGEST_PAUSE // TICK_MINUTES


@dataclass(frozen=True, slots=True)
class Able:
    """Who holds sessions of which kinds, each with a diary; an account that has ended has none."""

    kinds: Mapping[str, Kind]
    diaries: Mapping[str, Diary]

    def missing(self, offering: Offering, when: Interval) -> tuple[Missing, ...]:
        """Return who of its hosts cannot hold it then."""
        found = ((one, self._hindrance(one, offering, when)) for one in offering.host_ids)
        return tuple(Missing(person_id, why) for person_id, why in found if why is not None)

    def full(self, offering: Offering, when: Interval) -> tuple[str, ...]:
        """Return for whom of its hosts it would be more than they asked for then."""
        found = ((one, self.diaries.get(one)) for one in offering.host_ids)
        return tuple(one for one, diary in found if diary and diary.is_full(when.starts_at))

    def _hindrance(self, person_id: str, offering: Offering, when: Interval) -> Hindrance | None:
        diary = self.diaries.get(person_id)
        if diary is None:
            return Hindrance.ENDED
        ticks = kept_free(diary.hours.offered(self.kinds[offering.step_id]), when)
        return diary.hindrance(when, ticks, is_beyond=offering.is_beyond_limits)


def able(tx: Transaction, wanting: Sequence[Wanted], now: datetime, *, without: Collection[str] = ()) -> Able:
    """Return what stands in the way of those who hold these; ``without`` are sessions that do not count."""
    held = {one.step_id: kinds.get(tx, one.step_id) for one, _, _ in wanting}
    hosts = people.get_many(tx, {person_id for one, _, _ in wanting for person_id in one.host_ids})
    zones = {one.id: one.zone for one in hosts.values() if one.ended_at is None}
    ticks = [kept_free(held[one.step_id], when) for one, _, when in wanting]
    around = range(min(one.start for one in ticks) - MARGIN, max(one.stop for one in ticks) + MARGIN)
    every = hours.of_all(tx, zones, since=now.date() - RULES_KEPT)
    limited = [own.clinician_id for own in every if own.limits.counts]
    begun = _begun(tx, limited, around, now, without)
    taken, outside = _spans(tx, zones, around, now)
    return Able(
        held,
        {
            one.clinician_id: Diary(
                one,
                tuple(taken[one.clinician_id]),
                tuple(outside[one.clinician_id]),
                tuple(begun[one.clinician_id]),
            )
            for one in every
        },
    )


def _spans(
    tx: Transaction, hosts: Iterable[str], around: range, now: datetime
) -> tuple[Mapping[str, list[Span]], Mapping[str, list[Span]]]:
    taken: defaultdict[str, list[Span]] = defaultdict(list)
    outside: defaultdict[str, list[Span]] = defaultdict(list)
    for one in slots.taken(tx, hosts, first=around.start, end=around.stop):
        if one.counts(for_person_id=None, now=now):
            is_outside = one.session_id is None and one.hold_id is None
            (outside if is_outside else taken)[one.person_id].append(one.span)
    return taken, outside


def _begun(
    tx: Transaction, limited: Sequence[str], around: range, now: datetime, without: Collection[str]
) -> Mapping[str, list[datetime]]:
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    if limited:
        ticks = range(around.start - COUNTED_TICKS, around.stop + COUNTED_TICKS)
        for person_id, session_id, starts_at in slots.counted(tx, limited, ticks, now=now):
            if session_id not in without:
                found[person_id].append(starts_at)
    return found
