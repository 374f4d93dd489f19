"""A client's pages of releases: written, read, signed, revoked; every error beside its field."""

import re
from html import unescape

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.consent import BESIDE, WRITTEN, Element, State
from scheduler.services import Services
from tests.builders import add_release
from tests.conftest import Clock, new_browser
from tests.joining import heading
from tests.release_house import House, add_house, is_released, recorded, signed, state, written
from tests.signing_in import sign_in
from tests.told import told

NEW = "/family/releases/new"


@pytest.fixture
async def house(services: Services, browser: httpx2.AsyncClient) -> House:
    """A family without a release; the client is signed in and has just proved themselves anew."""
    made = await add_house(services)
    await sign_in(services, browser, made.family.client, has_stepped_up=True)
    return made


def form(house: House, **changes: str) -> dict[str, str]:
    """Return the form of a release, filled in."""
    filled = {
        "person_id": house.family.mother.id,
        "scope": "scheduling",
        "own_words": "Not the <place>.",
        "purpose": "Family sessions",
        "discloser": "The staff",
        "revocation_text": "Tell anyone",
        "expires_on": "2027-11-03",
        "language": "en",
    }
    return filled | changes


def beside(page: httpx2.Response, field: str) -> bool:
    """Tell whether a field is named in the list of errors, and has words of its own beside it."""
    return f'href="#f-{field}"' in page.text and f'id="f-{field}-error"' in page.text


def hash_on(page: httpx2.Response) -> str:
    found = re.search(r'name="read" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


async def test_a_client_writes_reads_and_signs_a_release(
    services: Services, browser: httpx2.AsyncClient, house: House
) -> None:
    first = await browser.get("/family/releases")
    assert "No release is in force" in first.text
    asked = await browser.get(f"{NEW}?person_id={house.family.mother.id}")
    assert f'<option value="{house.family.mother.id}" selected>' in asked.text

    made = await browser.post(NEW, data=form(house))
    page = await browser.get(made.headers["location"])
    assert "Not the <place>." in unescape(page.text)
    sent = {"signature": "jules  rivera", "read": hash_on(page)}
    done = await browser.post(f"{made.headers['location']}/sign", data=sent)

    shown = await browser.get(done.headers["location"])
    assert "Your release is signed and in force." in shown.text
    assert "until the end of 3 November 2027" in shown.text
    assert await is_released(services, house)


@pytest.mark.parametrize("element", sorted(WRITTEN - {Element.CLIENT_NAME}))
async def test_each_element_that_is_missing_is_named_beside_its_field_and_the_rest_is_kept(
    browser: httpx2.AsyncClient, house: House, element: Element
) -> None:
    field = BESIDE[element][0]

    refused = await browser.post(NEW, data=form(house, **{field: ""}))

    assert refused.status_code == 422
    assert beside(refused, field)
    assert refused.text.count('-error"') == refused.text.count("aria-invalid") * 2
    assert "Not the &lt;place&gt;." in refused.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scope": "everything"}, "scope"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"expires_on": "2026-11-01"}, "expires_on"),
        ({"purpose": "x" * 601}, "purpose"),
    ],
)
async def test_what_cannot_be_right_is_said_beside_its_field(
    browser: httpx2.AsyncClient, house: House, changes: dict[str, str], field: str
) -> None:
    refused = await browser.post(NEW, data=form(house, **changes))

    assert refused.status_code == 422
    assert beside(refused, field)


@pytest.mark.parametrize(("signature", "field"), [("", "signature"), ("Rosa Rivera", "signature")])
async def test_another_name_or_none_is_refused_beside_the_field(
    services: Services, browser: httpx2.AsyncClient, house: House, signature: str, field: str
) -> None:
    release = await written(services, house)
    page = await browser.get(f"/family/releases/{release.id}")

    sent = {"signature": signature, "read": hash_on(page)}
    refused = await browser.post(f"/family/releases/{release.id}/sign", data=sent)

    assert refused.status_code == 422
    assert beside(refused, field)
    assert await state(services, release.id) is State.TO_SIGN


async def test_without_a_fresh_proof_the_page_leads_to_it_and_nothing_is_signed(
    services: Services, browser: httpx2.AsyncClient, house: House, clock: Clock
) -> None:
    release = await written(services, house)
    path = f"/family/releases/{release.id}"
    sent = {"signature": "Jules Rivera", "read": hash_on(await browser.get(path))}
    clock.move(minutes=6)

    page, refused = await browser.get(path), await browser.post(f"{path}/sign", data=sent)

    assert (page.status_code, refused.status_code) == (200, 403)
    for answer in (page, refused):
        assert f'href="/step-up?next={path}"' in answer.text
    assert await state(services, release.id) is State.TO_SIGN


