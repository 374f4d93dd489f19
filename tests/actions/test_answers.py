"""Answers to a proposal: the first time that is settled books itself, and the others are free."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from scheduler.actions.availability import set_limits
from scheduler.actions.booking import book_session
from scheduler.actions.proposals import see_proposal
from scheduler.actions.sessions import see_session
from scheduler.domain.errors import Denied
from scheduler.domain.households import ClientPart
from scheduler.domain.limits import Limits
from scheduler.domain.people import Person
from scheduler.domain.proposals import Status
from scheduler.services import Services
from scheduler.storage import kinds as kept_kinds
from scheduler.storage.tables import holds, kinds, notices, places, releases, sessions, taken_ticks
from tests.conftest import Clock
from tests.households import add_relative, as_actor
from tests.households import keep_apart as keep_them_apart
from tests.proposals import THREE, ask, say
from tests.scheduling import (
    AT_NINE,
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_colleague,
    add_world,
    entries,
    rows,
)


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


@pytest.fixture
async def aunt(services: Services, world: World) -> Person:
    """An aunt with a release."""
    return await add_relative(services, world, "Joan Rivera")


async def starts(services: Services) -> list[object]:
    return [row.starts_at for row in await rows(services, sessions) if row.status == "booked"]


async def seats(services: Services) -> set[str]:
    return {row.person_id for row in await rows(services, places) if row.client_id}


async def owed(services: Services, rule: str) -> list[str]:
    return sorted(row.person_id for row in await rows(services, notices) if row.rule == rule)


async def test_whoever_may_not_come_any_more_is_not_told_how_it_ended(
    services: Services, world: World, aunt: Person
) -> None:
    client = world.family.client
    proposal = await ask(services, world, [aunt, client], needs_all=False)
    ended = update(releases).where(releases.c.person_id == aunt.id).values(expires_at=services.now())
    await services.database.write(lambda tx: tx.execute(ended))

    booked = await say(services, world.family.client_actor, proposal, True)

    assert booked.status is Status.BOOKED
    assert aunt.id not in await seats(services)
    assert await owed(services, "times_over") == []


async def test_the_first_time_that_works_for_all_books_itself_and_the_rest_are_free(
    services: Services, world: World, aunt: Person
) -> None:
    client, mother = world.family.client, world.family.mother
    proposal = await ask(services, world, [aunt, client])

    open_still = await say(services, as_actor(world, aunt), proposal, False, True, True)
    assert open_still.status is Status.OPEN
    booked = await say(services, world.family.client_actor, proposal, True, True, True)

    assert booked.status is Status.BOOKED
    assert await starts(services) == [THREE[1]]
    assert await seats(services) == {aunt.id, client.id, mother.id}
    assert not await rows(services, holds)
    ticks = [(row.person_id, row.session_id) for row in await rows(services, taken_ticks)]
    assert {session_id for _, session_id in ticks} == {booked.session_id}
    assert len(ticks) == 3 * 4 + 5
    everybody = sorted([aunt.id, client.id, mother.id, world.family.clinician.id])
    assert await owed(services, "booked") == everybody
    assert await owed(services, "times_over") == []
    events = [event for event, _ in await entries(services)]
    assert events.count("proposal.answered") == 2
    assert events.count("session.booked") == 1


async def test_who_proposed_leads_the_session_that_was_booked(
    services: Services, world: World, aunt: Person
) -> None:
    proposal = await ask(services, world, [aunt])
    booked = await say(services, as_actor(world, aunt), proposal, True)

    assert booked.session_id
    assert (await see_session(services, world.mother, booked.session_id)).leads
    assert not (await see_session(services, as_actor(world, aunt), booked.session_id)).leads


async def test_one_yes_is_enough_where_the_proposer_chose_so_and_the_others_are_told_neutrally(
    services: Services, world: World, aunt: Person
) -> None:
    client = world.family.client
    proposal = await ask(services, world, [aunt, client], needs_all=False)
    await say(services, world.family.client_actor, proposal, False, False, False)

    booked = await say(services, as_actor(world, aunt), proposal, False, False, True)

    assert booked.status is Status.BOOKED
    assert await starts(services) == [THREE[2]]
    assert await seats(services) == {world.family.mother.id, aunt.id}
    assert await owed(services, "times_over") == [client.id]


async def test_what_the_kind_asks_for_must_be_among_those_for_whom_it_works(
    services: Services, world: World, aunt: Person
) -> None:
    await services.database.write(lambda tx: tx.execute(update(kinds).values(client_part=ClientPart.MUST)))
    proposal = await ask(services, world, [aunt, world.family.client], needs_all=False)

    await say(services, as_actor(world, aunt), proposal, True, True, True)
    assert await starts(services) == []
    await say(services, world.family.client_actor, proposal, False, True, False)

    assert await starts(services) == [THREE[1]]
    assert len(await seats(services)) == 3


async def test_an_answer_may_be_changed_and_the_same_one_sent_twice_is_one_entry(
    services: Services, world: World, aunt: Person
) -> None:
    proposal = await ask(services, world, [aunt, world.family.client])
    for _ in range(2):
        await say(services, as_actor(world, aunt), proposal, False, True)
    await say(services, as_actor(world, aunt), proposal, True, False)

    await say(services, world.family.client_actor, proposal, True, True)

    assert await starts(services) == [THREE[0]]
    answered = [event for event, _ in await entries(services)].count("proposal.answered")
    assert answered == 3


async def test_the_proposer_does_not_answer_and_times_of_others_are_left_alone(
    services: Services, world: World, aunt: Person
) -> None:
    proposal = await ask(services, world, [aunt])

    with pytest.raises(Denied):
        await say(services, world.mother, proposal, True)
    foreign = replace(proposal, times=tuple(replace(one, id="elsewhere") for one in proposal.times))
    after = await say(services, as_actor(world, aunt), foreign, True)

    assert after.status is Status.OPEN
    assert not after.has_answered(aunt.id)


@pytest.mark.parametrize("who", ["mother", "aunt"])
async def test_a_time_at_which_somebody_is_elsewhere_by_now_is_lost_and_the_next_one_is_booked(
    services: Services, world: World, aunt: Person, who: str
) -> None:
    proposal = await ask(services, world, [aunt])
    colleague = await add_colleague(services, world)
    other = replace(CHECK_IN, id="other")
    await services.database.write(lambda tx: kept_kinds.add(tx, other, offered_by=[colleague.id]))
    busy = world.mother if who == "mother" else as_actor(world, aunt)
    await book_session(services, busy, replace(AT_NINE, kind_id="other"))

    lost = await say(services, as_actor(world, aunt), proposal, True)
    assert lost.status is Status.OPEN
    seen = (await see_proposal(services, world.mother, proposal.id)).proposal
    assert [one.is_held(services.now()) for one in seen.times] == [False, True, True]
    booked = await say(services, as_actor(world, aunt), proposal, True, True)

    assert booked.status is Status.BOOKED
    assert await starts(services) == [TUESDAY_NINE, THREE[1]]
    await book_session(services, world.family.client_actor, AT_NINE)  # the clinician's time is free again


async def test_when_the_last_time_is_lost_the_proposal_is_over_and_its_proposer_is_told(
    services: Services, world: World, aunt: Person
) -> None:
    proposal = await ask(services, world, [aunt], starts=(TUESDAY_NINE,))
    colleague = await add_colleague(services, world)
    other = replace(CHECK_IN, id="other")
    await services.database.write(lambda tx: kept_kinds.add(tx, other, offered_by=[colleague.id]))
    await book_session(services, world.mother, replace(AT_NINE, kind_id="other"))

    lapsed = await say(services, as_actor(world, aunt), proposal, True)

    assert lapsed.status is Status.LAPSED
    assert await owed(services, "times_over") == [world.family.mother.id]
    assert not await rows(services, holds)


async def test_nobody_without_a_release_by_then_gets_a_place(
    services: Services, world: World, aunt: Person
) -> None:
    client = world.family.client
    proposal = await ask(services, world, [aunt, client])
    await say(services, as_actor(world, aunt), proposal, True, True, True)
    ended = update(releases).where(releases.c.person_id == aunt.id).values(revoked_at=services.now())
    await services.database.write(lambda tx: tx.execute(ended))

    after = await say(services, world.family.client_actor, proposal, True, True, True)

    assert after.status is Status.OPEN
    assert await starts(services) == []


async def test_two_who_are_kept_apart_meanwhile_are_never_booked_together(
    services: Services, world: World, aunt: Person
) -> None:
    client = world.family.client
    proposal = await ask(services, world, [aunt, client])
    await say(services, as_actor(world, aunt), proposal, True, True, True)
    await keep_them_apart(services, world, aunt, client)

    after = await say(services, world.family.client_actor, proposal, True, True, True)

    assert after.status is Status.OPEN
    assert await starts(services) == []


async def test_a_time_that_became_too_soon_is_not_booked_any_more(
    services: Services, world: World, aunt: Person, clock: Clock
) -> None:
    proposal = await ask(services, world, [aunt])
    clock.at = TUESDAY_NINE - timedelta(minutes=CHECK_IN.least_notice)

    after = await say(services, as_actor(world, aunt), proposal, True)
    assert after.status is Status.OPEN
    await say(services, as_actor(world, aunt), proposal, True, True)

    assert await starts(services) == [TUESDAY_NINE + STEP]


async def test_a_held_time_does_not_become_too_soon_for_its_clinician_meanwhile(
    services: Services, world: World, aunt: Person, clock: Clock
) -> None:
    await set_limits(services, world.therapist, Limits(least_notice=23 * 60))
    proposal = await ask(services, world, [aunt], starts=(TUESDAY_NINE,))
    clock.move(hours=2)

    assert (await say(services, as_actor(world, aunt), proposal, True)).status is Status.BOOKED
