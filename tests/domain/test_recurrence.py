"""Repeating rules, held against those of dateutil, and bounded whatever they ask for."""

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.outside_calendars import CannotBeRead, Fault
from scheduler.domain.recurrence import Budget, Rule, Window

FIRST, END = datetime(2026, 10, 1), datetime(2027, 10, 1)  # noqa: DTZ001  # wall times
WINDOW = Window(FIRST, END)
DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])


def lists(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    return st.lists(numbers, min_size=1, max_size=3, unique=True).map(lambda found: ",".join(map(str, found)))


def starts(
    text: str, start: datetime, until: datetime | None = None, window: Window = WINDOW
) -> list[datetime]:
    return Rule.parse(text).starts(start, until, window, Budget())


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Return a rule with parts that dateutil and RFC 5545 read alike."""
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    places = (st.integers(1, 5) | st.integers(-5, -1)).map(str)
    placed = st.tuples(places, DAYS).map("".join)  # never beside plain ones: dateutil wants both to hold then
    weekdays = draw(st.sampled_from([DAYS, placed])) if frequency in ("YEARLY", "MONTHLY") else DAYS
    choices = {
        "BYMONTH": lists(st.integers(1, 12)),
        "BYMONTHDAY": lists(st.integers(1, 31) | st.integers(-31, -1)),
        "BYDAY": st.lists(weekdays, min_size=1, max_size=3, unique=True).map(",".join),
        "BYHOUR": lists(st.integers(0, 23)),
        "BYMINUTE": lists(st.integers(0, 59)),
    }
    if frequency == "YEARLY":
        choices["BYYEARDAY"] = lists(st.integers(1, 366) | st.integers(-366, -1))
        choices["BYWEEKNO"] = lists(st.integers(1, 53))
    if frequency in ("MONTHLY", "YEARLY"):
        choices["BYSETPOS"] = lists(st.integers(1, 4) | st.integers(-4, -1))
    chosen = draw(st.lists(st.sampled_from(sorted(choices)), max_size=2, unique=True))
    parts += [f"{name}={draw(choices[name])}" for name in chosen]
    if "BYSETPOS" in chosen and not {"BYDAY", "BYMONTHDAY"} & set(chosen):
        parts.append("BYDAY=MO,WE")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 40))}")
    parts.append(f"WKST={draw(DAYS)}")
    return ";".join(parts)


@settings(max_examples=100, deadline=None)
@given(rules(), st.datetimes(datetime(2024, 1, 1), datetime(2027, 6, 1)))  # noqa: DTZ001  # wall times
def test_the_same_times_come_out_as_of_dateutil(rule: str, start: datetime) -> None:
    start = start.replace(second=0, microsecond=0)
    expected = []
    for moment in rrulestr(rule, dtstart=start).xafter(start - timedelta(days=1), inc=True):
        if moment >= END:
            break
        expected += [moment] if moment >= FIRST else []

    assert starts(rule, start) == expected


def test_a_rule_of_long_ago_is_worked_out_from_the_window_on() -> None:
    long_ago = datetime(1900, 1, 1, 9)  # noqa: DTZ001  # wall times
    budget = Budget(1_000)

    found = Rule.parse("FREQ=DAILY;INTERVAL=2").starts(long_ago, None, WINDOW, budget)

    assert len(found) in (182, 183)
    assert all((one - long_ago).days % 2 == 0 for one in found)


def test_the_last_moment_of_a_rule_belongs_to_it() -> None:
    start = datetime(2026, 11, 3, 9)  # noqa: DTZ001  # wall times

    assert starts("FREQ=DAILY", start, until=start + timedelta(days=2)) == [
        start + timedelta(days=number) for number in range(3)
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYMINUTE=" + ",".join(map(str, range(60)))
        + ";BYSECOND=" + ",".join(map(str, range(60))),
        "FREQ=DAILY;COUNT=999999;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;COUNT=999999;BYMONTH=2;BYMONTHDAY=30",
    ],
)  # fmt: skip
def test_a_rule_that_asks_for_too_much_is_refused_at_once(rule: str) -> None:
    window = Window(FIRST, END.replace(year=9000))
    with pytest.raises(CannotBeRead) as unread:
        starts(rule, datetime(2026, 11, 3, 9), window=window)  # noqa: DTZ001  # wall times
    assert unread.value.fault is Fault.TOO_MUCH


def test_times_of_day_are_made_for_days_that_count_only() -> None:
    seconds_of_a_day = ";".join(
        f"{part}=" + ",".join(map(str, range(size)))
        for part, size in {"BYHOUR": 24, "BYMINUTE": 60, "BYSECOND": 60}.items()
    )
    tracemalloc.start()
    found = starts(f"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;{seconds_of_a_day}", FIRST)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == []
    assert most_bytes < 1_000_000  # the seconds of one day are ten times that


@pytest.mark.parametrize(
    "rule",
    [
        *("", "FREQ=", "FREQ=NEVER", "BYDAY=MO", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1"),
        *("FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=many", "FREQ=DAILY;INTERVAL=" + "9" * 5_000),
        *("FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=,", "FREQ=WEEKLY;WKST=1", "FREQ=YEARLY;BYMONTH=13"),
        *(
            "FREQ=YEARLY;BYMONTH=-1",
            "FREQ=YEARLY;BYMONTHDAY=32",
            "FREQ=DAILY;BYHOUR=24",
            "FREQ=DAILY;BYHOUR=x",
        ),
    ],
)
def test_a_rule_that_is_none_is_malformed(rule: str) -> None:
    with pytest.raises(CannotBeRead) as unread:
        Rule.parse(rule)
    assert unread.value.fault is Fault.MALFORMED


def test_the_years_end() -> None:
    late = datetime(9999, 12, 1, tzinfo=UTC).replace(tzinfo=None)
    window = Window(late, late + timedelta(days=30))

    assert len(starts("FREQ=DAILY", late, window=window)) == 30
    assert len(starts("FREQ=YEARLY;INTERVAL=999999", late, window=window)) == 1
    assert len(starts("FREQ=MONTHLY", late, window=window)) == 1
    assert len(starts("FREQ=WEEKLY", late, window=window)) == 5
