"""People who are kept apart: where one has a place in a group, it looks to the other like a full one."""

import asyncio
from collections.abc import Awaitable

import pytest
from starlette.applications import Starlette

from scheduler.actions import families
from scheduler.actions.cancelling import cancel_session
from scheduler.actions.groups import join_waitlist, see_group, take_places
from scheduler.actions.notices import send_due
from scheduler.actions.waitlist import tend_waitlists
from scheduler.domain.booking import Session
from scheduler.domain.errors import GroupFull
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import households
from scheduler.storage.database import Transaction
from tests.builders import actor, add_person, add_release
from tests.conftest import FakeMail
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


async def parents(services: Services) -> tuple[Group, list[Member], Member, Member]:
    """Return a full group of two, those who are in it, and two parents who may meet, for now."""
    group = await add_group(services)
    *inside, mother = await add_members(services, 3)
    for one in inside:
        await take_places(services, one.actor, group.session.id)
    father = await add_relative(services, mother, "Dan Number", household="his home")
    return group, inside, mother, father


async def keep_apart(services: Services, mother: Member, father: Member) -> None:
    """Keep the two apart, as a coordinator does."""
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    two = (mother.person.id, father.person.id)
    await families.keep_apart(
        services, actor(tom, client_ids={mother.client.id}), mother.client.id, two, leaves=father.person.id
    )


async def test_of_two_who_wait_apart_one_is_offered_a_place_and_the_other_waits_on(
    services: Services, mail: FakeMail
) -> None:
    group, inside, mother, father = await parents(services)
    await keep_apart(services, mother, father)
    for one in (mother, father):
        await join_waitlist(services, one.actor, group.session.id)

    for one in inside:
        await cancel_session(services, one.actor, group.session.id)
    await send_due(services)

    assert await where_they_stand(services) == ["offered", "waiting"]
    assert await seats(services, group) == Seats(taken=1, had=0, offered=1, capacity=2)
    assert father.person.email not in {message["To"] for message in mail.sent}
    await take_places(services, mother.actor, group.session.id)
    await cancel_session(services, mother.actor, group.session.id)
    assert await where_they_stand(services) == ["taken", "offered"]


async def test_who_takes_a_place_puts_the_offer_back_that_the_other_has(
    services: Services, app: Starlette, mail: FakeMail
) -> None:
    group, inside, mother, father = await parents(services)
    await keep_apart(services, mother, father)
    await join_waitlist(services, father.actor, group.session.id)
    for one in inside:
        await cancel_session(services, one.actor, group.session.id)

    await take_places(services, mother.actor, group.session.id)

    assert await where_they_stand(services) == ["waiting"]
    assert await seats(services, group) == Seats(taken=1, had=1, offered=0, capacity=2)
    page = await (await browser_of(services, app, father)).get(group.path)
    assert "You are on the waitlist." in page.text
    assert "free for you" not in page.text
    await send_due(services)
    assert father.person.email not in {message["To"] for message in mail.sent}
    await cancel_session(services, mother.actor, group.session.id)
    await send_due(services)
    assert [one["To"] for one in mail.sent].count(father.person.email) == 1


async def test_an_offer_that_comes_again_is_mailed_again(services: Services, mail: FakeMail) -> None:
    group, inside, mother, father = await parents(services)
    await keep_apart(services, mother, father)
    await join_waitlist(services, father.actor, group.session.id)
    for one in inside:
        await cancel_session(services, one.actor, group.session.id)
    await send_due(services)
    await take_places(services, mother.actor, group.session.id)
    await cancel_session(services, mother.actor, group.session.id)
    await send_due(services)

    assert [one["To"] for one in mail.sent].count(father.person.email) == 2


async def test_who_are_kept_apart_while_both_are_offered_places_one_waits_on(services: Services) -> None:
    group, inside, mother, father = await parents(services)
    for one in (mother, father):
        await join_waitlist(services, one.actor, group.session.id)
    for one in inside:
        await cancel_session(services, one.actor, group.session.id)
    assert await where_they_stand(services) == ["offered", "offered"]

    await keep_apart(services, mother, father)

    assert await where_they_stand(services) == ["offered", "waiting"]
    assert await seats(services, group) == Seats(taken=1, had=0, offered=1, capacity=2)


@pytest.mark.parametrize("is_offered", [False, True])
async def test_who_are_kept_apart_wait_together_no_more(services: Services, is_offered: bool) -> None:
    group, inside, mother, father = await parents(services)
    for one in (mother, father):
        await add_release(services, one.client, one.person)
    both = (mother.person.id, father.person.id)
    await join_waitlist(services, mother.actor, group.session.id, both)
    if is_offered:
        for one in inside:
            await cancel_session(services, one.actor, group.session.id)

    await keep_apart(services, mother, father)
    if not is_offered:
        await cancel_session(services, inside[0].actor, group.session.id)

    assert await where_they_stand(services) == ["offered"]
    assert (await see_group(services, father.actor, group.session.id)).group.wait is None
    await take_places(services, mother.actor, group.session.id)
    assert (await seats(services, group)).offered == 0
