"""Links that open nothing: forged, altered, early, late, foreign, revoked; all look alike."""

from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions import join_links as joining
from scheduler.domain.booking import Status
from scheduler.gateways import tokens
from scheduler.services import Services
from scheduler.storage import consent, join_links, notices, sessions
from tests.conftest import Clock, new_browser
from tests.joining import (
    DETAILS,
    Meeting,
    add_meeting,
    clinician_browser,
    code_in_mail,
    door,
    entries,
    heading,
    prove,
    wait,
)

UNUSABLE = "This link does not open anything now"


def token(
    services: Services, jti: str, *, purpose: str = "join", issuer: str = "", ends_in: int = 3600
) -> str:
    """Return a token made by hand."""
    now = services.now()
    return tokens.seal(
        services.keyring,
        {"jti": jti},
        purpose=purpose,
        issuer=issuer or services.settings.origin,
        not_before=now - timedelta(hours=2),
        expires_at=now + timedelta(seconds=ends_in),
    )


async def test_every_link_that_opens_nothing_gets_one_and_the_same_page(
    services: Services, app: Starlette
) -> None:
    meeting = await add_meeting(services)
    good = meeting.path.removeprefix("/j/")
    bad = {
        "nonsense": "nonsense",
        "altered": good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1],
        "padded": good + "=",
        "in two parts": good + "/more",
        "expired": token(services, meeting.jti, ends_in=-10),
        "foreign": token(services, meeting.jti, issuer="https://other.test"),
        "a media pass": token(services, meeting.jti, purpose="pass"),
        "unknown": token(services, "a-jti-that-nobody-was-given"),
        "empty claims": tokens.seal(
            services.keyring,
            {},
            purpose="join",
            issuer=services.settings.origin,
            not_before=services.now(),
            expires_at=services.now() + timedelta(hours=1),
        ),
    }

    pages = set()
    for words in bad.values():
        async with new_browser(app) as browser:
            page = await door(browser, "/j/" + words)
            pages.add((page.status_code, page.text))

    assert len(pages) == 1
    status, text = pages.pop()
    assert status == 410
    assert UNUSABLE in text
    assert 'action="/join/fresh"' in text


async def revoke_link(services: Services, meeting: Meeting) -> None:
    now = services.now()
    await services.database.write(
        lambda tx: join_links.revoke_for(tx, session_id=meeting.session.id, now=now)
    )


async def revoke_release(services: Services, meeting: Meeting) -> None:
    assert meeting.release is not None
    release_id, now = meeting.release.id, services.now()
    await services.database.write(lambda tx: consent.revoke(tx, release_id, revoked_at=now))


async def cancel(services: Services, meeting: Meeting) -> None:
    await services.database.write(lambda tx: sessions.set_status(tx, meeting.session.id, Status.CANCELLED))


@pytest.mark.parametrize("undo", [revoke_link, revoke_release, cancel])
async def test_a_link_dies_with_its_release_its_session_or_by_itself_at_every_step(
    services: Services, app: Starlette, undo: object
) -> None:
    meeting = await add_meeting(services)
    async with new_browser(app) as followed, new_browser(app) as coded, new_browser(app) as proved:
        await followed.get(meeting.path)
        await coded.get(meeting.path)
        await coded.post("/join/code")
        code = await code_in_mail(services)
        await prove(services, proved, meeting.path)

        await undo(services, meeting)  # type: ignore[operator]

        answers = [
            await door(followed, meeting.path),
            await followed.post("/join/code"),
            await coded.post("/join/prove", data={"code": code}),
            await proved.get("/join/details"),
            await proved.post("/join/details", data=DETAILS),
            await proved.post("/join/wait"),
        ]

    assert [answer.status_code for answer in answers] == [410] * 6