async def test_revoking_is_one_button_after_a_page_that_says_what_happens(
    services: Services, browser: httpx2.AsyncClient, house: House
) -> None:
    release = await signed(services, house)
    path = f"/family/releases/{release.id}/revoke"

    asked = await browser.get(path)
    assert heading(asked) == "Revoke this release?"
    assert asked.text.count('<button class="button stop"') == 1
    answers = [await browser.post(path) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    shown = await browser.get(answers[0].headers["location"])
    assert "Your release is revoked." in shown.text
    assert "You took it back on 2 November 2026" in shown.text
    assert "over already" in (await browser.get(path)).text


async def test_the_page_says_so_when_another_release_names_the_same_person(
    services: Services, browser: httpx2.AsyncClient, house: House
) -> None:
    release = await signed(services, house)
    await add_release(services, house.family.client, house.family.mother)

    asked = await browser.get(f"/family/releases/{release.id}/revoke")

    assert "Another release of yours names them too, and stays in force." in asked.text
    assert "taken off all sessions" not in asked.text


async def test_the_first_page_leads_the_client_alone_to_what_waits_for_them(
    services: Services, browser: httpx2.AsyncClient, app: Starlette, house: House
) -> None:
    words = "There is something for you to read"
    assert words not in (await browser.get("/family")).text
    await written(services, house)

    assert words in (await browser.get("/family")).text
    async with new_browser(app) as other:
        await sign_in(services, other, house.family.mother)
        assert words not in (await other.get("/family")).text


async def test_one_that_ends_soon_can_be_renewed_with_its_words(
    services: Services, browser: httpx2.AsyncClient, house: House, clock: Clock
) -> None:
    release = await signed(services, house)
    assert "Renew it" not in (await browser.get("/family/releases")).text
    clock.move(days=330)
    await sign_in(services, browser, house.family.client, has_stepped_up=True)

    shown = await browser.get("/family/releases")
    asked = await browser.get(f"{NEW}?renews={release.id}")
    made = await browser.post(NEW, data=form(house, renews=release.id, expires_on="2028-09-01"))
    page = await browser.get(made.headers["location"])
    sent = {"signature": "Jules Rivera", "read": hash_on(page)}
    await browser.post(f"{made.headers['location']}/sign", data=sent)

    assert f"renews={release.id}" in shown.text
    assert heading(asked) == "Renew a release"
    assert "Not the place." in asked.text
    assert await state(services, release.id) is State.ENDED
    assert await is_released(services, house)


async def test_spanish_is_read_as_spanish(
    services: Services, browser: httpx2.AsyncClient, house: House
) -> None:
    made = await browser.post(NEW, data=form(house, language="es"))

    page = await browser.get(made.headers["location"])

    assert 'lang="es"' in page.text
    assert "Cuándo termina: al final del 3 de noviembre de 2027." in page.text


async def test_every_state_is_said_in_plain_words(
    services: Services, browser: httpx2.AsyncClient, house: House, clock: Clock
) -> None:
    await recorded(services, house)
    assert "You signed this on paper." in (await browser.get("/family/releases")).text
    await written(services, house)
    assert "Read and sign" in (await browser.get("/family/releases")).text
    clock.move(days=400)
    await sign_in(services, browser, house.family.client)

    assert (await browser.get("/family/releases")).text.count("Ended on 3 November 2027") == 2


async def test_nobody_else_of_the_family_and_no_other_client_sees_any_of_it(
    services: Services, app: Starlette, house: House
) -> None:
    release, neighbours = await signed(services, house), await add_house(services, "Baker")
    paths = [f"/family/releases/{one}{end}" for one in (release.id, "none") for end in ("", "/revoke")]
    async with new_browser(app) as other:
        await sign_in(services, other, house.family.mother)
        assert [(await other.get(path)).status_code for path in paths] == [403] * 4
        assert "Releases" not in (await other.get("/family")).text
        await sign_in(services, other, neighbours.family.client)
        answers = [await other.get(path) for path in paths]
        shown = await other.get("/family/releases")

    assert [answer.status_code for answer in answers] == [404] * 4
    assert told(answers[0]) == told(answers[2])
    assert "Rosa Rivera" not in shown.text
