"""Limits of size and patience: headers and body of a request, and how long its body may take.

A form of this house is a few kilobytes, so a body is read whole before any page sees it; one form brings a
scan, and is given more bytes and more time. One over the limit
is refused with 413, whether its length was told or it came in chunks; what is still coming is read away
(never kept) within bounds, so that a browser hears the answer in place of a broken connection.
"""

import asyncio
import re

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from scheduler.domain.errors import HeadersTooLarge, TooLarge, TooSlow
from scheduler.domain.scans import LARGEST_BYTES

HEADER_BYTES = 16 * 1024
ADDRESS_BYTES = 4 * 1024
BODY_BYTES = 64 * 1024
BODY_SECONDS = 15.0
SCAN_PATHS = re.compile(r"/families/[^/]+/releases/paper")
SCAN_BODY_BYTES = LARGEST_BYTES + BODY_BYTES
SCAN_SECONDS = 60.0
READ_AWAY_BYTES = 16 * 1024 * 1024


class Left(Exception):
    """The browser went away in the middle of its body; nobody waits for an answer."""


def check_headers(scope: Scope) -> None:
    """Return when the headers and the address are of a sane size.

    Raises:
        HeadersTooLarge: they are not.
    """
    size = sum(len(name) + len(value) for name, value in scope["headers"])
    address = len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")
    if size > HEADER_BYTES or address > ADDRESS_BYTES:
        raise HeadersTooLarge(f"{size} bytes of headers, {address} of address")


async def with_body(scope: Scope, receive: Receive, *, seconds: float | None = None) -> Receive:
    """Return a ``receive`` that brings the whole body at once; the same one where there is no body.

    Raises:
        Left: the browser went away.
        TooLarge: the body is over the limit.
        TooSlow: the body did not come within ``seconds``, or its usual time.
    """
    if scope["type"] != "http":
        return receive
    headers = Headers(scope=scope)
    declared = headers.get("content-length", "")
    if "transfer-encoding" not in headers and declared in ("", "0"):
        return receive
    most, usual = limits_of(scope)
    is_too_large = declared.isdigit() and int(declared) > most
    if is_too_large and "expect" in headers:  # who waits for "100 Continue" has sent nothing yet
        raise TooLarge(f"{declared} bytes told")
    try:
        async with asyncio.timeout(usual if seconds is None else seconds):
            body = await _read(receive, keep=0 if is_too_large else most)
    except TimeoutError as late:
        raise TooSlow("no whole body in time") from late
    return _bringing(body, receive)


def limits_of(scope: Scope) -> tuple[int, float]:
    """Return how many bytes the body of this request may have, and how many seconds it may take."""
    if SCAN_PATHS.fullmatch(scope.get("path", "")):
        return SCAN_BODY_BYTES, SCAN_SECONDS
    return BODY_BYTES, BODY_SECONDS


async def _read(receive: Receive, *, keep: int) -> bytes:
    """Read a body to its end, or to the bound of what is read away; keep no more than ``keep`` bytes."""
    parts: list[bytes] = []
    size, is_whole = 0, False
    while not is_whole and size <= READ_AWAY_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        part: bytes = message.get("body", b"")
        size, is_whole = size + len(part), not message.get("more_body", False)
        if size <= keep:
            parts.append(part)
    if size > keep:
        raise TooLarge(f"{size} bytes or more")
    return b"".join(parts)


def _bringing(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that brings the body first, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def bring() -> Message:
        return waiting.pop() if waiting else await receive()

    return bring
