"""Booking as a browser without JavaScript sees it: the list, the form, refusals, moving, cancelling."""

import asyncio
import re
from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.people import Role
from scheduler.domain.times import iso
from scheduler.services import Services
from scheduler.storage import consent
from scheduler.storage.tables import bookings as booking_rows
from scheduler.storage.tables import sessions as session_rows
from tests.builders import add_family, add_person
from tests.conftest import Clock, new_browser
from tests.scheduling import (
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_colleague,
    add_neighbours,
    add_world,
    counts,
    entries,
    rows,
)
from tests.signing_in import sign_in

TOPIC = "O'Neil & <b>Müller</b>: Wochenende? 你好 مرحبا"
NINE = {"kind_id": CHECK_IN.id, "starts_at": iso(TUESDAY_NINE)}


@pytest.fixture
async def world(services: Services, browser: httpx2.AsyncClient) -> World:
    """A family whose mother is signed in at ``browser``."""
    made = await add_world(services)
    await sign_in(services, browser, made.family.mother)
    return made


def heading(page: httpx2.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text, re.DOTALL)
    assert found is not None
    return found[1].strip()


async def booked(browser: httpx2.AsyncClient, **changes: str) -> str:
    """Book over HTTP and return the path of the session."""
    answer = await browser.post("/family/book", data=NINE | changes)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


async def test_the_whole_way_from_the_list_to_the_done_page(
    world: World, browser: httpx2.AsyncClient
) -> None:
    listed = await browser.get("/family/book")
    assert "Times are in <strong>Pacific time</strong>" in listed.text
    assert (
        'name="starts_at" value="2026-11-03T17:00Z" aria-label="Tuesday 3 November, 9:00 am"' in listed.text
    )

    held = await browser.post("/family/book/hold", data=NINE)
    assert held.status_code == 303
    form = await browser.get(held.headers["location"])
    assert "We hold this time for you until" in form.text
    hold_id = str(held.headers["location"]).rpartition("/")[2]

    done = await browser.post("/family/book", data=NINE | {"hold_id": hold_id, "topic": TOPIC})
    assert done.status_code == 303
    page = await browser.get(done.headers["location"])
    assert heading(page) == "Your session"
    assert "Your session is booked." in page.text
    assert "Step 3 of 3" in page.text
    assert "O&#39;Neil &amp; &lt;b&gt;Müller&lt;/b&gt;: Wochenende? 你好 مرحبا" in page.text
    assert "Tomorrow, 9:00 to 9:20 am" in page.text
    assert "with your family therapist" in page.text


async def test_a_taken_time_keeps_what_was_typed_and_offers_the_nearest_in_the_same_form(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    neighbours = await add_neighbours(services, world)
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)
        await booked(other)

    refused = await browser.post("/family/book", data=NINE | {"topic": TOPIC, "zone": "America/New_York"})

    assert refused.status_code == 409
    assert "Someone else has just taken that time." in refused.text
    assert "O&#39;Neil &amp; &lt;b&gt;Müller" in refused.text
    offered = re.findall(r'type="radio" name="starts_at" value="([^"]+)"', refused.text)
    assert offered[0] == iso(TUESDAY_NINE + STEP)
    assert "Tuesday 3 November, 12:25 pm" in refused.text
    assert await booked(browser, starts_at=offered[0], topic=TOPIC)


async def test_a_taken_time_is_told_on_the_way_to_the_form_too(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    neighbours = await add_neighbours(services, world)
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)
        await other.post("/family/book/hold", data=NINE)

    refused = await browser.post("/family/book/hold", data=NINE)

    assert refused.status_code == 409
    assert iso(TUESDAY_NINE + STEP) in refused.text