async def test_a_scanner_may_open_a_link_any_number_of_times(
    services: Services, app: Starlette, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    for _ in range(12):
        async with new_browser(app) as scanner:
            await scanner.head(meeting.path)
            await door(scanner, meeting.path)

    proved = await prove(services, browser, meeting.path)

    assert proved.headers["location"] == "/join/details"
    assert len(await entries(services, "link.viewed")) == 25
    assert [row.event for row in await entries(services, "code.sent", "proof.succeeded")] == [
        "code.sent",
        "proof.succeeded",
    ]


async def test_too_early_is_told_in_the_persons_own_zone(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services, starts_in=timedelta(days=1))

    page = await door(browser, meeting.path)

    assert page.status_code == 200
    assert heading(page) == "You are early"
    assert "Tuesday 3 November at 8:40 am" in page.text
    assert "Pacific time" in page.text
    assert (await browser.post("/join/code")).status_code == 409
    assert (await browser.post("/join/prove", data={"code": "12345678"})).status_code == 409


async def test_after_the_window_the_link_is_over(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    meeting = await add_meeting(services)
    clock.move(minutes=10 + 20 + 15, seconds=1)

    assert (await door(browser, meeting.path)).status_code == 410


async def test_the_same_link_works_after_the_session_was_moved(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    meeting = await add_meeting(services)
    later = meeting.session.interval.of_ticks(
        meeting.session.interval.ticks.start + 288 * 30, meeting.session.interval.ticks.stop + 288 * 30
    )
    await services.database.write(lambda tx: sessions.move(tx, meeting.session.id, later))

    assert heading(await door(browser, meeting.path)) == "You are early"
    clock.move(days=30)
    assert heading(await door(browser, meeting.path)) == "First, is it you?"


async def test_without_a_doorway_every_step_leads_back_to_the_door(browser: httpx2.AsyncClient) -> None:
    assert heading(await browser.get("/join")) == "Join"
    assert (await browser.get("/join/prove")).headers["location"] == "/join"
    assert (await browser.post("/join/code")).headers["location"] == "/join"
    assert (await browser.post("/join/prove", data={"code": "12345678"})).status_code == 410
    for path in ("/join/details", "/join/camera", "/join/wait", "/join/room", "/join/state"):
        assert (await browser.get(path)).status_code == 410, path
    for path in ("/join/wait", "/join/leave", "/join/pass"):
        assert (await browser.post(path)).status_code == 410, path


async def test_an_altered_doorway_is_no_doorway(services: Services, browser: httpx2.AsyncClient) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    name = "__Host-hearth-join"
    value = browser.cookies[name]
    browser.cookies.clear()
    browser.cookies.set(name, value[:-1] + ("A" if value[-1] != "A" else "B"))

    assert heading(await browser.get("/join")) == "Join"


async def test_the_doorway_closes_after_a_quarter_of_an_hour(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)
    clock.move(minutes=15)

    assert heading(await browser.get("/join")) == "Join"


async def test_a_fresh_link_is_promised_to_everybody_and_sent_to_those_we_know(
    services: Services, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    meeting = await add_meeting(services)

    async def ask(email: str) -> tuple[int, str]:
        answer = await browser.post("/join/fresh", data={"email": email})
        return answer.status_code, (await browser.get(answer.headers["location"])).text

    known, unknown = await ask(meeting.family.mother.email.upper()), await ask("nobody@people.test")
    again = await ask(meeting.family.mother.email)

    assert known == unknown == again
    owed = await services.database.read(lambda tx: notices.of_session(tx, meeting.session.id))
    assert [one.person_id for one in owed if one.rule == "fresh_link"] == [meeting.family.mother.id]
    assert [row.outcome for row in await entries(services, "link.sent")] == ["success", "failure", "failure"]
    clock.move(minutes=3)
    await ask(meeting.family.mother.email)
    assert [row.outcome for row in await entries(services, "link.sent")][-1] == "success"


async def test_a_mistyped_address_is_shown_again(browser: httpx2.AsyncClient) -> None:
    answer = await browser.post("/join/fresh", data={"email": "rosa at home"})

    assert answer.status_code == 422
    assert "rosa at home" in answer.text


async def test_a_fresh_link_opens_when_the_key_of_the_old_one_was_dropped(services: Services) -> None:
    meeting = await add_meeting(services)
    mother = {"session_id": meeting.session.id, "person_id": meeting.family.mother.id}
    jti, now = services.new_secret(), services.now()
    await services.database.write(lambda tx: join_links.renew(tx, **mother, jti=jti, now=now))

    kept = await services.database.read(lambda tx: join_links.jti_for(tx, **mother))
    old = await services.database.read(lambda tx: join_links.find(tx, join_links.hash_of(meeting.jti)))

    assert kept == jti
    assert old is None
    assert joining.address(services, jti=jti, ends_at=meeting.session.ends_at) != meeting.link


async def test_details_are_asked_in_words_and_nothing_typed_is_lost(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await prove(services, browser, meeting.path)

    answer = await browser.post("/join/details", data=DETAILS | {"call_back": "tomorrow", "location": " "})

    assert answer.status_code == 422
    assert "Please fill this in." in answer.text
    assert "area code" in answer.text
    assert "tomorrow" in answer.text
    assert (await browser.post("/join/wait")).headers["location"] == "/join/details"


async def test_names_and_places_in_any_script_are_kept(services: Services, app: Starlette) -> None:
    meeting = await add_meeting(services)
    async with new_browser(app) as browser:
        await prove(services, browser, meeting.path)
        details = {
            "full_name": "Роза Ривера 李",
            "location": "شارع النخيل <b>12</b>",
            "call_back": "+1 (510) 555-0142 ext. 12",
        }
        assert (await browser.post("/join/details", data=details)).status_code == 303
    clinician = await clinician_browser(services, app, meeting)

    page = await clinician.get(meeting.url)

    assert "شارع النخيل &lt;b&gt;12&lt;/b&gt;" in page.text
    assert '<a href="tel:+15105550142;ext=12">+1 (510) 555-0142, extension 12</a>' in page.text
    await clinician.aclose()


async def test_another_site_cannot_press_the_buttons(services: Services, browser: httpx2.AsyncClient) -> None:
    meeting = await add_meeting(services)
    await wait(services, browser, meeting.path)
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}

    for path in ("/join/code", "/join/prove", "/join/wait", "/join/leave", "/join/pass", "/join/details"):
        assert (await browser.post(path, headers=foreign)).status_code == 403, path


async def test_who_never_joined_is_shown_the_way_in_and_told_of_no_other_phone(
    browser: httpx2.AsyncClient,
) -> None:
    for path in ("/join/wait", "/join/room", "/join/state"):
        page = await browser.get(path)
        assert (page.status_code, heading(page)) == (410, "Please come in by your link"), path
        assert "another phone" not in page.text
        assert 'href="/family"' in page.text
