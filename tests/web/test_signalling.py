"""The room's line: who hears whom, and how whoever drops out comes back."""

import asyncio

import httpx2
from starlette.applications import Starlette

from scheduler.domain.people import Proof
from scheduler.services import Services
from tests.conftest import Clock
from tests.joining import DETAILS, JSON, add_meeting, entries, prove, sign_in
from tests.sockets import RoomScene

SOON = 2.0  # seconds within which a line closes after a change


async def test_two_people_find_each_other(room: RoomScene) -> None:
    host = await room.hosts_line()
    alone = await host.receive()
    mother = await room.mothers_line()
    welcome = await mother.receive()
    came = await host.receive()

    assert (alone["type"], alone["people"]) == ("welcome", [])
    assert [person["name"] for person in welcome["people"]] == ["Maya Okafor Rivera, family therapist"]
    assert (came["type"], came["person"]["name"]) == ("came", "Rosa Rivera, mother")
    assert welcome["people"][0]["id"] == alone["you"]
    assert came["person"]["id"] == welcome["you"]

    await mother.send({"type": "signal", "to": alone["you"], "data": {"description": {"type": "offer"}}})
    heard = await host.receive()
    assert heard == {"type": "signal", "id": welcome["you"], "data": {"description": {"type": "offer"}}}

    await host.send({"type": "state", "camera": False, "microphone": True})
    assert await mother.receive() == {
        "type": "state",
        "id": alone["you"],
        "camera": False,
        "microphone": True,
    }
    assert len(await entries(room.services, "room.entered")) == 2


async def test_a_host_leaves_once_each_time_they_were_in(room: RoomScene, clock: Clock) -> None:
    path = f"/room/{room.meeting.session.id}/leave"

    async def entries_after_leaving() -> int:
        assert (await room.therapist.post(path)).status_code == 303
        return len(await entries(room.services, "person.left"))

    assert await entries_after_leaving() == 0
    for coming in (1, 2):
        await (await room.hosts_line()).receive_type("welcome")
        assert [await entries_after_leaving() for _ in range(2)] == [coming] * 2
    await (await room.hosts_line()).receive_type("welcome")
    await room.press("end")
    left = len(await entries(room.services, "person.left"))
    assert await entries_after_leaving() == left
    clock.move(seconds=1)
    await room.press("open")
    assert await entries_after_leaving() == left


async def test_ids_on_the_line_are_no_ids_of_the_house(room: RoomScene) -> None:
    host = await room.hosts_line()
    welcome = await host.receive()

    assert welcome["you"] not in (room.meeting.family.clinician.id, room.meeting.session.id)
    assert room.meeting.session.room_name not in str(welcome)


async def test_the_others_see_at_once_that_somebody_is_out(room: RoomScene) -> None:
    host = await room.hosts_line()
    await host.receive_type("welcome")
    mother = await room.mothers_line()
    you = (await mother.receive_type("welcome"))["you"]

    await room.press("remove")

    assert (await host.receive_type("went"))["id"] == you


async def test_a_second_browser_of_the_person_closes_the_first_ones_line(
    room: RoomScene, services: Services
) -> None:
    first = await room.mothers_line()
    await first.receive_type("welcome")
    await room.mother.get(room.meeting.path)
    room.mother.cookies.delete("__Host-hearth-place")
    await prove(services, room.mother, room.meeting.path)

    async with asyncio.timeout(SOON):
        assert await first.closing_code() == "4003"
    again = await room.mothers_line()
    assert (await again.receive())["type"] == "welcome"


async def test_a_reload_takes_the_place_of_the_line_before(room: RoomScene) -> None:
    first = await room.mothers_line()
    await first.receive_type("welcome")

    second = await room.mothers_line()
    await second.receive_type("welcome")

    assert await first.closing_code() == "4001"
    await second.send({"type": "ping"})
    assert (await second.receive_type("pong"))["type"] == "pong"


