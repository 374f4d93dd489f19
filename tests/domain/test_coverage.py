"""Coverage: who fits and who comes first, what is suggested, and what cannot be."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.absences import Absence
from scheduler.domain.availability import DayOff, Hours, Kind, WeeklyHours
from scheduler.domain.booking import Duty, Place, Session, Status
from scheduler.domain.coverage import (
    CANCEL,
    LEAVE,
    Act,
    Affected,
    Choice,
    Colleague,
    Planned,
    Situation,
    TakenBy,
)
from scheduler.domain.coverage_change import change_of
from scheduler.domain.coverage_plan import (
    FAMILY_ELSEWHERE,
    NOT_MOVABLE,
    NOT_THEIRS,
    TAKEN_THEN,
    TIME_GONE,
    TOO_FAR,
    Preset,
    faults,
    is_of_now,
    planned,
    suggested,
)
from scheduler.domain.errors import Invalid
from scheduler.domain.notices import Rule
from scheduler.domain.times import Interval, tick_of
from scheduler.domain.travel import Travel

ZONE = "America/Los_Angeles"
NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
NINE = datetime(2026, 11, 3, 17, tzinfo=UTC)  # 9:00 in Pacific time
TUESDAY = date(2026, 11, 3)
STEP = timedelta(minutes=25)
KIND = Kind("check_in", "Check-in", 20, pause_after=5, horizon_days=28, start_step=25)
MORNINGS = tuple(WeeklyHours(weekday, 540, 720) for weekday in range(5))
EVENINGS = tuple(WeeklyHours(weekday, 1020, 1140) for weekday in range(5))
THERAPIST, PSYCHIATRIST = "family therapist", "psychiatrist"


def colleague(name: str, duty: str = THERAPIST, *, weekly: tuple[WeeklyHours, ...] = MORNINGS) -> Colleague:
    clients = frozenset(f"client{number}" for number in range(9))
    return Colleague(duty, Hours(name, ZONE, weekly), frozenset({KIND.id}), clients)


def affected(number: int = 0, **changes: object) -> Affected:
    session = Session(
        f"s{number}", KIND.id, "away", Interval.lasting(NINE + number * STEP, minutes=20), "room"
    )
    seats = (
        Place(session.id, f"member{number}", Duty.MEMBER, f"client{number}"),
        Place(session.id, "away", Duty.HOST),
    )
    return replace(Affected(session, KIND, seats), **changes)  # type: ignore[arg-type]


def taken(one: Affected) -> dict[str, list[TakenBy]]:
    bare = one.session.interval.ticks
    return {seat.person_id: [TakenBy((bare.start, bare.stop), one.session.id)] for seat in one.seats}


def situation(*those: Affected, others: tuple[Colleague, ...] = (), **busy: list[TakenBy]) -> Situation:
    times: dict[str, list[TakenBy]] = dict(busy)
    for one in those:
        for person_id, spans in taken(one).items():
            times[person_id] = times.get(person_id, []) + spans
    away = colleague("away")
    gone = Absence(TUESDAY, TUESDAY).interval(away.hours)
    return Situation(away, gone, those, others, times, NOW)


def merged(busy: dict[str, list[TakenBy]]) -> dict[str, list[TakenBy]]:
    own = taken(affected())
    return {name: own.get(name, []) + busy.get(name, []) for name in own.keys() | busy.keys()}


def busy_at(moment: datetime, minutes: int = 20) -> TakenBy:
    return TakenBy((tick_of(moment), tick_of(moment + timedelta(minutes=minutes))))


def test_of_those_who_fit_the_same_duty_comes_first_and_then_the_least_taken() -> None:
    others = (colleague("a_psychiatrist", PSYCHIATRIST), colleague("busy"), colleague("idle"))
    now = situation(affected(), others=others, busy=[busy_at(NINE + 3 * STEP)])

    assert [one.id for one in now.stand_ins(now.affected[0])] == ["idle", "busy", "a_psychiatrist"]


@pytest.mark.parametrize(
    "unfit",
    [
        replace(colleague("x"), client_ids=frozenset()),  # not on the care team
        replace(colleague("x"), kind_ids=frozenset()),  # does not offer it
        colleague("x", weekly=EVENINGS),  # works at another time
        colleague("member0"),  # takes part already
    ],
)
def test_who_does_not_fit_is_not_offered_and_not_taken(unfit: Colleague) -> None:
    now = situation(affected(), others=(unfit,))

    assert now.stand_ins(now.affected[0]) == []
    assert list(faults(now, {"s0": Choice(Act.REASSIGN, unfit.id)})) == ["s0"]


def test_who_has_something_else_or_a_pause_then_is_not_free() -> None:
    for moment in (NINE, NINE + timedelta(minutes=20), NINE - timedelta(minutes=5)):
        now = situation(affected(), others=(colleague("other"),), other=[busy_at(moment)])
        assert faults(now, {"s0": Choice(Act.REASSIGN, "other")}) == {"s0": TAKEN_THEN}
    now = situation(affected(), others=(colleague("other"),), other=[busy_at(NINE + STEP)])
    assert faults(now, {"s0": Choice(Act.REASSIGN, "other")}) == {}


def test_a_group_goes_to_whoever_may_hold_one_and_stays_at_its_time() -> None:
    group = affected(session=replace(affected().session, capacity=8), kind=replace(KIND, id="group"))
    now = situation(group, others=(colleague("p", PSYCHIATRIST), colleague("t")))

    assert [able.id for able in now.stand_ins(group)] == ["t", "p"]
    assert suggested(now, Preset.REASSIGN) == {"s0": Choice(Act.REASSIGN, "t")}
    assert now.times(group) == []
    assert faults(now, {"s0": Choice(Act.MOVE, "away", NINE + timedelta(days=1))}) == {"s0": NOT_MOVABLE}


def test_no_two_sessions_of_a_plan_get_the_same_person_at_once() -> None:
    later = affected(1, session=replace(affected(1).session, interval=affected().session.interval))
    now = situation(affected(), later, others=(colleague("only"),))

    found = suggested(now, Preset.REASSIGN_OR_CANCEL)

    assert found == {"s0": Choice(Act.REASSIGN, "only"), "s1": CANCEL}
    assert faults(now, {"s0": found["s0"], "s1": found["s0"]}) == {"s1": TAKEN_THEN}


def test_those_who_fit_share_the_sessions() -> None:
    now = situation(*map(affected, range(6)), others=(colleague("a"), colleague("b")))

    hosts = [choice.clinician_id for choice in suggested(now, Preset.REASSIGN).values()]

    assert hosts == ["a", "b", "a", "b", "a", "b"]


def test_another_duty_is_offered_and_never_suggested() -> None:
    now = situation(affected(), others=(colleague("p", PSYCHIATRIST),))

    assert [one.id for one in now.stand_ins(now.affected[0])] == ["p"]
    assert suggested(now, Preset.REASSIGN) == {"s0": LEAVE}


def test_sessions_move_one_after_the_other_to_the_first_free_times_after_the_absence() -> None:
    wednesday = NINE + timedelta(days=1)
    now = situation(affected(), affected(1), away=[busy_at(wednesday)])

    assert suggested(now, Preset.MOVE) == {
        "s0": Choice(Act.MOVE, "away", wednesday + STEP),
        "s1": Choice(Act.MOVE, "away", wednesday + 2 * STEP),
    }


def test_a_day_moves_at_the_same_wall_time_across_a_change_of_the_clocks() -> None:
    summer = datetime(2026, 10, 30, 16, tzinfo=UTC)  # 9:00 in Pacific summer time, a Friday
    one = affected(session=replace(affected().session, interval=Interval.lasting(summer, minutes=20)))
    now = replace(situation(one), now=summer - timedelta(days=2), gone=Interval.lasting(summer, minutes=30))

    found = suggested(now, Preset.DAY, to_date=date(2026, 11, 2))

    assert found == {"s0": Choice(Act.MOVE, "away", datetime(2026, 11, 2, 17, tzinfo=UTC))}


def test_a_day_moves_at_the_same_wall_time_to_a_day_of_travel() -> None:
    now = situation(affected())
    hours = replace(now.away.hours, travels=(Travel(date(2026, 11, 5), date(2026, 11, 6), "Asia/Tokyo"),))
    now = replace(now, away=replace(now.away, hours=hours))

    found = suggested(now, Preset.DAY, to_date=date(2026, 11, 5))

    assert found == {"s0": Choice(Act.MOVE, "away", datetime(2026, 11, 5, 0, tzinfo=UTC))}  # 9:00 there


@pytest.mark.parametrize(
    ("starts_at", "busy", "words"),
    [
        (NINE + timedelta(days=40), {}, TOO_FAR),
        (NOW - timedelta(days=1), {}, TOO_FAR),
        (datetime(9999, 12, 31, 23, 55, tzinfo=UTC), {}, TOO_FAR),  # no interval could begin then
        (NINE + 3 * STEP, {}, TIME_GONE),  # still away
        (NINE + timedelta(days=4), {}, TIME_GONE),  # a Saturday
        (NINE + timedelta(days=1), {"away": [busy_at(NINE + timedelta(days=1))]}, TIME_GONE),
        (NINE + timedelta(days=1), {"member0": [busy_at(NINE + timedelta(days=1))]}, FAMILY_ELSEWHERE),
    ],
)
def test_where_a_session_cannot_move_is_said(
    starts_at: datetime, busy: dict[str, list[TakenBy]], words: str
) -> None:
    assert faults(
        replace(situation(affected()), taken=merged(busy)), {"s0": Choice(Act.MOVE, "away", starts_at)}
    ) == {"s0": words}


def test_without_a_release_a_session_is_not_moved() -> None:
    now = situation(affected(is_released=False), others=(colleague("other"),))

    assert now.times(now.affected[0]) == []
    assert faults(now, {"s0": Choice(Act.MOVE, "away", NINE + timedelta(days=1))}) == {"s0": NOT_MOVABLE}
    assert faults(now, {"s0": Choice(Act.REASSIGN, "other")}) == {}
    assert faults(now, {"s0": Choice(Act.REASSIGN, "nobody")}) == {"s0": NOT_THEIRS}


spans = st.lists(
    st.integers(-20, 60).map(lambda number: busy_at(NINE + number * timedelta(minutes=10))), max_size=5
)


@given(st.integers(1, 7), spans, spans, spans, st.sampled_from(Preset))
def test_whatever_is_suggested_can_be_done(
    count: int, one: list[TakenBy], other: list[TakenBy], own: list[TakenBy], preset: Preset
) -> None:
    sessions = [affected(number) for number in range(count)]
    others = (colleague("one"), colleague("other"))
    now = situation(*sessions, others=others, one=one, other=other, member0=own)

    found = suggested(now, preset, to_date=date(2026, 11, 6))

    assert faults(now, found) == {}
    assert is_of_now(now, planned(now, found))


@pytest.mark.parametrize(
    "choice", [CANCEL, LEAVE, Choice(Act.REASSIGN, "id00001"), Choice(Act.MOVE, "id00001", NINE)]
)
def test_a_choice_comes_back_from_a_form_as_it_went(choice: Choice) -> None:
    assert Planned.parse(str(Planned(NINE, choice))) == Planned(NINE, choice)


@pytest.mark.parametrize(
    "text",
    ["", "cancel", "2026-11-03T17:00Z", "2026-11-03T17:00Z sing", "2026-11-03T17:00Z move id1", "x leave"],
)
def test_what_no_form_of_ours_wrote_is_no_choice(text: str) -> None:
    with pytest.raises(ValueError):
        Planned.parse(text)


def test_a_plan_is_of_now_while_the_same_sessions_are_at_the_same_times() -> None:
    now = situation(affected(), affected(1))
    plan = planned(now, {})

    assert is_of_now(now, plan)
    assert not is_of_now(situation(affected()), plan)
    assert not is_of_now(now, {"s0": plan["s0"]})
    assert not is_of_now(now, plan | {"s0": Planned(NINE + STEP, LEAVE)})


def test_a_co_host_who_is_replaced_leaves_the_host_and_tells_them_nothing() -> None:
    seats = (
        Place("s0", "member0", Duty.MEMBER, "client0", sequence=2),
        Place("s0", "host", Duty.HOST),
        Place("s0", "away", Duty.CO_HOST, sequence=1),
    )
    one = affected(seats=seats, session=replace(affected().session, host_id="host"))

    change = change_of(one, Choice(Act.REASSIGN, "other"), "away", now=NOW)

    assert change is not None
    assert change.session == one.session
    assert [(seat.person_id, seat.duty, seat.status, seat.sequence, rule) for seat, rule in change.told] == [
        ("member0", Duty.MEMBER, Status.BOOKED, 3, Rule.REASSIGNED),
        ("away", Duty.CO_HOST, Status.CANCELLED, 2, Rule.CANCELLED),
        ("other", Duty.CO_HOST, Status.BOOKED, 0, Rule.BOOKED),
    ]


def test_days_off_are_added_where_there_are_none_and_for_whole_days_only() -> None:
    absence = Absence(TUESDAY, TUESDAY + timedelta(days=4), starts=720)

    assert absence.days_to_close([DayOff(date(2026, 11, 5), date(2026, 11, 5))]) == [
        (date(2026, 11, 4), date(2026, 11, 4)),
        (date(2026, 11, 6), date(2026, 11, 7)),
    ]
    assert Absence(TUESDAY, TUESDAY, starts=540, ends=600).days_to_close([]) == []


@pytest.mark.parametrize(
    ("absence", "field"),
    [
        (Absence(TUESDAY, date(2026, 11, 2)), "last_date"),
        (Absence(TUESDAY, TUESDAY, 600, 540), "ends"),
        (Absence(date(2026, 10, 1), date(2026, 10, 2)), "last_date"),
        (Absence(TUESDAY, date(2028, 11, 2)), "last_date"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(absence: Absence, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        absence.check(colleague("away").hours, now=NOW)
    assert list(refused.value.errors) == [field]
