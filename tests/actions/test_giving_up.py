"""One's own place and the whole session are different things: giving up the one, calling off the other."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from scheduler.actions.booking import book_session
from scheduler.actions.cancelling import cancel_session, give_up_place
from scheduler.actions.sessions import see_session
from scheduler.domain.audit import Event
from scheduler.domain.booking import Session, Status
from scheduler.domain.errors import Denied, SessionOver, SlotTaken
from scheduler.domain.people import Actor, Person
from scheduler.services import Services
from scheduler.storage.tables import bookings, join_links, kinds, notices, places, taken_ticks
from tests.conftest import Clock
from tests.households import add_relative, as_actor
from tests.log import events
from tests.scheduling import AT_NINE, World, add_world, counts, rows


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


@pytest.fixture
async def aunt(services: Services, world: World) -> Person:
    """An aunt with a release."""
    return await add_relative(services, world, "Joan Rivera")


@pytest.fixture
async def session(services: Services, world: World, aunt: Person) -> Session:
    """A session of the mother, who booked it, and the aunt."""
    return await book_session(services, world.mother, replace(AT_NINE, members=(aunt.id,)))


async def test_who_gave_up_their_place_and_books_the_time_again_is_not_told_that_they_have_it(
    services: Services, world: World, session: Session
) -> None:
    await give_up_place(services, world.mother, session.id)

    with pytest.raises(SlotTaken):
        await book_session(services, world.mother, AT_NINE)


async def test_whoever_cannot_come_leaves_the_session_to_the_others(
    services: Services, world: World, aunt: Person, session: Session
) -> None:
    for _ in range(2):
        left = await give_up_place(services, as_actor(world, aunt), session.id)
        assert left.status is Status.BOOKED

    assert {row.person_id: row.status for row in await rows(services, places)} == {
        aunt.id: "cancelled",
        world.family.mother.id: "booked",
        session.host_id: "booked",
    }
    assert aunt.id not in {row.person_id for row in await rows(services, taken_ticks)}
    revoked = {row.person_id for row in await rows(services, join_links) if row.revoked_at}
    told = {row.person_id for row in await rows(services, notices) if row.rule == "cancelled"}
    assert revoked == told == {aunt.id}
    assert [row.status for row in await rows(services, bookings)] == ["booked"]
    assert await events(services) == [Event.SESSION_BOOKED, Event.PLACE_GIVEN_UP]


async def test_whoever_gave_up_their_place_sees_no_more_who_takes_part(
    services: Services, world: World, aunt: Person, session: Session
) -> None:
    await give_up_place(services, as_actor(world, aunt), session.id)

    assert (await see_session(services, as_actor(world, aunt), session.id)).fellows == ()
    assert (await see_session(services, world.mother, session.id)).fellows == ()


async def test_the_booking_stands_for_the_others_when_whoever_booked_it_leaves(
    services: Services, world: World, aunt: Person, session: Session
) -> None:
    await give_up_place(services, world.mother, session.id)

    assert [row.status for row in await rows(services, bookings)] == ["booked"]
    assert (await see_session(services, as_actor(world, aunt), session.id)).seen.place.status is Status.BOOKED


async def test_the_last_one_to_leave_calls_the_session_off(
    services: Services, world: World, aunt: Person, session: Session
) -> None:
    await give_up_place(services, world.mother, session.id)
    assert (await see_session(services, as_actor(world, aunt), session.id)).is_broken_alone

    off = await give_up_place(services, as_actor(world, aunt), session.id)

    assert off.status is Status.CANCELLED
    assert (await counts(services)).ticks == 0
    assert [row.status for row in await rows(services, bookings)] == ["cancelled"]
    assert await events(services) == [
        Event.SESSION_BOOKED,
        Event.PLACE_GIVEN_UP,
        Event.SESSION_READ,
        Event.SESSION_CANCELLED,
    ]


async def test_a_session_whose_quorum_breaks_is_called_off_and_everybody_is_told(
    services: Services, world: World, aunt: Person, session: Session
) -> None:
    await services.database.write(lambda tx: tx.execute(update(kinds).values(needs_guardian=True)))

    off = await give_up_place(services, as_actor(world, aunt), session.id)

    assert off.status is Status.CANCELLED
    told = {row.person_id for row in await rows(services, notices) if row.rule == "cancelled"}
    assert told == {world.family.mother.id, aunt.id, session.host_id}


async def test_only_who_booked_the_client_and_staff_call_it_off_for_all(
    services: Services, world: World, aunt: Person, session: Session
) -> None:
    with pytest.raises(Denied):
        await cancel_session(services, as_actor(world, aunt), session.id)

    assert (await cancel_session(services, world.mother, session.id)).status is Status.CANCELLED


@pytest.mark.parametrize("who", ["client", "clinician"])
async def test_the_client_who_takes_part_and_the_care_team_may_call_it_off_too(
    services: Services, world: World, aunt: Person, who: str
) -> None:
    members = (aunt.id, world.family.client.id)
    session = await book_session(services, world.mother, replace(AT_NINE, members=members))
    actor: Actor = getattr(world.family, f"{who}_actor")

    assert (await cancel_session(services, actor, session.id)).status is Status.CANCELLED


async def test_a_place_in_a_session_that_has_begun_stays(
    services: Services, world: World, aunt: Person, session: Session, clock: Clock
) -> None:
    clock.at = session.starts_at

    with pytest.raises(SessionOver):
        await give_up_place(services, as_actor(world, aunt), session.id)
