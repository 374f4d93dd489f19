"""How large a request may be, and how long its body may take."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.types import Message, Receive

from scheduler.domain.errors import TooLarge, TooSlow
from scheduler.web.shields import sizes
from tests.web.shields.carried import ALWAYS

TEN_MEGABYTES = 10 * 1024 * 1024


async def in_chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 4096):
        yield b"x" * 4096


async def test_a_body_up_to_the_limit_is_read(browser: httpx2.AsyncClient) -> None:
    response = await browser.post("/receives", content=b"x" * sizes.BODY_BYTES)
    assert response.text.split()[0] == str(sizes.BODY_BYTES)


@pytest.mark.parametrize("size", [sizes.BODY_BYTES + 1, TEN_MEGABYTES])
async def test_a_body_whose_told_length_is_over_the_limit_is_refused(
    browser: httpx2.AsyncClient, size: int
) -> None:
    response = await browser.post("/receives", content=b"x" * size)

    assert response.status_code == 413
    assert response.headers["connection"] == "close"
    assert ALWAYS - set(response.headers) == set()


@pytest.mark.parametrize("path", ["/receives", "/sign-in"])
async def test_a_body_in_chunks_is_refused_when_it_grows_over_the_limit(
    browser: httpx2.AsyncClient, path: str
) -> None:
    response = await browser.post(path, content=in_chunks(TEN_MEGABYTES))

    assert response.status_code == 413
    assert ALWAYS - set(response.headers) == set()


async def test_a_form_of_ten_megabytes_is_refused(browser: httpx2.AsyncClient) -> None:
    assert (await browser.post("/sign-in", data={"email": "x" * TEN_MEGABYTES})).status_code == 413


@pytest.mark.parametrize(
    "sent", [{"headers": {"X-Long": "x" * sizes.HEADER_BYTES}}, {"params": {"q": "x" * sizes.ADDRESS_BYTES}}]
)
async def test_headers_and_addresses_over_the_limit_are_refused(
    browser: httpx2.AsyncClient, sent: dict[str, Any]
) -> None:
    response = await browser.get("/", **sent)

    assert response.status_code == 431
    assert ALWAYS - set(response.headers) == set()


def sender(*messages: Message) -> Receive:
    """Return a ``receive`` that brings these messages, then silence."""
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return receive


def part(size: int, *, is_last: bool = False) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": not is_last}


CHUNKED = {"type": "http", "headers": [(b"transfer-encoding", b"chunked")]}


async def test_a_body_that_stops_coming_is_cut() -> None:
    with pytest.raises(TooSlow):
        await sizes.with_body(CHUNKED, sender(part(100)), seconds=0.01)


async def test_a_body_in_parts_is_brought_whole_and_then_nothing_limits_the_wait_for_the_end() -> None:
    receive = sender(part(100), part(50, is_last=True), {"type": "http.disconnect"})

    receive = await sizes.with_body(CHUNKED, receive)

    assert await receive() == part(150, is_last=True)
    assert await receive() == {"type": "http.disconnect"}


async def test_whoever_leaves_in_the_middle_gets_no_answer() -> None:
    with pytest.raises(sizes.Left):
        await sizes.with_body(CHUNKED, sender(part(100), {"type": "http.disconnect"}))


async def test_reading_away_is_bounded() -> None:
    megabyte = 1024 * 1024
    endless = [part(megabyte) for _ in range(40)]
    receive = sender(*endless)

    with pytest.raises(TooLarge):
        await sizes.with_body(CHUNKED, receive)

    left = [await receive() for _ in range(40 - sizes.READ_AWAY_BYTES // megabyte - 1)]
    assert len(left) == 23


async def test_who_waits_to_be_asked_for_a_large_body_is_not_asked() -> None:
    scope = {"type": "http", "headers": [(b"content-length", b"999999"), (b"expect", b"100-continue")]}

    with pytest.raises(TooLarge):
        await sizes.with_body(scope, sender())


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/families/f/releases/paper", sizes.SCAN_BODY_BYTES),
        ("/families/f/releases/paper/x", sizes.BODY_BYTES),
        ("/families/f/g/releases/paper", sizes.BODY_BYTES),
        ("/families/f/releases/new", sizes.BODY_BYTES),
    ],
)
def test_one_address_alone_takes_a_scan(path: str, most: int) -> None:
    assert sizes.limits_of({"type": "http", "path": path})[0] == most
