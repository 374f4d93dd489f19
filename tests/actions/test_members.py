"""Several of one family in a session, on both engines: who may be invited, and what each of them gets."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from scheduler.actions.booking import book_session, move_session
from scheduler.actions.members import change_members, see_choices, see_members
from scheduler.actions.sessions import see_session
from scheduler.actions.slots import show_slots
from scheduler.domain.audit import Event
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Session
from scheduler.domain.errors import Denied, Invalid, MemberElsewhere, NotFound, SessionOver
from scheduler.domain.people import Person
from scheduler.domain.times import tick_of
from scheduler.services import Services
from scheduler.storage import kinds
from scheduler.storage.tables import join_links, notices, places, taken_ticks
from scheduler.storage.tables import kinds as kind_rows
from tests.conftest import Clock
from tests.households import add_relative, as_actor, keep_apart
from tests.log import events
from tests.scheduling import (
    AT_NINE,
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_colleague,
    add_world,
    counts,
    rows,
)

LONG = Kind("long", "Family talk", 50)


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


@pytest.fixture
async def aunt(services: Services, world: World) -> Person:
    """An aunt with a release, far away."""
    return await add_relative(services, world, "Joan Rivera", zone="America/New_York")


async def book_with(services: Services, world: World, *people: Person) -> Session:
    wish = replace(AT_NINE, members=tuple(one.id for one in people))
    return await book_session(services, world.mother, wish)


async def seats(services: Services) -> dict[str, tuple[str, int]]:
    return {
        row.person_id: (row.status, row.sequence) for row in await rows(services, places) if row.client_id
    }


async def set_rules(services: Services, **rules: object) -> None:
    await services.database.write(lambda tx: tx.execute(update(kind_rows).values(**rules)))


async def add_long_talk(services: Services, world: World) -> None:
    """Keep a second clinician who offers a longer kind at the same hours."""
    colleague = await add_colleague(services, world)
    await services.database.write(lambda tx: kinds.add(tx, LONG, offered_by=[colleague.id]))


async def test_each_member_gets_a_place_ticks_a_link_and_a_notice_of_their_own(
    services: Services, world: World, aunt: Person
) -> None:
    session = await book_with(services, world, world.family.client, aunt)

    everybody = {world.family.mother.id, world.family.client.id, aunt.id}
    assert await seats(services) == dict.fromkeys(everybody, ("booked", 0))
    assert {row.person_id for row in await rows(services, join_links)} == everybody
    assert len({row.jti_hash for row in await rows(services, join_links)}) == 3
    assert {row.person_id for row in await rows(services, notices)} == everybody | {session.host_id}
    assert {row.person_id for row in await rows(services, taken_ticks)} == everybody | {session.host_id}


async def test_a_member_who_is_elsewhere_is_not_named_and_nothing_is_kept(
    services: Services, world: World, aunt: Person
) -> None:
    await add_long_talk(services, world)
    await book_session(services, as_actor(world, aunt), AT_NINE)
    before = await counts(services)

    with pytest.raises(MemberElsewhere) as refused:
        await book_session(services, world.mother, replace(AT_NINE, kind_id=LONG.id, members=(aunt.id,)))

    assert refused.value.nearest
    assert min(one.starts_at for one in refused.value.nearest) >= TUESDAY_NINE + STEP - STEP / 5
    assert await counts(services) == before


async def test_the_times_shown_suit_everybody_who_is_chosen(
    services: Services, world: World, aunt: Person
) -> None:
    await add_long_talk(services, world)
    await book_session(services, as_actor(world, aunt), AT_NINE)

    async def first(*members: str) -> object:
        found = await show_slots(services, world.mother, kind_id=LONG.id, zone="UTC", members=members)
        assert found.page is not None
        day = next(day for day in found.page.days if day.day == TUESDAY_NINE.date())
        return day.slots[0].interval.starts_at

    assert await first() == TUESDAY_NINE
    assert await first(aunt.id) == TUESDAY_NINE + STEP - STEP / 5


async def test_somebody_apart_unreleased_or_unknown_cannot_be_invited_and_all_look_alike(
    services: Services, world: World, aunt: Person
) -> None:
    apart = await add_relative(services, world, "Daniel Rivera", "father")
    unreleased = await add_relative(services, world, "Ed Rivera", "uncle", has_release=False)
    await keep_apart(services, world, world.family.mother, apart)

    found = await see_choices(services, world.mother, CHECK_IN.id)

    assert [one.name for one in found.people] == [world.family.client.name, aunt.name]
    for person_id in (apart.id, unreleased.id, "nobodyisnamedthis000"):
        with pytest.raises(NotFound, match="member"):
            await book_session(services, world.mother, replace(AT_NINE, members=(person_id,)))
        with pytest.raises(NotFound, match="member"):
            await show_slots(services, world.mother, kind_id=CHECK_IN.id, zone="UTC", members=[person_id])


async def test_whoever_has_no_release_is_told_of_nobody(
    services: Services, world: World, aunt: Person
) -> None:
    uncle = await add_relative(services, world, "Ed Rivera", "uncle", has_release=False)
    await set_rules(services, education_only=True)

    assert (await see_choices(services, as_actor(world, uncle), CHECK_IN.id)).people == ()


async def test_the_client_cannot_bring_two_together_who_are_kept_apart(
    services: Services, world: World, aunt: Person
) -> None:
    await keep_apart(services, world, world.family.mother, aunt)
    both = (world.family.mother.id, aunt.id)

    with pytest.raises(Invalid) as refused:
        await book_session(services, world.family.client_actor, replace(AT_NINE, members=both))

    assert "all of these people" in refused.value.errors["members"]
    assert (await counts(services)).sessions == 0


@pytest.mark.parametrize(
    ("rules", "alone", "with_client"),
    [
        ({"client_part": "must"}, False, True),
        ({"client_part": "must_not"}, True, False),
        ({"needs_guardian": True}, False, False),
    ],
)
async def test_a_kind_is_booked_by_its_quorum_alone(
    services: Services, world: World, rules: dict[str, object], alone: bool, with_client: bool
) -> None:
    await set_rules(services, **rules)

    for people, may in (((), alone), ((world.family.client,), with_client)):
        if may:
            await book_with(services, world, *people)
        else:
            with pytest.raises((Invalid, NotFound)):
                await book_with(services, world, *people)


async def test_a_guardian_makes_the_quorum(services: Services, world: World) -> None:
    father = await add_relative(services, world, "Daniel Rivera", "father", is_guardian=True)
    await set_rules(services, needs_guardian=True)

    session = await book_with(services, world, father)

    assert (await see_session(services, world.mother, session.id)).fellows[0].name == father.name


async def test_a_session_for_family_alone_is_not_offered_to_the_client(
    services: Services, world: World
) -> None:
    await set_rules(services, client_part="must_not")

    assert (await show_slots(services, world.family.client_actor, zone="UTC")).offers == ()
    assert (await show_slots(services, world.mother, zone="UTC")).offers


async def test_members_are_added_and_taken_off_later_once_each(
    services: Services, world: World, aunt: Person
) -> None:
    session = await book_with(services, world)
    client = world.family.client

    for _ in range(2):
        await change_members(services, world.mother, session.id, {aunt.id})
    await change_members(services, world.mother, session.id, {client.id})
    await change_members(services, world.mother, session.id, {client.id, aunt.id})

    mother = {world.family.mother.id: ("booked", 0)}
    assert await seats(services) == mother | {aunt.id: ("booked", 2), client.id: ("booked", 0)}
    assert await events(services) == [
        Event.SESSION_BOOKED,
        Event.PLACE_ADDED,
        Event.PLACE_GIVEN_UP,
        Event.PLACE_ADDED,
        Event.PLACE_ADDED,
    ]
    assert sum(row.revoked_at is None for row in await rows(services, join_links)) == 3
    ticks = [row.person_id for row in await rows(services, taken_ticks)]
    assert ticks.count(aunt.id) == ticks.count(client.id) == 4


async def test_somebody_elsewhere_or_apart_is_not_added(
    services: Services, world: World, aunt: Person
) -> None:
    await add_long_talk(services, world)
    await book_session(services, as_actor(world, aunt), replace(AT_NINE, kind_id=LONG.id))
    session = await book_with(services, world)
    father = await add_relative(services, world, "Daniel Rivera", "father")
    await keep_apart(services, world, father, world.family.mother)
    before = await counts(services)

    with pytest.raises(MemberElsewhere):
        await change_members(services, world.mother, session.id, {aunt.id})
    with pytest.raises(NotFound):
        await change_members(services, world.mother, session.id, {father.id})

    assert await counts(services) == before


async def test_only_who_booked_and_the_client_say_who_takes_part_and_only_before_it_begins(
    services: Services, world: World, aunt: Person, clock: Clock
) -> None:
    session = await book_with(services, world, aunt, world.family.client)

    with pytest.raises(Denied):
        await change_members(services, as_actor(world, aunt), session.id, set())
    with pytest.raises(Denied):
        await see_members(services, as_actor(world, aunt), session.id)
    assert (await see_members(services, world.family.client_actor, session.id)).chosen
    clock.at = session.starts_at
    with pytest.raises(SessionOver):
        await change_members(services, world.mother, session.id, set())


async def test_when_a_session_moves_all_ticks_follow_and_a_member_elsewhere_blocks_it(
    services: Services, world: World, aunt: Person
) -> None:
    session = await book_with(services, world, aunt)
    await add_long_talk(services, world)
    elsewhere = replace(AT_NINE, kind_id=LONG.id, starts_at=TUESDAY_NINE + 4 * STEP)
    await book_session(services, as_actor(world, aunt), elsewhere)

    with pytest.raises(MemberElsewhere):
        await move_session(services, world.mother, session.id, starts_at=TUESDAY_NINE + 4 * STEP)
    await move_session(services, world.mother, session.id, starts_at=TUESDAY_NINE + STEP)

    ticks = [row for row in await rows(services, taken_ticks) if row.session_id == session.id]
    starts = {
        one: min(row.tick for row in ticks if row.person_id == one)
        for one in {row.person_id for row in ticks}
    }
    assert len(starts) == 3
    assert set(starts.values()) == {tick_of(TUESDAY_NINE + STEP)}
    moved = [row.sequence for row in await rows(services, places) if row.session_id == session.id]
    assert moved == [1, 1, 1]


async def test_those_who_take_part_see_each_other_by_name(
    services: Services, world: World, aunt: Person
) -> None:
    session = await book_with(services, world, aunt)

    seen = await see_session(services, as_actor(world, aunt), session.id)

    assert [one.name for one in seen.fellows] == [world.family.mother.name]
    assert (seen.leads, seen.is_broken_alone, seen.booking) == (False, False, None)
