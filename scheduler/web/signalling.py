"""Signalling: the WebSocket over which browsers in a room find each other (W3C WebRTC; RFC 6455).

A browser shows its media pass in the first message, not in the address, which would be logged. After that,
every message is passed on only if its sender may be in the room at that very moment; and whenever something
about the session changes (a release revoked, the session cancelled, the person removed) the line is closed,
by word from the action itself, and within a second by looking where another process did it.

Messages are JSON objects with a ``type``. From the browser: hello, signal, state, active, ping, bye. To it:
welcome, came, signal, state, away, went, changed, pong, over.
"""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta

from starlette.websockets import WebSocket, WebSocketDisconnect

from scheduler.actions import rooms, stays
from scheduler.domain.errors import Denied, NotSignedIn, Refusal, Unavailable
from scheduler.domain.rooms import Relay
from scheduler.services import Services
from scheduler.web import audiences
from scheduler.web.audiences import Audience
from scheduler.web.pages import actor_of, services_of
from scheduler.web.switchboard import Line, Message, Switchboard

HELLO_SECONDS = 10.0
LOOK_AGAIN = timedelta(seconds=1)
LONGEST_MESSAGE = 32 * 1024  # characters; a description of six people's media is a third of it
MESSAGES_A_SECOND = 20.0
MESSAGES_AT_ONCE = 200.0
ACTIVE_SECONDS = 30.0

REFUSED, TOO_BIG, TOO_MANY, TRY_LATER = 1008, 1009, 4029, 1013
OVER = 4003
REPLACED = 4001


