"""The desk's lists as a coordinator's browser sees them: the way to each, search, pages, files."""

import csv
import io
from dataclasses import replace

import httpx2
import pytest

from scheduler.actions.groups import join_waitlist, take_places
from scheduler.domain.audit import Event
from scheduler.domain.lists import HEADINGS, LONGEST_SEARCH, PAGE_ROWS, Listing
from scheduler.domain.people import Person, Role
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.database import Transaction
from tests.builders import add_family, add_person
from tests.groups import add_group, add_members
from tests.households import add_coordinator, add_relative, keep_apart
from tests.joining import heading
from tests.log import events
from tests.proposals import ask
from tests.scheduling import World, add_neighbours, add_world
from tests.signing_in import sign_in


@pytest.fixture
async def world(services: Services, browser: httpx2.AsyncClient) -> World:
    """A family; a coordinator of its care team is signed in at ``browser``."""
    made = await add_world(services)
    coordinator, _ = await add_coordinator(services, made)
    await sign_in(services, browser, coordinator)
    return made


async def cells(browser: httpx2.AsyncClient, listing: Listing, words: str = "") -> list[list[str]]:
    """Return the rows of a list's file."""
    file = await browser.get(f"/coordinator/{listing}.csv", params={"q": words} if words else {})
    assert file.status_code == 200
    return list(csv.reader(io.StringIO(file.text, newline="")))


@pytest.mark.parametrize("listing", Listing)
async def test_an_empty_list_says_so_kindly_and_offers_no_search(
    services: Services, browser: httpx2.AsyncClient, listing: Listing
) -> None:
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    await sign_in(services, browser, tom)

    page = await browser.get(f"/coordinator/{listing}")

    assert page.status_code == 200
    assert '<div class="empty">' in page.text
    assert 'role="search"' not in page.text
    assert await cells(browser, listing) == [list(HEADINGS[listing])]


async def test_the_desk_leads_to_each_list_and_each_list_to_the_others(
    world: World, browser: httpx2.AsyncClient
) -> None:
    for path in ("/coordinator", *(f"/coordinator/{listing}" for listing in Listing)):
        page = (await browser.get(path)).text
        assert all(f'href="/coordinator/{listing}"' in page for listing in Listing), path
    assert 'Families <span class="count">1</span>' in (await browser.get("/coordinator")).text


async def test_a_family_is_found_and_leads_to_its_page(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await add_neighbours(services, world)
    father = await add_relative(services, world, "Daniel Rivera", "father", is_guardian=True)
    await keep_apart(services, world, world.family.mother, father)

    page = await browser.get("/coordinator/families", params={"q": "DANIEL father"})

    assert heading(page) == "Families"
    assert f'href="/coordinator/families/{world.family.client.id}"' in page.text
    assert "1 of 1 shows <q><bdi>DANIEL father</bdi></q>." in page.text
    assert "<bdi>Daniel Rivera</bdi> (father, guardian)" in page.text
    assert "some kept apart" in page.text
    assert 'value="DANIEL father"' in page.text
    assert 'href="/coordinator/families.csv?q=DANIEL+father"' in page.text
    assert "Baker" not in page.text


async def test_a_search_without_a_find_says_so_and_leads_back(
    world: World, browser: httpx2.AsyncClient
) -> None:
    page = await browser.get("/coordinator/families", params={"q": "<b>Baker"})

    assert "Nothing here shows all of that" in page.text
    assert 'value="&lt;b&gt;Baker"' in page.text
    assert '<a href="/coordinator/families">Show all 1</a>' in page.text
    assert "Download" not in page.text


@pytest.mark.parametrize("listing", Listing)
async def test_a_search_that_is_too_long_is_refused_beside_the_field_and_kept(
    world: World, browser: httpx2.AsyncClient, listing: Listing
) -> None:
    words = "x" * (LONGEST_SEARCH + 1)

    page = await browser.get(f"/coordinator/{listing}", params={"q": words})
    file = await browser.get(f"/coordinator/{listing}.csv", params={"q": words})

    assert (page.status_code, file.status_code) == (422, 422)
    assert page.text.count(f"Please use {LONGEST_SEARCH} characters or fewer.") == 2
    assert f'value="{words}"' in page.text


async def test_a_file_is_a_spreadsheets_with_a_name_that_hints_at_nothing(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    file = await browser.get("/coordinator/families.csv")

    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == 'attachment; filename="list-people.csv"'
    assert file.headers["cache-control"] == "no-store"
    assert file.content.count(b"\r\n") == 2
    assert (await events(services)).count(Event.LIST_EXPORTED) == 1


async def test_the_file_holds_what_was_searched_for(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    aunt = await add_relative(services, world, "Zoë Rivera")
    await ask(services, world, [aunt])

    found = await cells(browser, Listing.HOLDS, "wednesday rosa")

    assert [row[1:5] for row in found[1:]] == [
        ["2026-11-04 09:00", "2026-11-04 09:20", "America/Los_Angeles", "Check-in"]
    ]
    assert "Zoë Rivera (aunt)" in (await cells(browser, Listing.FAMILIES))[1][1]


async def test_a_name_that_a_spreadsheet_would_work_out_is_made_harmless(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    formula = Person(services.new_id(), Role.CLIENT, '=HYPERLINK("http://x")', "x@people.test", "UTC")
    tom = next(one for one in await services.database.read(people.everyone) if one.role is Role.COORDINATOR)
    family = await add_family(services, "Cole")

    def work(tx: Transaction) -> None:
        people.add(tx, formula, created_at=services.now())
        people.add_client(tx, replace(people.client(tx, family.client.id), person_id=formula.id))
        people.add_to_care_team(tx, client_id=formula.id, person_id=tom.id)

    await services.database.write(work)

    assert "'" + formula.name in [row[0] for row in await cells(browser, Listing.FAMILIES)]


async def test_a_long_list_comes_in_pages_that_carry_the_search(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    group = await add_group(services, capacity=1)
    inside, *waiting = await add_members(services, PAGE_ROWS + 2)
    await take_places(services, inside.actor, group.session.id)
    for one in waiting:
        await join_waitlist(services, one.actor, group.session.id)
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    await sign_in(services, browser, tom)

    first = (await browser.get("/coordinator/waitlists?q=another+team")).text
    second = (await browser.get("/coordinator/waitlists?q=another+team&page=2")).text
    beyond = (await browser.get("/coordinator/waitlists?q=another+team&page=77")).text

    assert f"These are 1 to {PAGE_ROWS}." in first
    assert 'href="/coordinator/waitlists?q=another+team&amp;page=2"' in first
    assert f"These are {PAGE_ROWS + 1} to {PAGE_ROWS + 1}." in second
    assert "Page 2 of 2" in beyond
    assert "Number" not in first + second
    assert len(await cells(browser, Listing.WAITLISTS)) == 1 + len(waiting)
