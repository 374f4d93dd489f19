"""The room's line refused: other origins, no pass, another's pass, whoever may be in the room no more."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.booking import Status
from scheduler.domain.rooms import RoomPass
from scheduler.services import Services
from scheduler.storage import consent, join_links, sessions, sign_ins
from scheduler.web.signalling import LONGEST_MESSAGE, MESSAGES_AT_ONCE
from tests.conftest import Clock
from tests.joining import add_meeting, entries
from tests.sockets import Refused, RoomScene, socket_of

SOON = 2.0  # seconds within which a line closes after a change


@pytest.mark.parametrize(
    "origin", [None, "https://evil.test", "http://hearth.test", "null", "https://hearth.test:8443"]
)
async def test_a_page_of_another_origin_gets_no_line(room: RoomScene, origin: str | None) -> None:
    with pytest.raises(Refused) as refused:
        async with socket_of(room.app, room.mother, "/join/signal", origin=origin):
            pass

    assert str(refused.value) == "403"


async def test_nobody_signed_in_gets_no_hosts_line(room: RoomScene) -> None:
    with pytest.raises(Refused) as refused:
        async with socket_of(room.app, room.mother, f"/room/{room.meeting.session.id}/signal"):
            pass

    assert str(refused.value) in ("401", "403")


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
async def test_without_a_pass_in_the_first_message_the_line_closes(room: RoomScene, first: object) -> None:
    async with socket_of(room.app, room.mother, "/join/signal") as socket:
        await socket.send(first)
        assert await socket.closing_code() == "1008"


async def test_bytes_are_no_message(room: RoomScene) -> None:
    async with socket_of(room.app, room.mother, "/join/signal") as socket:
        await socket.send_bytes(b"\x00\x01")
        assert await socket.closing_code() == "1008"


async def test_a_pass_lasts_five_minutes(room: RoomScene, clock: Clock) -> None:
    room_pass = await room.mothers_pass()
    clock.move(minutes=5)

    late = await room.line(room.mother, "/join/signal", room_pass)

    assert await late.closing_code() == "1008"


async def test_a_pass_is_for_one_room_one_person_and_one_browser(
    room: RoomScene, services: Services, browser: httpx2.AsyncClient
) -> None:
    other = await add_meeting(services, surname="Baker", clinician=room.meeting.family.clinician)
    now, mother = services.now(), room.meeting.family.mother.id
    await room.therapist.post(f"{other.url}/open")
    wrong = [
        RoomPass(other.session.id, mother, "aa"),
        RoomPass(room.meeting.session.id, other.family.mother.id, "aa"),
        RoomPass(room.meeting.session.id, mother, "aa"),
        RoomPass(room.meeting.session.id, mother, ""),
        RoomPass(room.meeting.session.id, room.meeting.family.clinician.id, ""),
        RoomPass(room.meeting.session.id, room.meeting.family.client.id, ""),
    ]

    for one in wrong:
        line = await room.line(room.mother, "/join/signal", services.video.pass_for(one, now=now))
        assert await line.closing_code() == "1008", one
    hosts = await room.line(room.therapist, f"/room/{other.session.id}/signal", await room.hosts_pass())
    assert await hosts.closing_code() == "1008"
    crossed = await room.line(room.mother, "/join/signal", await room.hosts_pass())
    assert await crossed.closing_code() == "1008"


async def test_a_pass_in_hand_opens_nothing_once_its_person_was_removed(room: RoomScene) -> None:
    room_pass = await room.mothers_pass()
    await room.press("remove")

    line = await room.line(room.mother, "/join/signal", room_pass)

    assert await line.closing_code() == "1008"
    assert [row.outcome for row in await entries(room.services, "room.entered")] == []


async def revoke_release(room: RoomScene) -> None:
    assert room.meeting.release is not None
    release_id, now = room.meeting.release.id, room.services.now()
    await room.services.database.write(lambda tx: consent.revoke(tx, release_id, revoked_at=now))


async def revoke_link(room: RoomScene) -> None:
    session_id, now = room.meeting.session.id, room.services.now()
    await room.services.database.write(lambda tx: join_links.revoke_for(tx, session_id=session_id, now=now))


async def cancel(room: RoomScene) -> None:
    session_id = room.meeting.session.id
    await room.services.database.write(lambda tx: sessions.set_status(tx, session_id, Status.CANCELLED))


async def remove(room: RoomScene) -> None:
    await room.press("remove")


async def end(room: RoomScene) -> None:
    await room.press("end")


async def leave(room: RoomScene) -> None:
    await room.mother.post("/join/leave")


@pytest.mark.parametrize("change", [revoke_release, revoke_link, cancel, remove, end, leave])
async def test_the_line_closes_within_two_seconds_of_a_change(
    room: RoomScene, change: Callable[[RoomScene], Awaitable[None]]
) -> None:
    mother = await room.mothers_line()
    await mother.receive_type("welcome")

    await change(room)

    async with asyncio.timeout(SOON):
        await mother.receive_type("over")
        assert await mother.closing_code() == "4003"


async def test_a_message_of_somebody_just_removed_reaches_nobody(room: RoomScene) -> None:
    host, mother = await room.hosts_line(), await room.mothers_line()
    to = (await host.receive_type("welcome"))["you"]
    await mother.receive_type("welcome")
    session_id, person_id = room.meeting.session.id, room.meeting.family.mother.id
    now = room.services.now()
    await room.services.database.write(  # as another process would do it: no word of it comes here
        lambda tx: join_links.revoke_for(tx, session_id=session_id, person_id=person_id, now=now)
    )

    await mother.send({"type": "signal", "to": to, "data": {"late": True}})

    assert await mother.closing_code() == "4003"
    assert (await host.receive_type("went"))["type"] == "went"


async def test_a_host_whose_sign_in_was_ended_is_out(
    room: RoomScene, services: Services, app: Starlette
) -> None:
    host = await room.hosts_line()
    await host.receive_type("welcome")
    clinician, now = room.meeting.family.clinician.id, services.now()

    await services.database.write(lambda tx: sign_ins.end_all(tx, clinician, ended_at=now))

    async with asyncio.timeout(SOON):
        assert await host.closing_code() == "4003"


async def test_too_big_a_message_closes_the_line(room: RoomScene) -> None:
    mother = await room.mothers_line()
    await mother.receive_type("welcome")

    await mother.send({"type": "signal", "to": "x", "data": "x" * LONGEST_MESSAGE})

    assert await mother.closing_code() == "1009"


async def test_too_many_messages_close_the_line(room: RoomScene) -> None:
    mother = await room.mothers_line()
    await mother.receive_type("welcome")

    for _ in range(int(MESSAGES_AT_ONCE) * 2):
        await mother.send({"type": "nothing"})

    assert await mother.closing_code() == "4029"