class Closing(Exception):
    """The line is to be closed with ``code`` (RFC 6455, section 7.4; 4000 and up are our own)."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


async def join_line(socket: WebSocket) -> None:
    """Serve a family member who was let in."""
    await _serve(socket, is_staff=False)


async def host_line(socket: WebSocket) -> None:
    """Serve the host of the room."""
    try:
        audiences.admit(actor_of(socket), Audience.CLINICIAN)
    except (Denied, NotSignedIn):
        await socket.close(REFUSED)
        return
    await _serve(socket, is_staff=True)


async def _serve(socket: WebSocket, *, is_staff: bool) -> None:
    if not socket.headers.get("origin"):  # a foreign one was refused already (``shields/origins.py``)
        await socket.close(REFUSED)
        return
    await socket.accept()
    try:
        entered = await _hello(socket)
    except (Closing, Refusal, WebSocketDisconnect, TimeoutError):
        await _close(socket, REFUSED)
        return
    try:
        await _connect(socket, entered, is_staff=is_staff)
    finally:
        with suppress(Unavailable):  # the stay is then ended with the room
            await stays.drop_out(services_of(socket), socket.scope["state"]["source"], entered)


async def _connect(socket: WebSocket, entered: rooms.Entered, *, is_staff: bool) -> None:
    path_id = socket.path_params.get("session_id", entered.admitted.session_id)
    if entered.face.is_staff is not is_staff or path_id != entered.admitted.session_id:
        await _close(socket, REFUSED)
        return
    line = Line(entered.admitted, entered.face)
    switchboard_of(socket).join(line, [_relay(relay) for relay in entered.relays])
    await _talk(socket, line)


async def _hello(socket: WebSocket) -> rooms.Entered:
    async with asyncio.timeout(HELLO_SECONDS):
        message = await _receive(socket)
    if message.get("type") != "hello":
        raise Closing(REFUSED)
    source = socket.scope["state"]["source"]
    return await rooms.enter(services_of(socket), source, str(message.get("pass", "")))


async def _talk(socket: WebSocket, line: Line) -> None:
    """Read, write and watch until one of these ends; then the line is taken out and the socket closed."""
    tasks = [
        asyncio.create_task(_read(socket, line)),
        asyncio.create_task(_write(socket, line)),
        asyncio.create_task(_watch(services_of(socket), line)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    code = _code(next(iter(done)))
    switchboard = switchboard_of(socket)
    if code in (OVER, None):
        switchboard.part(line)
    else:
        switchboard.lose(line)
    await _close(socket, code)


def _code(ended: asyncio.Task[None]) -> int | None:
    """Return with which code a task ended the line; None when its person said goodbye.

    Raises:
        Exception: the task failed in a way nobody expected.
    """
    reason = ended.exception()
    if reason is None:
        return None
    if isinstance(reason, Closing):
        return reason.code
    if isinstance(reason, WebSocketDisconnect):
        return reason.code
    if isinstance(reason, Unavailable):
        return TRY_LATER
    raise reason


async def _read(socket: WebSocket, line: Line) -> None:
    """Act on messages until the person says goodbye.

    Raises:
        Closing: a message is too big or too many came, is no message, or its sender may not be here.
        WebSocketDisconnect: the connection was lost.
    """
    services, clock = services_of(socket), asyncio.get_running_loop()
    tokens, at, active_at = MESSAGES_AT_ONCE, clock.time(), -ACTIVE_SECONDS
    while True:
        message = await _receive(socket)
        now = clock.time()
        tokens, at = min(MESSAGES_AT_ONCE, tokens + (now - at) * MESSAGES_A_SECOND) - 1, now
        if tokens < 0:
            raise Closing(TOO_MANY)
        if not await rooms.is_still_in(services, line.admitted):
            raise Closing(OVER)
        if message["type"] == "bye":
            return
        if message["type"] == "active" and line.face.is_staff and now - active_at >= ACTIVE_SECONDS:
            active_at = now
            await rooms.stay(services, line.admitted)
        _act(switchboard_of(socket), line, message)


def _act(switchboard: Switchboard, line: Line, message: Message) -> None:
    match message["type"]:
        case "ping":
            line.tell({"type": "pong"})
        case "signal":
            switchboard.pass_on(line, message.get("to"), message.get("data"))
        case "state":
            switchboard.show_state(
                line,
                has_camera=message.get("camera") is True,
                has_microphone=message.get("microphone") is True,
            )


async def _write(socket: WebSocket, line: Line) -> None:
    """Send what is told to the line, in order.

    Raises:
        Closing: another browser of this person has come, or this one reads too slowly.
    """
    while not line.is_hopeless:
        message = await line.messages.get()
        if message["type"] == "replaced":
            raise Closing(REPLACED)
        await socket.send_text(json.dumps(message))
    raise Closing(TOO_MANY)


async def _watch(services: Services, line: Line) -> None:
    """Look again at every word about the session, and once a second.

    Raises:
        Closing: the person may not be in the room any more.
    """
    with services.video.watch(line.admitted.session_id).on() as watch:
        while True:
            has_news = await watch.wait(at_most=LOOK_AGAIN)
            if not await rooms.is_still_in(services, line.admitted):
                raise Closing(OVER)
            if has_news and line.face.is_staff:
                line.tell({"type": "changed"})


async def _receive(socket: WebSocket) -> dict[str, object]:
    """Return the next message.

    Raises:
        Closing: it is too big, or no JSON object with a type.
        WebSocketDisconnect: the connection was lost.
    """
    event = await socket.receive()
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(event.get("code") or 1005)
    text = event.get("text") or ""
    if len(text) > LONGEST_MESSAGE:
        raise Closing(TOO_BIG)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as garbled:
        raise Closing(REFUSED) from garbled
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closing(REFUSED)
    return message


async def _close(socket: WebSocket, code: int | None) -> None:
    """Close the socket, saying so in a message where it is for good; one that is gone already stays gone."""
    try:
        if code == OVER:
            await socket.send_text(json.dumps({"type": "over"}))
        await socket.close(code if code is not None and code not in (1005, 1006) else 1000)
    except (RuntimeError, WebSocketDisconnect):
        return


def switchboard_of(socket: WebSocket) -> Switchboard:
    """Return the switchboard of the application, made with its first line."""
    state = socket.app.state
    if not hasattr(state, "switchboard"):
        state.switchboard = Switchboard()
    switchboard: Switchboard = state.switchboard
    return switchboard


def _relay(relay: Relay) -> Message:
    found: dict[str, object] = {"urls": list(relay.urls)}
    if relay.username:
        found |= {"username": relay.username, "credential": relay.credential}
    return found