async def test_a_second_session_at_the_same_time_is_told_apart_from_a_taken_one(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await add_colleague(services, world)
    await booked(browser)

    refused = await browser.post("/family/book", data=NINE)

    assert refused.status_code == 409
    assert "You have another session at that time." in refused.text


@pytest.mark.parametrize(
    ("starts_at", "words"),
    [
        ("2026-10-01T16:00Z", "That time is past or too soon."),
        ("2026-11-02T17:30Z", "That time is past or too soon."),
        ("2027-11-03T17:00Z", "That time is too far ahead."),
        ("2026-11-03T17:01Z", "Please choose one of the times on the list."),
        ("2026-11-03T17:00", "Please choose one of the times on the list."),
        ("soon", "Please choose one of the times on the list."),
        ("9999-12-31T23:55-23:00", "Please choose one of the times on the list."),
        ("", "Please fill this in."),
    ],
)
async def test_a_time_that_cannot_be_is_told_beside_its_field_and_nothing_typed_is_lost(
    world: World, browser: httpx2.AsyncClient, starts_at: str, words: str
) -> None:
    for path in ("/family/book", "/family/book/hold"):
        refused = await browser.post(
            path, data={"kind_id": CHECK_IN.id, "starts_at": starts_at, "topic": TOPIC}
        )

        assert refused.status_code == 422
        assert words in refused.text
        assert "Müller" in refused.text


async def test_a_topic_that_is_too_long_is_kept_with_the_chosen_time(
    world: World, browser: httpx2.AsyncClient
) -> None:
    refused = await browser.post("/family/book", data=NINE | {"topic": "x" * 2001})

    assert refused.status_code == 422
    assert "Please keep this under 2,000 characters." in refused.text
    assert f'name="starts_at" value="{NINE["starts_at"]}"' in refused.text


async def test_a_hold_that_is_over_says_so(world: World, browser: httpx2.AsyncClient, clock: Clock) -> None:
    held = await browser.post("/family/book/hold", data=NINE)
    clock.move(minutes=10)

    assert (await browser.get(held.headers["location"])).status_code == 410


async def test_another_time_is_chosen_by_letting_the_first_go(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    held = await browser.post("/family/book/hold", data=NINE | {"zone": "Asia/Tokyo"})
    path = str(held.headers["location"]).partition("?")[0]

    back = await browser.post(f"{path}/release", data={"zone": "Asia/Tokyo"})

    assert back.headers["location"] == "/family/book?kind_id=check_in&zone=Asia%2FTokyo"
    assert (await counts(services)).holds == 0


async def test_the_list_is_read_in_another_zone_that_goes_with_the_reader(
    world: World, browser: httpx2.AsyncClient
) -> None:
    zones = await browser.get("/family/book?choose_zone=1")
    listed = await browser.get("/family/book?kind_id=check_in&zone=America/New_York")
    held = await browser.post("/family/book/hold", data=NINE | {"zone": "America/New_York"})
    form = await browser.get(held.headers["location"])
    unknown = await browser.get("/family/book?zone=Mars/Olympus")

    assert '<option value="Europe/Berlin">Berlin time (Europe/Berlin)</option>' in zones.text
    assert "<strong>Eastern time</strong>" in listed.text
    assert "Tuesday 3 November, 12:00 noon" in listed.text
    assert "Tuesday 3 November, 12:00 noon to 12:20 pm" in form.text
    assert "<strong>Pacific time</strong>" in unknown.text


async def test_later_weeks_are_a_link_away_and_the_last_one_leads_back(
    world: World, browser: httpx2.AsyncClient
) -> None:
    first = await browser.get("/family/book")
    beyond = await browser.get("/family/book?since=2027-01-01")

    assert "since=2026-11-09" in first.text
    assert "There are free times in other weeks." in beyond.text
    assert "since=2026-11-30" in beyond.text


async def test_a_family_with_nothing_to_book_is_told_what_to_do(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    family = await add_family(services)
    await sign_in(services, browser, family.mother)

    assert "There is nothing to book yet" in (await browser.get("/family/book")).text
    assert "We cannot show or book sessions for you" in (await browser.get("/family")).text
    assert "You are not in a program yet" in (await browser.get("/family/program")).text


async def test_without_a_release_neither_list_nor_sessions_are_shown(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    path = await booked(browser)
    release = (await services.database.read(lambda tx: consent.of_client(tx, world.family.client.id)))[0]
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=services.now()))

    assert "We cannot book a session for you at the moment." in (await browser.get("/family/book")).text
    assert (await browser.post("/family/book", data=NINE)).status_code == 403
    assert "9:00" not in (await browser.get("/family")).text
    assert (await browser.get(path)).status_code == 404


async def test_the_first_page_puts_what_comes_next_on_top_and_opens_the_door_in_time(
    services: Services, world: World, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    empty = await browser.get("/family")
    await booked(browser)
    await booked(browser, starts_at=iso(TUESDAY_NINE + timedelta(days=1)))

    early = await browser.get("/family")
    clock.at = TUESDAY_NINE - timedelta(minutes=12)
    await sign_in(services, browser, world.family.mother)
    soon = await browser.get("/family")

    assert "Nothing is booked yet" in empty.text
    assert "The waiting room opens 20 minutes before, at 8:40 am." in early.text
    assert "in 24 hours" in early.text
    assert "in 12 minutes" in soon.text
    assert "Go to the waiting room" in soon.text
    assert soon.text.index("Today, 9:00 to 9:20 am") < soon.text.index("Tomorrow, 9:00 to 9:20 am")


async def test_a_session_is_moved_in_two_steps_and_may_be_left_where_it_is(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    path = await booked(browser)
    later = iso(TUESDAY_NINE + 2 * STEP)

    listed = await browser.get(f"{path}/move")
    asked = await browser.get(f"{path}/move?starts_at={later}")
    moved = await browser.post(f"{path}/move", data={"starts_at": later, "reason": "Work called"})
    page = await browser.get(moved.headers["location"])

    assert f"starts_at={later.replace(':', '%3A')}" in listed.text
    assert iso(TUESDAY_NINE) not in re.findall(r"starts_at=([^&\"]+)", listed.text)
    assert heading(asked) == "Move your session?"
    assert "9:50 to 10:10 am" in asked.text
    assert "Your session has moved." in page.text
    assert "Work called" in page.text
    assert len(await rows(services, session_rows)) == 1


async def test_a_move_to_a_time_that_is_gone_offers_the_nearest_and_keeps_the_reason(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    path = await booked(browser)
    neighbours = await add_neighbours(services, world)
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)
        await booked(other, starts_at=iso(TUESDAY_NINE + STEP))

    refused = await browser.post(
        f"{path}/move", data={"starts_at": iso(TUESDAY_NINE + STEP), "reason": "Dentist's"}
    )
    past = await browser.post(f"{path}/move", data={"starts_at": "2026-10-01T16:00Z", "reason": "Dentist's"})

    assert (refused.status_code, past.status_code) == (409, 422)
    assert "Dentist&#39;s" in refused.text
    assert "Dentist&#39;s" in past.text
    assert "Your session stays as it is." in refused.text
    assert f'value="{iso(TUESDAY_NINE + 2 * STEP)}"' in refused.text


async def test_a_session_is_cancelled_after_a_question_and_frees_its_time(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    path = await booked(browser)

    asked = await browser.get(f"{path}/cancel")
    too_long = await browser.post(f"{path}/cancel", data={"reason": "x" * 501})
    cancelled = await browser.post(f"{path}/cancel", data={"reason": "We are well"})
    page = await browser.get(cancelled.headers["location"])
    again = await browser.post(f"{path}/cancel")

    assert heading(asked) == "Cancel your session?"
    assert too_long.status_code == 422
    assert "Please keep this under 500 characters." in too_long.text
    assert heading(page) == "This session is cancelled"
    assert "Your session is cancelled." in page.text
    assert again.status_code == 410
    assert (await counts(services)).ticks == 0
    assert await booked(browser)


async def test_a_foreign_session_looks_like_one_that_is_not_there(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    path = await booked(browser)
    neighbours = await add_neighbours(services, world)
    missing = "/family/sessions/aaaaaaaaaaaaaaaaaaaa"
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)
        for tail in ("", "/move", "/cancel"):
            foreign, absent = await other.get(path + tail), await other.get(missing + tail)
            assert (foreign.status_code, foreign.text) == (404, absent.text.replace(missing, path))
        for tail, data in (("/cancel", {}), ("/move", {"starts_at": iso(TUESDAY_NINE + STEP)})):
            assert (await other.post(path + tail, data=data)).status_code == 404

    assert [row.status for row in await rows(services, booking_rows)] == ["booked"]


async def test_a_foreign_hold_looks_like_one_that_is_not_there(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    held = await browser.post("/family/book/hold", data=NINE)
    neighbours = await add_neighbours(services, world)
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)

        assert (await other.get(held.headers["location"])).status_code == 404
        assert (await other.post(held.headers["location"] + "/release")).status_code == 404
    assert (await counts(services)).holds == 1


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
async def test_staff_cannot_book_as_a_family(
    services: Services, browser: httpx2.AsyncClient, role: Role
) -> None:
    await add_world(services)
    person = await add_person(services, f"Staff {role}", role)
    await sign_in(services, browser, person)

    assert (await browser.post("/family/book", data=NINE)).status_code == 403
    assert (await browser.get("/family/book")).status_code == 403
    assert (await counts(services)).sessions == 0


async def test_nobody_signed_in_is_asked_to_sign_in(services: Services, browser: httpx2.AsyncClient) -> None:
    await add_world(services)

    assert (await browser.get("/family/book")).status_code == 401
    assert (await browser.post("/family/book", data=NINE)).status_code == 401


async def test_of_sixty_four_bookings_of_one_time_at_once_one_succeeds(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    before = len(await entries(services))
    browsers = [browser]
    for number in range(63):
        family = await add_neighbours(services, world, f"Family{number}")
        browsers.append(new_browser(app))
        await sign_in(services, browsers[-1], family.family.mother)

    answers = await asyncio.gather(
        *(one.post("/family/book", data=NINE | {"topic": TOPIC}) for one in browsers)
    )

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(303), statuses.count(409)) == (1, 63)
    kept = await counts(services)
    assert (kept.sessions, kept.places, kept.bookings, kept.ticks, kept.links, kept.notices) == (
        1,
        2,
        1,
        9,
        1,
        2,
    )
    booked_entries = [one for one in (await entries(services))[before:] if one[0] == "session.booked"]
    assert booked_entries == [("session.booked", "success")]
    for one in browsers[1:]:
        await one.aclose()
