"""A play: acts done one after the other, each held to what it owes, and what is kept held to what is true."""

from collections import Counter
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from scheduler.actions.attendance import settle_ended
from scheduler.actions.audit_check import check_log, write_checkpoint_when_due
from scheduler.actions.holds import clear_lapsed_holds
from scheduler.actions.laying import lay_ahead
from scheduler.actions.notices import plan_reminders, send_due
from scheduler.actions.proposals import lapse_overdue
from scheduler.actions.slots import show_slots
from scheduler.actions.waitlist import tend_waitlists
from scheduler.domain.audit import Event
from scheduler.domain.errors import Refusal, SlotTaken, Unavailable
from scheduler.domain.notices import GATHERED_FOR
from scheduler.domain.people import SYSTEM, Person
from scheduler.domain.times import instant_of
from scheduler.services import Services
from scheduler.storage.database import Transaction
from tests.builders import PACIFIC
from tests.conftest import Clock, FakeMail
from tests.whole_schedule import truths
from tests.whole_schedule.calendars import Calendars
from tests.whole_schedule.free import DAY, HERE, Wanted, free_starts
from tests.whole_schedule.kept import Kept, Said, read, said_since
from tests.whole_schedule.owed import owed_entries, owed_messages, queued
from tests.whole_schedule.world import OPENS, VISITS, World, add_world

T = TypeVar("T")
When = tuple[int, int] | int  # which of three days and of its starts, or which of the first free times
DONE, AS_IT_WAS = "done", "as it was"  # or a refusal's name
JOBS = (
    clear_lapsed_holds,
    lapse_overdue,
    settle_ended,
    lay_ahead,
    tend_waitlists,
    plan_reminders,
    write_checkpoint_when_due,
)


