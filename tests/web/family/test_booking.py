"""Booking as a browser without JavaScript sees it: the list, the form, what is refused."""

import re

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.people import Role
from scheduler.domain.times import iso
from scheduler.services import Services
from scheduler.storage import kinds
from tests.builders import add_family, add_person
from tests.conftest import Clock, new_browser
from tests.joining import heading
from tests.scheduling import (
    CHECK_IN,
    NINE,
    STEP,
    TUESDAY_NINE,
    World,
    add_neighbours,
    add_world,
    booked,
    counts,
    entries,
)
from tests.signing_in import sign_in

TOPIC = "O'Neil & <b>Müller</b>: Wochenende? 你好 مرحبا"


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
    assert "That time is not free any more." in refused.text
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
    other = CHECK_IN.__class__("long", "Long talk", 60)
    await services.database.write(lambda tx: kinds.add(tx, other, offered_by=[world.family.clinician.id]))
    await booked(browser)

    refused = await browser.post("/family/book", data=NINE | {"kind_id": "long"})

    assert refused.status_code == 409
    assert "You have another session at that time." in refused.text


async def test_a_form_sent_twice_leads_to_the_one_session(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    held = await browser.post("/family/book/hold", data=NINE)
    hold_id = str(held.headers["location"]).rpartition("/")[2]
    form = NINE | {"hold_id": hold_id, "topic": TOPIC, "zone": "Asia/Tokyo"}

    first, again = [await browser.post("/family/book", data=form) for _ in range(2)]

    assert (first.status_code, again.status_code) == (303, 303)
    assert again.headers["location"] == first.headers["location"]
    assert (await counts(services)).sessions == 1


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


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("topic", "x" * 2001, "What would you like to talk about? Please keep this under 2,000 characters."),
        ("starts_at", "", "The time: Please fill this in."),
        ("kind_id", "", "What to book: Please fill this in."),
    ],
)
async def test_the_list_of_errors_calls_each_field_as_its_label_does_and_leads_to_it(
    world: World, browser: httpx2.AsyncClient, field: str, typed: str, words: str
) -> None:
    refused = await browser.post("/family/book", data=NINE | {field: typed})

    assert f'<a href="#f-{field}">{words}</a>' in refused.text
    assert f'id="f-{field}"' in refused.text


async def test_a_topic_that_is_too_long_is_kept_with_the_chosen_time(
    world: World, browser: httpx2.AsyncClient
) -> None:
    refused = await browser.post("/family/book", data=NINE | {"topic": "x" * 2001})

    assert refused.status_code == 422
    assert "Please keep this under 2,000 characters." in refused.text
    assert f'name="starts_at" value="{NINE["starts_at"]}"' in refused.text


@pytest.mark.parametrize("what", ["lapsed", "used", "replaced", "let go", "unknown"])
async def test_a_hold_that_is_over_leads_to_the_list_of_times(
    world: World, browser: httpx2.AsyncClient, clock: Clock, what: str
) -> None:
    held = await browser.post("/family/book/hold", data=NINE | {"zone": "Asia/Tokyo"})
    path, _, query = str(held.headers["location"]).partition("?")
    if what == "lapsed":
        clock.move(minutes=10)
    elif what == "used":
        await booked(browser, hold_id=path.rpartition("/")[2])
    elif what == "replaced":
        await browser.post("/family/book/hold", data=NINE | {"starts_at": iso(TUESDAY_NINE + STEP)})
    elif what == "let go":
        await browser.post(f"{path}/release")
    else:
        path = "/family/book/nobodyisnamedthis000"

    over = await browser.get(f"{path}?{query}")

    assert over.status_code == 410
    assert heading(over) == "This time is not kept for you any more"
    assert "for 10 minutes" in over.text
    assert 'href="/family/book?zone=Asia%2FTokyo"><span>Choose a time' in over.text
    if what != "lapsed":
        assert (await browser.post(f"{path}/release")).status_code == 410


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


@pytest.mark.parametrize("since", ["0001-01-01", "9999-12-31", "1999-12-31", "2200-01-01", "nonsense"])
async def test_a_day_out_of_reach_shows_the_first_free_times(
    world: World, browser: httpx2.AsyncClient, since: str
) -> None:
    page = await browser.get(f"/family/book?since={since}")
    first = await browser.get("/family/book")

    assert page.status_code == 200
    assert page.text == first.text


@pytest.mark.parametrize("since", ["2000-01-01", "2199-12-31"])
async def test_a_day_far_away_is_answered(world: World, browser: httpx2.AsyncClient, since: str) -> None:
    assert (await browser.get(f"/family/book?since={since}")).status_code == 200


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


async def test_a_foreign_hold_looks_like_one_that_is_not_there(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    held = await browser.post("/family/book/hold", data=NINE)
    neighbours = await add_neighbours(services, world)
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)

        foreign = await other.get(held.headers["location"])
        absent = await other.get("/family/book/nobodyisnamedthis000")
        assert (foreign.status_code, foreign.text) == (absent.status_code, absent.text)
        assert (await other.post(held.headers["location"] + "/release")).status_code == 410
    assert (await counts(services)).holds == 1
    assert (await entries(services))[-3:] == [
        ("access.denied", "denied"),
        ("access.denied", "denied"),
        ("hold.released", "denied"),
    ]


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
