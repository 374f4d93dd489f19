"""People who are kept apart: where one has a place in a group, it looks to the other like a full one."""

import asyncio
from collections.abc import Awaitable

import pytest

from scheduler.actions.cancelling import cancel_session
from scheduler.actions.groups import join_waitlist, see_group, take_places
from scheduler.actions.waitlist import tend_waitlists
from scheduler.domain.booking import Session
from scheduler.domain.errors import GroupFull
from scheduler.services import Services
from scheduler.storage import households
from scheduler.storage.database import Transaction
from tests.groups import Group, Member, add_group, add_members, add_relative, seats, where_they_stand


async def separated(services: Services) -> tuple[Group, Member, Member]:
    """Return a group with room, and two parents of one client who are kept apart."""
    group = await add_group(services, capacity=4)
    (mother,) = await add_members(services, 1)
    father = await add_relative(services, mother, "Dan Number", household="his home")
    pair = frozenset({mother.person.id, father.person.id})

    def work(tx: Transaction) -> None:
        households.keep_apart(tx, mother.client.id, pair, since=services.now())

    await services.database.write(work)
    return group, mother, father


async def test_where_one_has_a_place_the_group_is_full_to_the_other(services: Services) -> None:
    group, mother, father = await separated(services)
    await take_places(services, mother.actor, group.session.id)

    with pytest.raises(GroupFull):
        await take_places(services, father.actor, group.session.id)

    assert (await see_group(services, father.actor, group.session.id)).group.is_full
    assert not (await see_group(services, mother.actor, group.session.id)).group.is_full
    assert (await seats(services, group)).taken == 1


async def test_a_place_is_offered_to_the_other_only_when_the_first_has_left(services: Services) -> None:
    group, mother, father = await separated(services)
    await take_places(services, mother.actor, group.session.id)

    await join_waitlist(services, father.actor, group.session.id)
    await tend_waitlists(services)
    assert await where_they_stand(services) == ["waiting"]

    await cancel_session(services, mother.actor, group.session.id)
    assert await where_they_stand(services) == ["offered"]
    await take_places(services, father.actor, group.session.id)
    with pytest.raises(GroupFull):
        await take_places(services, mother.actor, group.session.id)


async def test_of_two_at_once_one_has_a_place_and_the_other_finds_it_full(services: Services) -> None:
    group, mother, father = await separated(services)
    tries: list[Awaitable[Session]] = [
        take_places(services, one.actor, group.session.id) for one in (mother, father)
    ]

    found = await asyncio.gather(*tries, return_exceptions=True)

    assert [type(one) for one in found if isinstance(one, BaseException)] == [GroupFull]
    assert (await seats(services, group)).had == 1
