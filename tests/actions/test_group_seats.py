"""Whatever is done to a group, in whatever order: no seat is lost, given twice, or empty while someone waits.

Hypothesis plays it on SQLite; a shorter play, always the same, on each engine.
"""

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from scheduler.actions.cancelling import cancel_session
from scheduler.actions.groups import join_waitlist, take_places
from scheduler.actions.waitlist import leave_waitlist, tend_waitlists
from scheduler.domain.audit import Event
from scheduler.domain.errors import GroupFull, NotFound, NotNow, NotReleased, OfferOver, SessionOver
from scheduler.domain.waitlist import Wait
from scheduler.services import Services
from scheduler.storage import consent, waitlist
from scheduler.storage.database import Transaction
from scheduler.storage.tables import places, releases
from scheduler.storage.tables import sessions as session_rows
from tests.builders import add_release
from tests.conftest import Clock, FakeMail, FakeOutsideCalendars, new_services, new_settings
from tests.engines import sqlite_url
from tests.groups import EVENING, STEP, Group, Member, add_group, add_members, add_relative, seats
from tests.log import written

FAMILIES = 5
WHO = st.integers(0, FAMILIES - 1)
EXPECTED = (GroupFull, NotFound, NotNow, NotReleased, OfferOver, SessionOver)
GUARDED = replace(STEP, education_only=False)

Act = Callable[[], Awaitable[object]]


class Play:
    """A group of three, and five families of two who take, leave and wait; their releases come and go."""

    def __init__(self, services: Services, clock: Clock) -> None:
        self.services, self.clock = services, clock
        self.group: Group
        self.families: list[tuple[Member, Member]] = []

    async def begin(self) -> None:
        """Lay it out."""
        self.group = await add_group(self.services, capacity=3, step=GUARDED)
        for one in await add_members(self.services, FAMILIES):
            relative = await add_relative(self.services, one, f"Dan {one.person.name}")
            self.families.append((one, relative))
            for member in (one, relative):
                await add_release(self.services, member.client, member.person)

    async def do(self, act: str, who: int = 0, number: int = 1) -> None:
        """Do one of the things that people and the clockwork do; what is refused changes nothing."""
        member, relative = self.families[who]
        chosen, session_id = (member.person.id, relative.person.id)[:number], self.group.session.id
        services, actor = self.services, member.actor
        acts: dict[str, Act] = {
            "take": lambda: take_places(services, actor, session_id, chosen),
            "take offered": lambda: take_places(services, actor, session_id),
            "wait": lambda: join_waitlist(services, actor, session_id, chosen),
            "leave": lambda: leave_waitlist(services, actor, session_id),
            "give up": lambda: cancel_session(services, actor, session_id),
            "tend": lambda: tend_waitlists(services),
            "grow": self._grow,
            "revoke": lambda: self._revoke(member),
        }
        with suppress(*EXPECTED):
            await acts[act]()

    async def _grow(self) -> None:
        more = update(session_rows).values(capacity=session_rows.c.capacity + 1)
        await self.services.database.write(lambda tx: tx.execute(more))
        await tend_waitlists(self.services)

    async def _revoke(self, member: Member) -> None:
        now = self.services.now()

        def work(tx: Transaction) -> None:
            wanted = select(releases.c.id).where(releases.c.person_id == member.person.id)
            for release_id in tx.execute(wanted).scalars():
                consent.revoke(tx, release_id, revoked_at=now)

        await self.services.database.write(work)

    async def check(self) -> None:
        """Every seat is had, offered or free; none is free while one waits for whom it is enough."""
        found = await seats(self.services, self.group)
        assert found.taken == found.had + found.offered <= found.capacity
        waits, had = await self.services.database.read(self._standing)
        free = found.capacity - found.taken
        assert [one for one in waits if not one.is_offered and one.seats <= free] == []
        waiting = [person for one in waits for person in one.people]
        assert len(set(waiting)) == len(waiting)
        assert not had & set(waiting)
        order = [one.position for one in waits]
        assert order == sorted(order)

    def _standing(self, tx: Transaction) -> tuple[list[Wait], set[str]]:
        now, standing = self.services.now(), waitlist.standing(tx, self.group.session.id)
        told = [one for one in standing if self._is_told(tx, one, now)]
        mine = (places.c.session_id == self.group.session.id, places.c.status == "booked")
        return told, set(tx.execute(select(places.c.person_id).where(*mine)).scalars())

    @staticmethod
    def _is_told(tx: Transaction, wait: Wait, now: datetime) -> bool:
        told = {*wait.people, wait.asked_by}
        return all(consent.active(tx, wait.client_id, person_id, now) is not None for person_id in told)


async def test_a_long_evening_loses_no_seat(services: Services, clock: Clock) -> None:
    chance, play = random.Random(11), Play(services, clock)
    await play.begin()
    acts = ["take", "take offered", "wait", "wait", "leave", "give up", "give up", "tend"]

    for _ in range(120):
        await play.do(chance.choice(acts), chance.randrange(FAMILIES), chance.randint(1, 2))
        clock.move(minutes=chance.choice((0, 1, 30)))
        if chance.random() < 0.3:
            await play.do("tend")
        await play.check()

    happened = {event for event, _, _ in await written(services)}
    assert happened >= {
        Event.PLACE_OFFERED,
        Event.PLACE_DECLINED,
        Event.SESSION_BOOKED,
        Event.WAITLIST_JOINED,
    }


class Evening(RuleBasedStateMachine):
    """The play, with what happens chosen by Hypothesis."""

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.folder = asyncio.Runner(), tempfile.TemporaryDirectory()
        path, clock = Path(self.folder.name), Clock()
        self.play = Play(
            new_services(new_settings(path, sqlite_url(path)), clock, FakeMail(), FakeOutsideCalendars()),
            clock,
        )
        self.run(self.play.begin())

    def run(self, act: Coroutine[Any, Any, None]) -> None:
        """Run it in the machine's own loop."""
        self.runner.run(act)

    @rule(act=st.sampled_from(["take", "wait"]), who=WHO, number=st.integers(1, 2))
    def ask(self, act: str, who: int, number: int) -> None:
        """Ask for one or two seats."""
        self.run(self.play.do(act, who, number))

    @rule(act=st.sampled_from(["take offered", "leave", "give up", "revoke"]), who=WHO)
    def answer(self, act: str, who: int) -> None:
        """Take what is offered, or do without."""
        self.run(self.play.do(act, who))

    @precondition(lambda self: self.play.clock.at < EVENING - timedelta(hours=15))
    @rule(hours=st.sampled_from([1, 12, 13]))
    def wait_for(self, hours: int) -> None:
        """Let time pass, and the clockwork look."""
        self.play.clock.at += timedelta(hours=hours)
        self.run(self.play.do("tend"))

    @rule()
    def grow(self) -> None:
        """Give the group one more seat."""
        self.run(self.play.do("grow"))

    @invariant()
    def no_seat_is_lost(self) -> None:
        """Look after each."""
        self.run(self.play.check())

    def teardown(self) -> None:
        """Close the database."""
        self.run(self.play.services.database.close())
        self.runner.close()
        self.folder.cleanup()


def test_no_order_of_acts_loses_a_seat_or_gives_one_twice() -> None:
    run_state_machine_as_test(Evening, settings=how(max_examples=12, stateful_step_count=20, deadline=None))
