"""Rate limits: who is asked to wait, for how long, and who never is."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.settings import Settings
from scheduler.web.rate_limits import CODES_FOR_ONE_ADDRESS, Buckets
from tests import builders
from tests.conftest import BASE_URL, Clock, new_browser
from tests.engines import sqlite_url
from tests.signing_in import sign_in

A_MINUTE = 20
AT_THE_DOOR = 8


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One engine is enough: the buckets are in memory."""
    return sqlite_url(tmp_path)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings that ask people to wait soon."""
    few = {"requests_a_minute": A_MINUTE, "requests_a_minute_in_all": 100, "sign_ins_a_minute": AT_THE_DOOR}
    return settings.model_copy(update=few)


def browser_at(app: Starlette, ip: str) -> httpx2.AsyncClient:
    """Return a browser at an address."""
    transport = httpx2.ASGITransport(app=app, client=(ip, 1))
    return httpx2.AsyncClient(transport=transport, base_url=BASE_URL, headers={"Sec-Fetch-Site": "none"})


@pytest.fixture
async def elsewhere(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser at another address."""
    async with browser_at(app, "198.51.100.4") as browser:
        yield browser


async def statuses(browser: httpx2.AsyncClient, path: str, times: int) -> list[int]:
    return [(await browser.get(path)).status_code for _ in range(times)]


def test_a_bucket_gives_what_a_minute_allows_and_fills_evenly() -> None:
    buckets = Buckets()

    def take(now: float) -> int:
        return buckets.take("key", a_minute=60, at_once=3, now=now)

    assert [take(100) for _ in range(4)] == [0, 0, 0, 1]
    assert take(101) == 0
    assert take(101) == 1
    assert [take(9_999) for _ in range(4)] == [0, 0, 0, 1]


def test_a_clock_that_is_set_back_neither_fills_nor_locks_a_bucket() -> None:
    buckets = Buckets()
    assert buckets.take("key", a_minute=60, at_once=1, now=5_000) == 0
    assert buckets.take("key", a_minute=60, at_once=1, now=1_000) == 1
    assert buckets.take("key", a_minute=60, at_once=1, now=1_001) == 0


def test_buckets_are_bounded_and_the_one_that_rested_longest_gives_way() -> None:
    buckets = Buckets(most=3)
    for key in ("a", "b", "c", "a", "d"):
        buckets.take(key, a_minute=60, at_once=1, now=0)

    assert len(buckets) == 3
    assert buckets.take("a", a_minute=60, at_once=1, now=0) > 0
    assert buckets.take("b", a_minute=60, at_once=1, now=0) == 0


async def test_whoever_asks_too_fast_is_asked_to_wait_and_told_how_long(
    browser: httpx2.AsyncClient, clock: Clock
) -> None:
    assert await statuses(browser, "/", A_MINUTE) == [200] * A_MINUTE

    refused = await browser.get("/")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "3"
    assert "content-security-policy" in refused.headers

    clock.move(seconds=3)
    assert await statuses(browser, "/", 2) == [200, 429]


async def test_another_address_waits_for_nobody(
    browser: httpx2.AsyncClient, elsewhere: httpx2.AsyncClient
) -> None:
    await statuses(browser, "/", A_MINUTE + 1)

    assert await statuses(elsewhere, "/", 1) == [200]


async def test_one_network_of_version_six_is_one_address(app: Starlette) -> None:
    async with browser_at(app, "2001:db8::1") as one, browser_at(app, "2001:db8::2") as neighbour:
        await statuses(one, "/", A_MINUTE)
        assert await statuses(neighbour, "/", 1) == [429]
    async with browser_at(app, "2001:db8:0:1::1") as stranger:
        assert await statuses(stranger, "/", 1) == [200]


async def test_people_who_share_an_address_do_not_wait_for_each_other(
    app: Starlette, services: Services, browser: httpx2.AsyncClient
) -> None:
    maya = await builders.add_person(services, "Maya Okafor", Role.CLINICIAN)
    kim = await builders.add_person(services, "Kim Park", Role.COORDINATOR)
    async with new_browser(app) as neighbour:
        await sign_in(services, browser, maya)
        await sign_in(services, neighbour, kim)

        assert (await statuses(browser, "/account", A_MINUTE + 1))[-1] == 429
        assert await statuses(neighbour, "/account", 1) == [200]


async def test_one_person_with_two_browsers_has_one_bucket(
    app: Starlette, services: Services, browser: httpx2.AsyncClient
) -> None:
    maya = await builders.add_person(services, "Maya Okafor", Role.CLINICIAN)
    async with browser_at(app, "198.51.100.4") as phone:
        await sign_in(services, browser, maya)
        await sign_in(services, phone, maya)
        await statuses(browser, "/account", A_MINUTE)

        assert await statuses(phone, "/account", 1) == [429]


async def test_a_made_up_cookie_gives_nobody_a_bucket_of_their_own(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    answers = []
    for number in range(A_MINUTE + 1):
        browser.cookies.set(services.settings.cookie("hearth"), f"{number:032}")
        answers.append((await browser.get("/")).status_code)

    assert answers[-1] == 429


async def test_doors_have_a_stricter_limit(browser: httpx2.AsyncClient) -> None:
    answers = [(await browser.post("/sign-in/code", data={"code": "1"})).status_code for _ in range(9)]

    assert answers == [422] * AT_THE_DOOR + [429]
    assert await statuses(browser, "/", 1) == [200]


async def test_everybody_together_has_a_limit_too(app: Starlette) -> None:
    answers: list[int] = []
    for number in range(11):
        async with browser_at(app, f"198.51.100.{number}") as browser:
            answers += await statuses(browser, "/", 10)

    assert answers == [200] * 100 + [429] * 10


async def test_whoever_asks_too_fast_takes_nothing_of_what_everybody_has(
    browser: httpx2.AsyncClient, elsewhere: httpx2.AsyncClient
) -> None:
    await statuses(browser, "/", 200)

    assert await statuses(elsewhere, "/", A_MINUTE) == [200] * A_MINUTE


async def test_following_a_join_link_is_never_refused(browser: httpx2.AsyncClient) -> None:
    await statuses(browser, "/", A_MINUTE + 1)

    assert 429 not in await statuses(browser, "/j/a-link", 200)


async def test_files_count_for_nobody(browser: httpx2.AsyncClient) -> None:
    await statuses(browser, "/static/favicon.svg", A_MINUTE + 5)

    assert await statuses(browser, "/", 1) == [200]


@pytest.mark.parametrize("email", ["nobody@people.test", "rosa.rivera@people.test"])
async def test_codes_for_one_address_are_limited_whether_or_not_anybody_has_it(
    app: Starlette, services: Services, email: str
) -> None:
    await builders.add_family(services)
    answers = []
    for number in range(CODES_FOR_ONE_ADDRESS + 1):
        async with browser_at(app, f"198.51.100.{number}") as browser:
            answers.append((await browser.post("/sign-in", data={"email": email})).status_code)

    assert answers == [303] * CODES_FOR_ONE_ADDRESS + [429]
