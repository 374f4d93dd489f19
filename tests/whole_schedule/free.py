"""Which times are free, found slowly and obviously: start by start, person by person, from what is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from scheduler.domain.availability import Kind
from scheduler.domain.people import Person
from scheduler.domain.times import tick_of
from scheduler.storage import tables
from tests.builders import PACIFIC
from tests.whole_schedule.kept import HOURS, Kept
from tests.whole_schedule.world import World

FIVE, DAY = timedelta(minutes=5), timedelta(days=1)
HERE = ZoneInfo(PACIFIC)
Block = tuple[datetime, datetime]


@dataclass(frozen=True)
class Wanted:
    """For whom a kind is looked for: the person, those whom they bring, and the client of them all."""

    kind: Kind
    client_id: str
    person_id: str
    others: tuple[str, ...] = ()


def free_starts(kept: Kept, world: World, wanted: Wanted) -> set[datetime]:
    """Return when the kind can start."""
    return _Search(kept, world, wanted).found


@dataclass(frozen=True)
class _Search:
    kept: Kept
    world: World
    wanted: Wanted
    blocks: dict[tuple[str, date], Block | None] = field(default_factory=dict)

    @cached_property
    def found(self) -> set[datetime]:
        kind, now = self.wanted.kind, self.kept.at
        today = now.astimezone(HERE).date()
        days = [today + number * DAY for number in range(-1, kind.horizon_days + 2)]
        least, most = timedelta(minutes=kind.least_notice), kind.horizon_days * DAY
        starts = {start for day in days for start in self._starts(day) if least <= start - now <= most}
        family = self._taken((self.wanted.person_id, *self.wanted.others))
        return {
            start for start in starts if not family & _ticks(start, kind.minutes) and self._staffed(start)
        }

    def _staffed(self, start: datetime) -> bool:
        """Tell whether everybody whom the kind takes is free; the first of them on the kind's step."""
        kind = self.wanted.kind
        able = [one for one in self.clinicians if self._is_free(one, start)]
        hosts = [one for one in able if not kind.duties or one.duty == kind.duties[0]]
        if not any(self._is_on_step(one, start) for one in hosts):
            return False
        return all(any(one.duty == duty for one in able) for duty in kind.duties)

    def _is_free(self, clinician: Person, start: datetime) -> bool:
        kind, block = self.wanted.kind, self._block(clinician, start.astimezone(HERE).date())
        if block is None or not block[0] <= start <= block[1] - timedelta(minutes=kind.minutes):
            return False
        around = kind.pause_before + kind.minutes + kind.pause_after
        needed = _ticks(start - timedelta(minutes=kind.pause_before), around)
        return not self.taken_of[clinician.id] & needed

    def _is_on_step(self, clinician: Person, start: datetime) -> bool:
        block = self._block(clinician, start.astimezone(HERE).date())
        step = timedelta(minutes=self.wanted.kind.start_step)
        return block is not None and (start - block[0]) % step == timedelta(0)

    def _starts(self, day: date) -> Iterator[datetime]:
        """Yield every five minutes at which anybody works on a day."""
        for first, end in filter(None, (self._block(one, day) for one in self.clinicians)):
            yield from (first + number * FIVE for number in range((end - first) // FIVE))

    def _block(self, clinician: Person, day: date) -> Block | None:
        """Return when somebody works on a day; in this practice no day has two blocks."""
        key = (clinician.id, day)
        if key not in self.blocks:
            self.blocks[key] = self._work(clinician.id, day)
        return self.blocks[key]

    def _work(self, clinician_id: str, day: date) -> Block | None:
        theirs = {
            table.name: [row for row in self.kept.all(table) if row.clinician_id == clinician_id]
            for table in HOURS
        }
        extra = [row for row in theirs["extra_hours"] if row.date == day]
        weekly = [row for row in theirs["weekly_hours"] if row.weekday == day.weekday()]
        is_off = any(row.first_date <= day <= row.last_date for row in theirs["days_off"])
        for row in extra or ([] if is_off else weekly):
            return _moment(day, row.starts), _moment(day, row.ends)
        return None

    @cached_property
    def clinicians(self) -> list[Person]:
        return self.world.offerers(self.wanted.kind, self.wanted.client_id)

    @cached_property
    def taken_of(self) -> dict[str, set[int]]:
        return {one.id: self._taken([one.id]) for one in self.clinicians}

    def _taken(self, person_ids: Iterable[str]) -> set[int]:
        """Return the ticks that keep the session away: not what has lapsed, nor the person's own hold."""
        person_id, now = self.wanted.person_id, self.kept.at
        holds = self.kept.all(tables.holds)
        own = {row.id for row in holds if row.proposal_id is None and row.person_id == person_id}
        gone = own | {row.id for row in holds if row.expires_at <= now}
        ticks, people = self.kept.all(tables.taken_ticks), set(person_ids)
        return {row.tick for row in ticks if row.person_id in people and row.hold_id not in gone}


def _ticks(start: datetime, minutes: int) -> set[int]:
    return set(range(tick_of(start), tick_of(start) + minutes // 5))


def _moment(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), HERE).astimezone(UTC)
