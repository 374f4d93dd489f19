"""The switchboard: one line a person, nobody missed, and a lost line is first away, then gone."""

import asyncio

import pytest

from scheduler.domain.rooms import Face, RoomPass
from scheduler.web.switchboard import LONGEST_QUEUE, Line, Message, Switchboard


def line(name: str, *, session_id: str = "session", is_staff: bool = False) -> Line:
    """Return the line of a person of one family."""
    return Line(RoomPass(session_id, name, "browser"), Face(name, name, "", is_staff, "jules"))


def heard(one: Line) -> list[Message]:
    """Return what a line was told, and forget it."""
    return [one.messages.get_nowait() for _ in range(one.messages.qsize())]


async def test_whoever_comes_is_told_who_is_there_and_they_are_told_who_came() -> None:
    switchboard, rosa, ana = Switchboard(), line("rosa"), line("ana")
    switchboard.join(rosa, [])
    switchboard.join(ana, [])

    welcome, came = heard(rosa)
    assert (welcome["type"], welcome["people"]) == ("welcome", [])
    assert (came["type"], came["person"]) == ("came", ana.seen_by(rosa))
    assert heard(ana)[0]["people"] == [rosa.seen_by(ana)]


def test_strangers_learn_no_name_and_meet_at_the_relay() -> None:
    rosa, host = line("Rosa"), line("Maya", is_staff=True)
    neighbour = Line(RoomPass("session", "Ann", "browser"), Face("x", "Ann Baker", "mother", False, "sam"))

    assert neighbour.seen_by(rosa) == {
        "id": "x",
        "name": "Another family",
        "camera": True,
        "microphone": True,
        "relayed": True,
    }
    assert [one.seen_by(two)["relayed"] for one in (rosa, host) for two in (rosa, host)] == [False] * 4


async def test_of_people_who_come_at_once_each_pair_has_one_newcomer() -> None:
    switchboard, everyone = Switchboard(), [line(f"person{number}") for number in range(6)]

    async def come(one: Line) -> None:
        switchboard.join(one, [])

    await asyncio.gather(*(come(one) for one in everyone))

    told = {one.face.id: heard(one) for one in everyone}
    offers = sum(str(messages[0]["people"]).count("'id'") for messages in told.values())
    waits = sum(message["type"] == "came" for messages in told.values() for message in messages)
    assert offers == waits == 6 * 5 / 2


async def test_a_lost_line_is_away_then_gone() -> None:
    switchboard, rosa, ana = Switchboard(grace_seconds=0.0), line("rosa"), line("ana")
    switchboard.join(rosa, [])
    switchboard.join(ana, [])
    heard(rosa)

    switchboard.lose(ana)
    assert heard(rosa) == [{"type": "away", "id": "ana"}]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert heard(rosa) == [{"type": "went", "id": "ana"}]


async def test_whoever_is_back_in_time_is_not_gone() -> None:
    switchboard, rosa, ana = Switchboard(grace_seconds=0.0), line("rosa"), line("ana")
    switchboard.join(rosa, [])
    switchboard.join(ana, [])
    switchboard.lose(ana)
    switchboard.join(line("ana"), [])
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert [message["type"] for message in heard(rosa)] == ["welcome", "came", "away", "came"]


async def test_the_end_of_a_line_that_was_replaced_is_no_news() -> None:
    switchboard, rosa, before, after = Switchboard(), line("rosa"), line("ana"), line("ana")
    for one in (rosa, before, after):
        switchboard.join(one, [])
    assert heard(before)[-1] == {"type": "replaced"}
    heard(rosa)

    switchboard.lose(before)
    switchboard.part(before)

    assert heard(rosa) == []
    switchboard.pass_on(rosa, "ana", {"x": 1})
    assert heard(after)[-1] == {"type": "signal", "id": "rosa", "data": {"x": 1}}


async def test_rooms_are_apart() -> None:
    switchboard, here, there = Switchboard(), line("rosa"), line("ana", session_id="other")
    switchboard.join(here, [])
    switchboard.join(there, [])
    heard(there)

    switchboard.pass_on(here, "ana", {})
    switchboard.show_state(here, has_camera=False, has_microphone=False)
    switchboard.part(here)

    assert heard(there) == []


async def test_whoever_reads_too_slowly_is_given_up() -> None:
    rosa = line("rosa")

    for _ in range(LONGEST_QUEUE + 1):
        rosa.tell({"type": "pong"})

    assert rosa.is_hopeless


@pytest.mark.parametrize("to", [None, 7, ["ana"], {"id": "ana"}])
async def test_an_address_that_is_no_name_leads_nowhere(to: object) -> None:
    switchboard, rosa = Switchboard(), line("rosa")
    switchboard.join(rosa, [])

    switchboard.pass_on(rosa, to, {})

    assert [message["type"] for message in heard(rosa)] == ["welcome"]
