"""Who is let in, by whom, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.errors import PresenceMoved, RoomFull, RoomLocked, RoomShut
from scheduler.domain.people import Proof
from scheduler.domain.rooms import (
    MOST_ADMITTED,
    Face,
    Move,
    Presence,
    PresenceStatus,
    Room,
    RoomStatus,
    after,
    isolated,
)

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
OPEN = Room("session").opened("maya", NOW)

MOVES = """
               prove      wait      admit     turn_away    remove   leave  let_back
expected       preparing  .         .         .            .        .      .
preparing      preparing  waiting   .         turned_away  .        left   .
waiting        waiting    waiting   admitted  turned_away  .        left   .
admitted       admitted   admitted  admitted  .            removed  left   .
turned_away    .          .         .         turned_away  .        .      left
removed        .          .         .         .            removed  .      left
left           preparing  waiting   .         .            .        left   .
"""


def cells() -> list[tuple[PresenceStatus, Move, str]]:
    head, *rows = MOVES.strip().splitlines()
    moves = [Move(name) for name in head.split()]
    return [
        (PresenceStatus(status), move, cell)
        for status, *row in map(str.split, rows)
        for move, cell in zip(moves, row, strict=True)
    ]


@pytest.mark.parametrize(("status", "move", "becomes"), cells())
def test_a_presence_moves_as_drawn(status: PresenceStatus, move: Move, becomes: str) -> None:
    if becomes == ".":
        with pytest.raises(PresenceMoved):
            after(status, move)
    else:
        assert after(status, move) == becomes


def test_the_table_of_moves_is_whole() -> None:
    assert len(cells()) == len(PresenceStatus) * len(Move)


def test_nobody_is_let_in_before_the_host_has_opened() -> None:
    with pytest.raises(RoomShut):
        Room("session").require_space(0)


def test_nobody_is_let_in_after_the_end() -> None:
    with pytest.raises(RoomShut):
        OPEN.ended(NOW).require_space(0)


def test_nobody_new_is_let_into_a_locked_room() -> None:
    with pytest.raises(RoomLocked):
        OPEN.locked().require_space(0)
    OPEN.locked().unlocked().require_space(0)


def test_six_people_are_the_most_and_one_of_them_is_the_host() -> None:
    OPEN.require_space(MOST_ADMITTED - 1)
    with pytest.raises(RoomFull):
        OPEN.require_space(MOST_ADMITTED)


def test_each_host_has_one_of_the_six_places() -> None:
    OPEN.require_space(MOST_ADMITTED - 2, hosts=2)
    with pytest.raises(RoomFull):
        OPEN.require_space(MOST_ADMITTED - 1, hosts=2)


def test_a_room_is_locked_and_ended_only_while_it_is_open() -> None:
    closed = Room("session")
    for act in (
        closed.locked,
        closed.unlocked,
        lambda: closed.ended(NOW),
        lambda: OPEN.ended(NOW).ended(NOW),
    ):
        with pytest.raises(RoomShut):
            act()


def test_opening_again_changes_nothing_and_after_the_end_it_opens_anew() -> None:
    later = NOW + timedelta(minutes=5)

    assert OPEN.locked().opened("maya", later) == OPEN.locked()
    again = OPEN.ended(NOW).opened("maya", later)
    assert (again.status, again.opened_at, again.ended_at) == (RoomStatus.OPEN, later, None)


def test_a_page_that_has_not_asked_for_a_minute_is_on_a_locked_phone() -> None:
    presence = Presence("session", "rosa", PresenceStatus.WAITING, Proof.EMAIL_CODE, NOW, NOW)

    assert not presence.is_asleep(NOW + timedelta(seconds=40))
    assert presence.is_asleep(NOW + timedelta(seconds=60))


HOST = Face("h", "Maya Okafor", "family therapist", is_staff=True)
MOTHER = Face("m", "Rosa Rivera", "mother", is_staff=False, client_id="jules", household="home")
CLIENT = Face("c", "Jules Rivera", "", is_staff=False, client_id="jules")
FATHER = Face("f", "Tomas Rivera", "father", is_staff=False, client_id="jules", household="away")
NEIGHBOUR = Face("n", "Ann Baker", "mother", is_staff=False, client_id="sam", household="home")


@pytest.mark.parametrize(
    ("face", "viewer", "name"),
    [
        (HOST, MOTHER, "Maya Okafor, family therapist"),
        (MOTHER, HOST, "Rosa Rivera, mother"),
        (MOTHER, CLIENT, "Rosa"),
        (CLIENT, MOTHER, "Jules"),
        (MOTHER, FATHER, "A family member"),
        (FATHER, MOTHER, "A family member"),
        (NEIGHBOUR, MOTHER, "Another family"),
    ],
)
def test_each_sees_of_the_others_what_is_theirs_to_see(face: Face, viewer: Face, name: str) -> None:
    assert face.shown_to(viewer) == name


def test_a_name_turns_no_words_beside_it_around() -> None:
    assert isolated("Rosa Rivera") == "Rosa Rivera"
    assert isolated("שרה לוי") == "\u2068שרה לוי\u2069"
    assert isolated("Eve\u2069 \u202elive") == "\u2068Eve \u202elive\u2069"
