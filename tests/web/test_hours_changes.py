"""The clinician's page of hours: its picture, what a change would strand, and its newer forms."""

import re
from html import unescape

import httpx2
import pytest

from scheduler.actions import availability
from scheduler.domain.booking import Session
from scheduler.domain.limits import Limits
from scheduler.services import Services
from tests.scheduling import CHECK_IN, World, add_world, book
from tests.signing_in import sign_in

WEEK = {"friday_starts_1": "09:00", "friday_ends_1": "12:00"}
ONLY = {"only_date": "2026-11-03", "only_starts_1": "10:00", "only_ends_1": "12:00"}
TRAVEL = {"there_from": "2026-11-03", "there_until": "2026-11-04", "there_zone": "America/New_York"}
CHANGES = {
    "week": WEEK,
    "off": {"first_date": "2026-11-03", "last_date": "2026-11-04"},
    "only": ONLY,
    "travel": TRAVEL,
    "kinds": {},
}


@pytest.fixture
async def world(services: Services, browser: httpx2.AsyncClient) -> World:
    """A therapist, signed in at ``browser``, with weekday mornings."""
    made = await add_world(services)
    await sign_in(services, browser, made.family.clinician)
    return made


async def seen(services: Services, world: World) -> availability.HoursSeen:
    return await availability.see_hours(services, world.therapist)


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page, as its form sends them."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(value) for name, value in found}


@pytest.mark.parametrize("section", CHANGES)
async def test_a_change_that_strands_a_session_shows_it_first_and_is_saved_when_sent_again(
    services: Services, world: World, browser: httpx2.AsyncClient, section: str
) -> None:
    session: Session = await book(services, world)
    before = await seen(services, world)

    shown = await browser.post(f"/clinician/hours/{section}", data=CHANGES[section])
    unchanged = await seen(services, world)
    saved = await browser.post(f"/clinician/hours/{section}", data=hidden(shown.text))

    assert shown.status_code == 409
    assert "This session is booked, and would be left out" in shown.text
    assert "Tuesday 3 November, 9:00 to 9:20 am" in shown.text
    assert f"/clinician/sessions/{session.id}" in shown.text
    assert unchanged == before
    assert saved.status_code == 303
    assert await seen(services, world) != before


async def test_going_back_keeps_what_was_typed_and_saves_nothing(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await book(services, world)
    before = await seen(services, world)
    shown = await browser.post("/clinician/hours/week", data=WEEK | {"monday_starts_1": ""})

    back = await browser.post("/clinician/hours/week", data=hidden(shown.text) | {"back": "yes"})

    assert back.status_code == 200
    assert "Nothing is saved yet." in back.text
    assert '<details class="card part" id="every-week" open>' in back.text
    assert 'name="monday_starts_1" type="time" value=""' in back.text
    assert 'name="friday_starts_1" type="time" value="09:00"' in back.text
    assert await seen(services, world) == before


async def test_boxes_that_were_cleared_stay_clear_on_the_way_back(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    back = await browser.post("/clinician/hours/kinds", data={"back": "yes"})

    assert f'name="offers_{CHECK_IN.id}" value="yes"' in back.text
    assert f'name="offers_{CHECK_IN.id}" value="yes" checked' not in back.text


async def test_where_nothing_is_stranded_a_change_is_saved_at_once(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    for section, typed in CHANGES.items():
        saved = await browser.post(f"/clinician/hours/{section}", data=typed)
        assert saved.status_code == 303, section

    after = await seen(services, world)
    page = await browser.get("/clinician/hours")
    assert (len(after.hours.extra), len(after.hours.travels), after.offered) == (1, 1, frozenset())
    assert "Tuesday 3 November to Wednesday 4 November, Eastern time" in page.text


async def test_limits_are_kept_as_typed_and_emptied_again(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    typed = {"least_notice": "48", "most_a_day": "5", "pause_before": "10", "horizon_days": ""}

    saved = await browser.post("/clinician/hours/limits", data=typed)
    limits = (await seen(services, world)).hours.limits
    page = await browser.get(saved.headers["location"])
    await browser.post("/clinician/hours/limits", data=dict.fromkeys(typed, ""))

    assert limits == Limits(pause_before=10, least_notice=48 * 60, most_a_day=5)
    assert "Your limits are saved." in page.text
    assert 'name="least_notice" type="text" value="48"' in page.text
    assert (await seen(services, world)).hours.limits == Limits()


@pytest.mark.parametrize(
    ("section", "typed", "words"),
    [
        ("limits", {"most_a_day": "many"}, "Please enter a whole number, or leave this empty."),
        ("limits", {"most_a_day": "0"}, "Please enter a number from 1 to 50."),
        ("limits", {"pause_after": "7"}, "Please enter whole steps of five minutes."),
        ("limits", {"least_notice": "999"}, "Please enter hours from 0 to 336."),
        ("only", {"only_date": "2026-11-03"}, "Please say from when."),
        ("only", {"only_starts_1": "09:00", "only_ends_1": "10:00"}, "Please fill this in."),
        ("only", ONLY | {"only_date": "2026-10-30"}, "Please choose a day from today on"),
        ("only", ONLY | {"only_starts_2": "11:00", "only_ends_2": "13:00"}, "This overlaps other hours"),
        ("travel", TRAVEL | {"there_zone": ""}, "Please fill this in."),
        ("travel", TRAVEL | {"there_zone": "Mars/Base"}, "Please choose a time zone of the list."),
        (
            "travel",
            TRAVEL | {"there_zone": "America/Los_Angeles"},
            "This is the time zone of your hours already.",
        ),
        ("travel", TRAVEL | {"there_until": "2026-11-01"}, "The last day comes before the first."),
        ("travel", TRAVEL | {"there_from": "2025-01-01", "there_until": "2025-01-02"}, "These days are over"),
    ],
)
async def test_what_cannot_be_is_told_beside_its_field_with_its_part_of_the_page_open(
    world: World, browser: httpx2.AsyncClient, section: str, typed: dict[str, str], words: str
) -> None:
    refused = await browser.post(f"/clinician/hours/{section}", data=typed)

    assert refused.status_code == 422
    assert words in refused.text
    assert len(re.findall(r'class="card part" id="[a-z-]+" open', refused.text)) == 1
    assert re.search(r'id="f-\w+-error"', refused.text)


async def test_the_picture_says_the_same_in_words_and_leads_to_other_days(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await book(services, world)
    await browser.post("/clinician/hours/off", data={"first_date": "2026-11-04"})
    await browser.post(
        "/clinician/hours/travel", data=TRAVEL | {"there_from": "2026-11-05", "there_until": ""}
    )

    page = await browser.get("/clinician/hours")
    later = await browser.get("/clinician/hours?week=2026-11-09")
    odd = await browser.get("/clinician/hours?week=soon")

    picture = page.text[
        page.text.index('<svg class="week-picture"') : page.text.index('<ul class="samples">')
    ]
    assert [picture.count(f'<rect class="{name}"') for name in ("opened", "booked", "day-off")] == [4, 1, 1]
    assert '<td data-label="Booked">9:00 to 9:20 am</td>' in page.text
    assert '<td data-label="Open">day off</td>' in page.text
    assert "(Eastern time)" in page.text
    assert "?week=2026-11-09" in page.text
    assert "Earlier days" not in page.text
    assert "?week=2026-11-02" in later.text
    assert (later.status_code, odd.status_code) == (200, 200)
