"""Busy times of other calendars: what counts, when, and that no file does harm."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.domain.busy_times import Reader, busy_spans
from scheduler.domain.cells import Span
from scheduler.domain.outside_calendars import CannotBeRead, Fault
from scheduler.domain.times import tick_of

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
PACIFIC = "America/Los_Angeles"
READER = Reader(PACIFIC, "maya@clinic.test", "hearth.test", NOW, {"Pacific Standard Time": PACIFIC})
LINES = ("UID:one@other.test", "DTSTART;TZID=America/Los_Angeles:20261103T090000", "DURATION:PT1H")
NINE_PACIFIC = [("2026-11-03T17:00", "2026-11-03T18:00")]


def calendar(*events: Sequence[str], kind: str = "VEVENT", head: Sequence[str] = ()) -> bytes:
    """Return a file of events, each given as its lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *head]
    for event in events:
        lines += [f"BEGIN:{kind}", *event, f"END:{kind}"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def told(spans: Sequence[Span]) -> list[tuple[str, str]]:
    """Return spans as UTC times."""
    return [
        (_text(datetime.fromtimestamp(first * 300, UTC)), _text(datetime.fromtimestamp(end * 300, UTC)))
        for first, end in spans
    ]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")[:16]


def busy(*events: Sequence[str], **options: object) -> list[tuple[str, str]]:
    """Return the busy times of a file of events."""
    return told(busy_spans(calendar(*events, **options), READER))  # type: ignore[arg-type]


def fault_of(file: bytes) -> Fault:
    with pytest.raises(CannotBeRead) as unread:
        busy_spans(file, READER)
    return unread.value.fault


def test_an_event_is_busy_from_its_start_to_its_end() -> None:
    assert busy(LINES) == NINE_PACIFIC
    assert busy(["UID:a", "DTSTART:20261103T170000Z", "DTEND:20261103T180000Z"]) == NINE_PACIFIC
    assert busy(["UID:a", "DTSTART:20261103T090000", "DTEND:20261103T100000"]) == NINE_PACIFIC
    assert busy(["UID:a", 'DTSTART;TZID="Pacific Standard Time":20261103T090000', LINES[2]]) == NINE_PACIFIC
    assert busy(
        ["UID:a", "DTSTART;TZID=/maker.test/20260101_1/America/Los_Angeles:20261103T090000", LINES[2]]
    ) == (NINE_PACIFIC)


@pytest.mark.parametrize(
    "line",
    [
        *("TRANSP:TRANSPARENT", "STATUS:CANCELLED", "status:cancelled", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"),
        *("ATTENDEE;CN=\"Maya: M.D.\";PARTSTAT=DECLINED:mailto:Maya@clinic.test",),
        *("ATTENDEE;PARTSTAT=DECLIN\r\n ED:MAILTO:maya@clinic.test",),
    ],
)  # fmt: skip
def test_what_is_free_cancelled_or_declined_takes_no_time(line: str) -> None:
    assert busy([*LINES, line]) == []


@pytest.mark.parametrize(
    "line",
    [
        *("TRANSP:OPAQUE", "STATUS:TENTATIVE", "ATTENDEE;PARTSTAT=DECLINED:mailto:someone@clinic.test"),
        *("ATTENDEE;PARTSTAT=ACCEPTED:mailto:maya@clinic.test", "DESCRIPTION:STATUS:CANCELLED"),
    ],
)
def test_everything_else_takes_its_time(line: str) -> None:
    assert busy([*LINES, line]) == NINE_PACIFIC


def test_our_own_sessions_shown_in_the_other_calendar_do_not_block_themselves() -> None:
    assert busy(["UID:abc@hearth.test", *LINES[1:]], ["UID:abc@HEARTH.test", *LINES[1:]]) == []
    assert busy(["UID:abc@nothearth.test", *LINES[1:]]) == NINE_PACIFIC


def test_a_whole_day_is_the_clinicians_day_or_that_of_the_files_zone() -> None:
    day = ["UID:a", "DTSTART;VALUE=DATE:20261103"]

    assert busy(day) == [("2026-11-03T08:00", "2026-11-04T08:00")]
    assert busy([*day, "DTEND;VALUE=DATE:20261105"]) == [("2026-11-03T08:00", "2026-11-05T08:00")]
    assert busy(day, head=["X-WR-TIMEZONE:America/New_York"]) == [("2026-11-03T05:00", "2026-11-04T05:00")]


def test_whole_days_end_at_midnight_where_the_clocks_change() -> None:
    day_of_change = ["UID:a", "DTSTART;VALUE=DATE:20270314"]
    weekly = [
        "UID:a",
        "DTSTART;VALUE=DATE:20270307",
        "DTEND;VALUE=DATE:20270308",
        "RRULE:FREQ=WEEKLY;COUNT=3",
    ]
    assert busy(day_of_change) == [("2027-03-14T08:00", "2027-03-15T07:00")]
    assert busy(weekly) == [
        ("2027-03-07T08:00", "2027-03-08T08:00"),
        ("2027-03-14T08:00", "2027-03-15T07:00"),
        ("2027-03-21T07:00", "2027-03-22T07:00"),
    ]


def test_a_moment_takes_no_time_and_a_part_of_five_minutes_takes_them_all() -> None:
    assert busy(LINES[:2]) == []
    assert busy(["UID:a", "DTSTART:20261103T170001Z", "DTEND:20261103T170459Z"]) == [
        ("2026-11-03T17:00", "2026-11-03T17:05")
    ]
    assert busy(["UID:a", "DTSTART:20261103T180000Z", "DTEND:20261103T170000Z"]) == []


def test_times_that_overlap_or_touch_are_one() -> None:
    other = ["UID:b", "DTSTART:20261103T180000Z", "DURATION:PT30M"]

    assert busy(LINES, other, LINES) == [("2026-11-03T17:00", "2026-11-03T18:30")]


def test_a_list_of_free_and_busy_times_counts_where_it_says_busy() -> None:
    lists = [
        "FREEBUSY;FBTYPE=BUSY:20261103T170000Z/PT1H,20261104T170000Z/20261104T180000Z",
        "FREEBUSY;FBTYPE=FREE:20261105T170000Z/PT1H",
        "FREEBUSY:20261106T170000Z/PT1H",
    ]
    assert [first[:10] for first, _ in busy(lists, kind="VFREEBUSY")] == [
        "2026-11-03",
        "2026-11-04",
        "2026-11-06",
    ]


def test_weekly_times_stay_on_the_wall_clock_over_both_clock_changes() -> None:
    event = [
        "UID:a",
        "DTSTART;TZID=America/Los_Angeles:20261020T090000",
        LINES[2],
        "RRULE:FREQ=WEEKLY;COUNT=24",
    ]

    hours = {first[11:] for first, _ in busy(event)}
    starts = [first for first, _ in busy(event)]

    assert hours == {"17:00", "16:00"}
    assert starts[0] == "2026-11-03T17:00"
    assert starts[-2:] == ["2027-03-23T16:00", "2027-03-30T16:00"]
    assert len(starts) == 22


def test_a_time_that_the_clocks_skip_is_read_with_the_offset_before_them() -> None:
    event = [
        "UID:a",
        "DTSTART;TZID=America/Los_Angeles:20270313T023000",
        "DURATION:PT15M",
        "RRULE:FREQ=DAILY;COUNT=2",
    ]

    assert [first for first, _ in busy(event)] == ["2027-03-13T10:30", "2027-03-14T10:30"]


def test_a_changed_a_removed_and_an_added_occurrence_take_their_place() -> None:
    series = [
        *LINES,
        "RRULE:FREQ=WEEKLY;UNTIL=20261201T170000Z",
        "EXDATE;TZID=America/Los_Angeles:20261110T090000",
        "RDATE;TZID=America/Los_Angeles:20261105T090000,20261106T090000/PT30M",
    ]
    moved = [LINES[0], "RECURRENCE-ID:20261117T170000Z", "DTSTART:20261118T170000Z", "DURATION:PT2H"]
    gone = [LINES[0], "RECURRENCE-ID;TZID=America/Los_Angeles:20261124T090000", LINES[1], "STATUS:CANCELLED"]

    assert busy(series, moved, gone) == [
        *NINE_PACIFIC,
        ("2026-11-05T17:00", "2026-11-05T18:00"),
        ("2026-11-06T17:00", "2026-11-06T17:30"),
        ("2026-11-18T17:00", "2026-11-18T19:00"),
        ("2026-12-01T17:00", "2026-12-01T18:00"),
    ]


def test_nothing_before_yesterday_or_after_a_year_is_kept() -> None:
    spans = busy(["UID:a", "DTSTART:19700101T000000Z", "DTEND:99991231T000000Z"])
    every_day = busy(["UID:a", "DTSTART:20000101T120000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"])

    assert spans == [("2026-11-01T17:00", "2027-11-07T17:00")]
    assert len(every_day) == 371


def test_alarms_and_other_parts_say_nothing_about_time() -> None:
    alarm = ["BEGIN:VALARM", "TRIGGER:-PT15M", "DURATION:P9D", "STATUS:CANCELLED", "END:VALARM"]

    assert busy([*LINES, *alarm]) == NINE_PACIFIC
    assert busy(["DTSTART:20261103T170000Z", "DURATION:PT1H"], kind="VTODO") == []


def test_a_zone_of_the_files_own_is_known_by_its_place() -> None:
    zone = ["BEGIN:VTIMEZONE", "TZID:Mine", "X-LIC-LOCATION:America/Los_Angeles", "END:VTIMEZONE"]
    event = ["UID:a", "DTSTART;TZID=Mine:20261103T090000", LINES[2]]

    assert busy(event, head=zone) == NINE_PACIFIC
    assert fault_of(calendar(event)) is Fault.UNKNOWN_ZONE


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (b"", Fault.NOT_A_CALENDAR),
        (b"<!doctype html><title>Please sign in</title>", Fault.NOT_A_CALENDAR),
        (calendar(LINES)[:-20], Fault.MALFORMED),
        (calendar([*LINES, "END:VTODO"]), Fault.MALFORMED),
        (calendar(["DTSTART:tomorrow", LINES[2]]), Fault.MALFORMED),
        (calendar(["DTSTART:20261331T000000Z", LINES[2]]), Fault.MALFORMED),
        (calendar([*LINES[:2], "DURATION:an hour"]), Fault.MALFORMED),
        (calendar(["DTSTART;TZID=../../etc/passwd:20261103T090000", LINES[2]]), Fault.UNKNOWN_ZONE),
        (calendar([*LINES, "RRULE:FREQ=SECONDLY"]), Fault.TOO_MUCH),
        (calendar(*[[*LINES[1:], "RRULE:FREQ=DAILY"]] * 5_000), Fault.TOO_MUCH),
    ],
    ids=str,
)  # fmt: skip
def test_a_file_that_cannot_be_relied_on_is_a_fault(file: bytes, fault: Fault) -> None:
    assert fault_of(file) is fault


