"""The program: weekly offerings across clock changes, and how far a family has come."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.program import Offering, Progress, Step, StepSession, progress_of
from scheduler.domain.times import day_of

FIRST, LAST = date(2026, 1, 1), date(2030, 12, 31)

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
STEPS = [
    Step(f"step{number}", "program", number, f"Part {number}", 75, is_group=True) for number in range(1, 5)
]
THURSDAYS = Offering("o1", "step3", "host", 3, 18 * 60, "America/Los_Angeles", 8, date(2026, 10, 1))


def test_steps_are_done_booked_or_open_and_the_soonest_booked_one_is_next() -> None:
    sessions = [
        StepSession("step1", NOW - timedelta(days=7), is_credited=True),
        StepSession("step2", NOW - timedelta(days=3), is_credited=False),
        StepSession("step3", NOW + timedelta(days=10), is_credited=False),
        StepSession("step4", NOW + timedelta(days=3), is_credited=False),
    ]

    found = progress_of(list(reversed(STEPS)), sessions, now=NOW)

    assert [one.progress for one in found] == [
        Progress.DONE,
        Progress.OPEN,
        Progress.BOOKED,
        Progress.BOOKED,
    ]
    assert found[2].session_at == NOW + timedelta(days=10)
    assert [one.step.id for one in found if one.is_next] == ["step4"]


def test_where_no_step_is_booked_the_first_open_one_is_next() -> None:
    sessions = [StepSession("step1", NOW - timedelta(days=7), is_credited=True)]

    assert [one.step.id for one in progress_of(STEPS, sessions, now=NOW) if one.is_next] == ["step2"]


def test_when_every_step_is_done_none_is_next() -> None:
    sessions = [StepSession(step.id, NOW - timedelta(days=7), is_credited=True) for step in STEPS]

    assert not any(one.is_next for one in progress_of(STEPS, sessions, now=NOW))


def test_of_two_sessions_of_a_step_ahead_the_sooner_is_shown() -> None:
    sessions = [StepSession("step1", NOW + timedelta(days=days), is_credited=False) for days in (9, 2)]

    assert progress_of(STEPS, sessions, now=NOW)[0].session_at == NOW + timedelta(days=2)


def test_an_offering_keeps_its_wall_time_over_the_clock_change_and_ends_with_its_last_date() -> None:
    until = Offering(
        "o2", "step3", "host", 3, 18 * 60, "America/Los_Angeles", 8, date(2026, 10, 1), date(2026, 11, 5)
    )

    dates = list(until.dates(date(2026, 10, 26), 28))

    assert dates == [date(2026, 10, 29), date(2026, 11, 5)]
    assert [until.starts_on(day).hour for day in dates] == [1, 2]
    assert len(list(THURSDAYS.dates(date(2026, 10, 26), 28))) == 4


@pytest.mark.parametrize(("weekday", "starts", "capacity"), [(7, 0, 8), (0, 1440, 8), (0, 0, 0), (0, 0, 31)])
def test_an_offering_without_a_time_or_room_is_refused(weekday: int, starts: int, capacity: int) -> None:
    with pytest.raises(ValueError):
        Offering("o", "step", "host", weekday, starts, "UTC", capacity, date(2026, 1, 1))


def test_a_step_stays_booked_while_its_session_is_on_and_until_it_is_settled() -> None:
    held = [StepSession("step1", NOW - timedelta(minutes=30), is_credited=False)]

    first, second, *_ = progress_of(STEPS, held, now=NOW)

    assert (first.progress, first.is_next) == (Progress.BOOKED, True)
    assert (second.progress, second.is_next) == (Progress.OPEN, False)
    forgotten, *_ = progress_of(STEPS, held, now=NOW + timedelta(days=1))
    assert forgotten.progress is Progress.OPEN


def test_what_a_step_needs_is_done_before_it_comes_next() -> None:
    steps = [STEPS[0], replace(STEPS[1], needs=("step1",)), STEPS[2], replace(STEPS[3], needs=("step2",))]
    sessions = [StepSession("step3", NOW - timedelta(days=7), is_credited=True)]

    nothing, done = (
        progress_of(steps, [*sessions, *more], now=NOW)
        for more in ([], [StepSession("step1", NOW - timedelta(days=1), is_credited=True)])
    )

    assert [one.waits_for for one in nothing] == [(), ("Part 1",), (), ("Part 2",)]
    assert [one.step.id for one in nothing if one.is_next] == ["step1"]
    assert [one.waits_for for one in done] == [(), (), (), ("Part 2",)]
    assert [one.step.id for one in done if one.is_next] == ["step2"]


def test_a_step_that_waits_is_never_called_next() -> None:
    steps = [replace(STEPS[1], needs=("step9",)), replace(STEPS[2], needs=("step9",))]
    assert not any(
        one.is_next for one in progress_of([replace(STEPS[0], id="step9", ended_at=NOW), *steps], [], now=NOW)
    )


def test_an_ended_step_is_shown_to_those_who_have_done_it() -> None:
    steps = [replace(STEPS[0], ended_at=NOW), STEPS[1]]
    sessions = [StepSession("step1", NOW - timedelta(days=7), is_credited=True)]

    assert [one.step.id for one in progress_of(steps, sessions, now=NOW)] == ["step1", "step2"]
    assert [one.step.id for one in progress_of(steps, [], now=NOW)] == ["step2"]


def test_dates_ahead_leave_out_exceptions_what_has_begun_and_what_was_ended() -> None:
    late = datetime(2026, 11, 6, 2, tzinfo=UTC)  # Thursday, 6 pm
    without = replace(THURSDAYS, exceptions=frozenset({date(2026, 11, 12)}))

    assert list(without.ahead(weeks=2, now=late - timedelta(minutes=1))) == [date(2026, 11, 5)]
    assert list(without.ahead(weeks=3, now=late)) == [date(2026, 11, 19)]
    assert list(replace(without, ended_at=NOW).ahead(weeks=3, now=late)) == []


@given(st.sampled_from(sorted(available_timezones())), st.integers(0, 287), st.dates(FIRST, LAST))
def test_every_zone_holds_a_weekly_time_once_on_each_of_its_days(zone: str, tick: int, day: date) -> None:
    weekly = replace(THURSDAYS, zone=zone, starts=tick * 5, weekday=day.weekday(), first_date=FIRST)

    (held,) = weekly.dates(day, 7)
    interval = weekly.interval_on(held, 75)

    assert held == day
    assert day_of(interval.starts_at, zone) in (day, day + timedelta(days=1))
    assert interval.minutes == 75
