"""Passkeys in Chromium with an authenticator of its own: enrolling, signing in, stepping up, and refusals."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from scheduler.actions.people import NewStaff, add_staff_at_console
from scheduler.app import create_app
from scheduler.domain.people import Role
from scheduler.services import Services, build_services, utc_now
from tests.browser.serving import free_socket, origin_of, serving, small_installation
from tests.conftest import Clock
from tests.engines import apart

ADA = NewStaff("Ada Stone", "ada@people.test", Role.ADMINISTRATOR, "America/Los_Angeles")
DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class House:
    """A served installation with one administrator, who has a link and no passkey yet."""

    origin: str
    link: str
    clock: Clock


@dataclass
class Device:
    """A browser with an authenticator that tests can turn."""

    page: Page
    cdp: CDPSession
    id: str
    said: list[str] = field(default_factory=list)

    def verifies(self, *, is_verified: bool) -> None:
        """Let the next person give their finger, or not."""
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_verified})

    def credential(self) -> dict[str, Any]:
        """Return the one passkey."""
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]
        assert len(found) == 1
        one: dict[str, Any] = found[0]
        return one

    def count_back(self, sign_count: int) -> None:
        """Put the passkey's counter back, as on a copy of the device."""
        credential = self.credential()
        which = {"authenticatorId": self.id, "credentialId": credential["credentialId"]}
        self.cdp.send("WebAuthn.removeCredential", which)
        copy = credential | {"signCount": sign_count}
        self.cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": copy})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The house, with a clock that is moved by hand."""
    bound = free_socket()
    origin, clock = origin_of(bound), Clock(utc_now())
    services = replace(small_installation(tmp_path, origin), now=clock)
    link = apart(lambda: asyncio.run(_link(build_services(services.settings), clock)))
    with serving(create_app(services), bound):
        yield House(origin, link, clock)


async def _link(services: Services, clock: Clock) -> str:
    try:
        return (await add_staff_at_console(replace(services, now=clock), ADA)).url
    finally:
        await services.database.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def device(context: BrowserContext) -> Device:
    """The browser's one page, with an authenticator beside it."""
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable", {"enableUI": False})
    added = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    made = Device(page, cdp, added["authenticatorId"])
    page.on("console", lambda message: made.said.append(message.text))
    return made


def enrol(house: House, device: Device) -> None:
    """Make the first passkey by the link."""
    device.page.goto(house.link)
    device.page.get_by_label("Name of this device").fill("My work laptop")
    device.page.get_by_role("button", name="Make my passkey").click()
    device.page.wait_for_url("**/admin")


def sign_out(house: House, device: Device) -> None:
    """Press the button."""
    device.page.goto(house.origin + "/account")
    device.page.get_by_role("button", name="Sign out", exact=True).click()
    device.page.wait_for_url(house.origin + "/")


def press_passkey(house: House, device: Device, path: str = "/sign-in") -> None:
    """Open a page and press its passkey button."""
    device.page.goto(house.origin + path)
    device.page.get_by_role("button", name="Use my passkey").click()


def is_signed_in(house: House, device: Device) -> bool:
    """Tell whether the account opens."""
    answer = device.page.request.get(house.origin + "/account")
    return answer.status == 200


def test_a_link_makes_a_passkey_and_the_passkey_signs_in(house: House, device: Device) -> None:
    enrol(house, device)
    device.page.goto(house.origin + "/account")
    expect(device.page.get_by_text("My work laptop")).to_be_visible()
    sign_out(house, device)
    assert not is_signed_in(house, device)

    press_passkey(house, device)

    device.page.wait_for_url("**/admin")
    assert device.credential()["signCount"] == 2
    assert device.said == []


def test_the_link_is_over_once_it_was_used(house: House, device: Device) -> None:
    enrol(house, device)

    answer = device.page.goto(house.link)

    assert answer is not None
    assert answer.status == 410


def test_what_matters_asks_for_the_passkey_again_and_leads_on(house: House, device: Device) -> None:
    enrol(house, device)
    house.clock.move(minutes=6)

    device.page.goto(house.origin + "/admin/people/new")
    device.page.get_by_role("link", name="Show that it is you").click()
    device.page.get_by_role("button", name="Use my passkey").click()

    device.page.wait_for_url("**/admin/people/new")
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Add a person")


def test_a_person_who_was_not_verified_is_not_let_in(house: House, device: Device) -> None:
    enrol(house, device)
    sign_out(house, device)
    device.verifies(is_verified=False)

    press_passkey(house, device)

    expect(device.page.get_by_text("Nothing happened yet")).to_be_visible()
    assert not is_signed_in(house, device)
    device.verifies(is_verified=True)
    device.page.get_by_role("button", name="Use my passkey").click()
    device.page.wait_for_url("**/admin")


def test_under_another_name_of_the_same_machine_the_passkey_is_worthless(
    house: House, device: Device
) -> None:
    enrol(house, device)
    sign_out(house, device)
    elsewhere = replace(house, origin=house.origin.replace("localhost", "127.0.0.1"))

    press_passkey(elsewhere, device)

    expect(device.page.get_by_text("That did not work")).to_be_visible()
    assert not is_signed_in(elsewhere, device)


def test_a_copy_whose_counter_lags_is_refused(house: House, device: Device) -> None:
    enrol(house, device)
    for _ in range(3):
        press_passkey(house, device)
        device.page.wait_for_url("**/admin")
    sign_out(house, device)
    device.count_back(1)

    press_passkey(house, device)

    expect(device.page.get_by_role("heading", name="Please check this")).to_be_visible()
    assert not is_signed_in(house, device)


def test_a_device_that_has_a_passkey_makes_no_second_one(house: House, device: Device) -> None:
    enrol(house, device)

    device.page.goto(house.origin + "/account")
    device.page.get_by_role("button", name="Add a passkey").click()

    expect(device.page.get_by_text("has a passkey for you already")).to_be_visible()


def test_without_javascript_the_page_says_what_is_missing(house: House, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(house.origin + "/sign-in")

    expect(page.get_by_text("A passkey needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Use my passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Send me a code")).to_be_visible()
    context.close()
