"""The care team's pages of releases: from paper with a scan, approved, revoked; and the officer's."""

import re

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.consent import BESIDE, Element, State
from scheduler.domain.people import Role
from scheduler.domain.scans import LARGEST_BYTES
from scheduler.services import Services
from scheduler.storage import consent
from tests.builders import add_person
from tests.conftest import new_browser
from tests.release_house import PDF, House, add_house, is_released, recorded, signed, state
from tests.signing_in import sign_in

FILE = {"scan": ("Rosa Rivera release.pdf", PDF, "application/pdf")}


@pytest.fixture
async def house(services: Services, browser: httpx2.AsyncClient) -> House:
    """A family without a release; the therapist is signed in."""
    made = await add_house(services)
    await sign_in(services, browser, made.family.clinician)
    return made


@pytest.fixture
async def second(services: Services, app: Starlette, house: House) -> httpx2.AsyncClient:
    """The browser of the coordinator."""
    other = new_browser(app)
    await sign_in(services, other, house.coordinator)
    return other


def listed(house: House) -> str:
    return f"/families/{house.family.client.id}/releases"


def form(house: House, **changes: str) -> dict[str, str]:
    """Return the form for paper, filled in."""
    filled = {
        "client_name": "Jules Rivera",
        "person_id": house.family.mother.id,
        "scope": "attendance",
        "own_words": "Whether I come",
        "purpose": "Family sessions",
        "discloser": "The staff",
        "revocation_text": "Tell anyone",
        "expires_on": "2027-11-03",
        "signature": "Jules Rivera",
        "signed_on": "2026-10-30",
    }
    return filled | changes


def beside(page: httpx2.Response, field: str) -> bool:
    return f'href="#f-{field}"' in page.text and f'id="f-{field}-error"' in page.text


async def test_paper_is_recorded_by_one_and_approved_by_another(
    services: Services, browser: httpx2.AsyncClient, second: httpx2.AsyncClient, house: House
) -> None:
    made = await browser.post(f"{listed(house)}/paper", data=form(house), files=FILE)
    own = await browser.get(made.headers["location"])
    assert "waits for somebody else" in own.text
    (release,) = await services.database.read(lambda tx: consent.of_client(tx, house.family.client.id))
    path = f"/releases/{release.id}"
    assert "Approve it" not in (await browser.get(path)).text
    assert (await browser.post(f"{path}/approve")).status_code == 403
    assert not await is_released(services, house)

    shown, scan = await second.get(path), await second.get(f"{path}/scan")
    approved = await second.post(f"{path}/approve")

    assert "Approve it" in shown.text
    assert (scan.content, scan.headers["content-type"]) == (PDF, "application/pdf")
    assert scan.headers["content-disposition"] == 'attachment; filename="document.pdf"'
    assert "in force" in (await second.get(approved.headers["location"])).text
    assert await is_released(services, house)


@pytest.mark.parametrize("element", list(Element))
async def test_each_of_the_nine_elements_that_is_missing_is_named_beside_its_field(
    browser: httpx2.AsyncClient, house: House, element: Element
) -> None:
    field = BESIDE[element][0]

    refused = await browser.post(f"{listed(house)}/paper", data=form(house, **{field: ""}), files=FILE)

    assert refused.status_code == 422
    assert beside(refused, field)
    assert beside(refused, "scan")  # a browser does not keep the file
    assert "Whether I come" in refused.text


@pytest.mark.parametrize("data", [b"", b"MZ no picture", PDF.ljust(LARGEST_BYTES + 1)])
async def test_a_scan_that_is_missing_or_no_picture_or_too_large_is_said_beside_its_field(
    browser: httpx2.AsyncClient, house: House, data: bytes
) -> None:
    files = {"scan": ("scan.pdf", data, "application/pdf")}

    refused = await browser.post(f"{listed(house)}/paper", data=form(house), files=files)

    assert refused.status_code == 422
    assert beside(refused, "scan")


async def test_a_body_far_over_the_limit_is_not_read(browser: httpx2.AsyncClient, house: House) -> None:
    files = {"scan": ("scan.pdf", PDF.ljust(2 * LARGEST_BYTES), "application/pdf")}

    assert (await browser.post(f"{listed(house)}/paper", data=form(house), files=files)).status_code == 413


async def test_two_files_or_a_broken_body_are_unreadable(browser: httpx2.AsyncClient, house: House) -> None:
    two = [("scan", ("a.pdf", PDF, "application/pdf")), ("scan", ("b.pdf", PDF, "application/pdf"))]
    broken = {"content-type": "multipart/form-data"}

    answers = [
        await browser.post(f"{listed(house)}/paper", data=form(house), files=two),
        await browser.post(f"{listed(house)}/paper", content=b"nonsense", headers=broken),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]


