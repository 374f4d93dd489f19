"""What the end of a release takes from the person it named, and from nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.actions.booking import book_session
from scheduler.actions.groups import join_waitlist, take_places
from scheduler.actions.rooms import is_still_in
from scheduler.domain.audit import Event
from scheduler.domain.booking import Session
from scheduler.domain.errors import NotReleased, RoomShut
from scheduler.domain.people import Person, Role
from scheduler.domain.rooms import PresenceStatus
from scheduler.services import Services
from scheduler.storage import rooms
from scheduler.storage.tables import join_links, notices, places, sessions, taken_ticks
from tests.builders import actor, add_person, add_release
from tests.conftest import Clock
from tests.groups import STEP, add_group, add_members, seats, where_they_stand
from tests.groups import add_relative as add_group_relative
from tests.households import add_relative, as_actor
from tests.log import events, written
from tests.presence import connect, let_in
from tests.proposals import ask
from tests.releases import end_release
from tests.scheduling import AT_NINE, World, add_world, book, counts, rows

PRIVATE = replace(STEP, education_only=False)


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


@pytest.fixture
async def father(services: Services, world: World) -> Person:
    """A father with a release of his own."""
    return await add_relative(services, world, "Daniel Rivera", "father")


async def mothers_ends(services: Services, world: World, *, keeping: str = "") -> frozenset[str]:
    """End the releases that name the mother, but one."""
    return await end_release(services, world.family.client.id, world.family.mother.id, keeping=keeping)


async def owed(services: Services, rule: str) -> set[str]:
    """Return the ids of those to whom a notice of a rule is owed."""
    return {row.person_id for row in await rows(services, notices) if row.rule == rule}


async def test_a_session_that_was_theirs_alone_is_called_off_and_told_neutrally(
    services: Services, world: World
) -> None:
    session = await book(services, world)

    assert await mothers_ends(services, world) == {session.id}

    assert [row.status for row in await rows(services, sessions)] == ["cancelled"]
    assert (await counts(services)).ticks == 0
    assert all(row.revoked_at for row in await rows(services, join_links))
    assert await owed(services, "cancelled") == {world.family.mother.id, world.family.clinician.id}
    assert (await events(services)).count(Event.SESSION_CANCELLED) == 1


async def test_the_others_keep_a_session_that_can_go_on_without_them(
    services: Services, world: World, father: Person
) -> None:
    session = await book_session(services, world.mother, replace(AT_NINE, members=(father.id,)))

    await mothers_ends(services, world)

    standing = {row.person_id: row.status for row in await rows(services, places)}
    assert standing.pop(world.family.mother.id) == "cancelled"
    assert set(standing.values()) == {"booked"}
    assert world.family.mother.id not in {row.person_id for row in await rows(services, taken_ticks)}
    revoked = {row.person_id: row.revoked_at is not None for row in await rows(services, join_links)}
    assert revoked == {world.family.mother.id: True, father.id: False}
    assert await owed(services, "cancelled") == {world.family.mother.id}
    assert [row.status for row in await rows(services, sessions) if row.id == session.id] == ["booked"]


@pytest.mark.parametrize("has_another", [True, False])
async def test_nothing_is_taken_while_another_release_names_them(
    services: Services, world: World, has_another: bool
) -> None:
    await book(services, world)
    another = await add_release(services, world.family.client, world.family.mother)

    touched = await mothers_ends(services, world, keeping=another.id if has_another else "")

    assert bool(touched) is not has_another
    assert [row.status for row in await rows(services, sessions)] == [
        "booked" if has_another else "cancelled"
    ]


async def test_whoever_waits_is_put_out_and_whoever_talks_talks_on(
    services: Services, clock: Clock, world: World, father: Person
) -> None:
    session = await book_session(services, world.mother, replace(AT_NINE, members=(father.id,)))
    place = await let_in(services, clock, session, world.therapist, as_actor(world, father))
    talks = await connect(services, place)
    mothers = await let_in(services, clock, session, world.therapist, world.mother)
    inside = await connect(services, mothers)

    assert await mothers_ends(services, world) == {session.id}

    assert await presences(services, session) == {
        world.family.mother.id: PresenceStatus.LEFT,
        father.id: PresenceStatus.ADMITTED,
    }
    assert await is_still_in(services, talks.admitted)
    assert not await is_still_in(services, inside.admitted)
    with pytest.raises(RoomShut):
        await connect(services, mothers)
    assert [row.status for row in await rows(services, sessions)] == ["booked"]
    assert (Event.PERSON_REMOVED, "no_release") in [(one, why) for one, _, why in await written(services)]


async def presences(services: Services, session: Session) -> dict[str, PresenceStatus]:
    """Return where everybody stands who came to a session."""
    found = await services.database.read(lambda tx: rooms.present(tx, session.id))
    return {one.person_id: one.status for one in found}


@pytest.mark.parametrize("education_only", [True, False])
async def test_a_seat_in_a_group_that_needs_a_release_goes_to_the_next_who_waits(
    services: Services, education_only: bool
) -> None:
    group = await add_group(services, capacity=1, step=replace(STEP, education_only=education_only))
    inside, waits = await add_members(services, 2)
    for one in (inside, waits):
        await add_release(services, one.client, one.person)
    await take_places(services, inside.actor, group.session.id)
    await join_waitlist(services, waits.actor, group.session.id)

    await end_release(services, inside.client.id, inside.person.id)

    assert await where_they_stand(services) == ["waiting" if education_only else "offered"]
    found = await seats(services, group)
    assert (found.had, found.offered) == ((1, 0) if education_only else (0, 1))


async def test_a_wait_goes_on_for_the_others_of_the_family_and_ends_with_the_last(services: Services) -> None:
    group = await add_group(services, capacity=2, step=PRIVATE)
    inside, mother = await add_members(services, 2)
    father = await add_group_relative(services, mother, "Daniel")
    for one in (inside, mother, father):
        await add_release(services, one.client, one.person)
    await take_places(services, inside.actor, group.session.id)
    both = (mother.person.id, father.person.id)
    await join_waitlist(services, mother.actor, group.session.id, both)

    await end_release(services, mother.client.id, mother.person.id)
    assert await where_they_stand(services) == ["offered"]  # one seat is free, and one person waits now
    assert await owed(services, "place_offered") == {father.person.id}

    await end_release(services, mother.client.id, father.person.id)
    assert await where_they_stand(services) == ["closed"]
    assert (await seats(services, group)).taken == 1


@pytest.mark.parametrize("who", ["proposer", "asked"])
async def test_times_proposed_by_or_to_them_are_free_again(
    services: Services, world: World, father: Person, who: str
) -> None:
    await ask(services, world, [father])
    gone = world.family.mother if who == "proposer" else father

    await end_release(services, world.family.client.id, gone.id)

    assert (await counts(services)).ticks == 0
    assert Event.PROPOSAL_LAPSED in await events(services)


async def test_whoever_may_end_a_release_ends_all_of_it(services: Services, world: World) -> None:
    session = await book(services, world)
    officer = actor(await add_person(services, "Ruth Adler", Role.PRIVACY_OFFICER))

    touched = await end_release(services, world.family.client.id, world.family.mother.id, by=officer)

    assert touched == {session.id}
    assert [row.status for row in await rows(services, places)] == ["cancelled", "cancelled"]
    assert (await counts(services)).ticks == 0


async def test_afterwards_nothing_can_be_booked(services: Services, world: World) -> None:
    await mothers_ends(services, world)
    with pytest.raises(NotReleased):
        await book(services, world)


async def test_what_is_over_stays_as_it_was(services: Services, clock: Clock, world: World) -> None:
    session = await book(services, world)
    clock.at = session.ends_at + timedelta(hours=2)

    assert await mothers_ends(services, world) == frozenset()
    assert {row.status for row in await rows(services, places)} == {"booked"}
