"""The room's line: who may open it, who hears whom, and how soon it closes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.booking import Status
from scheduler.domain.people import Proof
from scheduler.domain.rooms import RoomPass
from scheduler.services import Services
from scheduler.storage import consent, join_links, sessions, sign_ins
from scheduler.web.signalling import LONGEST_MESSAGE, MESSAGES_AT_ONCE
from tests.conftest import Clock
from tests.joining import Meeting, add_meeting, clinician_browser, entries, prove, sign_in, wait
from tests.sockets import BrowserSocket, Refused, socket_of

JSON = {"Accept": "application/json"}
SOON = 2.0  # seconds within which a line closes after a change


@dataclass
class Scene:
    """An open room; the mother was let in. Sockets opened here are dropped at the end."""

    services: Services
    app: Starlette
    meeting: Meeting
    mother: httpx2.AsyncClient
    therapist: httpx2.AsyncClient
    open_sockets: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def mothers_pass(self) -> str:
        """Return a fresh pass of the mother's."""
        return str((await self.mother.post("/join/pass", headers=JSON)).json()["pass"])

    async def hosts_pass(self) -> str:
        """Return a fresh pass of the therapist's."""
        path = f"/room/{self.meeting.session.id}/pass"
        return str((await self.therapist.post(path, headers=JSON)).json()["pass"])

    async def line(self, browser: httpx2.AsyncClient, path: str, room_pass: str) -> BrowserSocket:
        """Open a line and show a pass."""
        socket = await self.open_sockets.enter_async_context(socket_of(self.app, browser, path))
        await socket.send({"type": "hello", "pass": room_pass})
        return socket

    async def mothers_line(self) -> BrowserSocket:
        """Return the mother's line, not yet welcomed."""
        return await self.line(self.mother, "/join/signal", await self.mothers_pass())

    async def hosts_line(self) -> BrowserSocket:
        """Return the host's line, not yet welcomed."""
        path = f"/room/{self.meeting.session.id}/signal"
        return await self.line(self.therapist, path, await self.hosts_pass())

    async def press(self, what: str) -> httpx2.Response:
        """Press a button of the clinician's list, about the mother."""
        data = {"person_id": self.meeting.family.mother.id}
        return await self.therapist.post(f"{self.meeting.url}/{what}", data=data)


@pytest.fixture
async def scene(services: Services, app: Starlette, browser: httpx2.AsyncClient) -> AsyncIterator[Scene]:
    """The scene."""
    meeting = await add_meeting(services)
    await wait(services, browser, meeting.path)
    async with await clinician_browser(services, app, meeting) as therapist:
        scene = Scene(services, app, meeting, browser, therapist)
        await scene.press("open")
        await scene.press("admit")
        async with scene.open_sockets:
            yield scene


async def test_two_people_find_each_other(scene: Scene) -> None:
    host = await scene.hosts_line()
    alone = await host.receive()
    mother = await scene.mothers_line()
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
    assert len(await entries(scene.services, "room.entered")) == 2


async def test_ids_on_the_line_are_no_ids_of_the_house(scene: Scene) -> None:
    host = await scene.hosts_line()
    welcome = await host.receive()

    assert welcome["you"] not in (scene.meeting.family.clinician.id, scene.meeting.session.id)
    assert scene.meeting.session.room_name not in str(welcome)


@pytest.mark.parametrize(
    "origin", [None, "https://evil.test", "http://hearth.test", "null", "https://hearth.test:8443"]
)
async def test_a_page_of_another_origin_gets_no_line(scene: Scene, origin: str | None) -> None:
    with pytest.raises(Refused) as refused:
        async with socket_of(scene.app, scene.mother, "/join/signal", origin=origin):
            pass

    assert str(refused.value) == "403"


async def test_nobody_signed_in_gets_no_hosts_line(scene: Scene) -> None:
    for browser in (scene.mother,):
        with pytest.raises(Refused):
            async with socket_of(scene.app, browser, f"/room/{scene.meeting.session.id}/signal"):
                pass


@pytest.mark.parametrize(
    "first",
    [
        {"type": "hello"},
        {"type": "hello", "pass": "nonsense"},
        {"type": "hello", "pass": None},
        {"type": "signal", "to": "x", "data": {}},
        {"pass": "x"},
        ["hello"],
        "hello",
        "{" * 2000,
        '{"type": "hello", "pass": "' + "x" * LONGEST_MESSAGE + '"}',
    ],
)
async def test_without_a_pass_in_the_first_message_the_line_closes(scene: Scene, first: object) -> None:
    async with socket_of(scene.app, scene.mother, "/join/signal") as socket:
        await socket.send(first)
        assert await socket.closing_code() == "1008"


