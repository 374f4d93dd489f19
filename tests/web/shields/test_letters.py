"""Addresses that nobody can have typed, on both engines."""

import httpx2
import pytest

from scheduler.services import Services
from tests.scheduling import add_world
from tests.signing_in import sign_in


@pytest.mark.parametrize(
    "address", ["/family/sessions/a%00b", "/family/book?kind=%00", "/family%0a", "/sign-in?x=%7f"]
)
async def test_a_control_character_in_an_address_is_refused_before_any_page(
    services: Services, browser: httpx2.AsyncClient, address: str
) -> None:
    await sign_in(services, browser, (await add_world(services)).family.mother)

    refused = await browser.get(address)

    assert refused.status_code == 400
    assert "We could not read what was sent" in refused.text


async def test_letters_of_every_language_may_stand_in_an_address(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/sign-in?x=%C2%BF%E5%AE%B6%E6%97%8F+%F0%9F%99%82")).status_code == 200
