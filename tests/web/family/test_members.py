"""Several of one family in a session, as pages show it: whom to invite, what a refusal says, who leaves."""

import re
from dataclasses import replace

import httpx2
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from scheduler.actions.booking import book_session
from scheduler.domain.availability import Kind
from scheduler.domain.people import Person
from scheduler.services import Services
from scheduler.storage import kinds as kept_kinds
from scheduler.storage.tables import kinds, places
from tests.conftest import new_browser
from tests.households import add_relative, as_actor, keep_apart
from tests.joining import heading
from tests.scheduling import AT_NINE, NINE, World, add_colleague, booked, rows
from tests.signing_in import sign_in
from tests.told import told

LONG = Kind("long", "Long talk", 50)


@pytest.fixture
async def aunt(services: Services, world: World) -> Person:
    """An aunt with a release."""
    return await add_relative(services, world, "Joan <b>Rivera", "aunt")


def ticked(*people: Person) -> dict[str, str]:
    return {f"with-{one.id}": "yes" for one in people}


def checkboxes(page: httpx2.Response) -> dict[str, bool]:
    """Return the ids of those who may be chosen, and whether they are."""
    found = re.findall(r'<input type="checkbox" [^>]*name="with-(\w+)"[^>]*?( checked)?>', page.text)
    assert len(found) == page.text.count('type="checkbox"')
    return {person_id: bool(is_checked) for person_id, is_checked in found}


async def seats(services: Services) -> dict[str, str]:
    return {row.person_id: row.status for row in await rows(services, places) if row.client_id}


