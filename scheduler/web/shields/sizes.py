"""Limits of size and patience: headers and body of a request, and how long its body may take.

A form of this house is a few kilobytes. A body over the limit is refused with 413, whether its length was
told or it came in chunks; what the sender still sends is read away (never kept) within bounds, so that a
browser hears the answer in place of a broken connection.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from scheduler.domain.errors import HeadersTooLarge, TooLarge, TooSlow

HEADER_BYTES = 16 * 1024
ADDRESS_BYTES = 4 * 1024
BODY_BYTES = 64 * 1024
BODY_SECONDS = 15.0
READ_AWAY_BYTES = 16 * 1024 * 1024


def check_headers(scope: Scope) -> None:
    """Return when the headers and the address are of a sane size.

    Raises:
        HeadersTooLarge: they are not.
    """
    size = sum(len(name) + len(value) for name, value in scope["headers"])
    address = len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")
    if size > HEADER_BYTES or address > ADDRESS_BYTES:
        raise HeadersTooLarge(f"{size} bytes of headers, {address} of address")


async def limited(scope: Scope, receive: Receive) -> Receive:
    """Return ``receive`` with the limits on it; for a WebSocket it stays as it is.

    Raises:
        TooLarge: the body's declared length is over the limit.
    """
    if scope["type"] != "http":
        return receive
    headers = Headers(scope=scope)
    body = LimitedBody(receive)
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > BODY_BYTES:
        if "expect" not in headers:  # who waits for "100 Continue" has sent nothing yet
            await body.read_away()
        raise TooLarge(f"{declared} bytes declared")
    return body


class LimitedBody:
    """A ``receive`` that counts what comes, and how long it takes from the first read on."""

    def __init__(self, receive: Receive, *, seconds: float = BODY_SECONDS) -> None:
        self._receive = receive
        self._seconds = seconds
        self._size = 0
        self._ends_at: float | None = None
        self._is_whole = False

    async def __call__(self) -> Message:
        """Return the next message.

        Raises:
            TooLarge: more came than is allowed.
            TooSlow: it takes too long.
        """
        message = await self._next()
        if self._size > BODY_BYTES:
            await self.read_away()
            raise TooLarge(f"more than {BODY_BYTES} bytes")
        return message

    async def read_away(self) -> None:
        """Read what is still coming without keeping it, up to a bound; then let the connection break."""
        while not self._is_whole and self._size <= READ_AWAY_BYTES:
            try:
                await self._next()
            except TooSlow:
                return

    async def _next(self) -> Message:
        if self._is_whole:
            return await self._receive()
        loop = asyncio.get_running_loop()
        self._ends_at = self._ends_at or loop.time() + self._seconds
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError as late:
            raise TooSlow(f"no whole body in {self._seconds} s") from late
        self._size += len(message.get("body", b""))
        self._is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message
