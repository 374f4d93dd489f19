"""A browser's WebSocket on the application, in the event loop of the test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2
from starlette.applications import Starlette
from starlette.types import Message, Scope

from scheduler.services import Services
from tests.conftest import BASE_URL
from tests.joining import JSON, Meeting

PATIENCE = 5.0  # seconds; nothing here takes more than a few milliseconds


class Refused(Exception):
    """The server did not accept the WebSocket."""


class Closed(Exception):
    """The server closed the WebSocket; the message is the code."""


class BrowserSocket:
    """One end of an open WebSocket."""

    def __init__(self, app: Starlette, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        scope: Scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("hearth.test", 443),
            "subprotocols": [],
            "state": {},
            "extensions": {"websocket.http.response": {}},
        }
        self._app = asyncio.create_task(self._run(app, scope))

    async def _run(self, app: Starlette, scope: Scope) -> None:
        await app(scope, self._to_app.get, self._from_app.put)

    async def open(self) -> Self:
        """Wait for the server to accept.

        Raises:
            Refused: it does not.
        """
        await self._to_app.put({"type": "websocket.connect"})
        answer = await self._next()
        if answer["type"] != "websocket.accept":
            raise Refused(str(answer.get("status", answer.get("code"))))
        return self

    async def send(self, message: object) -> None:
        """Send a message as JSON, or a text as it is."""
        text = message if isinstance(message, str) else json.dumps(message)
        await self._to_app.put({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        await self._to_app.put({"type": "websocket.receive", "bytes": data})

    async def receive(self) -> dict[str, Any]:
        """Return the next message.

        Raises:
            Closed: the server closed the connection in place of saying something.
        """
        event = await self._next()
        if event["type"] == "websocket.close":
            raise Closed(str(event.get("code", 1000)))
        message: dict[str, Any] = json.loads(event["text"])
        return message

    async def receive_type(self, kind: str) -> dict[str, Any]:
        """Return the next message of a type; others are passed over."""
        while True:
            message = await self.receive()
            if message["type"] == kind:
                return message

    async def closing_code(self) -> str:
        """Wait until the server closes, and return the code."""
        while True:
            try:
                await self.receive()
            except Closed as closed:
                return str(closed)

    async def drop(self) -> None:
        """Vanish, as a phone does in a tunnel."""
        await self._to_app.put({"type": "websocket.disconnect", "code": 1006})
        await asyncio.wait_for(self._app, PATIENCE)

    async def _next(self) -> Message:
        return await asyncio.wait_for(self._from_app.get(), PATIENCE)


@asynccontextmanager
async def socket_of(
    app: Starlette, browser: httpx2.AsyncClient, path: str, *, origin: str | None = BASE_URL
) -> AsyncIterator[BrowserSocket]:
    """Open a WebSocket with the cookies of a browser; it is dropped at the end.

    Raises:
        Refused: the server does not accept it.
    """
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = [(b"host", b"hearth.test"), (b"cookie", cookies.encode()), (b"sec-fetch-dest", b"websocket")]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    socket = BrowserSocket(app, path, headers)
    try:
        yield await socket.open()
    finally:
        await socket.drop()


@dataclass
class RoomScene:
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
