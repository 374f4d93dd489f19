"""Booking: what may be asked for, and how sessions, places and holds change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.availability import Kind
from scheduler.domain.booking import Duty, Hold, Place, Session, Status, interval_of
from scheduler.domain.errors import HoldLapsed, Invalid, SessionFixed, SessionOver, TooLate, TooSoon
from scheduler.domain.times import Interval

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
CHECK_IN = Kind("check_in", "Check-in", 20, least_notice=60, horizon_days=28)
TOMORROW = Interval.lasting(NOW + timedelta(days=1), minutes=20)
LATER = Interval.lasting(NOW + timedelta(days=2), minutes=20)
SESSION = Session("s1", "check_in", "therapist", TOMORROW, "room")


def test_a_time_within_notice_and_horizon_becomes_the_kinds_interval() -> None:
    assert interval_of(CHECK_IN, TOMORROW.starts_at, now=NOW) == TOMORROW


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [
        (NOW - timedelta(days=1), TooSoon),
        (NOW, TooSoon),
        (NOW + timedelta(minutes=55), TooSoon),
        (NOW + timedelta(days=28, minutes=5), TooLate),
        (NOW + timedelta(days=3650), TooLate),
        (NOW + timedelta(days=1, minutes=1), Invalid),
        (NOW + timedelta(days=1, seconds=30), Invalid),
    ],
)
def test_a_time_past_too_soon_too_late_or_off_the_grid_is_refused_beside_its_field(
    starts_at: datetime, refusal: type[Invalid]
) -> None:
    with pytest.raises(refusal) as refused:
        interval_of(CHECK_IN, starts_at, now=NOW)

    assert list(refused.value.errors) == ["starts_at"]


def test_both_ends_of_what_may_be_booked_are_allowed() -> None:
    for minutes in (60, 28 * 1440):
        starts_at = NOW + timedelta(minutes=minutes)
        assert interval_of(CHECK_IN, starts_at, now=NOW).starts_at == starts_at


def test_a_moved_session_keeps_its_id_and_room_and_every_place_gets_the_next_sequence() -> None:
    place = Place("s1", "mother", Duty.MEMBER, "client")

    assert SESSION.moved(LATER, now=NOW) == replace(SESSION, interval=LATER)
    assert place.moved().sequence == 1
    assert place.moved().cancelled() == replace(place, sequence=2, status=Status.CANCELLED)


def test_a_group_keeps_its_time() -> None:
    with pytest.raises(SessionFixed):
        replace(SESSION, capacity=8).moved(LATER, now=NOW)


@pytest.mark.parametrize(
    ("session", "now"),
    [
        (SESSION, TOMORROW.starts_at),
        (SESSION, TOMORROW.ends_at),
        (replace(SESSION, status=Status.CANCELLED), NOW),
        (replace(SESSION, status=Status.ATTENDED), NOW),
    ],
)
def test_a_session_that_has_begun_or_is_over_can_be_neither_moved_nor_cancelled(
    session: Session, now: datetime
) -> None:
    with pytest.raises(SessionOver):
        session.moved(LATER, now=now)
    with pytest.raises(SessionOver):
        session.cancelled(now=now)


def test_a_session_is_cancelled_once() -> None:
    cancelled = SESSION.cancelled(now=NOW)

    assert cancelled.status is Status.CANCELLED
    with pytest.raises(SessionOver):
        cancelled.cancelled(now=NOW)


def test_a_hold_lasts_until_it_expires_and_not_a_moment_longer() -> None:
    hold = Hold("h1", "mother", ("therapist",), "check_in", TOMORROW, NOW + timedelta(minutes=10))

    assert hold.checked(NOW + timedelta(minutes=9, seconds=59)) is hold
    with pytest.raises(HoldLapsed):
        hold.checked(NOW + timedelta(minutes=10))