@dataclass
class Tally:
    """How often each act changed something, changed nothing, or was refused, and why."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, act: str, outcome: str) -> None:
        """Count one."""
        self.counts[act, outcome] += 1

    def undone(self, acts: Iterable[str]) -> list[str]:
        """Return the acts that never changed anything."""
        return [act for act in acts if not self.counts[act, DONE]]


class Play:
    """The practice with what is kept of it now; ``do`` is how everything is done."""

    def __init__(self, services: Services, clock: Clock, mail: FakeMail, tally: Tally) -> None:
        self.services, self.clock, self.tally = services, clock, tally
        self.calendars = Calendars(services.settings.host, mail)
        self.world: World
        self.kept: Kept

    async def begin(self) -> None:
        """Lay it out."""
        self.world = await add_world(self.services)
        self.clock.at += GATHERED_FOR  # the hosts are told of their first sessions
        self.kept = await self.services.database.read(lambda tx: read(tx, self.clock.at))

    async def do(
        self, act: str, event: Event, doing: Awaitable[T], *, said: Iterable[Said] = ()
    ) -> T | Refusal:
        """Do one thing, which owes what it changes and the entries ``said``; a refusal changes nothing."""
        before = self.kept
        try:
            done = await doing
        except Unavailable:
            raise
        except Refusal as refusal:
            await self._check_refused(before, act, event, refusal)
            return refusal
        entries = await self._look_again()
        self.tally.add(act, AS_IT_WAS if self.kept.rows == before.rows else DONE)
        owed = owed_entries(before, self.kept, self.world.client_of)
        assert Counter(entries) == owed + Counter(said)
        assert queued(before, self.kept) == owed_messages(before, self.kept)
        truths.sequences_rise(before, self.kept)
        truths.seats_are_offered_in_order(before, self.kept)
        if before.rows["taken_ticks"] != self.kept.rows["taken_ticks"]:
            await self.look_at_slots()
        return done

    async def ask_for(
        self, act: str, event: Event, wanted: Wanted, starts_at: datetime, doing: Awaitable[T]
    ) -> T | Refusal:
        """Do what asks for a time: done only where it is free, refused as taken only where it is not."""
        before, free = self.kept, free_starts(self.kept, self.world, wanted)
        done = await self.do(act, event, doing)
        if isinstance(done, SlotTaken):
            assert starts_at not in free
            assert {one.starts_at for one in done.nearest} <= free
        elif not isinstance(done, Refusal) and self.kept.rows["taken_ticks"] != before.rows["taken_ticks"]:
            assert starts_at in free
        return done

    async def look_at_slots(self) -> None:
        """Let somebody look for times: shown are just those that are free, one set free this moment too."""
        people = [one for family in self.world.families for one in family.relatives]
        person, kind = people[self.kept.size % len(people)], VISITS[self.kept.size % len(VISITS)]
        actor, client_id = self.world.actor(person), self.world.family_of(person.id).client.id
        if not kind.duties or self.world.family(client_id).team == self.world.clinicians:
            free = free_starts(self.kept, self.world, Wanted(kind, client_id, person.id))
            choice = await show_slots(self.services, actor, kind_id=kind.id, zone=PACIFIC)
            assert choice.page is not None
            shown = {slot.interval.starts_at for day in choice.page.days for slot in day.slots}
            assert shown == {start for start in free if start < min(free) + 6 * DAY}

    async def let_pass(self, length: timedelta) -> None:
        """Send all mail, let time pass, and let the clockwork look."""
        await self.send()
        self.clock.at += length
        await self.do("let time pass", Event.ACCESS_DENIED, self._clockwork())
        truths.what_has_lapsed_is_gone(self.kept)
        truths.no_seat_is_empty_while_somebody_waits(self.kept, self.world)

    async def send(self) -> None:
        """Send all that is owed; afterwards every calendar shows what is so."""
        await self.do("send", Event.ACCESS_DENIED, self._empty_outbox())
        self.calendars.read()
        self.calendars.check(self.kept, self.world)

    async def end(self) -> None:
        """Hold the log to itself."""
        await self.send()
        assert (await check_log(self.services, SYSTEM)).fault is None

    def days(self) -> list[date]:
        """Return the next three working days, today among them."""
        today = self.clock.at.astimezone(HERE).date()
        days = (today + number * DAY for number in range(7))
        return [day for day in days if day.weekday() < 5][:3]

    def start(self, wanted: Wanted, when: When) -> datetime:
        """Return one of the few times for which everybody asks."""
        if isinstance(when, int):
            free = sorted(free_starts(self.kept, self.world, wanted))
            return free[min(when, len(free) - 1)] if free else self.start(wanted, (1, when % 3))
        day, number = when
        return instant_of(self.days()[day], OPENS + number * wanted.kind.start_step, PACIFIC)

    def wanted(self, person: Person, kind_id: str, others: tuple[str, ...] = ()) -> Wanted:
        """Return what somebody looks for."""
        return Wanted(self.world.kinds[kind_id], self.world.client_of[person.id], person.id, others)

    def brought(self, person_id: str, bring: Iterable[int]) -> tuple[str, ...]:
        """Return others of somebody's family."""
        people = self.world.family_of(person_id).people
        others = [one.id for one in people if one.id != person_id]
        return tuple(sorted({others[number % len(others)] for number in bring}))

    async def _clockwork(self) -> None:
        for job in JOBS:
            await job(self.services)

    async def _empty_outbox(self) -> None:
        while await send_due(self.services):
            pass

    async def _check_refused(self, before: Kept, act: str, event: Event, refusal: Refusal) -> None:
        self.tally.add(act, refusal.reason)
        entries = await self._look_again()
        assert self.kept.rows == before.rows
        denied = [(str(event), "denied", refusal.reason)] if refusal.logged else []
        assert [(one.event, one.outcome, one.reason) for one in entries] == denied

    async def _look_again(self) -> list[Said]:
        size, now = self.kept.size, self.clock.at

        def work(tx: Transaction) -> tuple[Kept, list[Said]]:
            return read(tx, now), said_since(tx, size)

        self.kept, entries = await self.services.database.read(work)
        return entries
