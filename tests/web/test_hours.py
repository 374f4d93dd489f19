"""A clinician's hours and the coordinator's desk, as a browser sees them."""

import re

import httpx2
import pytest

from scheduler.actions import availability
from scheduler.actions.booking import Wish, book_session
from scheduler.domain.availability import WeeklyHours
from scheduler.domain.people import Role
from scheduler.services import Services
from tests.builders import add_person
from tests.scheduling import CHECK_IN, TUESDAY_NINE, World, add_world
from tests.signing_in import sign_in


@pytest.fixture
async def world(services: Services, browser: httpx2.AsyncClient) -> World:
    """A therapist, signed in at ``browser``, with weekday mornings."""
    made = await add_world(services)
    await sign_in(services, browser, made.family.clinician)
    return made


async def weekly(services: Services, world: World) -> tuple[WeeklyHours, ...]:
    return (await availability.see_hours(services, world.therapist)).hours.weekly


async def test_the_week_is_shown_filled_in_with_a_name_for_every_field(
    world: World, browser: httpx2.AsyncClient
) -> None:
    page = await browser.get("/clinician/hours")

    assert page.status_code == 200
    assert 'name="monday_starts_1" type="time" value="09:00"' in page.text
    assert '<span class="spoken-only">Sunday, hours 2, </span>to' in page.text
    assert "Pacific time" in page.text


async def test_the_week_is_saved_as_typed_with_empty_rows_left_out(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    week = {
        "monday_starts_1": "09:00",
        "monday_ends_1": "12:30",
        "monday_starts_2": "20:00",
        "monday_ends_2": "00:00",
        "tuesday_starts_1": "",
        "tuesday_ends_1": "",
    }

    saved = await browser.post("/clinician/hours/week", data=week)
    page = await browser.get(saved.headers["location"])

    assert saved.status_code == 303
    assert await weekly(services, world) == (WeeklyHours(0, 540, 750), WeeklyHours(0, 1200, 1440))
    assert "Your weekly hours are saved." in page.text
    assert 'name="monday_starts_3"' in page.text
    assert 'name="monday_ends_2" type="time" value="00:00"' in page.text


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        ("12:00", "09:00", "This ends before it starts."),
        ("12:00", "12:00", "This ends when it starts."),
        ("00:00", "00:00", "This is a whole day, midnight to midnight."),
        ("00:00", "24:00", "This is a whole day, midnight to midnight."),
        ("09:00", "", "Please fill this in."),
        ("09:03", "10:00", "Please enter a time like 09:00"),
        ("soon", "10:00", "Please enter a time like 09:00"),
        ("25:00", "26:00", "Please enter a time like 09:00"),
    ],
)
async def test_a_wrong_time_is_told_beside_its_field_and_the_rest_is_kept(
    services: Services, world: World, browser: httpx2.AsyncClient, starts: str, ends: str, words: str
) -> None:
    before = await weekly(services, world)
    week = {
        "monday_starts_1": starts,
        "monday_ends_1": ends,
        "friday_starts_1": "07:15",
        "friday_ends_1": "08:15",
    }

    refused = await browser.post("/clinician/hours/week", data=week)

    assert refused.status_code == 422
    assert words in refused.text
    assert 'value="07:15"' in refused.text
    assert await weekly(services, world) == before


