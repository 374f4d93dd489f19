"""First conversations as rules: what they are, and when they can be settled."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scheduler.domain.booking import Session, Status
from scheduler.domain.errors import SessionOver
from scheduler.domain.inquiries import FIRST_CONVERSATION, Inquiry, Words
from scheduler.domain.times import Interval

AT = Interval.lasting(datetime(2026, 11, 3, 17, tzinfo=UTC), minutes=20)
INQUIRY = Inquiry(Session("s1", FIRST_CONVERSATION.id, "p1", AT, "room"), Words("Robin"), "UTC")


def test_a_first_conversation_takes_twenty_minutes_and_is_nothing_that_families_book() -> None:
    assert FIRST_CONVERSATION.minutes == 20
    assert not FIRST_CONVERSATION.is_bookable


@pytest.mark.parametrize("status", [Status.BOOKED, Status.ATTENDED, Status.MISSED])
def test_whether_somebody_was_reached_can_be_said_and_corrected(status: Status) -> None:
    replace(INQUIRY, session=replace(INQUIRY.session, status=status)).check_settled()


def test_nothing_is_said_of_a_cancelled_one() -> None:
    off = INQUIRY.session.cancelled(now=AT.starts_at.replace(day=2))

    with pytest.raises(SessionOver):
        replace(INQUIRY, session=off).check_settled()
