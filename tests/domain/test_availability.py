"""Availability: weekly hours, days off and extra hours as wall-time rules."""

from datetime import UTC, date, datetime

import pytest

from scheduler.domain.availability import (
    DayOff,
    ExtraHours,
    Hours,
    Kind,
    WeeklyHours,
    clashing,
    merged,
)
from scheduler.domain.cells import cells, lattice
from scheduler.domain.errors import Invalid
from scheduler.domain.hours_changes import check_days_off, check_extra, check_length
from scheduler.domain.times import Interval, moment_of

PACIFIC = "America/Los_Angeles"
MONDAY = date(2026, 11, 2)
WEEKLY = (WeeklyHours(0, 540, 720), WeeklyHours(0, 780, 1020))


def test_a_day_has_its_weekly_blocks_in_order() -> None:
    assert Hours("x", PACIFIC, WEEKLY[::-1]).blocks_on(MONDAY) == ((540, 720), (780, 1020))


def test_a_day_off_has_none_but_extra_hours_open_even_a_day_off() -> None:
    off = Hours("x", PACIFIC, WEEKLY, (DayOff(MONDAY, MONDAY),))
    extra = Hours("x", PACIFIC, WEEKLY, (DayOff(MONDAY, MONDAY),), (ExtraHours(MONDAY, 600, 660),))

    assert off.blocks_on(MONDAY) == ()
    assert extra.blocks_on(MONDAY) == ((600, 660),)


def test_extra_hours_that_touch_weekly_hours_make_one_block() -> None:
    hours = Hours("x", PACIFIC, WEEKLY, (), (ExtraHours(MONDAY, 720, 780),))

    assert hours.blocks_on(MONDAY) == ((540, 1020),)


def test_spans_are_the_utc_ticks_of_the_wall_times_on_either_side_of_the_clock_change() -> None:
    hours = Hours("x", PACIFIC, (WeeklyHours(6, 0, 360),))

    spans = hours.spans(date(2026, 10, 25).toordinal(), 8)

    assert [(moment_of(first), moment_of(end)) for first, end in spans] == [
        (datetime(2026, 10, 25, 7, tzinfo=UTC), datetime(2026, 10, 25, 13, tzinfo=UTC)),
        (datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 11, 1, 14, tzinfo=UTC)),
    ]


def test_hours_cover_what_lies_wholly_in_open_time() -> None:
    hours = Hours("x", PACIFIC, WEEKLY)
    last = Interval(datetime(2026, 11, 2, 19, 40, tzinfo=UTC), datetime(2026, 11, 2, 20, tzinfo=UTC))

    assert hours.cover(last)
    assert not hours.cover(last.widened(before=0, after=5))


@pytest.mark.parametrize(("starts", "ends"), [(540, 540), (600, 540), (541, 600), (540, 1445), (-5, 60)])
def test_a_block_that_is_none_is_refused(starts: int, ends: int) -> None:
    with pytest.raises(ValueError):
        WeeklyHours(0, starts, ends)
    with pytest.raises(ValueError):
        ExtraHours(MONDAY, starts, ends)


def test_days_off_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(ValueError):
        DayOff(date(2026, 11, 3), MONDAY)


@pytest.mark.parametrize("lengths", [{"minutes": 0}, {"minutes": 18}, {"start_step": 0}, {"pause_after": 3}])
def test_a_kind_with_lengths_off_the_grid_is_refused(lengths: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Kind(**{"id": "k", "name": "Check-in", "minutes": 20} | lengths)  # type: ignore[arg-type]


def test_blocks_are_merged_where_they_touch_and_clash_only_where_they_share_time() -> None:
    assert merged([(60, 120), (0, 60), (180, 240)]) == ((0, 120), (180, 240))
    assert clashing([(60, 120), (0, 60)]) == []
    assert clashing([(60, 120), (180, 240), (0, 65), (200, 210), (60, 120)]) == [2, 3, 4]


@pytest.mark.parametrize(("starts", "ends"), [(600, 540), (540, 540), (0, 1440)])
def test_a_block_that_nobody_means_is_refused_beside_its_end(starts: int, ends: int) -> None:
    with pytest.raises(Invalid) as refused:
        check_length(starts, ends)

    assert list(refused.value.errors) == ["ends"]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "last_date"),
        (date(2026, 10, 30), date(2026, 11, 1), "last_date"),
        (date(2032, 1, 1), date(2032, 1, 1), "first_date"),
        (date(2026, 11, 3), date(2027, 12, 3), "last_date"),
        (date(2026, 12, 21), date(2026, 12, 25), "first_date"),
        (date(2026, 12, 1), date(2026, 12, 21), "first_date"),
        (date(2026, 12, 22), date(2026, 12, 22), "first_date"),
    ],
)
def test_days_off_that_cannot_be_or_are_off_already_are_refused(first: date, last: date, field: str) -> None:
    hours = Hours("x", PACIFIC, WEEKLY, (DayOff(date(2026, 12, 21), date(2026, 12, 25)),))

    check_days_off(hours, date(2026, 12, 26), date(2026, 12, 26), today=MONDAY)
    with pytest.raises(Invalid) as refused:
        check_days_off(hours, first, last, today=MONDAY)

    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        (ExtraHours(date(2026, 11, 1), 600, 660), "date"),
        (ExtraHours(date(2036, 1, 1), 600, 660), "date"),
        (ExtraHours(date.max, 600, 660), "date"),
        (ExtraHours(MONDAY, 480, 540), "ends"),
        (ExtraHours(date(2027, 3, 14), 120, 180), "starts"),
        (ExtraHours(date(2027, 3, 14), 125, 170), "starts"),
        (ExtraHours(date(2026, 11, 7), 600, 660), "starts"),
        (ExtraHours(date(2026, 11, 7), 630, 720), "starts"),
        (ExtraHours(date(2026, 11, 9), 545, 720), "starts"),
    ],
)
def test_extra_hours_that_are_over_skipped_or_open_already_are_refused(extra: ExtraHours, field: str) -> None:
    hours = Hours("x", PACIFIC, WEEKLY, (), (ExtraHours(date(2026, 11, 7), 600, 660),))
    now = datetime(2026, 11, 2, 17, tzinfo=UTC)

    with pytest.raises(Invalid) as refused:
        check_extra(hours, extra, now=now)

    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(
    "extra",
    [
        ExtraHours(MONDAY, 480, 545),
        ExtraHours(date(2027, 3, 14), 120, 240),
        ExtraHours(date(2026, 11, 7), 660, 720),
        ExtraHours(date(2026, 11, 9), 480, 720),
        ExtraHours(date(2026, 12, 21), 540, 720),
    ],
)
def test_extra_hours_that_open_something_may_be_added(extra: ExtraHours) -> None:
    off = DayOff(date(2026, 12, 21), date(2026, 12, 25))
    hours = Hours("x", PACIFIC, WEEKLY, (off,), (ExtraHours(date(2026, 11, 7), 600, 660),))

    check_extra(hours, extra, now=datetime(2026, 11, 2, 17, tzinfo=UTC))

    assert Hours("x", PACIFIC, WEEKLY, (off,), (*hours.extra, extra)).spans(extra.date.toordinal(), 1)


def test_cells_and_lattices_are_cut_to_their_frame_and_keep_their_step() -> None:
    assert cells([(-2, 3), (5, 99)], 0, 8) == 0b11100111
    assert lattice([(-2, 9)], 0, 8, 3) == 0b10010010
