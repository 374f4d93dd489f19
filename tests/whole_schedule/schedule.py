"""A play on one engine: a practice of its own, what is always true of it, and whom and what to pick."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from scheduler.domain.people import Actor, Person
from scheduler.services import Services
from scheduler.storage import tables
from tests.conftest import Clock, FakeMail, FakeOutsideCalendars, new_services, new_settings
from tests.engines import postgresql_url, sqlite_url
from tests.whole_schedule import truths
from tests.whole_schedule.play import Play, Tally, When
from tests.whole_schedule.world import VISITS

T = TypeVar("T")
Pick = Callable[[Sequence[Any]], Any]  # one of some things; all chance in a play is this
WHENS: Sequence[When] = (*range(7), *range(7), *((day, start) for day in range(3) for start in range(5)))
NUMBERS = ((), (), (0,), (1,), (2,), (0, 1), (0, 2))


class Schedule:
    """A play in a loop of its own; what people do is in the files that build on it."""

    def __init__(self, engine: str, tally: Tally, pick: Pick) -> None:
        self.pick = pick
        self.runner, self.lent = asyncio.Runner(), ExitStack()
        path = Path(self.lent.enter_context(tempfile.TemporaryDirectory()))
        url = sqlite_url(path) if engine == "sqlite" else self.lent.enter_context(postgresql_url())
        settings = new_settings(path, url).model_copy(update={"offering_weeks": 1})
        clock, mail = Clock(), FakeMail()
        self.services: Services = new_services(settings, clock, mail, FakeOutsideCalendars())
        self.play = Play(self.services, clock, mail, tally)
        self.run(self.play.begin())

    def run(self, act: Coroutine[Any, Any, T]) -> T:
        """Run it in the play's own loop."""
        return self.runner.run(act)

    def check(self) -> None:
        """Hold everything that is kept to what is always true."""
        kept, world = self.play.kept, self.play.world
        truths.nobody_is_in_two_places(kept, world)
        truths.no_group_is_too_full(kept)
        truths.the_waitlist_is_in_order(kept)
        truths.no_seat_is_empty_while_somebody_waits(kept, world)
        truths.nobody_meets_whom_they_are_kept_from(kept)
        truths.every_visit_is_held_by_those_it_takes(kept, world)
        truths.links_open_to_those_who_have_places(kept)
        truths.bookings_stand_for_families_that_come(kept)
        truths.proposals_hold_what_they_propose(kept)

    def end(self) -> None:
        """Hold the log to itself."""
        self.run(self.play.end())

    def close(self) -> None:
        """Close the database; a process in which one is left open never ends."""
        self.run(self.services.database.close())
        self.runner.close()
        self.lent.close()

    def one_of(self, able: Sequence[T]) -> T:
        """Return one of these."""
        found: T = self.pick(able)
        return found

    def mostly(self) -> bool:
        """Return True three times of four."""
        return self.one_of((True, True, True, False))

    def actor(self, person: Person) -> Actor:
        """Return somebody, signed in."""
        return self.play.world.actor(person)

    def relative(self, person_id: str) -> Person:
        """Return somebody of a family."""
        return next(one for one in self.play.world.family_people if one.id == person_id)

    def somebody(self) -> Person:
        """Return anybody of a family."""
        return self.one_of(self.play.world.family_people)

    def somebody_else(self, people: Iterable[Person], person_id: str) -> Person:
        """Return one of these people who is not that one."""
        return self.one_of([one for one in people if one.id != person_id])

    def kind_id(self) -> str:
        """Return a kind of visit."""
        return self.one_of(VISITS).id

    def others(self, person: Person, *, least: int = 0) -> tuple[str, ...]:
        """Return some others of somebody's family, perhaps none."""
        return self.play.brought(person.id, self.one_of([one for one in NUMBERS if len(one) >= least]))

    def holds(self) -> list[Any]:
        """Return the holds that no proposal has made, lapsed or not."""
        return [row for row in self.play.kept.all(tables.holds) if row.proposal_id is None]

    def visits(self) -> list[Any]:
        """Return the visits that have not begun."""
        return self.play.kept.ahead(groups=False)

    def groups(self) -> list[Any]:
        """Return the groups that have not begun."""
        return self.play.kept.ahead(groups=True)

    def ahead(self) -> list[Any]:
        """Return the sessions that have not begun and to which somebody comes."""
        return [row for row in (*self.visits(), *self.groups()) if self.play.kept.family_seats(row.id)]

    def waits(self, *statuses: str) -> list[Any]:
        """Return the waits that stand so."""
        return [row for row in self.play.kept.all(tables.waitlist) if row.status in statuses]

    def doer(self, session_id: str) -> Actor:
        """Return who does something about a session: who comes, its host, a coordinator, a stranger."""
        kept, world = self.play.kept, self.play.world
        coming = [self.relative(row.person_id) for row in kept.family_seats(session_id)]
        if coming and self.mostly():
            return self.actor(self.one_of(coming))
        hosts = [one for one in world.clinicians if one.id in kept.hosts(session_id)]
        return self.actor(self.one_of([*hosts, world.coordinator, *world.family_people]))
