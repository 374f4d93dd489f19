"""Passkeys over HTTP: the one-time link, stepping up, and the passkeys of one's account."""

from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions.people import NewStaff, add_staff_at_console
from scheduler.actions.sign_in import nobody, sign_in_demo
from scheduler.app import create_app
from scheduler.domain.people import Role, Source
from scheduler.services import Services
from tests import builders
from tests.authenticator import Authenticator
from tests.conftest import BASE_URL, Clock, new_browser
from tests.signing_in import sign_in

ADA = NewStaff("Ada Stone", "ada@people.test", Role.ADMINISTRATOR, "America/Los_Angeles")


@pytest.fixture
def device() -> Authenticator:
    """The administrator's device."""
    return Authenticator(BASE_URL)


@pytest.fixture
async def path(services: Services) -> str:
    """The path of the administrator's one-time link."""
    return (await add_staff_at_console(services, ADA)).url.removeprefix(BASE_URL)


async def make(browser: httpx2.AsyncClient, device: Authenticator, path: str) -> httpx2.Response:
    """Ask at ``path`` and answer with a new passkey."""
    options = await browser.post(path + "/options")
    return await browser.post(path, data={"credential": device.make(options.text), "label": "My laptop"})


async def use(
    browser: httpx2.AsyncClient, device: Authenticator, path: str, **fields: str
) -> httpx2.Response:
    """Ask at ``path`` and answer with the passkey."""
    options = await browser.post(path + "/options")
    return await browser.post(path, data={"credential": device.use(options.text), **fields})


async def test_a_link_that_is_opened_again_and_again_still_works_once(
    browser: httpx2.AsyncClient, device: Authenticator, path: str
) -> None:
    for _ in range(3):
        assert (await browser.get(path)).status_code == 200
        assert (await browser.head(path)).status_code == 200

    made = await make(browser, device, path)

    assert (made.status_code, made.headers["location"]) == (303, "/admin")
    assert "My laptop" in (await browser.get("/account")).text
    for answer in (await browser.get(path), await browser.post(path + "/options")):
        assert answer.status_code == 410


@pytest.mark.parametrize("token", ["x", "x" * 32, "x" * 3_000])
async def test_a_made_up_link_is_told_like_one_that_is_over(browser: httpx2.AsyncClient, token: str) -> None:
    assert (await browser.get(f"/enrol/{token}")).status_code == 410


async def test_a_passkey_signs_in_and_leads_on(
    browser: httpx2.AsyncClient, device: Authenticator, path: str
) -> None:
    await make(browser, device, path)
    await browser.post("/sign-out")

    used = await use(browser, device, "/sign-in/passkey", next="/account")

    assert (used.status_code, used.headers["location"]) == (303, "/account")
    assert (await browser.get("/account")).status_code == 200


@pytest.mark.parametrize("credential", ["", "{}", "nonsense", "x" * 60_000])
async def test_an_answer_that_proves_nothing_is_told_kindly(
    browser: httpx2.AsyncClient, credential: str
) -> None:
    await browser.post("/sign-in/passkey/options")

    response = await browser.post("/sign-in/passkey", data={"credential": credential})

    assert response.status_code == 422
    assert "That did not work" in response.text


async def test_stepping_up_opens_what_needs_it_for_five_minutes(
    browser: httpx2.AsyncClient, device: Authenticator, path: str, clock: Clock
) -> None:
    await make(browser, device, path)
    clock.move(minutes=6)
    assert (await browser.get("/admin/people/new")).status_code == 403

    used = await use(browser, device, "/step-up", next="/admin/people/new")

    assert (used.status_code, used.headers["location"]) == (303, "/admin/people/new")
    assert (await browser.get("/admin/people/new")).status_code == 200
    clock.move(minutes=5, seconds=1)
    assert (await browser.get("/admin/people/new")).status_code == 403


async def test_a_wrong_answer_does_not_step_up(
    browser: httpx2.AsyncClient, device: Authenticator, path: str, clock: Clock
) -> None:
    await make(browser, device, path)
    clock.move(minutes=6)
    device.verifies = False

    assert (await use(browser, device, "/step-up")).status_code == 422
    assert (await browser.get("/admin/people/new")).status_code == 403


async def test_passkeys_come_and_go_but_the_last_one_stays(
    browser: httpx2.AsyncClient, device: Authenticator, path: str
) -> None:
    await make(browser, device, path)
    phone = Authenticator(BASE_URL, credential_id=b"a phone")
    assert (await make(browser, phone, "/account/passkeys")).status_code == 303

    first = await browser.post(f"/account/passkeys/{device.credential_id.hex()}/remove")
    last = await browser.post(f"/account/passkeys/{phone.credential_id.hex()}/remove")

    assert (first.status_code, last.status_code) == (303, 409)
    assert "only passkey" in last.text
    assert (await browser.post("/account/passkeys/zz/remove")).status_code == 404


async def test_family_members_are_asked_for_no_passkey(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)
    await sign_in(services, browser, family.mother)

    for page in ("/account", "/step-up"):
        assert "passkey" not in (await browser.get(page)).text
    assert (await browser.post("/step-up")).status_code == 403


async def test_in_the_demo_signing_in_counts_as_a_fresh_proof_and_one_press_renews_it(
    services: Services, clock: Clock
) -> None:
    demo = replace(services, settings=services.settings.model_copy(update={"is_demo": True}))
    ada = await builders.add_person(services, "Ada Stone", Role.ADMINISTRATOR)
    begun = await sign_in_demo(demo, nobody(Source()), ada.id, browser="Firefox")
    async with new_browser(create_app(demo)) as browser:
        browser.cookies.set(demo.settings.cookie("hearth"), begun.token)
        assert (await browser.get("/admin/people/new")).status_code == 200
        clock.move(minutes=6)
        refused = await browser.get("/admin/people/new")
        pressed = await browser.post("/step-up/demo", data={"next": "/admin/people/new"})

        assert refused.status_code == 403
        assert (pressed.status_code, pressed.headers["location"]) == (303, "/admin/people/new")
        assert (await browser.get("/admin/people/new")).status_code == 200


async def test_outside_the_demo_there_is_no_such_press(
    app: Starlette, services: Services, browser: httpx2.AsyncClient
) -> None:
    ada = await builders.add_person(services, "Ada Stone", Role.ADMINISTRATOR)
    await sign_in(services, browser, ada)

    assert (await browser.post("/step-up/demo")).status_code == 404
