"""Times: the grid, wall times across every clock change of five years in every zone, and the wording."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain import times, zones
from scheduler.domain.times import Interval

PACIFIC = "America/Los_Angeles"
NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)

CHECK_IN = Interval(datetime(2026, 11, 3, 22, tzinfo=UTC), datetime(2026, 11, 3, 22, 20, tzinfo=UTC))


def at(text: str) -> datetime:
    """Return the UTC moment written "2026-11-03 22:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def changing_days(zone: str) -> tuple[date, ...]:
    """Return the local days of 2026 to 2030 on which the zone's clock changes."""
    there, days = ZoneInfo(zone), []
    for number in range(1826):
        noon = datetime(2026, 1, 1, 12, tzinfo=there) + timedelta(days=number)
        if noon.utcoffset() != (noon - timedelta(days=1)).utcoffset():
            days += [noon.date() - timedelta(days=1), noon.date()]
    return tuple(days)


def slow_instant(day: date, minutes: int, zone: str) -> datetime:
    """Return the first moment at which the wall clock shows the wanted time or later: a scan, the oracle."""
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    moment = wanted.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=3)
    while moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wanted:
        moment += timedelta(minutes=5)
    return moment


@cache
def changing_zones() -> tuple[str, ...]:
    return tuple(zone for zone in sorted(zones.zone_names()) if changing_days(zone))


def test_wall_times_on_each_day_of_a_clock_change_in_every_zone_become_the_right_instant() -> None:
    for zone in changing_zones():
        for day in changing_days(zone)[:4]:
            for minutes in (0, 30, 60, 90, 120, 125, 150, 180, 210, 720, 1380, 1410, 1440):
                expected = slow_instant(day, minutes, zone)
                assert times.instant_of(day, minutes, zone) == expected, (zone, day, minutes)
                assert times.tick_at(day.toordinal(), minutes, zone) == times.tick_of(expected)


@given(st.data())
def test_wall_times_around_clock_changes_become_the_right_instant(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(changing_zones()))
    day = data.draw(st.sampled_from(changing_days(zone))) + timedelta(days=data.draw(st.integers(-1, 1)))
    minutes = data.draw(st.integers(0, 288)) * 5

    assert times.instant_of(day, minutes, zone) == slow_instant(day, minutes, zone)


def test_a_skipped_wall_time_moves_forward_to_the_change() -> None:
    assert times.instant_of(date(2026, 3, 8), 150, PACIFIC) == at("2026-03-08 10:00")


def test_a_repeated_wall_time_means_its_first_occurrence() -> None:
    assert times.instant_of(date(2026, 11, 1), 90, PACIFIC) == at("2026-11-01 08:30")


@given(st.integers(0, 10_000_000))
def test_a_tick_and_its_moment_name_each_other(tick: int) -> None:
    assert times.tick_of(times.moment_of(tick)) == tick


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (datetime(2026, 11, 3, 22), datetime(2026, 11, 3, 23)),  # noqa: DTZ001 - naive on purpose
        (at("2026-11-03 22:01"), at("2026-11-03 22:20")),
        (at("2026-11-03 22:20"), at("2026-11-03 22:20")),
        (at("2026-11-03 22:20"), at("2026-11-03 22:00")),
        (at("2026-11-03 22:00").astimezone(ZoneInfo(PACIFIC)), at("2026-11-03 22:20")),
    ],
)
def test_an_interval_refuses_moments_that_are_naive_foreign_off_the_grid_or_out_of_order(
    starts_at: datetime, ends_at: datetime
) -> None:
    with pytest.raises(ValueError):
        Interval(starts_at, ends_at)


def test_intervals_that_only_touch_do_not_overlap() -> None:
    later = Interval(CHECK_IN.ends_at, CHECK_IN.ends_at + timedelta(minutes=20))

    assert not CHECK_IN.overlaps(later)
    assert CHECK_IN.overlaps(later.widened(before=5, after=0))


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-11-03", "2026-11-03T22:00", "2026-11-03T22:01Z", "9999-99-99T00:00Z"]
)
def test_a_moment_of_a_form_is_refused_when_it_is_naive_or_off_the_grid(text: str) -> None:
    with pytest.raises(ValueError):
        times.parse_iso(text)


def test_a_moment_at_the_end_of_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError):
        times.parse_iso("9999-12-31T23:55-12:00")


