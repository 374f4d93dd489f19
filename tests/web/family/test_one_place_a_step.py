"""One place in each step: whoever takes one at another time is asked to give up the other, in one act."""

from dataclasses import dataclass
from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions.groups import take_places
from scheduler.domain.credits import Credit
from scheduler.domain.errors import GroupFull, Invalid
from scheduler.services import Services
from scheduler.storage import step_credits
from tests.builders import add_release
from tests.groups import (
    EVENING,
    Group,
    Member,
    Seats,
    add_evening,
    add_group,
    add_members,
    add_relative,
    browser_of,
    seats,
)

HAD, FREE = Seats(1, 1, 0, 2), Seats(0, 0, 0, 2)


@dataclass(frozen=True)
class Weeks:
    """Two groups of one step; the mother has a place in the first."""

    first: Group
    second: Group
    mother: Member
    browser: httpx2.AsyncClient


@pytest.fixture
async def weeks(services: Services, app: Starlette) -> Weeks:
    """The two."""
    first = await add_group(services)
    second = await add_evening(services, first.host, starts_at=EVENING + timedelta(days=7))
    (mother,) = await add_members(services, 1)
    await take_places(services, mother.actor, first.session.id)
    return Weeks(first, second, mother, await browser_of(services, app, mother))


async def test_a_place_is_changed_to_another_time_in_one_act(services: Services, weeks: Weeks) -> None:
    page = await weeks.browser.get(weeks.second.path)
    assert "Change to this one?" in page.text
    assert "Thursday 5 November" in page.text
    assert f'name="instead_of" value="{weeks.first.session.id}"' in page.text

    for _ in range(2):
        changed = await weeks.browser.post(
            f"{weeks.second.path}/take", data={"instead_of": weeks.first.session.id}
        )
        assert changed.status_code == 303

    assert (await seats(services, weeks.first), await seats(services, weeks.second)) == (FREE, HAD)


async def test_nobody_is_given_a_second_place_without_being_asked(services: Services, weeks: Weeks) -> None:
    refused = await weeks.browser.post(f"{weeks.second.path}/take")

    assert refused.status_code == 422
    assert "Change to this one?" in refused.text
    assert (await seats(services, weeks.first), await seats(services, weeks.second)) == (HAD, FREE)


async def test_where_there_is_no_room_the_other_place_stays(services: Services, weeks: Weeks) -> None:
    for one in await add_members(services, 2, surname="Other"):
        await take_places(services, one.actor, weeks.second.session.id)

    with pytest.raises(GroupFull):
        await take_places(
            services, weeks.mother.actor, weeks.second.session.id, instead_of=weeks.first.session.id
        )

    assert await seats(services, weeks.first) == HAD


async def test_nobody_gives_up_the_place_of_somebody_else(services: Services, weeks: Weeks) -> None:
    father = await add_relative(services, weeks.mother, "Dan Number")
    for one in (weeks.mother, father):
        await add_release(services, one.client, one.person)
    both = (weeks.mother.person.id, father.person.id)

    with pytest.raises(Invalid):
        await take_places(
            services, father.actor, weeks.second.session.id, both, instead_of=weeks.first.session.id
        )

    assert (await seats(services, weeks.first), await seats(services, weeks.second)) == (HAD, FREE)


async def test_a_place_in_a_step_that_is_done_meanwhile_stays_and_says_so(
    services: Services, weeks: Weeks
) -> None:
    path = f"/family/sessions/{weeks.first.session.id}"
    assert "done already" not in (await weeks.browser.get("/family")).text
    done = Credit("s1", weeks.mother.person.id, True, services.now(), 60)
    await services.database.write(lambda tx: step_credits.decide(tx, done))

    assert "done already" in (await weeks.browser.get("/family")).text
    page = (await weeks.browser.get(path)).text
    assert "You have done this step already." in page
    assert f'href="{weeks.first.path}"' in page
    assert await seats(services, weeks.first) == HAD
