"""The waitlist's states, and until when a place is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.availability import Kind
from scheduler.domain.booking import Session, Status
from scheduler.domain.errors import OfferOver
from scheduler.domain.times import Interval
from scheduler.domain.waitlist import SHORTEST_OFFER, STANDING, Wait, WaitStatus, offer_until

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
STARTS = NOW + timedelta(days=2)
HOURS, NOTICE = timedelta(hours=12), timedelta(hours=1)
KIND = Kind("k", "Boundaries", 60, least_notice=60)
GROUP = Session("s", "k", "host", Interval.lasting(STARTS, minutes=60), "room", capacity=8)
WAIT = Wait("w", "s", "jules", "rosa", ("rosa",), 1, 1, NOW)


def test_an_offer_is_taken_until_its_end_and_not_at_it() -> None:
    offered = WAIT.offered(NOW + HOURS)

    assert offered.taken(NOW + HOURS - timedelta(microseconds=1)).status is WaitStatus.TAKEN
    assert offered.is_lapsed(NOW + HOURS)
    for late in (offered, WAIT, offered.withdrawn()):
        with pytest.raises(OfferOver):
            late.taken(NOW + HOURS)


def test_who_goes_off_the_list_has_left_and_who_declines_has_declined() -> None:
    assert WAIT.withdrawn().status is WaitStatus.LEFT
    assert WAIT.offered(NOW).withdrawn().status is WaitStatus.DECLINED


@pytest.mark.parametrize("status", WaitStatus)
def test_only_who_waits_or_is_offered_places_stands_on_the_list(status: WaitStatus) -> None:
    assert replace(WAIT, status=status).is_standing is (status in STANDING)
    assert not replace(WAIT, status=status).is_lapsed(NOW)


@pytest.mark.parametrize(
    ("before", "until"),
    [
        (timedelta(days=2), NOW + HOURS),
        (timedelta(hours=13), STARTS - NOTICE),
        (timedelta(hours=2), STARTS - NOTICE),
        (NOTICE + SHORTEST_OFFER, STARTS - NOTICE),
        (NOTICE + SHORTEST_OFFER - timedelta(seconds=1), None),
        (timedelta(0), None),
    ],
)
def test_a_place_is_kept_for_hours_and_never_into_the_least_notice(
    before: timedelta, until: datetime | None
) -> None:
    assert offer_until(GROUP, KIND, now=STARTS - before, lasts=HOURS) == until


def test_nothing_of_a_session_that_is_off_is_offered() -> None:
    off = replace(GROUP, status=Status.CANCELLED)

    assert offer_until(off, KIND, now=NOW, lasts=HOURS) is None
