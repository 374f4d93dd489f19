"""The coordinator's lists: what a row shows, how it is found, and the pages of a long one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.domain.availability import DayOff, ExtraHours, Hours, WeeklyHours
from scheduler.domain.lists import (
    HEADINGS,
    OTHERS,
    PAGE_ROWS,
    CohortRow,
    FamilyRow,
    HoldRow,
    HostlessRow,
    Listing,
    Row,
    WaitRow,
    is_found,
    join_names,
    page_of,
)
from scheduler.domain.times import Interval

PACIFIC = "America/Los_Angeles"
NINE = datetime(2026, 11, 3, 17, tzinfo=UTC)  # Tuesday 3 November, 9:00 am in Pacific time
AT_NINE = Interval.lasting(NINE, minutes=60)
FAMILY = FamilyRow("c", "Jules Rivera", (("José Rivera", "father"),), (), has_apart=True, next_at=NINE)
COHORT = CohortRow("s", AT_NINE, "Boundaries", ("Maya Okafor",), 12, 9, 0, "o")
WAIT = WaitRow("w", "s", AT_NINE, "Boundaries", 2, 3, NINE - timedelta(days=1), None, "o")
HOLD = HoldRow(
    "h", AT_NINE, NINE - timedelta(hours=1), "Check-in", ("Maya Okafor",), True, "c", "Rosa Rivera"
)
HOSTLESS = HostlessRow("s", AT_NINE, "Check-in", "Maya Okafor is away that day", families=1)
ROWS = {
    Listing.FAMILIES: FAMILY,
    Listing.COHORTS: COHORT,
    Listing.WAITLISTS: WAIT,
    Listing.HOLDS: HOLD,
    Listing.HOSTLESS: HOSTLESS,
}
WORKING = Hours("maya", PACIFIC, tuple(WeeklyHours(day, 9 * 60, 17 * 60) for day in range(5)))


@pytest.mark.parametrize("listing", Listing)
def test_each_list_has_a_heading_for_every_cell_and_times_in_the_readers_zone(listing: Listing) -> None:
    row: Row = ROWS[listing]  # type: ignore[assignment]  # of one type each

    assert len(row.cells(PACIFIC)) == len(HEADINGS[listing])
    assert {"2026-11-03 09:00", PACIFIC} <= set(row.cells(PACIFIC))
    assert "2026-11-03 10:00" in row.cells("America/Denver")


@pytest.mark.parametrize(
    "words", ["rivera", "JULES father", "jose", "tuesday 3 november", "9:00 am", "2026-11-03", "apart"]
)
def test_a_row_is_found_by_all_that_it_shows_whatever_case_accents_and_order(words: str) -> None:
    assert is_found(words, FAMILY, PACIFIC)


@pytest.mark.parametrize("words", ["rivera baker", "wednesday", "10:00"])
def test_a_row_that_lacks_one_of_the_words_is_not_found(words: str) -> None:
    assert not is_found(words, FAMILY, PACIFIC)


def test_letters_with_their_accents_apart_are_the_same_letters() -> None:
    assert is_found("jose\u0301", FAMILY, PACIFIC)


def test_a_family_that_the_reader_may_not_know_is_one_of_another_care_team() -> None:
    assert OTHERS in WAIT.cells(PACIFIC)
    assert WAIT.named == ()
    assert HOLD.named == ("c",)


def test_a_group_is_full_once_its_last_place_is_taken() -> None:
    assert COHORT.cells(PACIFIC)[5:] == (12, 9, 3, 0, "has room")
    assert CohortRow("s", AT_NINE, "Boundaries", (), 12, 12, 4, None).cells(PACIFIC)[5:] == (
        12,
        12,
        0,
        4,
        "full",
    )


def test_a_hold_is_about_to_lapse_in_its_last_hour() -> None:
    assert HOLD.is_soon(HOLD.expires_at - timedelta(minutes=60))
    assert not HOLD.is_soon(HOLD.expires_at - timedelta(minutes=61))


@pytest.mark.parametrize(
    ("count", "page", "shown"),
    [(0, 1, (1, 1)), (PAGE_ROWS, 2, (1, 1)), (PAGE_ROWS + 1, 2, (2, 2)), (3 * PAGE_ROWS, 9, (3, 3))],
)
def test_after_the_last_page_comes_the_last_page(count: int, page: int, shown: tuple[int, int]) -> None:
    assert page_of(count, page) == shown


@pytest.mark.parametrize(
    ("names", "said"), [((), ""), (("Ana",), "Ana"), (("Ana", "Bo", "Cy"), "Ana, Bo and Cy")]
)
def test_names_are_said_as_one_says_them(names: tuple[str, ...], said: str) -> None:
    assert join_names(names) == said


def test_a_clinician_is_away_on_a_day_off_unless_extra_hours_cover_the_session() -> None:
    off = (DayOff(date(2026, 11, 3), date(2026, 11, 3)),)
    evening = Interval.lasting(NINE + timedelta(hours=10), minutes=60)

    assert not WORKING.is_away_for(AT_NINE)
    assert not WORKING.is_away_for(evening)  # after work is not away: groups are held then
    assert Hours("maya", PACIFIC, WORKING.weekly, off).is_away_for(AT_NINE)
    back = (ExtraHours(date(2026, 11, 3), 9 * 60, 10 * 60),)
    assert not Hours("maya", PACIFIC, WORKING.weekly, off, back).is_away_for(AT_NINE)
