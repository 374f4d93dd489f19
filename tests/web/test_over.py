"""A session that its host has ended: whoever comes is told at once, and is asked for nothing."""

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.people import Proof
from scheduler.services import Services
from scheduler.storage import notices, sessions
from tests.conftest import Clock, new_browser
from tests.joining import (
    DETAILS,
    WaitingScene,
    add_meeting,
    clinician_browser,
    code_in_mail,
    door,
    entries,
    heading,
    prove,
    sign_in,
)

OVER = "It is over"


@pytest.fixture
async def ended(scene: WaitingScene) -> WaitingScene:
    """The therapist has let the mother in and has ended it for everyone, before its time was over."""
    for what in ("open", "admit", "end"):
        await scene.press(what)
    return scene


async def test_the_familys_page_shows_what_is_over_among_the_earlier_and_no_way_in(
    services: Services, app: Starlette, ended: WaitingScene
) -> None:
    async with new_browser(app) as browser:
        await sign_in(services, browser, ended.meeting.family.mother, Proof.EMAIL_CODE)
        home = (await browser.get("/family")).text
        session = await browser.get(f"/family/sessions/{ended.meeting.session.id}")

    assert "Go to the waiting room" not in home
    assert "Nothing is booked yet" in home
    assert ended.meeting.session.id in home.split("Earlier")[1]
    assert heading(session) == "This session is over"
    assert "Go to the waiting room" not in session.text


async def test_whoever_presses_the_button_of_an_older_page_is_told_before_any_question(
    services: Services, app: Starlette, ended: WaitingScene
) -> None:
    async with new_browser(app) as browser:
        await sign_in(services, browser, ended.meeting.family.mother, Proof.EMAIL_CODE)
        answer = await browser.post(f"/family/sessions/{ended.meeting.session.id}/join")

    assert (answer.status_code, heading(answer)) == (410, OVER)
    assert 'href="/family"' in answer.text


async def test_the_door_says_so_and_sends_no_code(
    services: Services, ended: WaitingScene, second: httpx2.AsyncClient
) -> None:
    page = await door(second, ended.meeting.path)
    asked = await second.post("/join/code")

    assert [(one.status_code, heading(one)) for one in (page, asked)] == [(410, OVER)] * 2
    assert 'href="/sign-in"' in page.text
    assert not [word for word in ("rivera", "rosa", "therap", "family") if word in page.text.lower()]
    assert len(await entries(services, "code.sent")) == 1


async def test_a_code_that_was_on_its_way_leads_to_the_same_words(
    services: Services, ended: WaitingScene, second: httpx2.AsyncClient
) -> None:
    await ended.press("open")
    await second.get(ended.meeting.path)
    await second.post("/join/code")
    code = await code_in_mail(services)
    await ended.press("end")

    answer = await second.post("/join/prove", data={"code": code})

    assert (answer.status_code, heading(answer)) == (410, OVER)


async def test_whoever_has_a_place_is_told_on_every_page_of_coming_in(ended: WaitingScene) -> None:
    await ended.mother.get(ended.meeting.path)

    for path in ("/join", "/join/camera", "/join/room"):
        assert (await ended.mother.get(path)).headers["location"] == "/join/wait", path
    answers = [
        await ended.mother.get("/join/wait"),
        await ended.mother.get("/join/details"),
        await ended.mother.post("/join/details", data=DETAILS),
        await ended.mother.post("/join/wait"),
    ]

    assert [(one.status_code, heading(one)) for one in answers] == [(410, OVER)] * 4
    assert 'href="/family"' in answers[0].text


async def test_a_door_that_is_opened_again_is_open(
    services: Services, ended: WaitingScene, second: httpx2.AsyncClient
) -> None:
    await ended.press("open")

    assert heading(await door(second, ended.meeting.path)) == "First, is it you?"
    assert (await prove(services, second, ended.meeting.path)).headers["location"] == "/join/details"


async def test_a_session_that_moves_after_its_room_was_ended_begins_anew(
    services: Services, app: Starlette, second: httpx2.AsyncClient, clock: Clock
) -> None:
    meeting = await add_meeting(services)
    async with await clinician_browser(services, app, meeting) as therapist:
        for what in ("open", "end"):
            await therapist.post(f"{meeting.url}/{what}")
    ticks = meeting.session.interval.ticks
    later = meeting.session.interval.of_ticks(ticks.start + 288, ticks.stop + 288)
    await services.database.write(lambda tx: sessions.move(tx, meeting.session.id, later))
    clock.move(days=1)

    assert heading(await door(second, meeting.path)) == "First, is it you?"


async def test_a_fresh_link_is_for_the_next_session_that_is_not_over(
    services: Services, ended: WaitingScene, second: httpx2.AsyncClient
) -> None:
    ask = {"email": ended.meeting.family.mother.email}
    await second.post("/join/fresh", data=ask)
    assert [row.outcome for row in await entries(services, "link.sent")] == ["failure"]

    await ended.press("open")
    await second.post("/join/fresh", data=ask)

    owed = await services.database.read(lambda tx: notices.of_session(tx, ended.meeting.session.id))
    assert [one.person_id for one in owed if one.rule == "fresh_link"] == [ended.meeting.family.mother.id]
