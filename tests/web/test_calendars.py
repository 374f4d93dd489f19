"""A clinician's outside calendars, as a browser sees them."""

import html

import httpx2
import pytest

from scheduler.domain.outside_calendars import Fault
from scheduler.gateways.outside_calendars import Fetched
from scheduler.services import Services
from scheduler.web.rate_limits import FETCHES_AT_ONCE
from tests.calendars_outside import ADDRESS, add_outside, file
from tests.conftest import Clock, FakeOutsideCalendars
from tests.scheduling import TUESDAY_NINE, World, add_world, book
from tests.signing_in import sign_in

PAGE = "/clinician/calendars"


@pytest.fixture
async def world(services: Services, browser: httpx2.AsyncClient) -> World:
    """A therapist, signed in at ``browser``."""
    made = await add_world(services)
    await sign_in(services, browser, made.family.clinician)
    return made


async def read(browser: httpx2.AsyncClient, path: str = PAGE) -> str:
    page = await browser.get(path)
    assert page.status_code == 200
    return html.unescape(page.text)


async def test_a_calendar_is_added_from_its_address_and_shown_by_its_name_alone(
    world: World, browser: httpx2.AsyncClient, outside: FakeOutsideCalendars
) -> None:
    outside.found[ADDRESS] = Fetched(file(TUESDAY_NINE))

    added = await browser.post(
        PAGE, data={"address": ADDRESS.replace("https", "webcal"), "label": "Hospital <b>"}
    )
    page = await browser.get(added.headers["location"])

    assert added.status_code == 303
    assert "Your calendar is added." in page.text
    assert "Hospital &lt;b&gt;" in page.text
    assert "calendar.example.test" in page.text
    assert "Last read just now." in page.text
    assert "private-5e1f" not in page.text


async def test_what_is_wrong_with_an_address_stands_beside_it_and_it_is_kept(
    world: World, browser: httpx2.AsyncClient, outside: FakeOutsideCalendars
) -> None:
    outside.found["https://inside.test/"] = Fault.PRIVATE
    for address, words in (
        ("", "Please fill this in."),
        ("calendar.test", "Please paste an address that begins with https:// or webcal://."),
        ("https://inside.test/", Fault.PRIVATE.words),
        ("https://nowhere.test/", Fault.UNREACHABLE.words),
    ):
        refused = await browser.post(PAGE, data={"address": address, "label": "Hospital"})
        text = html.unescape(refused.text)

        assert refused.status_code == 422
        assert 'id="f-address-error"' in text
        assert f"Address of the calendar: {words}" in text
        assert f'value="{address}"' in text
        assert 'value="Hospital"' in text


async def test_a_name_that_is_too_long_is_told_beside_it(world: World, browser: httpx2.AsyncClient) -> None:
    refused = await browser.post(PAGE, data={"address": ADDRESS, "label": "x" * 61})

    assert refused.status_code == 422
    assert "What you call it: Please keep this under 60 characters." in html.unescape(refused.text)


async def test_a_calendar_at_fault_says_what_is_wrong_how_old_its_copy_is_and_when_it_is_tried_again(
    services: Services, world: World, browser: httpx2.AsyncClient, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    calendar = await add_outside(services, world, outside)
    outside.found[ADDRESS] = Fault.MISSING
    clock.move(minutes=12)

    looked = await browser.post(f"{PAGE}/refresh", data={"calendar_id": calendar.id})
    text = await read(browser, looked.headers["location"])

    assert looked.status_code == 303
    assert "We have looked just now." in text
    assert Fault.MISSING.words in text
    assert "The busy times we read 12 minutes ago still count. We try again in 15 minutes." in text


async def test_looking_again_within_a_minute_says_that_it_is_fresh(
    services: Services, world: World, browser: httpx2.AsyncClient, outside: FakeOutsideCalendars
) -> None:
    calendar = await add_outside(services, world, outside)

    looked = await browser.post(f"{PAGE}/refresh", data={"calendar_id": calendar.id})

    assert "We looked less than a minute ago." in await read(browser, looked.headers["location"])
    assert len(outside.asked) == 1


async def test_a_calendar_that_was_not_looked_at_for_long_says_so(
    services: Services, world: World, browser: httpx2.AsyncClient, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    await add_outside(services, world, outside)
    assert "longer ago than it should be" not in await read(browser)
    clock.move(minutes=14)
    clock.move(hours=2)
    await sign_in(services, browser, world.family.clinician)

    assert "That is longer ago than it should be." in await read(browser)


async def test_a_removed_calendar_is_gone(
    services: Services, world: World, browser: httpx2.AsyncClient, outside: FakeOutsideCalendars
) -> None:
    calendar = await add_outside(services, world, outside)

    removed = await browser.post(f"{PAGE}/remove", data={"calendar_id": calendar.id})
    again = await browser.post(f"{PAGE}/remove", data={"calendar_id": calendar.id})

    assert "calendar.example.test" not in await read(browser, removed.headers["location"])
    assert again.status_code == 404


async def test_a_session_during_a_busy_time_is_shown_to_the_clinician(
    services: Services, world: World, browser: httpx2.AsyncClient, outside: FakeOutsideCalendars
) -> None:
    session = await book(services, world)
    await add_outside(services, world, outside)

    text = await read(browser)

    assert "Another calendar of yours is busy during a session." in text
    assert f"/clinician/sessions/{session.id}" in text
    assert "your other calendar is busy Tuesday 3 November, 9:00 to 10:00 am" in text


async def test_the_page_is_reached_from_the_hours(world: World, browser: httpx2.AsyncClient) -> None:
    assert f'href="{PAGE}"' in await read(browser, "/clinician/hours")


async def test_no_more_than_some_addresses_are_tried_in_a_row(
    world: World, browser: httpx2.AsyncClient, outside: FakeOutsideCalendars
) -> None:
    answers = [
        (await browser.post(PAGE, data={"address": f"https://{number}.test/"})).status_code
        for number in range(FETCHES_AT_ONCE + 1)
    ]

    assert answers == [422] * FETCHES_AT_ONCE + [429]
    assert len(outside.asked) == FETCHES_AT_ONCE
