"""The care team's pages of a family: who is a guardian, and who is kept apart from whom."""

from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions.booking import book_session
from scheduler.domain.people import Person
from scheduler.services import Services
from scheduler.storage import households
from scheduler.storage.tables import places
from tests.conftest import new_browser
from tests.households import add_coordinator, add_relative
from tests.joining import heading
from tests.scheduling import AT_NINE, World, add_neighbours, add_world, rows
from tests.signing_in import sign_in
from tests.told import told


@pytest.fixture
async def world(services: Services, browser: httpx2.AsyncClient) -> World:
    """A family; a coordinator of its care team is signed in at ``browser``."""
    made = await add_world(services)
    coordinator, _ = await add_coordinator(services, made)
    await sign_in(services, browser, coordinator)
    return made


@pytest.fixture
async def father(services: Services, world: World) -> Person:
    """A father in a home of his own."""
    return await add_relative(services, world, "Daniel Rivera", "father", household="Daniel's home")


def pair(world: World, father: Person) -> dict[str, str]:
    return {"person_id": world.family.mother.id, "other_id": father.id}


def path(world: World) -> str:
    return f"/coordinator/families/{world.family.client.id}"


async def test_the_list_leads_to_the_families_of_ones_own_care_teams_alone(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    neighbours = await add_neighbours(services, world)

    page = await browser.get("/coordinator/families")

    assert f'href="{path(world)}"' in page.text
    assert "Baker" not in page.text
    answers = [await browser.get(path(neighbours)), await browser.get("/coordinator/families/nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert told(answers[0]) == told(answers[1])


async def test_a_family_shows_its_households_and_keeps_who_is_a_guardian(
    services: Services, world: World, father: Person, browser: httpx2.AsyncClient
) -> None:
    page = await browser.get(path(world))
    assert "Daniel&#39;s home" in page.text
    assert "Nobody of this family is kept apart" in page.text

    fields = {
        f"relation-{father.id}": "stepfather",
        f"household-{father.id}": "Oak Street",
        f"guardian-{father.id}": "yes",
    }
    saved = await browser.post(f"{path(world)}/members", data=fields)
    shown = await browser.get(saved.headers["location"])

    assert "It is saved who belongs to the family, and how." in shown.text
    assert shown.text.count(" checked") == 1
    for words in ("stepfather", "Oak Street"):
        assert f'value="{words}"' in shown.text


async def test_a_relation_that_is_missing_is_told_beside_it_and_the_rest_is_kept(
    world: World, father: Person, browser: httpx2.AsyncClient
) -> None:
    mother = world.family.mother
    fields = {
        f"relation-{father.id}": "",
        f"household-{father.id}": "Oak Street",
        f"relation-{mother.id}": "mother",
        f"guardian-{mother.id}": "yes",
    }

    page = await browser.post(f"{path(world)}/members", data=fields)

    assert page.status_code == 422
    assert f'href="#f-relation-{father.id}"' in page.text
    assert f"Relation of {father.name}" in page.text
    assert 'value="Oak Street"' in page.text
    assert page.text.count(" checked") == 1


async def test_two_are_kept_apart_and_meet_again_each_after_a_question(
    services: Services, world: World, father: Person, browser: httpx2.AsyncClient
) -> None:
    asked = await browser.get(f"{path(world)}/apart", params=pair(world, father))
    assert heading(asked) == "Keep them apart?"
    assert "Sessions that they share" not in asked.text

    kept = await browser.post(f"{path(world)}/apart", data=pair(world, father))
    assert "They are kept apart now." in (await browser.get(kept.headers["location"])).text
    assert (
        heading(await browser.get(f"{path(world)}/apart", params=pair(world, father)))
        == "Let them meet again?"
    )
    met = await browser.post(f"{path(world)}/meet", data=pair(world, father))

    assert "They may meet again." in (await browser.get(met.headers["location"])).text
    family = await services.database.read(lambda tx: households.family(tx, world.family.client.id))
    assert family.apart == frozenset()


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"other_id": ""}, "Apart from: Please fill this in."), ({}, "Apart from: Please choose two different")],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_whoever_is_not_chosen_well_is_told_beside_the_field(
    world: World, browser: httpx2.AsyncClient, method: str, changes: dict[str, str], words: str
) -> None:
    mother = world.family.mother.id
    form = {"person_id": mother, "other_id": mother} | changes
    sent = {"params": form} if method == "GET" else {"data": form}

    refused = await browser.request(method, f"{path(world)}/apart", **sent)  # type: ignore[arg-type]

    assert refused.status_code == 422
    assert words in refused.text
    assert f'<option value="{mother}" selected>' in refused.text
    assert (await browser.post(f"{path(world)}/meet", data=form)).status_code == 422


async def test_sessions_that_they_share_are_listed_and_one_gives_up_their_place(
    services: Services, world: World, father: Person, browser: httpx2.AsyncClient
) -> None:
    await book_session(services, world.mother, replace(AT_NINE, members=(father.id,)))

    asked = await browser.get(f"{path(world)}/apart", params=pair(world, father))
    assert "Tuesday 3 November, 9:00 to 9:20 am" in asked.text
    refused = await browser.post(f"{path(world)}/apart", data=pair(world, father))
    assert refused.status_code == 422
    assert "Please choose whose places are given up." in refused.text
    await browser.post(f"{path(world)}/apart", data=pair(world, father) | {"leaves": father.id})

    standing = {row.person_id: row.status for row in await rows(services, places)}
    assert (standing[father.id], standing[world.family.mother.id]) == ("cancelled", "booked")


async def test_family_members_see_none_of_these_pages(
    services: Services, world: World, father: Person, app: Starlette
) -> None:
    async with new_browser(app) as other:
        await sign_in(services, other, father)
        for address in ("/coordinator/families", path(world), f"{path(world)}/apart"):
            assert (await other.get(address)).status_code == 403
