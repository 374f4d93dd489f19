"""Coverage and those who take only so many sessions: never suggested beyond it, and chosen only by itself."""

from dataclasses import replace
from datetime import timedelta

from scheduler.domain.coverage import LEAVE, Act, Begun, Choice, Colleague, Planned
from scheduler.domain.coverage_plan import FULL_THEN, FULL_THERE, Preset, faults, suggested
from scheduler.domain.limits import Limits
from tests.domain.test_coverage import NINE, STEP, affected, colleague, situation

ONE_A_DAY = Limits(most_a_day=1)
BARE, BEYOND = Choice(Act.REASSIGN, "other"), Choice(Act.REASSIGN, "other", is_beyond=True)


def limited(limits: Limits = ONE_A_DAY, name: str = "other") -> Colleague:
    made = colleague(name)
    return replace(made, hours=replace(made.hours, limits=limits))


def test_whoever_has_as_many_as_they_asked_for_is_named_apart_and_taken_only_by_that_choice() -> None:
    begun = {"other": [Begun(NINE + 4 * STEP, "theirs")]}
    now = replace(situation(affected(), others=(limited(), colleague("free"))), begun=begun)

    assert [one.id for one in now.stand_ins(now.affected[0])] == ["free"]
    assert [one.id for one in now.stand_ins(now.affected[0], is_beyond=True)] == ["other"]
    assert faults(now, {"s0": BARE}) == {"s0": FULL_THEN}
    assert faults(now, {"s0": BEYOND}) == {}
    assert suggested(now, Preset.REASSIGN) == {"s0": Choice(Act.REASSIGN, "free")}


def test_sessions_of_one_plan_count_too() -> None:
    now = situation(affected(), affected(1), others=(limited(),))

    assert suggested(now, Preset.REASSIGN) == {"s0": BARE, "s1": LEAVE}
    assert faults(now, {"s0": BARE, "s1": BARE}) == {"s1": FULL_THEN}
    assert faults(now, {"s0": BARE, "s1": BEYOND}) == {}


def test_a_limit_of_the_week_counts_from_monday_to_sunday() -> None:
    week = limited(Limits(most_a_week=1))
    for moment, is_full in ((NINE + timedelta(days=3), True), (NINE + timedelta(days=7), False)):
        now = replace(situation(affected(), others=(week,)), begun={"other": [Begun(moment)]})
        assert bool(faults(now, {"s0": BARE})) is is_full


def test_no_time_is_offered_on_a_full_day_and_the_session_that_moves_does_not_count() -> None:
    away = limited(name="away")
    next_day = NINE + timedelta(days=1)
    now = replace(
        situation(affected()), away=away, begun={"away": [Begun(NINE, "s0"), Begun(next_day, "s9")]}
    )

    times = [one.starts_at for one in now.times(now.affected[0]) if one.starts_at]

    assert {one.date() for one in times} == {(NINE + timedelta(days=2)).date()}
    wednesday = Choice(Act.MOVE, "away", next_day + STEP)
    assert faults(now, {"s0": wednesday}) == {"s0": FULL_THERE}


def test_own_pauses_of_a_stand_in_are_kept() -> None:
    careful = limited(Limits(pause_before=30))
    now = situation(affected(), others=(careful,))
    busy = situation(affected(1)).taken["away"]
    for begins, ends, is_free in ((-8, -6, True), (-8, -5, False)):
        tick = affected().session.interval.ticks.start
        span = replace(busy[0], span=(tick + begins, tick + ends), session_id=None)
        then = replace(now, taken={**now.taken, "other": [span]})
        assert bool(then.stand_ins(then.affected[0])) is is_free


def test_a_form_carries_that_it_is_beyond() -> None:
    planned = Planned(NINE, BEYOND)

    assert str(planned) == "2026-11-03T17:00Z reassign other beyond"
    assert Planned.parse(str(planned)) == planned
