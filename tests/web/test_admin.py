"""The administrator's pages: staff come and go, and nothing of any client is ever there."""

import re

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.audit import Event, Outcome
from scheduler.domain.people import Person, Role
from scheduler.services import Services
from tests import builders
from tests.conftest import BASE_URL, Clock, new_browser
from tests.log import written
from tests.signing_in import sign_in

WISH = {
    "name": "Noor Haddad",
    "email": "noor@people.test",
    "role": "clinician",
    "duty": "psychiatrist",
    "zone": "America/New_York",
}


@pytest.fixture
async def ada(services: Services, browser: httpx2.AsyncClient) -> Person:
    """An administrator, signed in and just stepped up."""
    ada = await builders.add_person(services, "Ada Stone", Role.ADMINISTRATOR)
    await sign_in(services, browser, ada, has_stepped_up=True)
    return ada


def link_in(response: httpx2.Response) -> str:
    """Return the path of the one-time link that a page shows."""
    found = re.search(re.escape(BASE_URL) + r"(/enrol/[A-Za-z0-9_-]{32})", response.text)
    assert found is not None
    return found[1]


async def test_the_list_shows_staff_and_nobody_else(
    services: Services, browser: httpx2.AsyncClient, ada: Person
) -> None:
    family = await builders.add_family(services)

    page = (await browser.get("/admin")).text

    assert ada.email in page
    assert family.clinician.email in page
    for person in (family.client, family.mother):
        assert person.name not in page
        assert person.email not in page
        assert person.id not in page


async def test_the_list_says_how_the_house_stands_without_a_secret(
    services: Services, browser: httpx2.AsyncClient, ada: Person
) -> None:
    page = (await browser.get("/admin")).text

    assert services.database.engine_name in page
    assert services.keyring.kids[-1] in page
    for key in services.settings.keys_dir.glob("*.key"):
        assert key.read_text() not in page


async def test_a_person_is_added_and_their_link_is_shown_once(
    services: Services, browser: httpx2.AsyncClient, ada: Person
) -> None:
    added = await browser.post("/admin/people/new", data=WISH)

    assert added.status_code == 201
    assert (await browser.get(link_in(added))).status_code == 200
    listed = (await browser.get("/admin")).text
    assert WISH["name"] in listed
    assert "/enrol/" not in listed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("email", "noor"),
        ("role", "family_member"),
        ("role", "system"),
        ("role", ""),
        ("zone", "Mars/Olympus"),
        ("duty", "x" * 121),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    browser: httpx2.AsyncClient, ada: Person, field: str, value: str
) -> None:
    response = await browser.post("/admin/people/new", data=WISH | {field: value})

    assert response.status_code == 422
    assert f'id="f-{field}-error"' in response.text
    assert all(kept in response.text for name, kept in WISH.items() if name != field)


@pytest.mark.parametrize("name", ["李雷", "Zoë O'Neil-García", "محمد عبد الله"])
async def test_names_of_any_script_are_taken(browser: httpx2.AsyncClient, ada: Person, name: str) -> None:
    assert (await browser.post("/admin/people/new", data=WISH | {"name": name})).status_code == 201
    assert name.replace("'", "&#39;") in (await browser.get("/admin")).text


async def test_an_address_is_one_persons_only(browser: httpx2.AsyncClient, ada: Person) -> None:
    again = await browser.post("/admin/people/new", data=WISH | {"email": ada.email.upper()})

    assert again.status_code == 409
    assert "already" in again.text
    assert WISH["name"] in again.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/people/new"),
        ("POST", "/admin/people/new"),
        ("GET", "/admin/people/{id}/end"),
        ("POST", "/admin/people/{id}/end"),
        ("POST", "/admin/people/{id}/enrolment"),
    ],
)
async def test_changes_need_a_fresh_proof_and_its_lack_is_logged(
    services: Services, browser: httpx2.AsyncClient, ada: Person, clock: Clock, method: str, path: str
) -> None:
    clock.move(minutes=6)

    response = await browser.request(method, path.format(id=ada.id), data=WISH if method == "POST" else None)

    assert response.status_code == 403
    assert "/step-up?next=/admin" in response.text
    assert (await written(services))[-1][1:] == (Outcome.DENIED, "StepUpNeeded")


async def test_looking_needs_no_fresh_proof_and_is_logged(
    services: Services, browser: httpx2.AsyncClient, ada: Person, clock: Clock
) -> None:
    clock.move(minutes=6)

    assert (await browser.get("/admin")).status_code == 200
    assert (await written(services))[-1] == (Event.PERSON_READ, Outcome.SUCCESS, None)


async def test_a_new_link_makes_the_old_one_worthless(browser: httpx2.AsyncClient, ada: Person) -> None:
    first = link_in(await browser.post("/admin/people/new", data=WISH))
    person_id = re.findall(r"/admin/people/([a-z0-9]+)/end", (await browser.get("/admin")).text)[-1]

    second = link_in(await browser.post(f"/admin/people/{person_id}/enrolment"))

    assert (await browser.get(first)).status_code == 410
    assert (await browser.get(second)).status_code == 200


async def test_a_closed_account_is_out_at_once_and_everywhere(
    services: Services, app: Starlette, browser: httpx2.AsyncClient, ada: Person
) -> None:
    maya = await builders.add_person(services, "Maya Okafor", Role.CLINICIAN)
    async with new_browser(app) as hers:
        await sign_in(services, hers, maya)
        assert (await hers.get("/account")).status_code == 200

        asked = await browser.get(f"/admin/people/{maya.id}/end")
        closed = await browser.post(f"/admin/people/{maya.id}/end")

        assert "Maya Okafor" in asked.text
        assert closed.status_code == 303
        assert (await hers.get("/account")).status_code == 401
    assert "Maya Okafor" not in (await browser.get("/admin")).text
    assert (await browser.post(f"/admin/people/{maya.id}/end")).status_code == 404


async def test_nobody_closes_their_own_account(browser: httpx2.AsyncClient, ada: Person) -> None:
    response = await browser.post(f"/admin/people/{ada.id}/end")

    assert response.status_code == 409
    assert (await browser.get("/admin")).status_code == 200
