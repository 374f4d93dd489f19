"""Who is at the door: codes guessed, late and overtaken, a second browser, and whoever is signed in."""

import asyncio

import httpx2

from scheduler.actions.proofs import STAFF_WORDS
from scheduler.domain.people import Proof
from scheduler.services import Services
from scheduler.storage import notices
from tests.conftest import Clock
from tests.joining import add_meeting, code_in_mail, door, entries, heading, prove, sign_in, wait


async def test_a_code_is_wrong_five_times_then_locked_and_staff_are_told(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    await browser.post("/join/code")
    code = await code_in_mail(services)
    wrong = f"{(int(code) + 1) % 10**8:08}"

    tries = [await browser.post("/join/prove", data={"code": wrong}) for _ in range(5)]
    right = await browser.post("/join/prove", data={"code": code})
    another = await browser.post("/join/code")

    assert [answer.status_code for answer in tries] == [422, 422, 422, 422, 429]
    for locked in (tries[-1], right, another):
        assert (locked.status_code, locked.headers["retry-after"]) == (429, "900")
        assert heading(locked) == "Please wait a little"
        assert "9:15 am</time></strong>, Pacific time" in locked.text
        assert 'href="/sign-in"' in locked.text
    alerts = await services.database.read(lambda tx: notices.of_session(tx, meeting.session.id))
    assert [one.person_id for one in alerts if one.rule == "staff_alert"] == [meeting.family.clinician.id]
    reasons = [row.outcome for row in await entries(services, "proof.failed")]
    assert reasons == ["failure"] * 6
    due = await services.database.write(lambda tx: notices.claim(tx, now=clock(), limit=50))
    assert [one.detail for one in due if one.notice.rule == "staff_alert"] == [STAFF_WORDS]
    clock.move(minutes=15, seconds=1)
    assert (await browser.post("/join/code")).status_code == 303


async def test_a_code_on_its_way_to_another_browser_opens_though_one_was_guessed_at(
    services: Services, browser: httpx2.AsyncClient, second: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await second.get(meeting.path)
    await second.post("/join/code")
    hers = await code_in_mail(services)
    await browser.get(meeting.path)
    await browser.post("/join/code")
    guessed = await code_in_mail(services)
    wrong = f"{(int(guessed) + 1) % 10**8:08}"
    tries = [await browser.post("/join/prove", data={"code": wrong}) for _ in range(5)]

    assert tries[-1].status_code == 429
    assert (await second.post("/join/prove", data={"code": hers})).status_code == 303


async def test_a_code_that_is_no_code_costs_no_try(services: Services, browser: httpx2.AsyncClient) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    await browser.post("/join/code")

    for typed in ("", "1234", "abcdefgh", "123456789", "٠١٢٣٤٥٦٧", "x" * 5000):
        assert (await browser.post("/join/prove", data={"code": typed})).status_code == 422
    code = await code_in_mail(services)
    spaced = f" {code[:4]} {code[4:]} "

    assert (await browser.post("/join/prove", data={"code": spaced})).status_code == 303


async def test_a_code_opens_only_in_the_browser_that_asked(
    services: Services, browser: httpx2.AsyncClient, second: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    await browser.post("/join/code")
    await second.get(meeting.path)
    code = await code_in_mail(services)

    assert (await second.post("/join/prove", data={"code": code})).status_code == 422
    assert (await browser.post("/join/prove", data={"code": code})).status_code == 303


async def test_a_code_opens_only_the_link_it_was_asked_for(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    other = await add_meeting(services, surname="Baker", clinician=meeting.family.clinician)
    await browser.get(meeting.path)
    await browser.post("/join/code")
    code = await code_in_mail(services)
    await browser.get(other.path)

    assert (await browser.post("/join/prove", data={"code": code})).status_code == 422


async def test_a_second_click_on_the_link_keeps_the_code_on_its_way(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    await browser.post("/join/code")
    await browser.get(meeting.path)

    answer = await browser.post("/join/prove", data={"code": await code_in_mail(services)})

    assert answer.status_code == 303


async def test_a_code_works_once_and_for_ten_minutes(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    await browser.post("/join/code")
    first = await code_in_mail(services)
    clock.move(minutes=10)
    assert (await browser.post("/join/prove", data={"code": first})).status_code == 422

    await browser.get(meeting.path)
    await browser.post("/join/code")
    again = await code_in_mail(services)
    assert (await browser.post("/join/prove", data={"code": again})).status_code == 303
    assert (await browser.post("/join/prove", data={"code": again})).status_code == 422


async def test_a_newer_code_takes_the_place_of_the_older(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    await browser.post("/join/code")
    older = await code_in_mail(services)
    await browser.post("/join/code")
    newer = await code_in_mail(services)

    assert (await browser.post("/join/prove", data={"code": older})).status_code == 422
    assert (await browser.post("/join/prove", data={"code": newer})).status_code == 303


async def test_no_more_than_five_codes_are_sent_in_a_quarter_of_an_hour(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)

    statuses = [(await browser.post("/join/code")).status_code for _ in range(6)]

    assert statuses == [303] * 5 + [429]


async def test_a_second_browser_needs_a_proof_of_its_own_and_takes_the_place(
    services: Services, browser: httpx2.AsyncClient, second: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await wait(services, browser, meeting.path)
    replayed = await door(second, meeting.path)
    assert heading(replayed) == "First, is it you?"

    await prove(services, second, meeting.path)

    assert (await browser.get("/join/wait")).status_code == 410
    assert (await browser.get("/join/state", headers={"Accept": "application/json"})).status_code == 410
    assert heading(await second.get("/join/wait")) == "You are in the waiting room"
    assert len(await entries(services, "proof.succeeded")) == 2


async def test_of_two_browsers_that_prove_at_once_one_holds_the_place(
    services: Services, browser: httpx2.AsyncClient, second: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    codes = []
    for one in (browser, second):
        await one.get(meeting.path)
        await one.post("/join/code")
        codes.append(await code_in_mail(services))

    answers = await asyncio.gather(
        *(
            one.post("/join/prove", data={"code": code})
            for one, code in zip((browser, second), codes, strict=True)
        )
    )

    assert [answer.status_code for answer in answers] == [303, 303]
    statuses = sorted([(await one.get("/join/details")).status_code for one in (browser, second)])
    assert statuses == [200, 410]


async def test_one_code_tried_twice_at_once_opens_once(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    await browser.post("/join/code")
    code = await code_in_mail(services)

    answers = await asyncio.gather(*(browser.post("/join/prove", data={"code": code}) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


async def test_coming_back_in_the_same_browser_needs_no_new_code(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    meeting = await add_meeting(services)
    await wait(services, browser, meeting.path)
    clock.move(minutes=20)
    await browser.get(meeting.path)

    again = await browser.get("/join")

    assert (again.status_code, again.headers["location"]) == (303, "/join/wait")


async def test_whoever_is_signed_in_as_the_person_needs_no_code(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await sign_in(services, browser, meeting.family.mother, Proof.EMAIL_CODE)

    assert heading(await door(browser, meeting.path)) == "Welcome back"
    assert (await browser.post("/join/prove")).headers["location"] == "/join/details"


async def test_whoever_is_signed_in_as_somebody_else_needs_the_code(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await sign_in(services, browser, meeting.family.client, Proof.EMAIL_CODE)

    assert heading(await door(browser, meeting.path)) == "First, is it you?"
    assert (await browser.post("/join/prove")).status_code == 422


async def test_from_the_page_of_their_session_a_signed_in_person_comes_to_the_door(
    services: Services, browser: httpx2.AsyncClient, second: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await sign_in(services, browser, meeting.family.mother, Proof.EMAIL_CODE)
    await sign_in(services, second, meeting.family.client, Proof.EMAIL_CODE)
    path = f"/family/sessions/{meeting.session.id}/join"

    assert (await browser.post(path)).headers["location"] == "/join/details"
    assert (await browser.get("/join/details")).status_code == 200
    assert (await second.post(path)).status_code == 404
    assert (await browser.post("/family/sessions/nobodyisnamedthis000/join")).status_code == 404
