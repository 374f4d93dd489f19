"""A first conversation in the browser: choosing, telling, refusals, the private page, and staff's page."""

import logging
import re

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions.inquiries import ask
from scheduler.domain.people import Role
from scheduler.domain.times import iso
from scheduler.services import Services
from scheduler.storage.tables import inquiries
from scheduler.web.rate_limits import INQUIRIES_AT_ONCE
from tests import builders
from tests.conftest import Clock, new_browser
from tests.inquiries import FORM, TOKEN, VISITOR, add_admissions, asked, conversations, wish
from tests.scheduling import TUESDAY_NINE
from tests.signing_in import sign_in
from tests.told import told

OTHER = "another-private-address-of-other"
OWN = f"/c/{TOKEN}"


async def test_a_stranger_finds_a_time_tells_a_little_and_is_done(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    await add_admissions(services)
    assert 'href="/first-conversation"' in (await browser.get("/")).text

    times = (await browser.get("/first-conversation?since=2026-11-03")).text
    link = re.findall(r'href="(/first-conversation/about[^"]+)"', times)[0].replace("&amp;", "&")
    form = (await browser.get(link)).text
    token = re.findall(r'name="token" value="([\w-]{32})"', form)[0]
    sent = await browser.post("/first-conversation", data=FORM | {"token": token})
    own = await browser.get(sent.headers["location"])

    assert "Tomorrow, 9:00 to 9:20 am" in form
    assert (sent.status_code, sent.headers["location"]) == (303, f"/c/{token}?done=asked")
    assert f"https://hearth.test/c/{token}" in own.text
    assert "we leave no message" in own.text
    assert "Robin" not in own.text
    assert "conversation" not in own.text  # neutral: it may be somebody else who looks
    assert len(await conversations(services)) == 1


async def test_the_address_is_shown_once(services: Services, browser: httpx2.AsyncClient) -> None:
    await add_admissions(services)
    await browser.post("/first-conversation", data=FORM)

    assert f"https://hearth.test{OWN}" not in (await browser.get(OWN)).text


async def test_times_are_read_in_any_zone(services: Services, browser: httpx2.AsyncClient) -> None:
    await add_admissions(services)

    assert "Pacific time" in (await browser.get("/first-conversation")).text
    assert "Eastern time" in (await browser.get("/first-conversation?zone=America/New_York")).text
    assert "<select" in (await browser.get("/first-conversation?choose_zone=1")).text
    assert "Pacific time" in (await browser.get("/first-conversation?zone=Nowhere")).text


async def test_where_nobody_is_free_it_says_so(browser: httpx2.AsyncClient) -> None:
    page = await browser.get("/first-conversation")

    assert page.status_code == 200
    assert "No free times here" in page.text


async def test_without_a_time_the_form_leads_to_the_times(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/first-conversation/about?starts_at=soon")).headers[
        "location"
    ] == "/first-conversation"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Please fill this in."),
        ({"name": "x" * 81}, "Please keep this under 80 characters."),
        ({"phone": "call me"}, "Please write a phone number"),
        ({"email": "robin"}, "Please write your e-mail address"),
        ({"phone": "", "email": "", "mail_is_safe": ""}, "so that we can reach you"),
        ({"email": ""}, "Please write the address to which the mail may go"),
        ({"topic": "x" * 2001}, "Please keep this under 2,000 characters."),
        ({"safe_times": "x" * 501}, "Please keep this under 500 characters."),
        ({"plan": "x" * 121}, "Please keep this under 120 characters."),
        ({"website": "https://spam.test"}, "a field that people do not see"),
        ({"starts_at": "2027-11-02T17:30Z"}, "That time is too far ahead."),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    services: Services, browser: httpx2.AsyncClient, changes: dict[str, str], words: str
) -> None:
    await add_admissions(services)

    page = await browser.post("/first-conversation", data=FORM | {"topic": "My «brother» 家族"} | changes)

    assert page.status_code == 422
    assert words in page.text
    assert TOKEN in page.text
    assert "spam.test" not in page.text
    if "topic" not in changes:
        assert "My «brother» 家族" in page.text
    assert await conversations(services) == []


async def test_all_that_is_wrong_is_told_at_once(services: Services, browser: httpx2.AsyncClient) -> None:
    await add_admissions(services)

    page = await browser.post("/first-conversation", data={**FORM, "name": "", "phone": "", "email": ""})

    assert 'id="f-name-error"' in page.text
    assert 'id="f-phone-error"' in page.text


