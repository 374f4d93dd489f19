"""The page on which staff give a first conversation another time or host, as a browser sees it."""

import re
from datetime import timedelta
from html import unescape

import httpx2
import pytest

from scheduler.domain.booking import Session
from scheduler.domain.people import Role
from scheduler.domain.times import iso
from scheduler.services import Services
from tests.builders import add_person
from tests.inquiries import add_admissions, asked, conversations
from tests.scheduling import TUESDAY_NINE
from tests.signing_in import sign_in

LATER = iso(TUESDAY_NINE + timedelta(minutes=60))
HIDDEN = re.compile(r'<input type="hidden" name="(seen_[^"]+)" value="([^"]*)">')


@pytest.fixture
async def session(services: Services, browser: httpx2.AsyncClient) -> Session:
    """A conversation with one of two of admissions, and a coordinator in the browser."""
    for name in ("Denise Walker", "Kim Lee"):
        await add_admissions(services, name)
    await sign_in(services, browser, await add_person(services, "Tom Brandt", Role.COORDINATOR))
    return await asked(services, mail_is_safe=False)


def seen(page: httpx2.Response) -> dict[str, str]:
    """Return how it is, as the form says."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page.text)}


async def test_it_is_moved_and_sending_the_form_twice_moves_it_once(
    services: Services, browser: httpx2.AsyncClient, session: Session
) -> None:
    path = f"/inquiries/{session.id}"
    assert f'href="{path}/plan"' in (await browser.get(path)).text
    page = await browser.get(f"{path}/plan")
    assert "As it is: Tomorrow, 9:00 to 9:20 am" in page.text
    assert "<strong>They wanted no mail.</strong> Please tell them yourself" in page.text

    for _ in range(2):
        answer = await browser.post(f"{path}/plan", data=seen(page) | {"starts_at": LATER, "host_id": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, path)

    (now,) = await conversations(services)
    assert iso(now.starts_at) == LATER
    assert "10:00 to 10:20 am" in (await browser.get(path)).text


async def test_what_cannot_be_is_told_beside_its_field_and_what_was_chosen_is_kept(
    services: Services, browser: httpx2.AsyncClient, session: Session
) -> None:
    path = f"/inquiries/{session.id}/plan"
    fields = seen(await browser.get(path))
    tom = await add_person(services, "Tam Brandt", Role.CLINICIAN)
    tries = [
        ({"starts_at": iso(session.starts_at), "host_id": session.host_id}, 422, "That is how it is now."),
        ({"starts_at": "soon", "host_id": ""}, 422, "Please choose one of the times on the list."),
        ({"starts_at": LATER, "host_id": tom.id}, 409, "Nobody you chose is free then."),
    ]
    for typed, status, words in tries:
        page = await browser.post(path, data=fields | typed)
        assert page.status_code == status
        assert words in page.text
        assert f'<option value="{LATER}" selected>' in page.text or typed["starts_at"] != LATER
    assert await conversations(services) == [session]


async def test_one_that_is_off_has_words_and_a_way_on(browser: httpx2.AsyncClient, session: Session) -> None:
    path = f"/inquiries/{session.id}"
    await browser.post(f"{path}/cancel", data={"reason": ""})

    assert "/plan" not in (await browser.get(path)).text
    assert (await browser.get(f"{path}/plan")).status_code == 410
