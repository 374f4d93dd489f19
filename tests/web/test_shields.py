"""What every request passes, and what every response carries."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import HttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive

from scheduler.app import create_app
from scheduler.domain.errors import TooLarge, TooSlow
from scheduler.services import Services
from scheduler.web.shields import access_log, peer, sizes
from scheduler.web.shields.headers import has_camera
from tests.conftest import BASE_URL, new_browser
from tests.engines import sqlite_url

ALWAYS = {
    "cache-control",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
}
TEN_MEGABYTES = 10 * 1024 * 1024


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One engine is enough: no shield asks the database."""
    return sqlite_url(tmp_path)


@pytest.fixture
def app(services: Services) -> Starlette:
    """The application, with a page that fails and one that says what it received."""
    app = create_app(services)
    app.router.routes.insert(0, Route("/fails", fails))
    app.router.routes.insert(0, Route("/receives", receives, methods=["GET", "POST"]))
    return app


async def fails(request: Request) -> Response:
    raise RuntimeError("a fault that nobody expected")


async def receives(request: Request) -> Response:
    return Response(f"{len(await request.body())} {request.state.source.ip} {request.url.scheme}")


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that is shown the page of an unhandled error."""
    async with new_browser(app) as browser:
        browser._transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        yield browser


# ------------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/static/favicon.svg", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/nowhere", 404),
        ("DELETE", "/sign-in", 405),
        ("GET", "/account", 401),
        ("GET", "/sign-in/code", 303),
        ("POST", "/sign-in", 422),
        ("GET", "/enrol/of-nobody", 410),
        ("GET", "/fails", 500),
    ],
)
async def test_every_response_carries_the_security_headers(
    browser: httpx2.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await browser.request(method, path)

    assert response.status_code == status
    assert ALWAYS - set(response.headers) == set()


async def test_a_file_that_has_not_changed_carries_them_too(browser: httpx2.AsyncClient) -> None:
    first = await browser.get("/static/favicon.svg")
    second = await browser.get("/static/favicon.svg", headers={"If-None-Match": first.headers["etag"]})

    assert second.status_code == 304
    assert ALWAYS - set(second.headers) == set()


async def test_nothing_is_allowed_but_what_is_listed(browser: httpx2.AsyncClient) -> None:
    policy = (await browser.get("/")).headers["content-security-policy"].split("; ")

    assert policy[0] == "default-src 'none'"
    assert {"frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} <= set(policy)
    assert {"script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"} <= set(policy)
    assert not any("unsafe" in part or "*" in part for part in policy)


async def test_pages_are_never_stored_and_files_are_kept_by_the_hash_of_their_content(
    browser: httpx2.AsyncClient,
) -> None:
    assert (await browser.get("/")).headers["cache-control"] == "no-store"
    assert (await browser.get("/static/nothing.css")).headers["cache-control"] == "no-store"
    hashed = await browser.get("/static/favicon.svg?0123456789ab")
    assert "immutable" in hashed.headers["cache-control"]


async def test_camera_and_microphone_are_for_the_room_and_the_check_before_it_only(
    browser: httpx2.AsyncClient,
) -> None:
    room = (await browser.get("/room/s1")).headers
    home = (await browser.get("/")).headers

    assert "camera=(self), microphone=(self)" in room["permissions-policy"]
    assert "camera=(), microphone=()" in home["permissions-policy"]
    assert "media-src" in room["content-security-policy"]
    assert "media-src" not in home["content-security-policy"]
    assert not has_camera("/room")
    assert not has_camera("/family")


async def test_two_responses_have_two_references(browser: httpx2.AsyncClient) -> None:
    one, other = [(await browser.get("/")).headers["x-request-id"] for _ in range(2)]

    assert one != other
    assert len(one) == 20


async def test_plain_http_promises_no_https(services: Services) -> None:
    settings = services.settings.model_copy(update={"base_url": HttpUrl("http://hearth.test")})
    app = create_app(replace(services, settings=settings))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://hearth.test") as plain:
        assert "strict-transport-security" not in (await plain.get("/")).headers


# ------------------------------------------------------------------------------------------- origins


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": BASE_URL},
        {"Sec-Fetch-Site": "", "Origin": BASE_URL},
        {"Origin": "https://evil.example"},
        {"Origin": "https://hearth.test.evil.example"},
        {"Origin": "https://evil.hearth.test"},
        {"Origin": "http://hearth.test"},
        {"Origin": "https://hearth.test:8443"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_change_that_another_origin_asks_for_is_refused(
    app: Starlette, method: str, sent: dict[str, str]
) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as other:
        response = await other.request(method, "/sign-in", headers=sent)

    assert response.status_code == 403
    assert ALWAYS - set(response.headers) == set()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": BASE_URL},
    ],
)
async def test_a_change_that_our_own_page_or_no_browser_asks_for_is_let_through(
    app: Starlette, sent: dict[str, str]
) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as own:
        assert (await own.post("/sign-in", headers=sent)).status_code == 422


async def test_a_link_on_another_site_may_lead_here(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "hearth.test.evil.example", "", "hearth.test@evil.example"])
async def test_a_name_that_is_not_ours_is_refused(browser: httpx2.AsyncClient, host: str) -> None:
    assert (await browser.get("/", headers={"Host": host})).status_code == 421


@pytest.mark.parametrize(
    "host", ["hearth.test", "hearth.test:8000", "localhost:8000", "127.0.0.1", "[::1]:80"]
)
async def test_our_name_and_bare_addresses_are_let_through(browser: httpx2.AsyncClient, host: str) -> None:
    assert (await browser.get("/", headers={"Host": host})).status_code == 200


def socket_scope(path: str = "/room/s1/socket", **sent: str) -> dict[str, Any]:
    return {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"hearth.test")]
        + [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
        "scheme": "wss",
        "server": ("hearth.test", 443),
        "client": ("192.0.2.7", 1),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }


async def socket_answer(app: Starlette, scope: dict[str, Any]) -> list[Message]:
    """Return what a browser hears that opens a WebSocket."""
    heard: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        heard.append(message)

    await app(scope, receive, send)
    return heard


@pytest.mark.parametrize(
    "sent",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site", "origin": BASE_URL},
        {"sec_fetch_site": "same-origin", "origin": "https://evil.example"},
    ],
)
async def test_a_websocket_from_another_origin_is_refused_with_all_headers(
    app: Starlette, sent: dict[str, str]
) -> None:
    start, *_ = await socket_answer(app, socket_scope(**sent))

    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert ALWAYS - {name.decode() for name, _ in start["headers"]} == set()


async def test_a_websocket_to_nowhere_is_refused_with_all_headers(app: Starlette) -> None:
    start, *_ = await socket_answer(app, socket_scope("/nowhere", origin=BASE_URL))

    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert ALWAYS - {name.decode() for name, _ in start["headers"]} == set()


# --------------------------------------------------------------------------------------------- sizes


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


# ---------------------------------------------------------------------------------- peer and the log


def asked_from(ip: str, *forwarded: str, proto: str = "") -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    return {"type": "http", "scheme": "http", "client": (ip, 1), "headers": headers, "path": "/"}


@pytest.mark.parametrize(
    ("ip", "forwarded", "found"),
    [
        ("192.0.2.7", (), "192.0.2.7"),
        ("192.0.2.7", ("203.0.113.9",), "192.0.2.7"),
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("6.6.6.6, 203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("6.6.6.6", "203.0.113.9, 10.0.0.2"), "203.0.113.9"),
        ("10.0.0.1", ("nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9, nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.2",), "10.0.0.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("::ffff:10.0.0.1", ("2001:db8::7",), "2001:db8::7"),
    ],
)
def test_only_a_trusted_proxy_says_who_is_asking(ip: str, forwarded: tuple[str, ...], found: str) -> None:
    scope = asked_from(ip, *forwarded)
    peer.attach(scope, peer.networks(["10.0.0.0/8"]), reference="r")

    assert scope["state"]["source"].ip == found


def test_only_a_trusted_proxy_says_that_people_use_https() -> None:
    strange, trusted = asked_from("192.0.2.7", proto="https"), asked_from("10.0.0.1", proto="https")
    for scope in (strange, trusted):
        peer.attach(scope, peer.networks(["10.0.0.1"]), reference="r")

    assert (strange["scheme"], trusted["scheme"]) == ("http", "https")


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/family/book", "/family/book"),
        ("/j/eyJhbGciOiJkaXIi.a.b", "/j/…"),
        ("/J/eyJhbGciOiJkaXIi.a.b", "/J/…"),
        ("//j/secret/more", "//j/…"),
        ("/x/../j/secret", "/x/../j/…"),
        ("/enrol/secret/options", "/enrol/…"),
        ("/calendar/secret.ics", "/calendar/…"),
        ("/other/a-token-that-is-longer-than-any-id", "/other/…"),
        ("/forged\nline", "/forged?line"),
        ("/j/", "/j/"),
    ],
)
def test_no_secret_and_no_forged_line_reaches_the_log(path: str, logged: str) -> None:
    assert access_log.safe_path(path) == logged


async def test_the_log_has_one_line_a_request_without_what_follows_j_or_a_question_mark(
    browser: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="hearth")

    await browser.get("/j/secret-of-a-link?secret=query", headers={"Referer": "https://secret.example"})

    lines = [record.getMessage() for record in caplog.records if record.name == "hearth.access"]
    assert len(lines) == 1
    assert "GET /j/… " in lines[0]
    assert "secret" not in caplog.text
