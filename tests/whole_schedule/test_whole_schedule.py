"""Book, hold, move, cancel, wait, cover and propose in any order, on both engines; after each step it holds.

Nobody is in two places, no group is too full, what was freed is free, every change has its entry and every
calendar gets its file. ``PLAYS=2000`` in the environment asks for many plays, chosen anew each time.
"""

import os
import random
from collections.abc import Mapping, Sequence
from contextlib import closing

import pytest
from hypothesis import HealthCheck, event
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.conftest import ENGINES
from tests.whole_schedule.asking import Proposing
from tests.whole_schedule.groups import Groups
from tests.whole_schedule.play import Tally
from tests.whole_schedule.staff import Staff
from tests.whole_schedule.visits import Visits

WEEKS, LONG = {"sqlite": 3, "postgresql": 1}, 200
PLAYS = {"sqlite": 10, "postgresql": 3}
MORE = int(os.environ.get("PLAYS", "0"))
STEPS = 40
ACTS: Mapping[str, int] = {  # how often, among each other
    "answer": 4,
    "book": 7,
    "book_what_is_held": 2,
    "cancel": 3,
    "change_hours": 1,
    "change_who_comes": 3,
    "cover": 4,
    "cover_late": 3,
    "give_up": 3,
    "hold": 4,
    "keep_apart": 2,
    "let_go": 2,
    "let_meet": 2,
    "let_time_pass": 3,
    "move": 4,
    "propose": 4,
    "stop_waiting": 1,
    "take_back": 2,
    "take_places": 8,
    "take_what_is_offered": 2,
    "wait": 5,
    "work_as_ever": 2,
}

CHOICES = [act for act, times in ACTS.items() for _ in range(times)]


class WholeSchedule(Visits, Groups, Proposing, Staff):
    """All that people do, and the clock."""

    def go_on(self) -> None:
        """Do one of the things that can be done now, and look whether everything is as it must be."""
        lacking = {act for act, found in self.what_they_need().items() if not found}
        getattr(self, self.one_of([act for act in CHOICES if act not in lacking]))()
        self.check()

    def what_they_need(self) -> dict[str, Sequence[object]]:
        """Return what there is of that which some acts are about."""
        waits, proposals = self.waits("waiting", "offered"), self.proposals()
        return {
            **dict.fromkeys(("answer", "take_back"), proposals),
            **dict.fromkeys(("book_what_is_held", "let_go"), self.holds()),
            **dict.fromkeys(("cancel", "give_up"), self.ahead()),
            **dict.fromkeys(("change_who_comes", "move"), self.visits()),
            **dict.fromkeys(("stop_waiting", "take_what_is_offered"), waits),
            **dict.fromkeys(("take_places", "wait"), self.groups()),
            "cover_late": self.plans,
            "work_as_ever": self.special_days(),
        }


@pytest.mark.parametrize("engine", ENGINES)
def test_through_some_long_weeks_the_schedule_stays_true_whoever_does_what(engine: str) -> None:
    tally = Tally()
    for number in range(WEEKS[engine]):
        schedule = WholeSchedule(engine, tally, random.Random(number).choice)
        with closing(schedule):
            for _ in range(LONG):
                schedule.go_on()
            schedule.end()

    assert engine == "postgresql" or tally.undone(act.replace("_", " ") for act in ACTS) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_no_order_of_acts_makes_the_schedule_untrue(engine: str) -> None:
    class Machine(RuleBasedStateMachine):
        """One rule, because Hypothesis leaves some rules out of a play; here each play has all acts."""

        def __init__(self) -> None:
            super().__init__()
            self.schedule = WholeSchedule(engine, Tally(), lambda able: able[0])

        @rule(data=st.data())
        def go_on(self, data: st.DataObject) -> None:
            self.schedule.pick = lambda able: data.draw(st.sampled_from(able))
            self.schedule.go_on()
            for act, outcome in self.schedule.play.tally.counts:
                event(f"{act}: {outcome}")

        def teardown(self) -> None:
            with closing(self.schedule):
                self.schedule.end()

    chosen = how(max_examples=MORE or PLAYS[engine], stateful_step_count=STEPS, deadline=None, database=None)
    run_state_machine_as_test(Machine, settings=how(chosen, suppress_health_check=list(HealthCheck)))