async def test_a_phone_that_lost_its_line_comes_back_by_itself_to_the_same_place(
    room: RoomScene, clock: Clock
) -> None:
    host = await room.hosts_line()
    await host.receive_type("welcome")
    mother = await room.mothers_line()
    you = (await mother.receive_type("welcome"))["you"]
    await host.receive_type("came")
    await mother.drop()
    assert await host.receive_type("away") == {"type": "away", "id": you}

    clock.move(minutes=2)
    again = await room.mothers_line()

    assert (await again.receive_type("welcome"))["you"] == you
    assert (await host.receive_type("came"))["person"]["id"] == you


async def test_the_host_comes_back_after_losing_everything(
    room: RoomScene, services: Services, clock: Clock
) -> None:
    host, mother = await room.hosts_line(), await room.mothers_line()
    await mother.receive_type("welcome")
    await room.press("lock")
    await host.drop()
    clock.move(minutes=3)
    room.therapist.cookies.clear()
    await sign_in(services, room.therapist, room.meeting.family.clinician, Proof.PASSKEY)

    again = await room.hosts_line()

    people = (await again.receive_type("welcome"))["people"]
    assert [person["name"] for person in people] == ["Rosa Rivera, mother"]


async def test_the_host_hears_that_the_list_has_changed(room: RoomScene) -> None:
    host = await room.hosts_line()
    await host.receive_type("welcome")

    await room.press("lock")

    assert await host.receive_type("changed") == {"type": "changed"}


async def test_the_host_hears_at_once_that_somebody_inside_is_elsewhere_now(
    room: RoomScene, services: Services, second: httpx2.AsyncClient
) -> None:
    host = await room.hosts_line()
    await host.receive_type("welcome")
    await prove(services, second, room.meeting.path)
    await host.receive_type("changed")
    before = (await room.therapist.get(f"{room.meeting.url}/version", headers=JSON)).json()

    elsewhere = DETAILS | {"location": "9 Oak Avenue, Fresno", "call_back": "559 555 0177"}
    assert (await second.post("/join/details", data=elsewhere)).status_code == 303

    assert await host.receive_type("changed") == {"type": "changed"}
    assert (await room.therapist.get(f"{room.meeting.url}/version", headers=JSON)).json() != before
    roster = (await room.therapist.get(f"{room.meeting.url}/roster?page=room")).text
    assert "9 Oak Avenue, Fresno" in roster
    assert "12 Elm Street" not in roster


async def test_moving_or_typing_keeps_the_host_signed_in(
    room: RoomScene, services: Services, clock: Clock
) -> None:
    host = await room.hosts_line()
    await host.receive_type("welcome")
    clock.move(minutes=20)
    await host.send({"type": "active"})
    await host.send({"type": "ping"})
    await host.receive_type("pong")
    clock.move(minutes=20)

    assert (
        await room.therapist.post(f"/room/{room.meeting.session.id}/pass", headers=JSON)
    ).status_code == 200


async def test_messages_to_strangers_go_nowhere(room: RoomScene, services: Services) -> None:
    mother = await room.mothers_line()
    you = (await mother.receive_type("welcome"))["you"]

    for to in ("somebody", you, None, 7, {"a": 1}, room.meeting.family.clinician.id):
        await mother.send({"type": "signal", "to": to, "data": {}})
    await mother.send({"type": "ping"})

    assert await mother.receive() == {"type": "pong"}


async def test_two_rooms_never_hear_each_other(room: RoomScene, services: Services, app: Starlette) -> None:
    other = await add_meeting(services, surname="Baker", clinician=room.meeting.family.clinician)
    await room.therapist.post(f"{other.url}/open")
    mother = await room.mothers_line()
    await mother.receive_type("welcome")

    path = f"/room/{other.session.id}"
    room_pass = (await room.therapist.post(f"{path}/pass", headers=JSON)).json()["pass"]
    elsewhere = await room.line(room.therapist, f"{path}/signal", room_pass)

    assert (await elsewhere.receive_type("welcome"))["people"] == []
