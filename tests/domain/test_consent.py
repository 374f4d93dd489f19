"""Releases: nine elements, and when one is in force."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scheduler.domain.consent import Element, Release, State, is_same_name

PACIFIC = "America/Los_Angeles"
NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)

COMPLETE = Release(
    id="r1",
    client_id="c1",
    person_id="p1",
    client_name="Jules Rivera",
    recipient_name="Rosa Rivera",
    discloser="The program's care team",
    scope="That I take part, and how sessions go",
    purpose="Family sessions",
    revocation_text="Tell any of the staff, in writing or aloud",
    expires_at=NOW + timedelta(days=90),
    signature="Jules Rivera",
    signed_at=NOW - timedelta(days=1),
)

WITHOUT = {
    Element.CLIENT_NAME: replace(COMPLETE, client_name=" "),
    Element.DISCLOSER: replace(COMPLETE, discloser=""),
    Element.SCOPE: replace(COMPLETE, scope=""),
    Element.RECIPIENT_NAME: replace(COMPLETE, recipient_name=""),
    Element.PURPOSE: replace(COMPLETE, purpose=""),
    Element.REVOCATION_TEXT: replace(COMPLETE, revocation_text=""),
    Element.EXPIRY: replace(COMPLETE, expires_at=None),
    Element.SIGNATURE: replace(COMPLETE, signature=""),
    Element.SIGNED_AT: replace(COMPLETE, signed_at=None),
}


def test_a_release_with_all_nine_elements_is_in_force() -> None:
    assert COMPLETE.missing_elements == ()
    assert COMPLETE.is_active(NOW)


@pytest.mark.parametrize("element", Element)
def test_a_release_that_lacks_one_element_is_never_in_force_and_says_which(element: Element) -> None:
    deficient = WITHOUT[element]
    assert deficient.missing_elements == (element,)
    assert not deficient.is_active(NOW)


def test_a_release_ends_at_the_very_moment_of_its_date() -> None:
    assert COMPLETE.expires_at is not None
    assert COMPLETE.is_active(COMPLETE.expires_at - timedelta(microseconds=1))
    assert not COMPLETE.is_active(COMPLETE.expires_at)


def test_a_release_may_end_upon_an_event_in_place_of_a_date() -> None:
    until_discharge = replace(COMPLETE, expires_at=None, expiry_event="when treatment ends")
    assert until_discharge.missing_elements == ()
    assert until_discharge.is_active(NOW + timedelta(days=900))


def test_a_release_is_not_in_force_before_it_is_signed() -> None:
    unsigned = replace(COMPLETE, signature="", signed_at=None)
    assert not unsigned.is_active(NOW)
    assert unsigned.signed("Jules Rivera", NOW).is_active(NOW)
    assert not unsigned.signed("Jules Rivera", NOW).is_active(NOW - timedelta(seconds=1))


def test_a_revoked_release_is_over_at_once_and_an_earlier_revocation_stands() -> None:
    revoked = COMPLETE.revoked(NOW)
    assert not revoked.is_active(NOW)
    assert revoked.revoked(NOW + timedelta(days=1)).revoked_at == NOW


def test_a_release_ended_on_its_last_day_or_on_the_day_of_its_event() -> None:
    ends, before = NOW.replace(day=3, hour=8), NOW.replace(day=1, hour=8)
    dated = replace(COMPLETE, expires_at=ends)

    assert replace(dated, expired_at=ends + timedelta(minutes=1)).ended_on(PACIFIC) == date(2026, 11, 2)
    assert replace(dated, expired_at=before).ended_on(PACIFIC) == date(2026, 11, 1)
    assert replace(dated, expires_at=None, expired_at=before).ended_on(PACIFIC) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, State.IN_FORCE),
        ({"signed_at": None, "signature": ""}, State.TO_SIGN),
        ({"is_paper": True}, State.TO_APPROVE),
        ({"is_paper": True, "approved_at": NOW}, State.IN_FORCE),
        ({"is_paper": True, "sent_back_at": NOW}, State.SENT_BACK),
        ({"purpose": ""}, State.INCOMPLETE),
        ({"expires_at": NOW}, State.ENDED),
        ({"expires_at": None, "expiry_event": "I leave", "expired_at": NOW}, State.ENDED),
        ({"expires_at": NOW, "revoked_at": NOW}, State.REVOKED),
    ],
)
def test_a_release_stands_where_its_moments_say_and_only_one_in_force_is_acted_upon(
    changes: dict[str, Any], state: State
) -> None:
    release = replace(COMPLETE, **changes)

    assert release.state(NOW) is state
    assert release.is_active(NOW) is (state is State.IN_FORCE)


def test_a_name_is_the_same_whatever_its_capitals_and_spaces() -> None:
    assert is_same_name(" jules  RIVERA ", "Jules Rivera")
    assert not is_same_name("Jules Rivero", "Jules Rivera")
