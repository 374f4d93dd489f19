"""Slots against a slow, obvious oracle, over every zone and both clock changes of five years."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain import slots
from scheduler.domain.availability import DayOff, ExtraHours, Hours, Kind, WeeklyHours
from scheduler.domain.slots import Window
from scheduler.domain.times import tick_of
from scheduler.domain.zones import zone_names

PACIFIC = "America/Los_Angeles"
NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)  # a Monday, 9 am in Pacific time
FIVE = timedelta(minutes=5)

MORNINGS = tuple(WeeklyHours(weekday, 9 * 60, 11 * 60) for weekday in range(5))
THERAPIST = Hours("therapist", PACIFIC, MORNINGS)
CHECK_IN = Kind("check_in", "Check-in", 20, pause_after=5, least_notice=60, horizon_days=7, start_step=25)


@cache
def zones() -> list[str]:
    return sorted(zone_names())


# ---------------------------------------------------------------------------------------------- the oracle


def wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def first_at(day: date, minutes: int, zone: str) -> datetime:
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    moment = wanted.replace(tzinfo=UTC) - timedelta(hours=16)
    while wall(moment, zone) < wanted:
        moment += FIVE
    return moment


def open_blocks(hours: Hours, day: date) -> list[tuple[datetime, datetime]]:
    is_off = any(off.first_date <= day <= off.last_date for off in hours.days_off)
    rules = [(extra.starts, extra.ends) for extra in hours.extra if extra.date == day]
    if not is_off:
        rules += [(rule.starts, rule.ends) for rule in hours.weekly if rule.weekday == day.weekday()]
    marks = [any(starts <= minute < ends for starts, ends in rules) for minute in range(0, 1445, 5)]
    begins = [5 * i for i, mark in enumerate(marks) if mark and (i == 0 or not marks[i - 1])]
    ends = [5 * i for i, mark in enumerate(marks) if not mark and i > 0 and marks[i - 1]]
    return [
        (first_at(day, starts, hours.zone), first_at(day, end, hours.zone))
        for starts, end in zip(begins, ends, strict=True)
    ]


def slow_starts(kind: Kind, hours: Hours, taken: set[int], now: datetime) -> list[datetime]:
    first_day = wall(now, hours.zone).date() - timedelta(days=1)
    blocks = [
        block
        for number in range(kind.horizon_days + 4)
        for block in open_blocks(hours, first_day + timedelta(days=number))
    ]
    opened = {moment for begins, ends in blocks for moment in every_five(begins, ends)}
    starts = {
        begins + timedelta(minutes=step)
        for begins, ends in blocks
        for step in range(0, int((ends - begins).total_seconds()) // 60, kind.start_step)
    }
    return sorted(start for start in starts if slow_allows(kind, start, opened, taken, now))


def every_five(begins: datetime, ends: datetime) -> list[datetime]:
    return [begins + FIVE * number for number in range((ends - begins) // FIVE)]


def slow_allows(kind: Kind, start: datetime, opened: set[datetime], taken: set[int], now: datetime) -> bool:
    end = start + timedelta(minutes=kind.minutes)
    if not now + timedelta(minutes=kind.least_notice) <= start <= now + timedelta(days=kind.horizon_days):
        return False
    quiet_from = start - timedelta(minutes=kind.pause_before)
    quiet_to = end + timedelta(minutes=kind.pause_after)
    if any(tick_of(moment) in taken for moment in every_five(quiet_from, quiet_to)):
        return False
    return all(moment in opened for moment in every_five(start, end))


# ------------------------------------------------------------------------------------------ against it

fives = st.integers(0, 288).map(lambda number: number * 5)
blocks = st.tuples(fives, fives).filter(lambda block: block[0] < block[1])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Kind, Hours, set[int], datetime]:
    """Return a kind, hours, taken ticks and a moment near a clock change, in any zone."""
    zone = draw(st.sampled_from(zones()))
    year = draw(st.integers(2026, 2030))
    month, day = draw(
        st.sampled_from([(3, 8), (3, 28), (4, 4), (10, 3), (10, 25), (11, 1), (9, 26), (6, 15)])
    )
    now = datetime(year, month, day, tzinfo=UTC) + timedelta(minutes=draw(st.integers(-3000, 3000)))
    kind = Kind(
        "kind",
        "Kind",
        minutes=draw(st.integers(1, 20)) * 5,
        pause_before=draw(st.integers(0, 3)) * 5,
        pause_after=draw(st.integers(0, 3)) * 5,
        least_notice=draw(st.sampled_from([0, 7, 60, 1440])),
        horizon_days=draw(st.integers(0, 4)),
        start_step=draw(st.sampled_from([5, 10, 15, 25, 30, 60, 95])),
    )
    today = now.date()
    near = st.integers(-2, 6).map(lambda number: today + timedelta(days=number))
    hours = Hours(
        "clinician",
        zone,
        tuple(
            draw(st.lists(st.builds(lambda d, b: WeeklyHours(d, *b), st.integers(0, 6), blocks), max_size=9))
        ),
        tuple(draw(st.lists(st.builds(lambda d: DayOff(d, d + timedelta(days=1)), near), max_size=2))),
        tuple(draw(st.lists(st.builds(lambda d, b: ExtraHours(d, *b), near, blocks), max_size=2))),
    )
    taken = {tick_of(now) + number for number in draw(st.sets(st.integers(-20, 1500), max_size=40))}
    return kind, hours, taken, now


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_free_slots_are_those_that_a_slow_obvious_search_finds(
    world: tuple[Kind, Hours, set[int], datetime],
) -> None:
    kind, hours, taken, now = world
    spans = [(tick, tick + 1) for tick in taken]

    found = slots.free(kind, [hours], {"clinician": spans}, own=(), now=now)

    assert [slot.interval.starts_at for slot in found] == slow_starts(kind, hours, taken, now)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_a_time_is_open_exactly_where_an_empty_calendar_shows_it(
    world: tuple[Kind, Hours, set[int], datetime],
) -> None:
    kind, hours, _, now = world
    opened = set(slow_starts(kind, hours, set(), now))
    first, last = now + timedelta(minutes=kind.least_notice), now + timedelta(days=kind.horizon_days)

    for moment in sorted(opened)[:20]:
        for near in (moment - FIVE, moment, moment + FIVE):
            if first <= near <= last:
                assert slots.is_open(kind, hours, near) == (near in opened)


@given(st.integers(0, 2**64), st.integers(1, 20))
def test_runs_begin_where_so_many_bits_in_a_row_are_set(bits: int, length: int) -> None:
    row = (1 << length) - 1
    expected = sum(1 << place for place in range(65) if (bits >> place) & row == row)

    assert slots.runs(bits, length) == expected


# ---------------------------------------------------------------------------------------- in plain words


def free(*, taken: Mapping[str, Sequence[tuple[int, int]]] | None = None, **changes: int) -> list[datetime]:
    kind = replace(CHECK_IN, **changes)  # type: ignore[arg-type]  # the changes are lengths
    found = slots.free(kind, [THERAPIST], taken or {}, own=(), now=NOW)
    return [slot.interval.starts_at for slot in found]


def test_starts_lie_a_step_apart_from_the_start_of_the_block_and_the_last_one_still_fits() -> None:
    tuesday = [moment for moment in free() if moment.day == 3]

    assert [f"{wall(moment, PACIFIC):%H:%M}" for moment in tuesday] == [
        "09:00",
        "09:25",
        "09:50",
        "10:15",
        "10:40",
    ]


def test_the_least_notice_and_the_horizon_may_themselves_be_booked() -> None:
    found = free(start_step=5, pause_after=0)

    assert found[0] == NOW + timedelta(minutes=60)
    assert found[-1] == NOW + timedelta(days=7)


def test_a_pause_keeps_the_next_start_away_but_may_reach_past_the_hours() -> None:
    nine = datetime(2026, 11, 3, 17, tzinfo=UTC)
    taken = {"therapist": [(tick_of(nine + timedelta(minutes=20)), tick_of(nine + timedelta(minutes=45)))]}

    tuesday = [f"{wall(moment, PACIFIC):%H:%M}" for moment in free(taken=taken) if moment.day == 3]

    assert tuesday == ["09:50", "10:15", "10:40"]


def test_a_person_is_shown_no_time_at_which_they_are_elsewhere() -> None:
    nine = tick_of(datetime(2026, 11, 3, 17, tzinfo=UTC))

    found = slots.free(CHECK_IN, [THERAPIST], {}, own=[(nine, nine + 12)], now=NOW)

    assert min(slot.interval.starts_at for slot in found if slot.interval.starts_at.day == 3) == datetime(
        2026, 11, 3, 18, 15, tzinfo=UTC
    )


def test_one_slot_names_all_who_are_free_then() -> None:
    other = Hours("psychiatrist", "America/New_York", (WeeklyHours(1, 12 * 60, 13 * 60),))

    found = slots.free(CHECK_IN, [THERAPIST, other], {}, own=(), now=NOW)

    nine = next(slot for slot in found if slot.interval.starts_at == datetime(2026, 11, 3, 17, tzinfo=UTC))
    assert nine.clinician_ids == ("therapist", "psychiatrist")


def test_hours_keep_their_wall_time_over_a_clock_change() -> None:
    spring = datetime(2026, 3, 6, 18, tzinfo=UTC)

    found = slots.free(CHECK_IN, [THERAPIST], {}, own=(), now=spring)

    walls = {f"{wall(slot.interval.starts_at, PACIFIC):%H:%M}" for slot in found}
    assert walls == {"09:00", "09:25", "09:50", "10:15", "10:40"}
    assert {slot.interval.starts_at.hour for slot in found if slot.interval.starts_at.day > 8} == {16, 17}


def test_the_nearest_times_are_offered_soonest_first() -> None:
    found = slots.free(CHECK_IN, [THERAPIST], {}, own=(), now=NOW)
    wanted = datetime(2026, 11, 3, 17, 25, tzinfo=UTC)

    near = found.without(wanted).nearest(wanted, 3)

    assert [f"{wall(slot.interval.starts_at, PACIFIC):%H:%M}" for slot in near] == ["09:00", "09:50", "10:15"]


def test_a_horizon_before_the_least_notice_leaves_nothing() -> None:
    assert free(least_notice=60 * 24 * 8) == []
    assert Window.of(CHECK_IN, now=NOW).covers(NOW + timedelta(hours=1))


@given(st.integers(0, 2**80), st.integers(-10, 100), st.integers(0, 6))
def test_the_nearest_times_are_those_of_a_plain_sort(bits: int, wanted: int, count: int) -> None:
    base = tick_of(NOW)
    found = slots.FreeTimes(base, 4, bits, (("somebody", bits),))
    starts = [base + place for place in range(81) if bits >> place & 1]
    expected = sorted(sorted(starts, key=lambda tick: (abs(tick - base - wanted), tick))[:count])

    near = found.nearest(NOW + FIVE * wanted, count)

    assert [tick_of(slot.interval.starts_at) for slot in near] == expected


@given(st.integers(0, 2**80), st.integers(-10, 100), st.integers(-10, 100))
def test_a_part_of_the_free_times_is_what_lies_between_its_ends(bits: int, first: int, end: int) -> None:
    base = tick_of(NOW)
    found = slots.FreeTimes(base, 4, bits, (("somebody", bits), ("nobody", 0)))

    part = found.part(base + first, base + end).slots()

    assert part == [slot for slot in found if base + first <= tick_of(slot.interval.starts_at) < base + end]
    assert all(slot.clinician_ids == ("somebody",) for slot in part)
