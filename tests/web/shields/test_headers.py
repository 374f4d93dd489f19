"""The headers of every response, of errors, files and refusals too."""

from dataclasses import replace

import httpx2
import pytest
from pydantic import HttpUrl

from scheduler.app import create_app
from scheduler.services import Services
from scheduler.web.shields.headers import has_camera
from tests.web.shields.carried import ALWAYS


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
