"""Which origins may ask for a change or a WebSocket, and under which names the house is found."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from tests.conftest import BASE_URL
from tests.web.shields.carried import ALWAYS


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


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "hearth.test.evil.example",
        "",
        "hearth.test@evil.example",
        "[::1",
        "[]",
        "hearth.test:x",
    ],
)
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


async def test_a_page_lets_browsers_without_fetch_metadata_send_a_true_origin(
    browser: httpx2.AsyncClient,
) -> None:
    page = await browser.get("/sign-in")

    assert '<meta name="referrer" content="same-origin">' in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
