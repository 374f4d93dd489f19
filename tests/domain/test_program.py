"""The program: weekly offerings across clock changes, and how far a family has come."""

from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.domain.program import Offering, Progress, Step, StepSession, progress_of

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
STEPS = [
    Step(f"step{number}", "program", number, f"Part {number}", 75, is_group=True) for number in range(1, 5)
]
THURSDAYS = Offering("o1", "step3", "host", 3, 18 * 60, "America/Los_Angeles", 8, date(2026, 10, 1))


def test_steps_are_done_booked_or_open_and_the_soonest_booked_one_is_next() -> None:
    sessions = [
        StepSession("step1", NOW - timedelta(days=7), is_attended=True),
        StepSession("step2", NOW - timedelta(days=3), is_attended=False),
        StepSession("step3", NOW + timedelta(days=10), is_attended=False),
        StepSession("step4", NOW + timedelta(days=3), is_attended=False),
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
    sessions = [StepSession("step1", NOW - timedelta(days=7), is_attended=True)]

    assert [one.step.id for one in progress_of(STEPS, sessions, now=NOW) if one.is_next] == ["step2"]


def test_when_every_step_is_done_none_is_next() -> None:
    sessions = [StepSession(step.id, NOW - timedelta(days=7), is_attended=True) for step in STEPS]

    assert not any(one.is_next for one in progress_of(STEPS, sessions, now=NOW))


def test_of_two_sessions_of_a_step_ahead_the_sooner_is_shown() -> None:
    sessions = [StepSession("step1", NOW + timedelta(days=days), is_attended=False) for days in (9, 2)]

    assert progress_of(STEPS, sessions, now=NOW)[0].session_at == NOW + timedelta(days=2)


def test_an_offering_keeps_its_wall_time_over_the_clock_change_and_ends_with_its_last_date() -> None:
    until = Offering(
        "o2", "step3", "host", 3, 18 * 60, "America/Los_Angeles", 8, date(2026, 10, 1), date(2026, 11, 5)
    )

    dates = list(until.dates(date(2026, 10, 26), 28))

    assert dates == [date(2026, 10, 29), date(2026, 11, 5)]
    assert [until.starts_on(day).hour for day in dates] == [1, 2]
    assert len(list(THURSDAYS.dates(date(2026, 10, 26), 28))) == 4


@pytest.mark.parametrize(("weekday", "starts", "capacity"), [(7, 0, 8), (0, 1440, 8), (0, 0, 0)])
def test_an_offering_without_a_time_or_room_is_refused(weekday: int, starts: int, capacity: int) -> None:
    with pytest.raises(ValueError):
        Offering("o", "step", "host", weekday, starts, "UTC", capacity, date(2026, 1, 1))