async def test_a_time_that_is_gone_is_answered_with_others_and_all_that_was_typed(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    await add_admissions(services)
    await ask(services, VISITOR, wish(token=OTHER))

    page = await browser.post("/first-conversation", data=FORM)
    nearest = re.findall(r'name="starts_at" value="([^"]+)"', page.text)
    again = await browser.post("/first-conversation", data=FORM | {"starts_at": nearest[0]})

    assert page.status_code == 409
    assert "not free any more" in page.text
    for typed in ("Robin", "510 555 0188", "Only at lunch", "Harbor Health", "my brother could come"):
        assert typed in page.text
    assert iso(TUESDAY_NINE) not in nearest
    assert again.status_code == 303


async def test_the_form_sent_twice_leads_to_the_same_page(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    await add_admissions(services)

    answers = [await browser.post("/first-conversation", data=FORM) for _ in range(2)]

    assert {answer.headers["location"] for answer in answers} == {f"{OWN}?done=asked"}
    assert len(await conversations(services)) == 1


async def test_an_address_of_a_client_a_relative_or_staff_is_answered_like_any_other_to_the_byte(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    await add_admissions(services)
    family = await builders.add_family(services)
    known = [family.client.email, family.mother.email, family.clinician.email]

    heard = []
    for email in ("nobody.at.all@people.test", *known):
        sent = await browser.post("/first-conversation", data=FORM | {"email": email})
        own = await browser.get(sent.headers["location"])
        off = await browser.post(f"{OWN}/cancel")
        heard.append([told(answer) for answer in (sent, own, off)])
        await services.database.write(lambda tx: tx.execute(inquiries.delete()))

    assert [one == heard[0] for one in heard] == [True] * 4


async def test_a_signed_in_family_member_asks_as_anybody(
    services: Services, app: Starlette, browser: httpx2.AsyncClient
) -> None:
    await add_admissions(services)
    family = await builders.add_family(services)
    await sign_in(services, browser, family.mother)

    sent = await browser.post("/first-conversation", data=FORM)

    assert sent.status_code == 303
    assert "Tuesday 3 November" not in (await browser.get("/family")).text
    async with new_browser(app) as stranger:
        assert (await stranger.get(OWN)).status_code == 200


@pytest.mark.parametrize("role", [Role.CLIENT, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
async def test_roles_that_have_others_to_ask_are_not_led_there(
    services: Services, browser: httpx2.AsyncClient, role: Role
) -> None:
    await sign_in(services, browser, await builders.add_person(services, "Robin Walker", role))

    assert "/first-conversation" not in (await browser.get("/")).text
    assert (await browser.get("/first-conversation")).status_code == 403
    assert (await browser.post("/first-conversation", data=FORM)).status_code == 403


async def test_one_address_asks_a_few_times_and_then_waits_and_staff_never_do(
    services: Services, app: Starlette, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    await add_admissions(services)
    for _ in range(INQUIRIES_AT_ONCE):
        assert (await browser.post("/first-conversation", data=FORM)).status_code == 303

    waits = await browser.post("/first-conversation", data=FORM)
    clock.move(minutes=10)

    assert (waits.status_code, waits.headers["retry-after"]) == (429, "600")
    assert (await browser.post("/first-conversation", data=FORM)).status_code == 303
    async with new_browser(app) as desk:
        await sign_in(services, desk, await builders.add_person(services, "Tom Brandt", Role.COORDINATOR))
        for _ in range(INQUIRIES_AT_ONCE + 2):
            assert (await desk.post("/first-conversation", data=FORM)).status_code == 303


async def test_looking_at_the_private_page_changes_nothing_and_its_button_calls_off(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    await add_admissions(services)
    await asked(services)
    for _ in range(2):
        assert "Cancel this time" in (await browser.get(OWN)).text

    for _ in range(2):
        assert (await browser.post(f"{OWN}/cancel")).headers["location"] == OWN

    assert "No longer planned" in (await browser.get(OWN)).text


async def test_once_it_has_begun_the_private_page_says_so(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    await add_admissions(services)
    await asked(services)
    clock.move(days=1)

    assert "has begun or is over" in (await browser.get(OWN)).text
    assert (await browser.post(f"{OWN}/cancel")).status_code == 410


async def test_an_unknown_private_address_is_not_there(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get(f"/c/{OTHER}")).status_code == 404
    assert (await browser.post(f"/c/{OTHER}/cancel")).status_code == 404


async def test_a_private_address_is_in_no_log(
    services: Services, browser: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await add_admissions(services)
    await asked(services)
    with caplog.at_level(logging.INFO, "hearth.access"):
        await browser.get(OWN)
        await browser.get("/c/short")

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("hearth")]
    assert ["/c/… " in line for line in ours] == [True, True]


async def test_the_host_finds_whom_to_call_says_how_it_went_and_calls_off(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    denise = await add_admissions(services)
    session = await asked(services)
    await sign_in(services, browser, denise)
    page = f"/inquiries/{session.id}"

    assert page in (await browser.get("/clinician")).text
    assert (await browser.get(f"/appointments/{session.id}", follow_redirects=True)).url.path == page
    shown = (await browser.get(page)).text
    for words in (
        'href="tel:5105550188"',
        "leave none",
        "Only at lunch",
        "Harbor Health",
        "my brother could come",
    ):
        assert words in shown
    assert (await browser.post(f"{page}/missed")).headers["location"] == page
    assert "not reached" in (await browser.get(page)).text
    await browser.post(f"{page}/reached")
    assert "reached</span>" in (await browser.get(page)).text

    other = await asked(services, token=OTHER, starts_at=TUESDAY_NINE.replace(hour=18))
    too_long = await browser.post(f"/inquiries/{other.id}/cancel", data={"reason": "x" * 501})
    assert (too_long.status_code, "x" * 501 in too_long.text) == (422, True)
    await browser.post(f"/inquiries/{other.id}/cancel", data={"reason": "I am ill."})
    assert "I am ill." in (await browser.get(f"/inquiries/{other.id}")).text


async def test_the_desk_leads_to_the_form_and_to_the_conversation(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    await add_admissions(services)
    await sign_in(services, browser, await builders.add_person(services, "Tom Brandt", Role.COORDINATOR))
    assert 'href="/first-conversation"' in (await browser.get("/coordinator")).text

    await browser.post("/first-conversation", data=FORM)

    (session,) = await conversations(services)
    assert f'href="/inquiries/{session.id}"' in (await browser.get("/coordinator")).text
    assert "Robin" in (await browser.get(f"/inquiries/{session.id}")).text