async def test_hours_of_a_day_that_overlap_are_told_beside_the_later_row_and_nothing_typed_is_lost(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    before = await weekly(services, world)
    week = {
        "monday_starts_1": "09:00",
        "monday_ends_1": "12:00",
        "monday_starts_2": "12:00",
        "monday_ends_2": "13:00",
        "monday_starts_3": "11:30",
        "monday_ends_3": "12:30",
    }

    refused = await browser.post("/clinician/hours/week", data=week)

    assert refused.status_code == 422
    assert re.findall(r'id="f-(\w+)-error"', refused.text) == ["monday_starts_3"]
    assert "Monday, hours 3, from: This overlaps other hours of the same day.</a>" in refused.text
    assert all(f'name="{name}" type="time" value="{typed}"' in refused.text for name, typed in week.items())
    assert await weekly(services, world) == before


async def test_a_row_with_its_end_alone_is_shown_again(world: World, browser: httpx2.AsyncClient) -> None:
    refused = await browser.post("/clinician/hours/week", data={"friday_ends_4": "08:15"})

    assert refused.status_code == 422
    assert 'name="friday_ends_4" type="time" value="08:15"' in refused.text


async def test_what_is_off_or_open_already_is_told_beside_its_field(
    world: World, browser: httpx2.AsyncClient
) -> None:
    off = {"first_date": "2026-12-21", "last_date": "2026-12-25"}
    extra = {"date": "2026-11-07", "starts": "10:00", "ends": "12:00"}
    for path, typed, field in (("off", off, "first_date"), ("extra", extra, "starts")):
        assert (await browser.post(f"/clinician/hours/{path}", data=typed)).status_code == 303

        refused = await browser.post(f"/clinician/hours/{path}", data=typed)

        assert refused.status_code == 422
        assert f'id="f-{field}-error"' in refused.text
        assert all(f'value="{value}"' in refused.text for value in typed.values())


async def test_days_off_and_extra_hours_are_added_shown_and_taken_away(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await browser.post("/clinician/hours/off", data={"first_date": "2026-11-03"})
    await browser.post("/clinician/hours/off", data={"first_date": "2026-12-21", "last_date": "2027-01-01"})
    extra = {"date": "2026-11-07", "starts": "10:00", "ends": "12:00"}
    await browser.post("/clinician/hours/extra", data=extra)

    page = await browser.get("/clinician/hours")
    assert "Monday 21 December to Friday 1 January" in page.text
    assert "Saturday 7 November, 10:00 am to 12:00 noon" in page.text
    assert "Take away: Tuesday 3 November" in page.text

    rule = (await availability.see_hours(services, world.therapist)).hours.days_off[0]
    removed = await browser.post("/clinician/hours/remove", data={"rule_id": rule.id})
    page = await browser.get(removed.headers["location"])
    assert "Take away: Tuesday 3 November" not in page.text
    assert "It is taken away." in page.text


@pytest.mark.parametrize(
    ("path", "typed", "words"),
    [
        ("off", {}, "Please fill this in."),
        ("off", {"first_date": "soon"}, "Please choose a day."),
        (
            "off",
            {"first_date": "2026-11-05", "last_date": "2026-11-04"},
            "The last day comes before the first.",
        ),
        ("off", {"first_date": "2026-10-01"}, "These days are over already."),
        ("extra", {"date": "2026-11-07", "starts": "12:00", "ends": "10:00"}, "This ends before it starts."),
        (
            "extra",
            {"date": "2026-11-07", "starts": "12:01", "ends": "13:00"},
            "Please enter a time like 09:00",
        ),
        (
            "extra",
            {"date": "2025-11-07", "starts": "12:00", "ends": "13:00"},
            "Please choose a day from today on",
        ),
        ("extra", {"date": "2026-11-02", "starts": "07:00", "ends": "09:00"}, "This time is over already."),
        ("extra", {"date": "2027-03-14", "starts": "02:00", "ends": "03:00"}, "The clocks go forward"),
        ("extra", {"date": "2026-11-03", "starts": "10:00", "ends": "11:00"}, "Families can book at this"),
        ("extra", {"date": "2026-11-07", "starts": "00:00", "ends": "00:00"}, "This is a whole day"),
    ],
)
async def test_days_that_cannot_be_are_told_beside_their_field(
    world: World, browser: httpx2.AsyncClient, path: str, typed: dict[str, str], words: str
) -> None:
    refused = await browser.post(f"/clinician/hours/{path}", data=typed)

    assert refused.status_code == 422
    assert words in refused.text
    for value in typed.values():
        assert f'value="{value}"' in refused.text


async def test_an_unknown_rule_is_not_found(world: World, browser: httpx2.AsyncClient) -> None:
    assert (await browser.post("/clinician/hours/remove", data={"rule_id": "nothing"})).status_code == 404


async def test_sessions_outside_the_hours_are_listed_with_a_link(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    session = await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE))
    typed = {"first_date": "2026-11-03", "despite": session.id}
    await browser.post("/clinician/hours/off", data=typed)

    page = await browser.get("/clinician/hours")

    assert "You have sessions outside these hours." in page.text
    assert f"/clinician/sessions/{session.id}" in page.text


async def test_the_desk_shows_sessions_and_hours_of_the_coming_week(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE))
    coordinator = await add_person(services, "Nadia Coord", Role.COORDINATOR)
    await sign_in(services, browser, coordinator)

    page = await browser.get("/coordinator")

    assert page.status_code == 200
    assert "Tomorrow, 9:00 to 9:20 am" in page.text
    assert "1 family" in page.text
    assert "Rosa" not in page.text
    assert "9:00 am to 12:00 noon" in page.text