def test_a_moment_survives_its_way_through_a_form() -> None:
    assert times.parse_iso(times.iso(CHECK_IN.starts_at)) == CHECK_IN.starts_at


@pytest.mark.parametrize(
    "text",
    ["", "9", "9:5", "25:00", "24:05", "12:60", "12:03", "-1:00", "\u0661\u0662:\u0660\u0660", "012:00"],
)
def test_a_wall_time_of_a_form_is_refused_when_it_is_none_or_off_the_grid(text: str) -> None:
    with pytest.raises(ValueError):
        times.minutes_of(text)


def test_a_wall_time_survives_its_way_through_a_form() -> None:
    assert [times.minutes_of(times.wall_text(minutes)) for minutes in range(0, 1445, 5)] == list(
        range(0, 1445, 5)
    )


def test_a_session_is_spoken_with_its_day_clock_and_zone() -> None:
    assert times.spoken_when(CHECK_IN, PACIFIC) == "Tuesday 3 November, 2:00 to 2:20 pm, Pacific time"
    assert (
        times.spoken_when(CHECK_IN, "Asia/Kathmandu")
        == "Wednesday 4 November, 3:45 to 4:05 am, Kathmandu time"
    )


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        ("19:50", "20:10", "11:50 am to 12:10 pm"),
        ("19:40", "20:00", "11:40 am to 12:00 noon"),
        ("20:00", "20:20", "12:00 noon to 12:20 pm"),
        ("20:05", "20:25", "12:05 to 12:25 pm"),
        ("17:05", "18:35", "9:05 to 10:35 am"),
    ],
)
def test_noon_is_called_noon_and_a_shared_half_of_the_day_is_said_once(
    starts: str, ends: str, words: str
) -> None:
    interval = Interval(at(f"2026-11-03 {starts}"), at(f"2026-11-03 {ends}"))

    assert times.spoken_clocks(interval, PACIFIC) == words


def test_a_session_past_midnight_names_both_days() -> None:
    late = Interval(at("2026-11-04 07:50"), at("2026-11-04 08:10"))
    until = Interval(at("2026-11-04 07:40"), at("2026-11-04 08:00"))

    assert (
        times.spoken_span(late, PACIFIC) == "Tuesday 3 November, 11:50 pm to Wednesday 4 November, 12:10 am"
    )
    assert times.spoken_span(until, PACIFIC) == "Tuesday 3 November, 11:40 pm to 12:00 midnight"


def test_the_two_occurrences_of_a_repeated_hour_are_told_apart() -> None:
    both = Interval(at("2026-11-01 08:50"), at("2026-11-01 09:10"))

    assert times.spoken_clocks(both, PACIFIC) == (
        "1:50 am (before the clocks go back) to 1:10 am (after the clocks go back)"
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "Today"), (1, "Tomorrow"), (2, "Wednesday 4 November"), (364, "Monday 1 November 2027")],
)
def test_near_days_are_called_today_and_tomorrow_and_far_ones_carry_their_year(days: int, words: str) -> None:
    assert times.spoken_near_day(NOW + timedelta(days=days), PACIFIC, now=NOW) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (-5, "now"),
        (0, "now"),
        (0.5, "in 1 minute"),
        (12, "in 12 minutes"),
        (90, "in 2 hours"),
        (60 * 24, "in 24 hours"),
        (60 * 48, "in 2 days"),
    ],
)
def test_the_wait_is_spoken_in_its_largest_useful_unit(minutes: float, words: str) -> None:
    assert times.spoken_wait(NOW + timedelta(minutes=minutes), now=NOW) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (PACIFIC, "Pacific time"),
        ("US/Pacific", "Pacific time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("Etc/GMT+5", "UTC-5"),
        ("Etc/GMT", "UTC"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_spoken_in_ordinary_words(zone: str, words: str) -> None:
    assert zones.spoken_zone(zone) == words


@pytest.mark.parametrize("name", ["", "America", "../etc/passwd", "Mars/Olympus", "america/los_angeles\0"])
def test_a_zone_that_does_not_exist_is_known_not_to(name: str) -> None:
    assert not zones.is_zone(name)


def test_every_zone_can_be_spoken_and_used() -> None:
    for zone in zones.zone_names():
        assert times.spoken_when(CHECK_IN, zone).endswith(zones.spoken_zone(zone))
