"""Minutes present: intervals added up, overlaps once, nothing from before the start."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.credits import Stay, minutes_present
from scheduler.domain.program import Step

START = datetime(2026, 11, 5, 18, tzinfo=UTC)
END = START + timedelta(minutes=60)
SPANS = st.lists(st.tuples(st.integers(-30, 90), st.integers(0, 60)), max_size=6)


def stay(begins: int, ends: int | None) -> Stay:
    """Return a stay by minutes from the start."""
    left_at = None if ends is None else START + timedelta(minutes=ends)
    return Stay("rosa", START + timedelta(minutes=begins), left_at)


def test_intervals_add_up_and_twice_at_once_counts_once() -> None:
    assert minutes_present([stay(0, 20), stay(30, 45)], since=START, until=END) == 35
    assert minutes_present([stay(0, 20), stay(10, 30), stay(12, 14)], since=START, until=END) == 30


def test_waiting_for_the_start_is_not_counted_and_a_stay_that_goes_on_lasts_until_now() -> None:
    assert minutes_present([stay(-15, 10)], since=START, until=END) == 10
    assert minutes_present([stay(40, None)], since=START, until=END) == 20
    assert minutes_present([], since=START, until=END) == 0


@given(SPANS)
def test_minutes_are_those_in_which_somebody_was_there(spans: list[tuple[int, int]]) -> None:
    stays = [stay(begins, begins + lasts) for begins, lasts in spans]

    slow = sum(any(b <= minute < b + lasts for b, lasts in spans) for minute in range(60))

    assert minutes_present(stays, since=START, until=END) == slow


def test_enough_is_two_thirds_unless_the_step_says_otherwise() -> None:
    step = Step("s", "p", 1, "Welcome", 50, is_group=True)

    assert step.enough_minutes == 34
    assert Step("s", "p", 1, "Welcome", 50, is_group=True, least_minutes=20).enough_minutes == 20
