"""What the door says, by the session's present time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.errors import LinkUnusable, NotYet
from scheduler.domain.join_links import Door, JoinLink, Shut, Standing, Truth
from scheduler.domain.people import Role
from scheduler.domain.rooms import PresenceStatus, Room
from scheduler.domain.times import Interval

START = datetime(2026, 11, 2, 18, tzinfo=UTC)
END = START + timedelta(minutes=20)
SENT = START - timedelta(days=3)
CLOSED = Room("session")
OPEN = CLOSED.opened("maya", START)
ENDED = OPEN.ended(END)

STANDING = Standing(
    link=JoinLink(b"hash", "session", "rosa", created_at=SENT),
    role=Role.FAMILY_MEMBER,
    zone="America/Los_Angeles",
    client_id="jules",
    host_id="maya",
    when=Interval(START, END),
    is_on=True,
    has_place=True,
    room=CLOSED,
    presence=PresenceStatus.EXPECTED,
    release_id="release",
)


@pytest.mark.parametrize(
    ("now", "door"),
    [
        (SENT, Door.EARLY),
        (START - timedelta(minutes=20, seconds=1), Door.EARLY),
        (START - timedelta(minutes=20), Door.OPEN),
        (END + timedelta(minutes=15), Door.OPEN),
        (END + timedelta(minutes=15, seconds=1), Door.UNUSABLE),
    ],
)
def test_the_door_opens_twenty_minutes_before_and_closes_fifteen_after(now: datetime, door: Door) -> None:
    assert STANDING.door(now) is door


def test_a_moved_session_takes_its_door_along() -> None:
    moved = replace(STANDING, when=Interval(START + timedelta(days=7), END + timedelta(days=7)))

    assert moved.door(START) is Door.EARLY
    assert moved.door(START + timedelta(days=7)) is Door.OPEN


UNUSABLE = {
    Shut.REVOKED: replace(STANDING, link=replace(STANDING.link, revoked_at=START)),
    Shut.CANCELLED: replace(STANDING, is_on=False),
    Shut.OFF_THE_SESSION: replace(STANDING, has_place=False),
    Shut.NO_RELEASE: replace(STANDING, release_id=None),
    Shut.KEPT_OUT: replace(STANDING, presence=PresenceStatus.REMOVED),
}


@pytest.mark.parametrize("reason", UNUSABLE)
def test_a_link_opens_nothing_and_only_the_log_knows_why(reason: Shut) -> None:
    standing = UNUSABLE[reason]

    assert standing.shut(START) is reason
    assert standing.door(START) is Door.UNUSABLE
    with pytest.raises(LinkUnusable) as refused:
        standing.require_open(START)
    assert refused.value.reason == f"LinkUnusable: {reason}"


def test_too_early_says_when_and_in_whose_zone() -> None:
    with pytest.raises(NotYet) as refused:
        STANDING.require_open(SENT)

    assert refused.value.opens_at == START - timedelta(minutes=20)
    assert refused.value.zone == "America/Los_Angeles"


def test_a_client_needs_no_release_to_their_own_session() -> None:
    own = replace(STANDING, role=Role.CLIENT, client_id="rosa", release_id=None)

    assert own.door(START) is Door.OPEN


def test_a_session_that_tells_nothing_about_clients_needs_no_release() -> None:
    assert replace(STANDING, needs_release=False, release_id=None).door(START) is Door.OPEN


ADMITTED = replace(STANDING, room=OPEN, presence=PresenceStatus.ADMITTED)


def test_whoever_is_inside_may_stay_past_the_closing_of_the_door_while_the_room_is_open() -> None:
    late = END + timedelta(minutes=50)

    assert ADMITTED.may_be_in(late)
    assert not replace(ADMITTED, room=ENDED).may_be_in(late)


def test_a_guest_who_is_first_is_not_in_though_a_row_says_admitted() -> None:
    assert not replace(ADMITTED, room=CLOSED).may_be_in(START)


@pytest.mark.parametrize("presence", [one for one in PresenceStatus if one is not PresenceStatus.ADMITTED])
def test_only_whoever_was_let_in_may_be_in(presence: PresenceStatus) -> None:
    assert not replace(ADMITTED, presence=presence).may_be_in(START)


@pytest.mark.parametrize("reason", UNUSABLE)
def test_what_makes_a_link_unusable_ends_being_in(reason: Shut) -> None:
    inside = replace(UNUSABLE[reason], room=OPEN)
    if reason is not Shut.KEPT_OUT:
        inside = replace(inside, presence=PresenceStatus.ADMITTED)

    assert not inside.may_be_in(START)


def test_a_locked_room_keeps_whoever_is_in() -> None:
    assert replace(ADMITTED, room=OPEN.locked()).may_be_in(START)


WAITING = replace(STANDING, presence=PresenceStatus.WAITING)


@pytest.mark.parametrize(
    ("standing", "now", "truth"),
    [
        (STANDING, START, Truth.PREPARING),
        (WAITING, START, Truth.WAITING),
        (replace(WAITING, room=OPEN), START, Truth.WAITING),
        (replace(WAITING, room=OPEN.locked()), START, Truth.LOCKED),
        (replace(WAITING, room=ENDED), START, Truth.ENDED),
        (WAITING, SENT, Truth.MOVED),
        (WAITING, END + timedelta(minutes=16), Truth.ENDED),
        (replace(WAITING, is_on=False), START, Truth.CANCELLED),
        (replace(WAITING, release_id=None), START, Truth.CLOSED),
        (replace(WAITING, has_place=False), START, Truth.CLOSED),
        (ADMITTED, START, Truth.ADMITTED),
        (replace(ADMITTED, room=OPEN.locked()), START, Truth.ADMITTED),
        (replace(ADMITTED, room=CLOSED), START, Truth.WAITING),
        (replace(STANDING, presence=PresenceStatus.LEFT), START, Truth.LEFT),
        (replace(STANDING, presence=PresenceStatus.TURNED_AWAY), START, Truth.TURNED_AWAY),
        (replace(STANDING, presence=PresenceStatus.REMOVED), START, Truth.REMOVED),
    ],
)
def test_whoever_has_proved_themselves_is_told_the_truth(
    standing: Standing, now: datetime, truth: Truth
) -> None:
    assert standing.truth(now) is truth
