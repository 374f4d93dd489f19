"""The pages of signing in, as browsers and curious strangers see them."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.notices import Rule
from scheduler.domain.people import Person, Role
from scheduler.services import Services
from scheduler.storage import notices
from tests import builders
from tests.conftest import Clock, new_browser
from tests.signing_in import sign_in
from tests.told import told

WRONG = "00000000"


@pytest.fixture
async def stranger(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """Another browser."""
    async with new_browser(app) as stranger:
        yield stranger


async def code_of(services: Services, person: Person) -> str:
    """Return the newest code that waits to be mailed to a person."""
    claimed = await services.database.write(lambda tx: notices.claim(tx, now=services.now(), limit=50))
    codes = [
        one.detail
        for one in claimed
        if one.notice.person_id == person.id and one.notice.rule is Rule.SIGN_IN_CODE
    ]
    return codes[-1]


async def test_a_family_member_signs_in_by_the_code_from_the_mail(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)

    asked = await browser.post("/sign-in", data={"email": family.mother.email})
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in/code")
    code = await code_of(services, family.mother)
    entered = await browser.post("/sign-in/code", data={"code": f" {code[:4]} {code[4:]} "})

    assert (entered.status_code, entered.headers["location"]) == (303, "/family")
    assert (await browser.get("/account")).status_code == 200


async def test_the_cookie_is_for_this_host_only_and_hidden_from_scripts(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    await browser.post("/sign-in", data={"email": family.mother.email})
    code = await code_of(services, family.mother)

    entered = await browser.post("/sign-in/code", data={"code": code})

    cookies = entered.headers.get_list("set-cookie")
    given = next(cookie for cookie in cookies if cookie.startswith("__Host-hearth="))
    for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in given
    assert "Domain" not in given
    assert "Max-Age" not in given


async def test_only_a_device_that_is_to_be_remembered_keeps_its_cookie(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    await browser.post("/sign-in", data={"email": family.mother.email})
    code = await code_of(services, family.mother)

    entered = await browser.post("/sign-in/code", data={"code": code, "remember": "yes"})

    given = [cookie for cookie in entered.headers.get_list("set-cookie") if "__Host-hearth=" in cookie]
    assert f"Max-Age={30 * 24 * 3600}" in given[0]


@pytest.mark.parametrize(
    "email",
    [
        "",
        " ",
        "rosa",
        "rosa@",
        "@people.test",
        "a b@people.test",
        "a@b@c",
        "x" * 250 + "@people.test",
        "a@\x00b",
    ],
)
async def test_what_is_no_address_is_said_beside_the_field_and_kept(
    browser: httpx2.AsyncClient, email: str
) -> None:
    response = await browser.post("/sign-in", data={"email": email})

    assert response.status_code == 422
    assert 'id="f-email-error"' in response.text


@pytest.mark.parametrize("email", ["josé@correo.test", "李雷@例子.测试", "o'brien+home@people.test"])
async def test_addresses_of_any_script_are_taken(browser: httpx2.AsyncClient, email: str) -> None:
    assert (await browser.post("/sign-in", data={"email": email})).status_code == 303


@pytest.mark.parametrize("code", ["", "1234567", "123456789", "abcdefgh", "١٢٣٤٥٦٧٨"])
async def test_what_is_no_code_costs_no_try(
    services: Services, browser: httpx2.AsyncClient, code: str
) -> None:
    family = await builders.add_family(services)
    await browser.post("/sign-in", data={"email": family.mother.email})
    for _ in range(6):
        assert (await browser.post("/sign-in/code", data={"code": code})).status_code == 422

    right = await code_of(services, family.mother)
    assert (await browser.post("/sign-in/code", data={"code": right})).status_code == 303


async def test_a_wrong_code_says_how_many_tries_are_left(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    await browser.post("/sign-in", data={"email": family.mother.email})

    answers = [await browser.post("/sign-in/code", data={"code": WRONG}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 410]
    assert "4 more tries" in answers[0].text
    assert "one more try" in answers[3].text
    assert "Too many tries" in answers[4].text


async def test_the_page_of_the_code_is_for_the_browser_that_asked(browser: httpx2.AsyncClient) -> None:
    response = await browser.get("/sign-in/code")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")


async def test_signing_in_leads_on_to_what_was_wanted(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    closed = await browser.get("/account")
    assert "/sign-in?next=/account" in closed.text

    asked = await browser.post("/sign-in", data={"email": family.mother.email, "next": "/account"})
    assert asked.headers["location"] == "/sign-in/code?next=/account"
    assert 'name="next" value="/account"' in (await browser.get(asked.headers["location"])).text
    code = await code_of(services, family.mother)
    entered = await browser.post("/sign-in/code", data={"code": code, "next": "/account"})

    assert entered.headers["location"] == "/account"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_signing_in_never_leads_to_another_site(
    services: Services, browser: httpx2.AsyncClient, elsewhere: str
) -> None:
    family = await builders.add_family(services)
    await browser.post("/sign-in", data={"email": family.mother.email, "next": elsewhere})
    code = await code_of(services, family.mother)

    entered = await browser.post("/sign-in/code", data={"code": code, "next": elsewhere})

    assert entered.headers["location"] == "/family"


async def test_signing_out_closes_the_door_behind_the_browser(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    await sign_in(services, browser, family.mother)
    kept = dict(browser.cookies)

    out = await browser.post("/sign-out")
    browser.cookies.update(kept)

    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert (await browser.get("/account")).status_code == 401


async def test_whoever_signs_in_signs_out_whoever_was_there_before(
    services: Services, browser: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    await sign_in(services, browser, family.client)
    stranger.cookies.update(browser.cookies)
    await browser.post("/sign-in", data={"email": family.mother.email})
    code = await code_of(services, family.mother)
    await browser.post("/sign-in/code", data={"code": code})

    assert (await browser.get("/account")).status_code == 200
    assert (await stranger.get("/account")).status_code == 401


async def test_signing_out_needs_a_press_not_a_link(services: Services, browser: httpx2.AsyncClient) -> None:
    family = await builders.add_family(services)
    await sign_in(services, browser, family.mother)

    assert (await browser.get("/sign-out")).status_code == 405
    assert (await browser.get("/account")).status_code == 200


async def test_a_browser_at_rest_is_signed_out_by_the_server(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    maya = await builders.add_person(services, "Maya Okafor", Role.CLINICIAN)
    await sign_in(services, browser, maya)

    clock.move(minutes=14)
    assert (await browser.get("/account")).status_code == 200
    clock.move(minutes=14)
    assert (await browser.get("/account")).status_code == 200
    clock.move(minutes=15)
    assert (await browser.get("/account")).status_code == 401


async def test_a_page_that_looks_by_itself_keeps_nobody_signed_in_but_a_pressed_button_does(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    maya = await builders.add_person(services, "Maya Okafor", Role.CLINICIAN)
    by_script = {"Sec-Fetch-Dest": "empty"}
    await sign_in(services, browser, maya)

    clock.move(minutes=14)
    await browser.post("/account/sign-ins/end-others", headers=by_script)
    clock.move(minutes=14)
    assert (await browser.get("/account", headers=by_script)).status_code == 200
    clock.move(minutes=1)
    assert (await browser.get("/account")).status_code == 401


async def test_a_remembered_device_that_rested_is_asked_to_sign_in(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    family = await builders.add_family(services)
    await browser.post("/sign-in", data={"email": family.mother.email})
    code = await code_of(services, family.mother)
    await browser.post("/sign-in/code", data={"code": code, "remember": "yes"})

    clock.move(days=2)

    assert (await browser.get("/account")).status_code == 401


@pytest.mark.parametrize("token", ["", "short", "x" * 32, "x" * 5_000, "\x00" * 32])
async def test_a_made_up_cookie_is_nobodys(
    services: Services, browser: httpx2.AsyncClient, token: str
) -> None:
    browser.headers["Cookie"] = f"{services.settings.cookie('hearth')}={token}"
    assert (await browser.get("/account")).status_code == 401


async def test_the_account_shows_ones_own_sign_ins_and_ends_them(
    services: Services, browser: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    await sign_in(services, browser, family.mother)
    on_phone = await sign_in(services, stranger, family.mother)

    assert (await browser.get("/account")).text.count("Firefox on Android</strong>") == 2
    ended = await browser.post(f"/account/sign-ins/{on_phone.id}/end")

    assert ended.status_code == 303
    assert (await stranger.get("/account")).status_code == 401


async def test_the_sign_in_of_somebody_else_looks_like_one_that_is_not_there(
    services: Services, browser: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    await sign_in(services, browser, family.mother)
    other = await sign_in(services, stranger, family.client)

    foreign = await browser.post(f"/account/sign-ins/{other.id}/end")
    missing = await browser.post("/account/sign-ins/nothing/end")

    assert foreign.status_code == 404
    assert told(foreign) == told(missing)
    assert (await stranger.get("/account")).status_code == 200
