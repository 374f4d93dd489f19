"""Sign-ins: for how long a browser counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.people import STAFF, Proof, Role, Source
from scheduler.domain.sign_ins import LASTS, REMEMBERED_LASTS, Found, SignIn, Standing, expires_at

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
STAFF_RESTS, FAMILY_RESTS = timedelta(minutes=15), timedelta(minutes=30)
SIGN_IN = SignIn("s1", "p1", Proof.EMAIL_CODE, "Firefox on Android", NOW, NOW, NOW + LASTS)


def rests(role: Role, *, is_hosting: bool = False) -> timedelta:
    found = Found(SIGN_IN, role, "UTC", frozenset(), is_hosting)
    return found.rests(staff=STAFF_RESTS, family=FAMILY_RESTS)


def test_a_browser_counts_until_it_has_rested_for_the_whole_length() -> None:
    almost = NOW + FAMILY_RESTS - timedelta(microseconds=1)
    assert SIGN_IN.standing(almost, FAMILY_RESTS) is Standing.SIGNED_IN
    assert SIGN_IN.standing(NOW + FAMILY_RESTS, FAMILY_RESTS) is Standing.OVER


def test_being_seen_starts_the_rest_anew_but_never_moves_the_end() -> None:
    busy = replace(SIGN_IN, seen_at=NOW + LASTS - timedelta(minutes=1))
    assert busy.standing(NOW + LASTS - timedelta(seconds=1), FAMILY_RESTS) is Standing.SIGNED_IN
    assert busy.standing(NOW + LASTS, FAMILY_RESTS) is Standing.OVER


def test_a_remembered_device_that_rested_is_remembered_until_its_end() -> None:
    remembered = replace(SIGN_IN, is_remembered=True, expires_at=NOW + REMEMBERED_LASTS)
    assert remembered.standing(NOW + timedelta(days=29), FAMILY_RESTS) is Standing.REMEMBERED
    assert remembered.standing(NOW + timedelta(days=30), FAMILY_RESTS) is Standing.OVER


def test_an_ended_sign_in_is_over_at_once_even_on_a_remembered_device() -> None:
    ended = replace(SIGN_IN, is_remembered=True, ended_at=NOW)
    assert ended.standing(NOW, FAMILY_RESTS) is Standing.OVER


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_rest_for_a_quarter_of_an_hour_and_twice_that_while_hosting(role: Role) -> None:
    assert rests(role) == timedelta(minutes=15)
    assert rests(role, is_hosting=True) == timedelta(minutes=30)


def test_family_members_rest_for_half_an_hour() -> None:
    assert rests(Role.FAMILY_MEMBER) == timedelta(minutes=30)
    assert rests(Role.CLIENT) == timedelta(minutes=30)


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_are_never_remembered(role: Role) -> None:
    assert expires_at(role, is_remembered=True, now=NOW) == NOW + timedelta(hours=12)


def test_a_family_device_is_remembered_for_thirty_days_where_that_was_asked_for() -> None:
    assert expires_at(Role.FAMILY_MEMBER, is_remembered=True, now=NOW) == NOW + timedelta(days=30)
    assert expires_at(Role.FAMILY_MEMBER, is_remembered=False, now=NOW) == NOW + timedelta(hours=12)


def test_a_remembered_device_makes_a_link_holder_of_its_person_and_shows_no_client() -> None:
    found = Found(SIGN_IN, Role.FAMILY_MEMBER, "UTC", frozenset({"c1"}))
    actor = found.remembered_actor(Source())
    assert (actor.person_id, actor.role, actor.proof) == ("p1", Role.LINK_HOLDER, Proof.REMEMBERED_DEVICE)
    assert actor.client_ids == frozenset()


def test_the_last_request_is_written_once_a_minute_at_most() -> None:
    assert not SIGN_IN.is_to_be_seen(NOW + timedelta(seconds=59))
    assert SIGN_IN.is_to_be_seen(NOW + timedelta(seconds=60))
