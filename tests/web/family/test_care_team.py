"""A session with several clinicians at once, as the family and each of the clinicians see it."""

from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions import proofs, waiting
from scheduler.actions.waiting import Details
from scheduler.domain.people import Person, Role
from scheduler.domain.times import iso
from scheduler.services import Services
from tests.builders import add_person
from tests.conftest import Clock, new_browser
from tests.scheduling import (
    AT_NINE,
    CARE_TEAM,
    NINE,
    TUESDAY_NINE,
    World,
    add_care_team,
    add_neighbours,
    book,
    booked,
    counts,
    join_team,
)
from tests.signing_in import sign_in

ALL = NINE | {"kind_id": CARE_TEAM.id}
BOTH = "your family therapist and your psychiatrist"
LIST = f"/family/book?kind_id={CARE_TEAM.id}"


@pytest.fixture
async def psychiatrist(services: Services, world: World) -> Person:
    """Who is met together with the therapist."""
    return await add_care_team(services, world)


async def wait_outside(services: Services, world: World, session_id: str) -> None:
    """Let the mother come to the door and sit down in the waiting room."""
    place = (await proofs.prove_signed_in(services, world.mother, session_id)).place
    await waiting.read_notice(services, world.mother, place)
    details = Details("Rosa Rivera", "12 Elm Street, Oakland", "510 555 0142")
    await waiting.tell_details(services, world.mother, place, details)
    await waiting.begin_to_wait(services, world.mother, place)


async def test_from_the_list_to_the_move_the_pages_say_with_whom_and_name_nobody(
    world: World, psychiatrist: Person, browser: httpx2.AsyncClient
) -> None:
    kinds = (await browser.get("/family/book")).text
    times = (await browser.get(LIST)).text
    held = await browser.post("/family/book/hold", data=ALL)
    form = (await browser.get(held.headers["location"])).text
    session = await booked(browser, **ALL, hold_id=str(held.headers["location"]).rpartition("/")[2])
    pages = [(await browser.get(path)).text for path in (session, f"{session}/move", "/family")]

    assert f"50 minutes with {BOTH}" in kinds
    assert f"You meet {BOTH} together." in times
    assert "With anyone" not in times
    assert 'aria-label="Tuesday 3 November, 9:00 am"' in times
    assert all(f"with {BOTH}" in page for page in (form, *pages))
    for page in (kinds, times, form, *pages):
        assert psychiatrist.name not in page
        assert world.family.clinician.name not in page


async def test_with_one_of_them_gone_meanwhile_the_form_comes_back_with_times_for_both(
    services: Services, world: World, psychiatrist: Person, browser: httpx2.AsyncClient
) -> None:
    neighbours = await add_neighbours(services, world)
    await join_team(services, neighbours, psychiatrist)
    await book(services, neighbours, AT_NINE.__class__(AT_NINE.kind_id, TUESDAY_NINE, duty="psychiatrist"))
    before = await counts(services)

    refused = await browser.post("/family/book", data=ALL | {"topic": "The new plan"})

    assert refused.status_code == 409
    assert "The new plan" in refused.text
    assert f'value="{iso(TUESDAY_NINE + timedelta(minutes=30))}"' in refused.text
    assert f'name="starts_at" value="{iso(TUESDAY_NINE)}"' not in refused.text
    assert await counts(services) == before


async def test_whoever_of_them_is_there_first_opens_the_room_and_lets_people_in(
    services: Services,
    world: World,
    psychiatrist: Person,
    browser: httpx2.AsyncClient,
    app: Starlette,
    clock: Clock,
) -> None:
    session_id = (await booked(browser, **ALL)).rpartition("/")[2]
    clock.at = TUESDAY_NINE - timedelta(minutes=5)
    await wait_outside(services, world, session_id)
    async with new_browser(app) as late, new_browser(app) as theirs:
        await sign_in(services, late, world.family.clinician)
        await sign_in(services, theirs, psychiatrist)

        today = (await theirs.get("/clinician")).text
        opened = await theirs.post(f"/clinician/sessions/{session_id}/open")
        mother = {"person_id": world.family.mother.id}
        admitted = await theirs.post(f"/clinician/sessions/{session_id}/admit", data=mother)
        host_sees = (await late.get(f"/clinician/sessions/{session_id}")).text

    assert "Rosa Rivera" in today
    assert "12 Elm Street, Oakland" in today
    assert world.family.clinician.name in today
    assert (opened.status_code, admitted.status_code) == (303, 303)
    assert "let in at" in host_sees
    assert f"With <bdi>{psychiatrist.name}</bdi>, psychiatrist" in host_sees
    assert "is in before one of you" in host_sees


async def test_the_desk_counts_it_for_each_of_them(
    services: Services, world: World, psychiatrist: Person, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    await booked(browser, **ALL)
    async with new_browser(app) as desk:
        await sign_in(services, desk, await add_person(services, "Nadia Coord", Role.COORDINATOR))
        page = (await desk.get("/coordinator")).text

    assert f"<bdi>{world.family.clinician.name}</bdi>, <bdi>{psychiatrist.name}</bdi>" in page
    assert page.count('data-label="Booked">1<') == 2
