"""How the log words what is over."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.past_times import spoken_ago, spoken_second

NOW = datetime(2026, 11, 3, 22, 3, 11, 402_000, tzinfo=UTC)


def test_a_moment_is_told_to_the_second_in_the_readers_zone() -> None:
    assert spoken_second(NOW, "America/Los_Angeles") == "2:03:11 pm"
    assert spoken_second(NOW.replace(hour=8), "America/Los_Angeles") == "12:03:11 am"


def test_an_hour_that_comes_twice_says_which_of_the_two_it_is() -> None:
    first = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert spoken_second(first, "America/Los_Angeles") == "1:30:00 am (before the clocks go back)"
    assert spoken_second(first + timedelta(hours=1), "America/Los_Angeles").endswith(
        "(after the clocks go back)"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (1, "just now"),
        (22, "22 seconds ago"),
        (89, "89 seconds ago"),
        (90, "1 minute ago"),
        (300, "5 minutes ago"),
        (5400, "1 hour ago"),
        (10_800, "3 hours ago"),
        (130_000, "a day ago"),
        (200_000, "2 days ago"),
    ],
)
def test_how_long_ago_it_was(seconds: int, words: str) -> None:
    assert spoken_ago(NOW - timedelta(seconds=seconds), now=NOW) == words
