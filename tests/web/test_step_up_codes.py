"""Stepping up by a code from the mail: family members and clients."""

import httpx2
import pytest

from scheduler.domain.audit import Event
from scheduler.domain.notices import Rule
from scheduler.domain.people import Person
from scheduler.services import Services
from scheduler.storage import notices
from tests.builders import Family, add_family
from tests.joining import heading
from tests.log import events
from tests.signing_in import sign_in

NEXT = "/family/releases"


@pytest.fixture
async def family(services: Services, browser: httpx2.AsyncClient) -> Family:
    """A family whose client is signed in at ``browser``."""
    made = await add_family(services)
    await sign_in(services, browser, made.client)
    return made


async def code_of(services: Services, person: Person) -> str:
    """Return the code that waits to be mailed to a person."""
    claimed = await services.database.write(lambda tx: notices.claim(tx, now=services.now(), limit=50))
    theirs = [one for one in claimed if one.notice.person_id == person.id]
    return next(one.detail for one in theirs if one.notice.rule is Rule.STEP_UP_CODE)


async def ask(browser: httpx2.AsyncClient) -> httpx2.Response:
    return await browser.post("/step-up/code", data={"next": NEXT})


async def enter(browser: httpx2.AsyncClient, code: str) -> httpx2.Response:
    return await browser.post("/step-up/code/enter", data={"code": code, "next": NEXT})


async def test_a_code_from_the_mail_counts_for_five_minutes_and_leads_on(
    services: Services, browser: httpx2.AsyncClient, family: Family
) -> None:
    assert "Send me a code" in (await browser.get("/step-up", params={"next": NEXT})).text
    asked = await ask(browser)
    assert heading(await browser.get(asked.headers["location"])) == "Look at your mail"

    proved = await enter(browser, await code_of(services, family.client))

    assert (proved.status_code, proved.headers["location"]) == (303, NEXT)
    assert Event.PROOF_SUCCEEDED in await events(services)


async def test_a_wrong_code_keeps_the_page_and_the_fifth_closes_it(
    services: Services, browser: httpx2.AsyncClient, family: Family
) -> None:
    await ask(browser)
    code = await code_of(services, family.client)
    wrong = f"{(int(code) + 1) % 10**8:08}"

    answers = [await enter(browser, wrong) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 410]
    assert 'href="#f-code"' in answers[0].text
    assert NEXT in answers[0].text
    assert (await enter(browser, code)).status_code == 410
    assert (await ask(browser)).status_code == 429
    assert Event.PROOF_SUCCEEDED not in await events(services)


async def test_a_code_works_once_and_in_the_browser_and_sign_in_that_asked(
    services: Services, browser: httpx2.AsyncClient, family: Family
) -> None:
    await ask(browser)
    code = await code_of(services, family.client)
    await sign_in(services, browser, family.mother)
    assert (await enter(browser, code)).status_code == 410
    await sign_in(services, browser, family.client)
    assert (await enter(browser, code)).status_code == 410

    assert Event.PROOF_SUCCEEDED not in await events(services)


async def test_what_is_no_code_is_said_beside_the_field(browser: httpx2.AsyncClient, family: Family) -> None:
    refused = await enter(browser, "12")

    assert refused.status_code == 422
    assert "The code has 8 digits" in refused.text


async def test_staff_get_no_code(services: Services, browser: httpx2.AsyncClient, family: Family) -> None:
    await sign_in(services, browser, family.clinician)

    assert (await ask(browser)).status_code == 403
    assert "Use my passkey" in (await browser.get("/step-up")).text
