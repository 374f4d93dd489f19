"""Coverage of sessions of several: the same duty takes one over, and all are free where it moves."""

from dataclasses import replace
from datetime import date, timedelta

from scheduler.domain.booking import Duty, Place
from scheduler.domain.coverage import LEAVE, Act, Affected, Choice, Situation, TakenBy
from scheduler.domain.coverage_change import change_of
from scheduler.domain.coverage_plan import TEAM_ELSEWHERE, Preset, faults, suggested
from scheduler.domain.limits import Limits
from scheduler.domain.notices import Rule
from tests.domain.test_coverage import (
    EVENINGS,
    NINE,
    NOW,
    PSYCHIATRIST,
    STEP,
    affected,
    busy_at,
    colleague,
    situation,
)
from tests.domain.test_coverage_limits import limited

WEDNESDAY = NINE + timedelta(days=1)
TO_WEDNESDAY = Choice(Act.MOVE, "away", WEDNESDAY)


def of_two(number: int = 0) -> Affected:
    """Return a session that whoever is away holds with a psychiatrist."""
    one = affected(number)
    return replace(one, seats=(*one.seats, Place(one.session.id, "second", Duty.CO_HOST)))


def team(*those: Affected, second: list[TakenBy] | None = None) -> Situation:
    """Return them with the psychiatrist, and somebody else of either duty."""
    others = (colleague("second", PSYCHIATRIST), colleague("p", PSYCHIATRIST), colleague("t"))
    return situation(*(those or (of_two(),)), others=others, second=second or [])


def test_one_of_several_is_replaced_by_the_same_duty() -> None:
    now = team()

    assert [able.id for able in now.stand_ins(now.affected[0])] == ["t"]


def test_it_moves_to_where_all_of_them_are_free() -> None:
    free, now = team(), team(second=[busy_at(WEDNESDAY)])

    for one, starts_at in ((free, WEDNESDAY), (now, WEDNESDAY + STEP)):
        assert suggested(one, Preset.MOVE) == {"s0": Choice(Act.MOVE, "away", starts_at)}
        assert one.times(one.affected[0])[0] == Choice(Act.MOVE, "away", starts_at)
    assert faults(now, {"s0": TO_WEDNESDAY}) == {"s0": TEAM_ELSEWHERE}
    assert suggested(now, Preset.DAY, to_date=date(2026, 11, 4)) == {"s0": LEAVE}


def test_where_the_others_do_not_work_or_are_full_it_does_not_move() -> None:
    evenings = colleague("second", PSYCHIATRIST, weekly=EVENINGS)
    full = replace(limited(Limits(most_a_day=1), "second"), duty=PSYCHIATRIST)
    for other, is_possible in ((evenings, False), (full, True)):
        now = situation(of_two(), of_two(1), others=(other,))
        assert bool(now.times(now.affected[0])) is is_possible
        both = {"s0": TO_WEDNESDAY, "s1": replace(TO_WEDNESDAY, starts_at=WEDNESDAY + STEP)}
        assert faults(now, both)["s1"] == TEAM_ELSEWHERE
    gone = situation(of_two())
    assert gone.times(gone.affected[0]) == []
    assert faults(gone, {"s0": TO_WEDNESDAY}) == {"s0": TEAM_ELSEWHERE}


def test_two_of_a_plan_do_not_want_the_other_at_once() -> None:
    now = team(of_two(), of_two(1))

    found = suggested(now, Preset.MOVE)

    assert found == {"s0": TO_WEDNESDAY, "s1": Choice(Act.MOVE, "away", WEDNESDAY + STEP)}
    assert faults(now, found) == {}


def test_the_step_counts_from_the_hours_of_the_first_of_them() -> None:
    """Whoever is away sits in beside the psychiatrist, whose hours begin ten minutes later."""
    seats = (
        Place("s0", "member0", Duty.MEMBER, "client0"),
        Place("s0", "away", Duty.CO_HOST),
        Place("s0", "second", Duty.HOST),
    )
    later = tuple(replace(block, starts=550) for block in colleague("second").hours.weekly)
    one = affected(seats=seats)
    now = situation(one, others=(colleague("second", PSYCHIATRIST, weekly=later),))

    assert suggested(now, Preset.MOVE) == {"s0": Choice(Act.MOVE, "away", WEDNESDAY + timedelta(minutes=10))}


def test_everybody_of_it_is_told_where_it_moves_with_somebody_else() -> None:
    change = change_of(of_two(), replace(TO_WEDNESDAY, clinician_id="t"), "away", now=NOW)

    assert change is not None
    assert [(seat.person_id, rule) for seat, rule in change.told] == [
        ("member0", Rule.REPLANNED),
        ("second", Rule.MOVED),
        ("away", Rule.CANCELLED),
        ("t", Rule.BOOKED),
    ]
