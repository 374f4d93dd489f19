"""A release that ends in the very moment in which it is used, on PostgreSQL: no place outlives it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scheduler.actions.booking import book_session
from scheduler.actions.groups import take_places
from scheduler.actions.members import change_members
from scheduler.domain.errors import NotFound, NotReleased
from scheduler.services import Services
from scheduler.storage.tables import join_links, places
from tests.builders import add_release
from tests.engines import postgresql_url
from tests.groups import STEP, add_group, add_members
from tests.households import add_relative
from tests.races import Act, one_close_after_the_other
from tests.releases import end_release
from tests.scheduling import AT_NINE, World, add_world, book, rows


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


def ends(client_id: str, person_id: str) -> Act:
    """The end of a release."""
    return lambda asked: end_release(asked, client_id, person_id)


async def has_nothing(services: Services, person_id: str) -> bool:
    """Tell whether a person has no place and no live link."""
    standing = [row for row in await rows(services, places) if row.person_id == person_id]
    links = [row for row in await rows(services, join_links) if row.person_id == person_id]
    return all(row.status == "cancelled" for row in standing) and all(row.revoked_at for row in links)


@pytest.mark.parametrize("ends_first", [True, False])
@pytest.mark.parametrize("with_father", [True, False])
async def test_a_booking_never_outlives_the_release(
    services: Services, world: World, ends_first: bool, with_father: bool
) -> None:
    father = await add_relative(services, world, "Daniel Rivera", "father")
    wish = replace(AT_NINE, members=(father.id,) if with_father else ())
    mother = world.family.mother.id

    async def books(asked: Services) -> object:
        return await book_session(asked, world.mother, wish)

    acts = [books, ends(world.family.client.id, mother)]
    results = await one_close_after_the_other(services, *(reversed(acts) if ends_first else acts))

    assert isinstance(results[-1], NotReleased) == ends_first
    assert await has_nothing(services, mother)


@pytest.mark.parametrize("ends_first", [True, False])
async def test_an_invitation_never_outlives_the_release(
    services: Services, world: World, ends_first: bool
) -> None:
    father = await add_relative(services, world, "Daniel Rivera", "father")
    session = await book(services, world)

    async def invites(asked: Services) -> object:
        return await change_members(asked, world.mother, session.id, [father.id])

    acts = [invites, ends(world.family.client.id, father.id)]
    results = await one_close_after_the_other(services, *(reversed(acts) if ends_first else acts))

    assert isinstance(results[-1], NotFound) == ends_first
    assert await has_nothing(services, father.id)


@pytest.mark.parametrize("ends_first", [True, False])
async def test_a_seat_in_a_group_never_outlives_the_release(services: Services, ends_first: bool) -> None:
    group = await add_group(services, step=replace(STEP, education_only=False))
    (member,) = await add_members(services, 1)
    await add_release(services, member.client, member.person)

    async def takes(asked: Services) -> object:
        return await take_places(asked, member.actor, group.session.id)

    acts = [takes, ends(member.client.id, member.person.id)]
    results = await one_close_after_the_other(services, *(reversed(acts) if ends_first else acts))

    assert isinstance(results[-1], NotReleased) == ends_first
    assert await has_nothing(services, member.person.id)
