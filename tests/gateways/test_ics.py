"""Calendar files: read back by icalendar, by vobject, and by a strict reader of our own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from scheduler.domain.invites import Invite, Method, uid_of
from scheduler.gateways import ics
from tests.gateways.calendar_files import content_lines, event, value

GOLDEN = Path(__file__).parent.parent / "calendars"
NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
STARTS = datetime(2026, 11, 3, 22, tzinfo=UTC)
BOOKED = Invite(
    uid=uid_of(person_id="rosa", session_id="s1", host="hearth.test"),
    sequence=0,
    method=Method.REQUEST,
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=20),
    organizer="hello@hearth.test",
    attendee="rosa@people.test",
    summary="Appointment",
    url="https://hearth.test/join",
)
MOVED = replace(
    BOOKED,
    sequence=1,
    starts_at=STARTS + timedelta(hours=1),
    ends_at=STARTS + timedelta(hours=1, minutes=20),
)
CANCELLED = replace(MOVED, sequence=2, method=Method.CANCEL)

FILES = {"booked": (BOOKED, NOW), "moved": (MOVED, NOW + timedelta(minutes=5)), "cancelled": (CANCELLED, NOW)}


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_those_that_calendars_were_tried_with(name: str) -> None:
    invite, now = FILES[name]
    assert ics.write(invite, now=now) == (GOLDEN / f"{name}.ics").read_bytes()


def test_the_feed_is_the_one_that_calendars_were_tried_with() -> None:
    feed = ics.write_feed([BOOKED, CANCELLED], name="Appointments", now=NOW)
    assert feed == (GOLDEN / "feed.ics").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_icalendar_and_vobject_read_the_same_times_and_sequence(name: str) -> None:
    invite, now = FILES[name]
    file = ics.write(invite, now=now)
    one = Calendar.from_ical(file).events[0]
    other = vobject.readOne(file.decode()).vevent
    assert one.start == other.dtstart.value == invite.starts_at
    assert one.end == other.dtend.value == invite.ends_at
    assert one.sequence == int(other.sequence.value) == invite.sequence
    assert str(one["uid"]) == other.uid.value == invite.uid


def test_a_cancel_says_so_in_method_and_status() -> None:
    file = ics.write(CANCELLED, now=NOW)
    assert value(file, "METHOD") == "CANCEL"
    assert value(file, "STATUS") == "CANCELLED"
    assert value(file, "UID") == BOOKED.uid


def test_times_are_written_in_utc_so_that_no_reader_can_shift_them() -> None:
    fields = event(ics.write(BOOKED, now=NOW))
    assert fields["DTSTART"][0].value == "20261103T220000Z"
    assert fields["DTEND"][0].value == "20261103T222000Z"
    assert "TZID" not in fields["DTSTART"][0].parameters


def test_one_person_stands_in_the_file_and_the_organizer_is_a_bare_address() -> None:
    fields = event(ics.write(BOOKED, now=NOW))
    assert [attendee.value for attendee in fields["ATTENDEE"]] == ["mailto:rosa@people.test"]
    assert "CN" not in fields["ATTENDEE"][0].parameters
    assert fields["ORGANIZER"][0].value == "mailto:hello@hearth.test"
    assert fields["ORGANIZER"][0].parameters == {}


def test_the_place_is_the_neutral_join_page_and_no_token() -> None:
    fields = event(ics.write(BOOKED, now=NOW))
    assert fields["URL"][0].value == "https://hearth.test/join"
    assert fields["CONFERENCE"][0].value == "https://hearth.test/join"
    assert "DESCRIPTION" not in fields
    assert "LOCATION" not in fields


def test_every_file_has_a_fresh_stamp() -> None:
    later = NOW + timedelta(seconds=1)
    assert value(ics.write(BOOKED, now=NOW), "DTSTAMP") == "20261102T170000Z"
    assert value(ics.write(BOOKED, now=later), "DTSTAMP") == "20261102T170001Z"


def test_a_feed_names_no_address_and_has_no_method() -> None:
    names = {line.name for line in content_lines(ics.write_feed([BOOKED], name="Appointments", now=NOW))}
    assert not names & {"METHOD", "ATTENDEE", "ORGANIZER"}


def test_a_feed_leaves_out_what_is_cancelled() -> None:
    assert Calendar.from_ical(ics.write_feed([CANCELLED], name="Appointments", now=NOW)).events == []


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200))
def test_any_word_for_an_appointment_is_folded_and_read_back(word: str) -> None:
    file = ics.write(replace(BOOKED, summary=word), now=NOW)
    assert content_lines(file)
    assert str(Calendar.from_ical(file).events[0]["summary"]) == word