async def test_paper_is_sent_back_with_a_reason_and_recorded_anew_with_its_words(
    services: Services, browser: httpx2.AsyncClient, second: httpx2.AsyncClient, house: House
) -> None:
    release = await recorded(services, house)
    path = f"/releases/{release.id}"

    empty = await second.post(f"{path}/send-back", data={"reason": " "})
    sent = await second.post(f"{path}/send-back", data={"reason": "The day is <another>"})
    page = await browser.get(path)
    again = await browser.get(f"{listed(house)}/paper?again={release.id}")

    assert (empty.status_code, beside(empty, "reason")) == (422, True)
    assert "sent back" in (await second.get(sent.headers["location"])).text
    assert "The day is &lt;another&gt;" in page.text
    assert "Record it anew" in page.text
    assert "Tell anyone of the staff." in again.text


async def test_the_form_for_paper_begins_empty_so_that_each_line_is_read_off_it(
    browser: httpx2.AsyncClient, house: House
) -> None:
    asked = await browser.get(f"{listed(house)}/paper")

    assert "The staff of the program" not in asked.text
    assert re.findall(r'<input class="input[^>]*value="([^"]+)"', asked.text) == []


async def test_one_is_prepared_for_the_client_to_sign(
    services: Services, browser: httpx2.AsyncClient, house: House
) -> None:
    asked = await browser.get(f"{listed(house)}/new")
    assert "Prepare a release" in asked.text
    refused = await browser.post(f"{listed(house)}/new", data=form(house, scope=""))
    assert (refused.status_code, beside(refused, "scope")) == (422, True)

    made = await browser.post(f"{listed(house)}/new", data=form(house, language="es"))

    shown = await browser.get(made.headers["location"])
    assert "to be signed" in shown.text


async def test_staff_revoke_on_the_clients_word(
    services: Services, browser: httpx2.AsyncClient, house: House
) -> None:
    release = await signed(services, house)
    path = f"/releases/{release.id}/revoke"
    told = {"reason": "She called", "told_on": "2026-11-01"}

    asked = await browser.get(path)
    empty = await browser.post(path, data=told | {"reason": ""})
    late = await browser.post(path, data=told | {"told_on": "2026-11-09"})
    done = await browser.post(path, data=told)

    assert 'value="2026-11-02"' in asked.text
    assert (empty.status_code, beside(empty, "reason")) == (422, True)
    assert (late.status_code, beside(late, "told_on"), "She called" in late.text) == (422, True, True)
    assert "It is revoked." in (await browser.get(done.headers["location"])).text
    assert await state(services, release.id) is State.REVOKED


async def test_the_privacy_officer_finds_a_release_from_the_log_and_revokes_it_without_a_name(
    services: Services, browser: httpx2.AsyncClient, house: House
) -> None:
    release = await signed(services, house)
    officer = await add_person(services, "Priya Raman", Role.PRIVACY_OFFICER)
    await sign_in(services, browser, officer, has_stepped_up=True)
    path = f"/compliance/releases/{release.id}"

    log = await browser.get("/compliance/audit?event=release.signed")
    seq = re.search(r'href="/compliance/audit/(\d+)"', log.text)
    assert seq is not None
    entry = await browser.get(f"/compliance/audit/{seq[1]}")
    page = await browser.get(path)
    empty = await browser.post(f"{path}/revoke", data={"reason": ""})
    done = await browser.post(f"{path}/revoke", data={"reason": "Revoked by letter"})

    assert f'href="{path}"' in entry.text
    assert release.id in page.text
    assert "Rosa" not in page.text
    assert "Jules" not in page.text
    assert (empty.status_code, beside(empty, "reason")) == (422, True)
    assert "Nothing is told by this release." in (await browser.get(done.headers["location"])).text
    assert await state(services, release.id) is State.REVOKED


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.ADMINISTRATOR, Role.CLIENT, Role.FAMILY_MEMBER])
async def test_no_other_role_comes_near_them(
    services: Services, browser: httpx2.AsyncClient, house: House, role: Role
) -> None:
    release = await recorded(services, house)
    await sign_in(services, browser, await add_person(services, "Robin Walker", role))

    pages = [
        listed(house),
        f"{listed(house)}/paper",
        f"/releases/{release.id}",
        f"/releases/{release.id}/scan",
    ]
    answers = [(await browser.get(page)).status_code for page in pages]

    assert answers == [403] * 4
    assert (await browser.post(f"/releases/{release.id}/approve")).status_code == 403


async def test_staff_of_another_care_team_find_nothing(
    services: Services, browser: httpx2.AsyncClient, house: House
) -> None:
    release = await recorded(services, house)
    await sign_in(services, browser, (await add_house(services, "Baker")).coordinator)

    pages = [listed(house), f"/releases/{release.id}", f"/releases/{release.id}/scan", "/releases/none"]

    assert [(await browser.get(page)).status_code for page in pages] == [404] * 4