def test_one_that_begins_with_a_mark_of_its_encoding_is_a_calendar() -> None:
    assert told(busy_spans(b"\xef\xbb\xbf" + calendar(LINES).replace(b"\r\n", b"\n"), READER)) == NINE_PACIFIC


WORDS = st.sampled_from(
    [
        *(
            "BEGIN:VEVENT",
            "END:VEVENT",
            "BEGIN:VFREEBUSY",
            "END:VFREEBUSY",
            "BEGIN:VTIMEZONE",
            "END:VTIMEZONE",
        ),
        *("UID:a", "DTSTART:", "DTSTART;TZID=", "DTEND:", "DURATION:", "RRULE:FREQ=", "RDATE:", "EXDATE:"),
        *("RECURRENCE-ID:", "FREEBUSY:", "20261103T090000", "20261103", "Z", "/", "PT1H", "-P9999W", "DAILY"),
        *("YEARLY", ";BYDAY=", "MO", "-53TU", ";COUNT=", "9", ";INTERVAL=", ";UNTIL=", "99991231T235959Z"),
        *(";BYMONTH=", ";BYSETPOS=", "00010101", '"', ":", "\r\n", "\n ", "Europe/Kyiv", "\0", "é", ","),
    ]
)


@settings(max_examples=300, deadline=timedelta(seconds=5))
@given(st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=200) | st.binary(max_size=200))
@example("BEGIN:VEVENT\nDTSTART:00010101\nDURATION:P9999W99999D\nRRULE:FREQ=YEARLY\nEND:VEVENT")
@example("BEGIN:VEVENT\nDTSTART:99991231T235959\nDTEND:00010101\nRRULE:FREQ=YEARLY\nEND:VEVENT")
@example("BEGIN:VEVENT\nDTSTART;TZID=a\0b:20261103T090000\nDURATION:PT1H\nEND:VEVENT")
def test_whatever_a_file_holds_it_gives_spans_or_a_fault(inside: str | bytes) -> None:
    body = inside if isinstance(inside, bytes) else inside.encode("utf-8", "surrogatepass")

    try:
        spans = busy_spans(b"BEGIN:VCALENDAR\r\n" + body + b"\r\nEND:VCALENDAR", READER)
    except CannotBeRead:
        return

    first, end = tick_of(NOW - timedelta(days=1)), tick_of(NOW + timedelta(days=370)) + 1
    assert all(first <= one[0] < one[1] <= end for one in spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans))