async def test_who_was_chosen_is_carried_from_the_first_page_to_the_session(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    asked = await browser.get("/family/book/who", params={"kind_id": NINE["kind_id"]})
    assert checkboxes(asked) == {world.family.client.id: False, aunt.id: False}
    assert "Joan &lt;b&gt;Rivera" in asked.text

    times = await browser.get("/family/book", params={"kind_id": NINE["kind_id"]} | ticked(aunt))
    assert "1 other person" in times.text
    assert f'<input type="hidden" name="with-{aunt.id}" value="yes">' in times.text
    held = await browser.post("/family/book/hold", data=NINE | ticked(aunt))
    form = await browser.get(held.headers["location"])
    assert checkboxes(form) == {world.family.client.id: False, aunt.id: True}
    session = await browser.get(await booked(browser, **ticked(aunt)))

    assert "Joan &lt;b&gt;Rivera" in session.text
    assert await seats(services) == {world.family.mother.id: "booked", aunt.id: "booked"}


async def test_a_missing_member_is_told_beside_the_field_and_all_is_kept(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    await services.database.write(lambda tx: tx.execute(update(kinds).values(client_part="must")))

    refused = await browser.post("/family/book", data=NINE | {"topic": "Sleep"} | ticked(aunt))

    assert refused.status_code == 422
    assert heading(refused) == "Who takes part?"
    assert refused.text.count("The person in the program takes part in this session.") == 2
    assert 'href="#f-members"' in refused.text
    assert checkboxes(refused) == {world.family.client.id: False, aunt.id: True}
    assert "Sleep</textarea>" in refused.text
    times = await browser.get("/family/book", params={"kind_id": NINE["kind_id"]})
    assert f'name="with-{world.family.client.id}"' in times.text


async def test_a_member_who_is_elsewhere_is_told_without_a_name_and_with_other_times(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    await services.database.write(lambda tx: tx.execute(update(kinds).values(pause_after=0)))
    await book_session(services, as_actor(world, aunt), AT_NINE)

    refused = await browser.post("/family/book", data=NINE | ticked(aunt, world.family.client))

    assert refused.status_code == 409
    assert "Somebody you chose is not free then." in refused.text
    assert checkboxes(refused) == {world.family.client.id: True, aunt.id: True}
    offered = re.findall(r'type="radio" name="starts_at" value="([^"]+)"', refused.text)
    assert await booked(browser, starts_at=offered[0], **ticked(aunt))


async def test_somebody_kept_apart_is_refused_like_somebody_who_does_not_exist(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    await keep_apart(services, world, aunt, world.family.mother)
    unknown = (f"with-{aunt.id}", "with-nobodyisnamedthis000")

    for name in unknown:
        held = await browser.post("/family/book/hold", data=NINE | {name: "yes"})
        assert set(checkboxes(await browser.get(held.headers["location"]))) == {world.family.client.id}
    path = await booked(browser)
    for address in ("/family/book", f"{path}/members"):
        answers = [await browser.post(address, data=NINE | {name: "yes"}) for name in unknown]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert told(answers[0]) == told(answers[1])


async def test_members_are_changed_on_a_page_of_their_own(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    path = await booked(browser, **ticked(aunt))

    page = await browser.get(f"{path}/members")
    assert checkboxes(page) == {world.family.client.id: False, aunt.id: True}
    saved = await browser.post(f"{path}/members", data=ticked(world.family.client))
    shown = await browser.get(saved.headers["location"])

    assert "It is saved who takes part." in shown.text
    assert await seats(services) == {
        world.family.mother.id: "booked",
        world.family.client.id: "booked",
        aunt.id: "cancelled",
    }


@pytest.mark.parametrize(
    ("rules", "refusal"),
    [({"needs_guardian": True}, (422, "A parent or guardian takes part")), ({}, (409, "is not free then"))],
)
async def test_a_change_of_members_that_cannot_be_is_told_beside_the_field(
    services: Services,
    world: World,
    browser: httpx2.AsyncClient,
    aunt: Person,
    rules: dict[str, object],
    refusal: tuple[int, str],
) -> None:
    path = await booked(browser)
    if rules:
        await services.database.write(lambda tx: tx.execute(update(kinds).values(**rules)))
    else:
        colleague = await add_colleague(services, world)
        await services.database.write(lambda tx: kept_kinds.add(tx, LONG, offered_by=[colleague.id]))
        await book_session(services, as_actor(world, aunt), replace(AT_NINE, kind_id=LONG.id))

    refused = await browser.post(f"{path}/members", data=ticked(aunt))

    status, words = refusal
    assert refused.status_code == status
    assert refused.text.count(words) >= 2
    assert checkboxes(refused)[aunt.id]


async def test_whoever_cannot_come_gives_up_their_place_and_is_told_what_becomes_of_the_session(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person, app: Starlette
) -> None:
    path = await booked(browser, **ticked(aunt))
    async with new_browser(app) as other:
        await sign_in(services, other, aunt)
        asked = await other.get(f"{path}/cancel")
        assert "The session goes on without you." in asked.text
        assert "for everyone" not in asked.text
        assert (await other.post(f"{path}/cancel", data={"scope": "all"})).status_code == 403
        assert (await other.get(f"{path}/members")).status_code == 403
        left = await other.post(f"{path}/cancel")
        assert "You gave up your place." in (await other.get(left.headers["location"])).text

    assert (await seats(services))[world.family.mother.id] == "booked"
    assert "It is called off for everyone" not in (await browser.get(f"{path}/cancel")).text


async def test_whoever_is_needed_is_told_before_that_the_session_cannot_be_held_without_them(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    await services.database.write(lambda tx: tx.execute(update(kinds).values(client_part="must")))
    client = world.family.client
    path = await booked(browser, **ticked(client))
    async with new_browser(app) as other:
        await sign_in(services, other, client)
        asked = await other.get(f"{path}/cancel")

        assert "It is called off for everyone" in asked.text
        left = await other.post(f"{path}/cancel")

        assert "Your session is cancelled." in (await other.get(left.headers["location"])).text
    assert set((await seats(services)).values()) == {"cancelled"}


async def test_who_booked_may_call_it_off_for_everyone(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    path = await booked(browser, **ticked(aunt))

    assert "Cancel the session for everyone" in (await browser.get(f"{path}/cancel")).text
    await browser.post(f"{path}/cancel", data={"scope": "all", "reason": "We are well"})

    assert set((await seats(services)).values()) == {"cancelled"}