async def test_bytes_are_no_message(scene: Scene) -> None:
    async with socket_of(scene.app, scene.mother, "/join/signal") as socket:
        await socket.send_bytes(b"\x00\x01")
        assert await socket.closing_code() == "1008"


async def test_a_pass_lasts_five_minutes(scene: Scene, clock: Clock) -> None:
    room_pass = await scene.mothers_pass()
    clock.move(minutes=5)

    late = await scene.line(scene.mother, "/join/signal", room_pass)

    assert await late.closing_code() == "1008"


async def test_a_pass_is_for_one_room_one_person_and_one_browser(
    scene: Scene, services: Services, browser: httpx2.AsyncClient
) -> None:
    other = await add_meeting(services, surname="Baker", clinician=scene.meeting.family.clinician)
    now, mother = services.now(), scene.meeting.family.mother.id
    await scene.therapist.post(f"{other.url}/open")
    wrong = [
        RoomPass(other.session.id, mother, "aa"),
        RoomPass(scene.meeting.session.id, other.family.mother.id, "aa"),
        RoomPass(scene.meeting.session.id, mother, "aa"),
        RoomPass(scene.meeting.session.id, mother, ""),
        RoomPass(scene.meeting.session.id, scene.meeting.family.clinician.id, ""),
        RoomPass(scene.meeting.session.id, scene.meeting.family.client.id, ""),
    ]

    for one in wrong:
        line = await scene.line(scene.mother, "/join/signal", services.video.pass_for(one, now=now))
        assert await line.closing_code() == "1008", one
    hosts = await scene.line(scene.therapist, f"/room/{other.session.id}/signal", await scene.hosts_pass())
    assert await hosts.closing_code() == "1008"
    crossed = await scene.line(scene.mother, "/join/signal", await scene.hosts_pass())
    assert await crossed.closing_code() == "1008"


async def test_a_pass_in_hand_opens_nothing_once_its_person_was_removed(scene: Scene) -> None:
    room_pass = await scene.mothers_pass()
    await scene.press("remove")

    line = await scene.line(scene.mother, "/join/signal", room_pass)

    assert await line.closing_code() == "1008"
    assert [row.outcome for row in await entries(scene.services, "room.entered")] == []


async def revoke_release(scene: Scene) -> None:
    assert scene.meeting.release is not None
    release_id, now = scene.meeting.release.id, scene.services.now()
    await scene.services.database.write(lambda tx: consent.revoke(tx, release_id, revoked_at=now))


async def revoke_link(scene: Scene) -> None:
    session_id, now = scene.meeting.session.id, scene.services.now()
    await scene.services.database.write(lambda tx: join_links.revoke_for(tx, session_id=session_id, now=now))


async def cancel(scene: Scene) -> None:
    session_id = scene.meeting.session.id
    await scene.services.database.write(lambda tx: sessions.set_status(tx, session_id, Status.CANCELLED))


async def remove(scene: Scene) -> None:
    await scene.press("remove")


async def end(scene: Scene) -> None:
    await scene.press("end")


async def leave(scene: Scene) -> None:
    await scene.mother.post("/join/leave")


@pytest.mark.parametrize("change", [revoke_release, revoke_link, cancel, remove, end, leave])
async def test_the_line_closes_within_two_seconds_of_a_change(
    scene: Scene, change: Callable[[Scene], Awaitable[None]]
) -> None:
    mother = await scene.mothers_line()
    await mother.receive_type("welcome")

    await change(scene)

    async with asyncio.timeout(SOON):
        await mother.receive_type("over")
        assert await mother.closing_code() == "4003"


async def test_the_others_see_at_once_that_somebody_is_out(scene: Scene) -> None:
    host, mother = await scene.hosts_line(), await scene.mothers_line()
    you = (await mother.receive_type("welcome"))["you"]

    await scene.press("remove")

    assert (await host.receive_type("went"))["id"] == you


async def test_a_message_of_somebody_just_removed_reaches_nobody(scene: Scene) -> None:
    host, mother = await scene.hosts_line(), await scene.mothers_line()
    to = (await host.receive_type("welcome"))["you"]
    await mother.receive_type("welcome")
    session_id, person_id = scene.meeting.session.id, scene.meeting.family.mother.id
    now = scene.services.now()
    await scene.services.database.write(  # as another process would do it: no word of it comes here
        lambda tx: join_links.revoke_for(tx, session_id=session_id, person_id=person_id, now=now)
    )

    await mother.send({"type": "signal", "to": to, "data": {"late": True}})

    assert await mother.closing_code() == "4003"
    assert (await host.receive_type("went"))["type"] == "went"


