"""Invites: one person's calendar entry and how a calendar takes its changes (RFC 5546)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.invites import Invite, Method, kept_by_calendar, next_sequence, supersedes, uid_of

STARTS = datetime(2026, 11, 3, 22, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=20)
BOOKED = Invite(
    uid=uid_of(person_id="rosa", session_id="s1", host="hearth.test"),
    sequence=0,
    method=Method.REQUEST,
    starts_at=STARTS,
    ends_at=ENDS,
    organizer="hello@hearth.test",
    attendee="rosa@people.test",
    summary="Appointment",
    url="https://hearth.test/join",
)


def test_a_person_keeps_one_uid_for_a_session() -> None:
    again = uid_of(person_id="rosa", session_id="s1", host="hearth.test")
    assert again == BOOKED.uid


def test_two_people_in_one_session_have_uids_that_cannot_be_matched() -> None:
    other = uid_of(person_id="luis", session_id="s1", host="hearth.test")
    assert other != BOOKED.uid
    assert "s1" not in other
    assert "luis" not in other


def test_a_new_time_raises_the_sequence_and_the_same_time_does_not() -> None:
    later = (STARTS + timedelta(hours=1), ENDS + timedelta(hours=1))
    assert next_sequence(0, was=(STARTS, ENDS), becomes=later) == 1
    assert next_sequence(3, was=(STARTS, ENDS), becomes=(STARTS, ENDS)) == 3


def test_a_cancel_takes_the_entry_out_of_the_calendar() -> None:
    cancelled = replace(BOOKED, method=Method.CANCEL, sequence=1)
    assert kept_by_calendar([BOOKED, cancelled]) is None


def test_a_late_request_never_brings_a_cancelled_entry_back() -> None:
    cancelled = replace(BOOKED, method=Method.CANCEL, sequence=2)
    late = replace(BOOKED, sequence=1)
    assert kept_by_calendar([BOOKED, cancelled, late]) is None


def test_an_invite_of_another_uid_supersedes_nothing() -> None:
    assert not supersedes(replace(BOOKED, uid="other@hearth.test", sequence=9), BOOKED)


@given(st.permutations(range(5)))
def test_whatever_order_mail_arrives_in_the_newest_sequence_stands(order: list[int]) -> None:
    files = [replace(BOOKED, sequence=number, starts_at=STARTS - timedelta(hours=number)) for number in order]
    assert kept_by_calendar(files) == replace(BOOKED, sequence=4, starts_at=STARTS - timedelta(hours=4))


@pytest.mark.parametrize(
    "change",
    [
        {"ends_at": STARTS},
        {"starts_at": STARTS.replace(tzinfo=None)},
        {"sequence": -1},
        {"attendee": "rosa@people.test\r\nATTENDEE:mailto:luis@people.test"},
        {"url": "https://hearth.test/join\n"},
    ],
)
def test_an_invite_that_no_calendar_could_read_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(BOOKED, **change)  # type: ignore[arg-type]  # wrong on purpose
