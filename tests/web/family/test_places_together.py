"""Taking places in a group for several of a family: who comes is chosen in the form, without JavaScript."""

import re
from dataclasses import dataclass

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.services import Services
from tests.builders import add_release
from tests.groups import (
    Group,
    Member,
    Seats,
    add_group,
    add_members,
    add_relative,
    browser_of,
    seats,
    where_they_stand,
)

ACTIONS = re.compile(r'(?:action|formaction)="(/family/groups/[^"]+)"')


@dataclass(frozen=True)
class Table:
    """A group of two seats, a mother who looks at it, the father, and somebody of another family."""

    group: Group
    mother: Member
    father: Member
    other: Member
    browser: httpx2.AsyncClient

    @property
    def father_too(self) -> dict[str, str]:
        """What the form sends with the father ticked."""
        return {f"with-{self.father.person.id}": "yes"}


@pytest.fixture
async def table(services: Services, app: Starlette) -> Table:
    """The group."""
    group = await add_group(services)
    mother, other = await add_members(services, 2)
    father = await add_relative(services, mother, "Dan Number")
    for one in (mother, father):
        await add_release(services, one.client, one.person)
    return Table(group, mother, father, other, await browser_of(services, app, mother))


async def test_places_are_taken_for_those_who_are_ticked(services: Services, table: Table) -> None:
    page = await table.browser.get(table.group.path)
    assert "Who takes part beside you?" in page.text
    assert "<span>Take places</span>" in page.text
    assert f'name="with-{table.father.person.id}"' in page.text
    assert table.other.person.name not in page.text

    taken = await table.browser.post(f"{table.group.path}/take", data=table.father_too)

    assert taken.status_code == 303
    assert await seats(services, table.group) == Seats(taken=2, had=2, offered=0, capacity=2)


async def test_whoever_has_a_place_takes_one_for_another_later(services: Services, table: Table) -> None:
    await table.browser.post(f"{table.group.path}/take")
    page = await table.browser.get(table.group.path)

    assert "Others of your family can come too." in page.text
    assert "<span>Take places for them</span>" in page.text
    await table.browser.post(f"{table.group.path}/take", data=table.father_too)

    assert (await seats(services, table.group)).had == 2
    assert f"with-{table.father.person.id}" not in (await table.browser.get(table.group.path)).text


async def test_where_places_are_too_few_for_all_the_choice_is_kept_and_all_can_wait(
    services: Services, app: Starlette, table: Table
) -> None:
    await (await browser_of(services, app, table.other)).post(f"{table.group.path}/take")

    short = await table.browser.post(f"{table.group.path}/take", data=table.father_too)

    assert short.status_code == 409
    assert "There are not enough places left for all of you." in short.text
    ticked = rf'name="with-{table.father.person.id}" value="yes" checked'
    assert re.search(ticked, short.text)
    assert f"{table.group.path}/wait" in ACTIONS.findall(short.text)
    waits = await table.browser.post(f"{table.group.path}/wait", data=table.father_too)
    page = await table.browser.get(waits.headers["location"])
    assert "You are on the waitlist with <bdi>Dan Number</bdi>." in page.text
    assert await where_they_stand(services) == ["waiting"]


async def test_who_waits_together_takes_what_is_offered_with_one_press(
    services: Services, app: Starlette, table: Table
) -> None:
    elsewhere = await browser_of(services, app, table.other)
    await elsewhere.post(f"{table.group.path}/take")
    await table.browser.post(f"{table.group.path}/wait", data=table.father_too)
    await elsewhere.post(f"/family/sessions/{table.group.session.id}/cancel")

    page = await table.browser.get(table.group.path)
    assert "Places are free for you and <bdi>Dan Number</bdi>." in page.text
    await table.browser.post(f"{table.group.path}/take")

    assert await seats(services, table.group) == Seats(taken=2, had=2, offered=0, capacity=2)


async def test_nobody_of_another_family_is_given_a_place(services: Services, table: Table) -> None:
    stranger = {f"with-{table.other.person.id}": "yes"}

    for act in ("take", "wait"):
        assert (await table.browser.post(f"{table.group.path}/{act}", data=stranger)).status_code == 404

    assert (await seats(services, table.group)).taken == 0