async def test_a_second_browser_of_the_person_closes_the_first_ones_line(
    scene: Scene, services: Services
) -> None:
    first = await scene.mothers_line()
    await first.receive_type("welcome")
    await scene.mother.get(scene.meeting.path)
    scene.mother.cookies.delete("__Host-hearth-place")
    await prove(services, scene.mother, scene.meeting.path)

    async with asyncio.timeout(SOON):
        assert await first.closing_code() == "4003"
    again = await scene.mothers_line()
    assert (await again.receive())["type"] == "welcome"


async def test_a_reload_takes_the_place_of_the_line_before(scene: Scene) -> None:
    first = await scene.mothers_line()
    await first.receive_type("welcome")

    second = await scene.mothers_line()
    await second.receive_type("welcome")

    assert await first.closing_code() == "4001"
    await second.send({"type": "ping"})
    assert (await second.receive_type("pong"))["type"] == "pong"


async def test_a_phone_that_lost_its_line_comes_back_by_itself_to_the_same_place(
    scene: Scene, clock: Clock
) -> None:
    host, mother = await scene.hosts_line(), await scene.mothers_line()
    you = (await mother.receive_type("welcome"))["you"]
    await host.receive_type("came")
    await mother.drop()
    assert await host.receive_type("away") == {"type": "away", "id": you}

    clock.move(minutes=2)
    again = await scene.mothers_line()

    assert (await again.receive_type("welcome"))["you"] == you
    assert (await host.receive_type("came"))["person"]["id"] == you


async def test_the_host_comes_back_after_losing_everything(
    scene: Scene, services: Services, clock: Clock
) -> None:
    host, mother = await scene.hosts_line(), await scene.mothers_line()
    await mother.receive_type("welcome")
    await scene.press("lock")
    await host.drop()
    clock.move(minutes=3)
    scene.therapist.cookies.clear()
    await sign_in(services, scene.therapist, scene.meeting.family.clinician, Proof.PASSKEY)

    again = await scene.hosts_line()

    people = (await again.receive_type("welcome"))["people"]
    assert [person["name"] for person in people] == ["Rosa Rivera, mother"]


async def test_a_host_whose_sign_in_was_ended_is_out(
    scene: Scene, services: Services, app: Starlette
) -> None:
    host = await scene.hosts_line()
    await host.receive_type("welcome")
    clinician, now = scene.meeting.family.clinician.id, services.now()

    await services.database.write(lambda tx: sign_ins.end_all(tx, clinician, ended_at=now))

    async with asyncio.timeout(SOON):
        assert await host.closing_code() == "4003"


async def test_the_host_hears_that_the_list_has_changed(scene: Scene) -> None:
    host = await scene.hosts_line()
    await host.receive_type("welcome")

    await scene.press("lock")

    assert await host.receive_type("changed") == {"type": "changed"}


async def test_moving_or_typing_keeps_the_host_signed_in(
    scene: Scene, services: Services, clock: Clock
) -> None:
    host = await scene.hosts_line()
    await host.receive_type("welcome")
    clock.move(minutes=20)
    await host.send({"type": "active"})
    await host.send({"type": "ping"})
    await host.receive_type("pong")
    clock.move(minutes=20)

    assert (
        await scene.therapist.post(f"/room/{scene.meeting.session.id}/pass", headers=JSON)
    ).status_code == 200


async def test_too_big_a_message_closes_the_line(scene: Scene) -> None:
    mother = await scene.mothers_line()
    await mother.receive_type("welcome")

    await mother.send({"type": "signal", "to": "x", "data": "x" * LONGEST_MESSAGE})

    assert await mother.closing_code() == "1009"


async def test_too_many_messages_close_the_line(scene: Scene) -> None:
    mother = await scene.mothers_line()
    await mother.receive_type("welcome")

    for _ in range(int(MESSAGES_AT_ONCE) * 2):
        await mother.send({"type": "nothing"})

    assert await mother.closing_code() == "4029"


async def test_messages_to_strangers_go_nowhere(scene: Scene, services: Services) -> None:
    mother = await scene.mothers_line()
    you = (await mother.receive_type("welcome"))["you"]

    for to in ("somebody", you, None, 7, {"a": 1}, scene.meeting.family.clinician.id):
        await mother.send({"type": "signal", "to": to, "data": {}})
    await mother.send({"type": "ping"})

    assert await mother.receive() == {"type": "pong"}


async def test_two_rooms_never_hear_each_other(scene: Scene, services: Services, app: Starlette) -> None:
    other = await add_meeting(services, surname="Baker", clinician=scene.meeting.family.clinician)
    await scene.therapist.post(f"{other.url}/open")
    mother = await scene.mothers_line()
    await mother.receive_type("welcome")

    path = f"/room/{other.session.id}"
    room_pass = (await scene.therapist.post(f"{path}/pass", headers=JSON)).json()["pass"]
    elsewhere = await scene.line(scene.therapist, f"{path}/signal", room_pass)

    assert (await elsewhere.receive_type("welcome"))["people"] == []
