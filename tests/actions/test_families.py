"""The care team's page of a family: guardians, and who is kept apart, on both engines."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from scheduler.actions.booking import book_session
from scheduler.actions.families import (
    Tie,
    keep_apart,
    let_meet,
    see_family,
    see_pair,
    set_ties,
)
from scheduler.actions.members import see_choices
from scheduler.domain.audit import Event
from scheduler.domain.booking import Duty, Place, Session
from scheduler.domain.errors import Denied, Invalid, NotFound
from scheduler.domain.people import Actor, FamilyMember, Person, Role
from scheduler.services import Services
from scheduler.storage import audit, bookings, households
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_details, kinds, notices, places, sessions
from tests.builders import actor, add_person
from tests.households import add_coordinator, add_relative
from tests.log import events
from tests.scheduling import AT_NINE, CHECK_IN, World, add_neighbours, add_world, rows


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


@pytest.fixture
async def father(services: Services, world: World) -> Person:
    """A father in a home of his own."""
    return await add_relative(services, world, "Daniel Rivera", "father", household="Daniel's home")


@pytest.fixture
async def coordinator(services: Services, world: World) -> Actor:
    """A coordinator on the care team."""
    return (await add_coordinator(services, world))[1]


@pytest.fixture
async def shared(services: Services, world: World, father: Person) -> Session:
    """A session of mother and father."""
    return await book_session(services, world.mother, replace(AT_NINE, members=(father.id,)))


async def details(services: Services) -> list[object]:
    """Return what is sealed beside the entries."""

    def work(tx: Transaction) -> list[object]:
        found = tx.execute(select(audit_details)).all()
        return [json.loads(tx.open(audit.DETAIL, row.entry_id, row.detail_sealed)) for row in found]

    return await services.database.read(work)


async def test_a_family_is_shown_with_its_households_and_the_look_is_noted(
    services: Services, world: World, father: Person, coordinator: Actor
) -> None:
    seen = await see_family(services, coordinator, world.family.client.id)

    assert [(one.person.name, one.household) for one in seen.members[1:]] == [
        (world.family.mother.name, "home"),
        (father.name, "Daniel's home"),
    ]
    assert await events(services) == [Event.CLIENT_READ]


async def test_a_foreign_family_looks_like_none(services: Services, world: World, coordinator: Actor) -> None:
    neighbours = await add_neighbours(services, world)
    pair = (neighbours.family.mother.id, neighbours.family.client.id)

    for client_id in (neighbours.family.client.id, "nobodyisnamedthis000"):
        for tried in (
            see_family(services, coordinator, client_id),
            set_ties(services, coordinator, client_id, {}),
            see_pair(services, coordinator, client_id, pair),
            keep_apart(services, coordinator, client_id, pair),
            let_meet(services, coordinator, client_id, pair),
        ):
            with pytest.raises(NotFound, match="client"):
                await tried
    with pytest.raises(NotFound):
        await keep_apart(services, coordinator, world.family.client.id, pair)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PRIVACY_OFFICER])
async def test_who_may_not_read_of_people_sees_no_family(
    services: Services, world: World, role: Role
) -> None:
    somebody = await add_person(services, "Robin Else", role)

    with pytest.raises(Denied):
        await see_family(
            services, actor(somebody, client_ids={world.family.client.id}), world.family.client.id
        )


async def test_how_people_belong_to_a_family_is_kept_with_what_was_so_before(
    services: Services, world: World, father: Person, coordinator: Actor
) -> None:
    client_id = world.family.client.id
    before = next(one for one in await relatives_of(services, client_id) if one.person_id == father.id)
    wanted = {father.id: Tie(" stepfather ", "Oak Street", True), "somebody else": Tie("thief")}

    for _ in range(2):
        await set_ties(services, coordinator, client_id, wanted)

    after = next(one for one in await relatives_of(services, client_id) if one.person_id == father.id)
    assert after == FamilyMember(father.id, client_id, "stepfather", "Oak Street", True)
    words = {"relation": before.relation, "household": before.household, "guardian": False}
    assert await details(services) == [
        {
            "before": {father.id: words},
            "after": {father.id: {"relation": "stepfather", "household": "Oak Street", "guardian": True}},
        }
    ]
    assert await events(services) == [Event.HOUSEHOLD_CHANGED]


@pytest.mark.parametrize("tie", [Tie(" "), Tie("x" * 61), Tie("uncle", "x" * 61), Tie("un\ncle")])
async def test_a_label_that_cannot_be_is_refused_and_nothing_is_changed(
    services: Services, world: World, father: Person, coordinator: Actor, tie: Tie
) -> None:
    client_id = world.family.client.id
    before = await relatives_of(services, client_id)

    with pytest.raises(Invalid) as refused:
        await set_ties(
            services, coordinator, client_id, {world.family.mother.id: Tie("aunt"), father.id: tie}
        )

    (field,) = refused.value.errors
    assert field.endswith(father.id)
    assert await relatives_of(services, client_id) == before


async def relatives_of(services: Services, client_id: str) -> tuple[FamilyMember, ...]:
    return (await services.database.read(lambda tx: households.family(tx, client_id))).relatives


async def test_two_are_kept_apart_once_and_may_meet_again(
    services: Services, world: World, father: Person, coordinator: Actor
) -> None:
    client_id, pair = world.family.client.id, (world.family.mother.id, father.id)

    async def known() -> list[str]:
        found = await see_choices(services, world.mother, CHECK_IN.id)
        return [one.name for one in found.people]

    for _ in range(2):
        await keep_apart(services, coordinator, client_id, pair)
    assert await known() == [world.family.client.name]
    assert (await see_pair(services, coordinator, client_id, pair)).is_apart
    for _ in range(2):
        await let_meet(services, coordinator, client_id, pair)

    assert await known() == [world.family.client.name, father.name]
    assert (await events(services)).count(Event.HOUSEHOLD_CHANGED) == 2


async def test_nobody_is_kept_apart_from_themselves(
    services: Services, world: World, coordinator: Actor
) -> None:
    mother = world.family.mother.id

    for act in (keep_apart, let_meet, see_pair):
        with pytest.raises(Invalid):
            await act(services, coordinator, world.family.client.id, (mother, mother))


async def test_of_two_who_share_a_session_one_gives_up_their_place_in_the_same_act(
    services: Services, world: World, father: Person, coordinator: Actor, shared: Session
) -> None:
    client_id, pair = world.family.client.id, (world.family.mother.id, father.id)

    assert [one.id for one, _ in (await see_pair(services, coordinator, client_id, pair)).shared] == [
        shared.id
    ]
    with pytest.raises(Invalid) as refused:
        await keep_apart(services, coordinator, client_id, pair, leaves="somebody else")
    assert set(refused.value.errors) == {"leaves"}
    await keep_apart(services, coordinator, client_id, pair, leaves=father.id)

    standing = {row.person_id: row.status for row in await rows(services, places) if row.client_id}
    assert standing == {world.family.mother.id: "booked", father.id: "cancelled"}
    told = [row.person_id for row in await rows(services, notices) if row.rule == "cancelled"]
    assert told == [father.id]
    assert (await events(services))[-2:] == [Event.PLACE_GIVEN_UP, Event.HOUSEHOLD_CHANGED]


async def test_a_shared_session_that_cannot_be_held_by_one_is_called_off(
    services: Services, world: World, father: Person, coordinator: Actor, shared: Session
) -> None:
    await services.database.write(lambda tx: tx.execute(update(kinds).values(needs_guardian=True)))
    pair = (world.family.mother.id, father.id)

    await keep_apart(services, coordinator, world.family.client.id, pair, leaves=father.id)

    assert [row.status for row in await rows(services, sessions)] == ["cancelled"]


async def test_a_group_in_which_somebody_has_a_place_is_closed_to_whoever_is_kept_apart_from_them(
    services: Services, world: World, father: Person, coordinator: Actor
) -> None:
    group = await book_session(services, world.mother, AT_NINE)
    aunt = await add_relative(services, world, "Joan Rivera")
    pair = (world.family.mother.id, father.id)
    await keep_apart(services, coordinator, world.family.client.id, pair)

    async def closed_to(*people: Person) -> frozenset[str]:
        wanted = [one.id for one in people]
        return await services.database.read(lambda tx: households.closed_to(tx, wanted, [group.id, "other"]))

    assert await closed_to(father) == await closed_to(aunt, father) == {group.id}
    assert await closed_to(aunt, world.family.client) == frozenset()
    await services.database.write(
        lambda tx: bookings.change_places(
            tx, [Place(group.id, world.family.mother.id, Duty.MEMBER, world.family.client.id).cancelled()]
        )
    )
    assert await closed_to(father) == frozenset()
