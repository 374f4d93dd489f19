"""The clock on the wall: whether somebody set it between two readings."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.clock import Reading, step_between

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def later(*, wall_seconds: float, steady_seconds: float) -> Reading:
    return Reading(NOON + timedelta(seconds=wall_seconds), 100 + steady_seconds)


@pytest.mark.parametrize(("wall", "step"), [(3610, 3600), (-3590, -3600), (15, 5)])
def test_a_clock_that_was_set_tells_by_how_much(wall: float, step: float) -> None:
    found = step_between(Reading(NOON, 100), later(wall_seconds=wall, steady_seconds=10))
    assert found == timedelta(seconds=step)


@pytest.mark.parametrize("wall", [10, 14.9, 5.1])
def test_slow_corrections_are_not_steps(wall: float) -> None:
    assert step_between(Reading(NOON, 100), later(wall_seconds=wall, steady_seconds=10)) is None
