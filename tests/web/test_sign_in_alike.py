"""Whether an address is known shows nowhere in signing in (42 CFR 2.13(c))."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions.sign_in import nobody
from scheduler.actions.sign_in_codes import ask_for_code
from scheduler.domain.people import Role, Source
from scheduler.services import Services
from tests import builders
from tests.conftest import new_browser
from tests.statements import statements_of
from tests.told import told

UNKNOWN = "nobody.at.all@people.test"
WRONG = "00000000"


@pytest.fixture
async def stranger(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """Another browser."""
    async with new_browser(app) as stranger:
        yield stranger


async def test_a_known_and_an_unknown_address_are_answered_alike_to_the_byte(
    services: Services, browser: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    family = await builders.add_family(services)

    for path, fields in (
        ("/sign-in", None),
        ("/sign-in/code", {"code": WRONG}),
        ("/sign-in/code", {"code": WRONG}),
        ("/sign-in/code", {"code": WRONG}),
        ("/sign-in/code", {"code": WRONG}),
        ("/sign-in/code", {"code": WRONG}),
        ("/sign-in/code", {"code": WRONG}),
    ):
        known = await browser.post(path, data=fields or {"email": family.mother.email})
        unknown = await stranger.post(path, data=fields or {"email": UNKNOWN})
        assert told(known) == told(unknown)
    assert told(await browser.get("/sign-in/code")) == told(await stranger.get("/sign-in/code"))


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.ADMINISTRATOR])
async def test_an_address_of_staff_looks_like_an_unknown_one(
    services: Services, browser: httpx2.AsyncClient, stranger: httpx2.AsyncClient, role: Role
) -> None:
    person = await builders.add_person(services, "Maya Okafor", role)

    of_staff = await browser.post("/sign-in", data={"email": person.email})
    unknown = await stranger.post("/sign-in", data={"email": UNKNOWN})

    assert told(of_staff) == told(unknown)


async def test_a_known_and_an_unknown_address_cost_the_database_almost_the_same(services: Services) -> None:
    """A stranger's clock must not tell them apart: the one statement more is the row of the mail itself."""
    family = await builders.add_family(services)

    known = await asking_costs(services, family.mother.email)
    unknown = await asking_costs(services, UNKNOWN)

    assert known - unknown == 1


async def asking_costs(services: Services, email: str) -> int:
    """Return how many statements asking for a code runs."""
    token = services.new_secret()
    return await statements_of(
        services, lambda: ask_for_code(services, nobody(Source()), email=email, browser_token=token)
    )
