"""Taking places in a group: under its capacity, once, for one's own family, without touching the others."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from scheduler.actions.cancelling import cancel_session
from scheduler.actions.groups import see_group, take_places
from scheduler.domain.audit import Event
from scheduler.domain.booking import Status
from scheduler.domain.errors import (
    Denied,
    ElsewhereThen,
    GroupFull,
    NotFound,
    NotReleased,
    SessionOver,
)
from scheduler.domain.notices import Rule
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import consent, programs
from scheduler.storage.tables import bookings, join_links, notices, places, taken_ticks
from scheduler.storage.tables import sessions as session_rows
from tests.builders import add_person, add_release
from tests.conftest import Clock
from tests.groups import EVENING, STEP, Seats, add_evening, add_group, add_members, add_relative, seats
from tests.log import events, written
from tests.scheduling import counts, rows


async def test_a_place_comes_with_its_time_booking_link_notice_and_entry(services: Services) -> None:
    group = await add_group(services)
    (mother,) = await add_members(services, 1)

    session = await take_places(services, mother.actor, group.session.id)

    assert session == group.session
    assert await seats(services, group) == Seats(taken=1, had=1, offered=0, capacity=2)
    assert [row.booked_by for row in await rows(services, bookings)] == [mother.person.id]
    assert [row.person_id for row in await rows(services, join_links)] == [mother.person.id]
    assert [(row.person_id, row.rule) for row in await rows(services, notices)] == [
        (mother.person.id, Rule.BOOKED)
    ]
    ticks = [row.tick for row in await rows(services, taken_ticks) if row.person_id == mother.person.id]
    assert sorted(ticks) == list(group.session.interval.ticks)
    assert await events(services) == [Event.SESSION_BOOKED]


async def test_pressing_twice_takes_one_place(services: Services) -> None:
    group = await add_group(services, capacity=1)
    (mother,) = await add_members(services, 1)

    first = await take_places(services, mother.actor, group.session.id)
    assert await take_places(services, mother.actor, group.session.id) == first
    assert (
        await asyncio.gather(*(take_places(services, mother.actor, first.id) for _ in range(3)))
        == [first] * 3
    )

    assert await seats(services, group) == Seats(taken=1, had=1, offered=0, capacity=1)
    assert await events(services) == [Event.SESSION_BOOKED]


async def test_pressing_twice_at_once_takes_one_place(services: Services) -> None:
    group = await add_group(services, capacity=2)
    (mother,) = await add_members(services, 1)

    both = await asyncio.gather(
        *(take_places(services, mother.actor, group.session.id) for _ in range(2)), return_exceptions=True
    )

    assert both == [group.session] * 2
    assert await seats(services, group) == Seats(taken=1, had=1, offered=0, capacity=2)


async def test_several_of_a_family_get_a_place_each_or_none(services: Services) -> None:
    group = await add_group(services, capacity=2)
    mother, other = await add_members(services, 2)
    father = await add_relative(services, mother, "Dan Number")
    both = (mother.person.id, father.person.id)
    for one in (mother, father):
        await add_release(services, one.client, one.person)

    await take_places(services, other.actor, group.session.id)
    with pytest.raises(GroupFull):
        await take_places(services, mother.actor, group.session.id, both)
    assert (await seats(services, group)).had == 1
    await cancel_session(services, other.actor, group.session.id)
    await take_places(services, mother.actor, group.session.id, both)

    assert await seats(services, group) == Seats(taken=2, had=2, offered=0, capacity=2)
    assert len([row for row in await rows(services, bookings) if row.status == Status.BOOKED]) == 1


async def test_the_last_place_is_refused_without_a_trace(services: Services) -> None:
    group = await add_group(services, capacity=1)
    first, late = await add_members(services, 2)
    await take_places(services, first.actor, group.session.id)
    before = await counts(services)

    with pytest.raises(GroupFull):
        await take_places(services, late.actor, group.session.id)

    assert await counts(services) == before


async def test_nobody_is_in_two_groups_at_once(services: Services) -> None:
    group = await add_group(services)
    (mother,) = await add_members(services, 1)
    later = EVENING.replace(minute=45)
    second = await add_evening(
        services, await add_person(services, "Sam Levin", Role.CLINICIAN), starts_at=later
    )
    other = replace(STEP, id="s2", position=2, title="Welcome")
    change = update(session_rows).where(session_rows.c.id == second.session.id).values(kind_id=other.id)
    await services.database.write(lambda tx: programs.add_step(tx, other))
    await services.database.write(lambda tx: tx.execute(change).close())
    await take_places(services, mother.actor, group.session.id)

    with pytest.raises(ElsewhereThen):
        await take_places(services, mother.actor, second.session.id)

    assert (await seats(services, second)).taken == 0


async def test_who_is_not_enrolled_or_not_of_the_family_gets_nothing(services: Services) -> None:
    group = await add_group(services)
    mother, other = await add_members(services, 2)
    (stranger,) = await add_members(services, 1, surname="Stranger")
    unknown = replace(stranger.actor, client_ids=frozenset({"nobody"}))

    for who, chosen in (
        (unknown, ()),
        (mother.actor, (other.person.id,)),
        (mother.actor, (mother.person.id, other.client.id)),
        (mother.actor, ("nothing",)),
    ):
        with pytest.raises(NotFound):
            await take_places(services, who, group.session.id, chosen)
    with pytest.raises(NotFound):
        await take_places(services, mother.actor, "nothing")
    with pytest.raises(Denied):
        await take_places(services, replace(mother.actor, client_ids=frozenset()), group.session.id)

    assert (await seats(services, group)).taken == 0
    assert {outcome for _, outcome, _ in await written(services)} == {"denied"}


async def test_each_member_needs_a_release_of_their_own_unless_it_is_education_only(
    services: Services,
) -> None:
    group = await add_group(services, step=replace(STEP, education_only=False))
    (mother,) = await add_members(services, 1)
    father = await add_relative(services, mother, "Dan Number")
    both = (mother.person.id, father.person.id)
    await add_release(services, mother.client, mother.person)

    with pytest.raises(NotFound):  # whose release is missing, is theirs to know
        await take_places(services, mother.actor, group.session.id, both)
    await take_places(services, mother.actor, group.session.id)

    with pytest.raises(NotReleased):
        await take_places(services, father.actor, group.session.id)
    assert (await see_group(services, father.actor, group.session.id)).is_barred
    assert (await seats(services, group)).had == 1


async def test_a_group_that_has_begun_or_is_off_takes_nobody(services: Services, clock: Clock) -> None:
    group = await add_group(services)
    (mother,) = await add_members(services, 1)
    clock.at = EVENING

    with pytest.raises(SessionOver):
        await take_places(services, mother.actor, group.session.id)


async def test_a_place_given_up_can_be_taken_again_and_the_invite_counts_on(services: Services) -> None:
    group = await add_group(services)
    (mother,) = await add_members(services, 1)

    await take_places(services, mother.actor, group.session.id)
    await cancel_session(services, mother.actor, group.session.id)
    await take_places(services, mother.actor, group.session.id)

    (seat,) = [row for row in await rows(services, places) if row.client_id]
    assert (seat.status, seat.sequence) == (Status.BOOKED, 2)
    assert {(row.rule, row.sequence) for row in await rows(services, notices)} == {
        (Rule.BOOKED, 0),
        (Rule.CANCELLED, 1),
        (Rule.BOOKED, 2),
    }
    assert [row.revoked_at for row in await rows(services, join_links)] == [None]


async def test_giving_up_touches_neither_the_group_nor_anybody_elses_place(services: Services) -> None:
    group = await add_group(services, capacity=4)
    mother, other = await add_members(services, 2)
    father = await add_relative(services, mother, "Dan Number", household="his home")
    sister = await add_relative(services, mother, "Ida Number")
    for one in (mother, father, sister, other):
        await take_places(services, one.actor, group.session.id)

    left = await cancel_session(services, mother.actor, group.session.id)

    assert left.status is Status.BOOKED
    held = {row.person_id for row in await rows(services, places) if row.status == Status.BOOKED}
    assert held == {group.host.id, father.person.id, sister.person.id, other.person.id}
    assert await seats(services, group) == Seats(taken=3, had=3, offered=0, capacity=4)
    standing = {row.booked_by for row in await rows(services, bookings) if row.status == Status.BOOKED}
    assert standing == {father.person.id, sister.person.id, other.person.id}


async def test_when_a_release_is_revoked_no_place_can_be_taken(services: Services) -> None:
    group = await add_group(services, step=replace(STEP, education_only=False))
    (mother,) = await add_members(services, 1)
    release = await add_release(services, mother.client, mother.person)
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=services.now()))

    with pytest.raises(NotReleased):
        await take_places(services, mother.actor, group.session.id)
