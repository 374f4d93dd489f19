"""Proposals: up to five held times, for which others are asked, and what becomes of those times."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from scheduler.actions import families
from scheduler.actions.availability import set_limits
from scheduler.actions.booking import book_session
from scheduler.actions.cancelling import give_up_place
from scheduler.actions.holds import clear_lapsed_holds, hold_slot
from scheduler.actions.proposals import Asking, lapse_overdue, propose, see_proposal, withdraw
from scheduler.actions.sessions import my_sessions
from scheduler.actions.slots import show_slots
from scheduler.domain.errors import Denied, Invalid, NotFound, NotReleased, SlotTaken
from scheduler.domain.limits import Limits
from scheduler.domain.people import Person
from scheduler.domain.proposals import MOST_TIMES, Status
from scheduler.services import Services
from scheduler.storage.tables import holds, kinds, notices, proposals, releases, taken_ticks
from tests.builders import PACIFIC
from tests.conftest import Clock
from tests.households import add_coordinator, add_relative, as_actor, keep_apart
from tests.proposals import A_DAY, THREE, ask, say
from tests.scheduling import (
    AT_NINE,
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_neighbours,
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


async def told(services: Services, rule: str) -> set[str]:
    """Return the ids of those to whom a notice of this rule is owed, each once."""
    owed = [row.person_id for row in await rows(services, notices) if row.rule == rule]
    assert len(owed) == len(set(owed))
    return set(owed)


async def test_who_gave_up_the_place_that_came_of_it_has_none(
    services: Services, world: World, aunt: Person
) -> None:
    booked = await say(services, as_actor(world, aunt), await ask(services, world, [aunt]), True)
    assert booked.session_id
    assert (await see_proposal(services, world.mother, booked.id)).has_place

    await give_up_place(services, world.mother, booked.session_id)

    assert not (await see_proposal(services, world.mother, booked.id)).has_place


async def test_proposed_times_are_held_against_everybody_and_those_asked_are_told(
    services: Services, world: World, aunt: Person
) -> None:
    neighbours = await add_neighbours(services, world)
    proposal = await ask(services, world, [aunt])

    held = [row for row in await rows(services, taken_ticks) if row.person_id == world.family.clinician.id]
    assert len(held) == 3 * 5  # twenty minutes and the pause of five
    for who in (world.mother, neighbours.mother, as_actor(world, aunt)):
        with pytest.raises(SlotTaken):
            await book_session(services, who, AT_NINE)
        shown = await show_slots(services, who, zone=PACIFIC)
        assert shown.page
        free = {slot.interval.starts_at for day in shown.page.days for slot in day.slots}
        assert not free & set(THREE)
    assert proposal.expires_at == THREE[-1] - timedelta(minutes=CHECK_IN.least_notice)
    assert await told(services, "times_proposed") == {aunt.id}
    assert ("proposal.made", "success") in await entries(services)


async def test_a_hold_of_ones_own_stands_beside_a_proposal(
    services: Services, world: World, aunt: Person
) -> None:
    await ask(services, world, [aunt])

    held = await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE + 2 * STEP)

    kept = {row.id: row.proposal_id for row in await rows(services, holds)}
    assert len(kept) == 4
    assert kept[held.id] is None


async def test_asking_the_same_twice_is_one_proposal_and_asking_about_others_is_refused(
    services: Services, world: World, aunt: Person
) -> None:
    first = await ask(services, world, [aunt])
    again = await ask(services, world, [aunt])

    assert again == first
    with pytest.raises(Invalid) as refused:
        await ask(services, world, [aunt], starts=(TUESDAY_NINE + 3 * STEP,))
    assert "asked about other times already" in refused.value.errors["times"]
    assert len(await rows(services, proposals)) == 1
    assert len(await rows(services, holds)) == 3


@pytest.mark.parametrize(
    ("starts", "words"),
    [
        ((), "at least one"),
        (tuple(TUESDAY_NINE + number * STEP for number in range(MOST_TIMES + 1)), "five times at most"),
    ],
)
async def test_there_is_one_time_at_least_and_five_at_most(
    services: Services, world: World, aunt: Person, starts: tuple[object, ...], words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await ask(services, world, [aunt], starts=starts)  # type: ignore[arg-type]
    assert words in refused.value.errors["times"]


async def test_times_that_are_taken_or_overlap_are_refused_and_nothing_is_kept(
    services: Services, world: World, aunt: Person
) -> None:
    neighbours = await add_neighbours(services, world)
    await book_session(services, neighbours.mother, AT_NINE)

    with pytest.raises(SlotTaken):
        await ask(services, world, [aunt])
    with pytest.raises(Invalid):
        await ask(services, world, [aunt], starts=(TUESDAY_NINE - 7 * A_DAY,))

    assert not await rows(services, proposals)
    assert not await rows(services, holds)


async def test_nobody_is_asked_of_whom_the_proposer_may_not_be_told_or_who_has_no_release(
    services: Services, world: World, aunt: Person
) -> None:
    father = await add_relative(services, world, "Daniel Rivera", "father")
    stranger = await add_relative(services, world, "Ana Rivera", has_release=False)
    await keep_apart(services, world, father, world.family.mother)
    neighbours = await add_neighbours(services, world)

    for person in (father, stranger, neighbours.family.mother):
        with pytest.raises(NotFound):
            await ask(services, world, [person])
    with pytest.raises(Invalid):
        await ask(services, world, [])
    await services.database.write(lambda tx: tx.execute(update(kinds).values(education_only=True)))
    with pytest.raises(Invalid) as refused:
        await ask(services, world, [stranger])
    assert "members" in refused.value.errors


async def test_two_who_are_kept_apart_are_never_asked_together(
    services: Services, world: World, aunt: Person
) -> None:
    father = await add_relative(services, world, "Daniel Rivera", "father")
    await keep_apart(services, world, father, aunt)

    with pytest.raises(Invalid) as refused:
        await ask(services, world, [father, aunt])
    assert "members" in refused.value.errors


async def test_a_proposal_is_seen_by_its_people_alone_and_no_longer_once_two_are_kept_apart(
    services: Services, world: World, aunt: Person
) -> None:
    proposal = await ask(services, world, [aunt])
    neighbours = await add_neighbours(services, world)

    seen = await see_proposal(services, as_actor(world, aunt), proposal.id)
    assert (seen.proposer, seen.is_mine, seen.is_answered) == (world.family.mother.name, False, False)
    assert [one.proposer for one in (await my_sessions(services, as_actor(world, aunt))).proposals] == [
        world.family.mother.name
    ]
    for outsider in (world.family.client_actor, neighbours.mother):
        with pytest.raises(NotFound):
            await see_proposal(services, outsider, proposal.id)
        assert not (await my_sessions(services, outsider)).proposals
    await keep_apart(services, world, aunt, world.family.mother)
    with pytest.raises(NotFound):
        await see_proposal(services, as_actor(world, aunt), proposal.id)
    assert not (await my_sessions(services, as_actor(world, aunt))).proposals
    assert not (await see_proposal(services, world.mother, proposal.id)).people


async def test_what_is_proposed_to_two_lapses_when_they_are_kept_apart_and_other_proposals_stay(
    services: Services, world: World, aunt: Person
) -> None:
    father = await add_relative(services, world, "Daniel Rivera", "father")
    both = await ask(services, world, [aunt, father])
    asking = Asking(CHECK_IN.id, (TUESDAY_NINE + 3 * STEP,), (world.family.client.id,))
    other = await propose(services, as_actor(world, aunt), asking)
    _, coordinator = await add_coordinator(services, world)

    await families.keep_apart(services, coordinator, world.family.client.id, (aunt.id, father.id))

    kept = {row.id: row.status for row in await rows(services, proposals)}
    assert kept == {both.id: "lapsed", other.id: "open"}
    assert {row.proposal_id for row in await rows(services, holds)} == {other.id}


async def test_proposed_times_count_among_the_most_that_a_clinician_takes_a_day(
    services: Services, world: World, aunt: Person
) -> None:
    await set_limits(services, world.therapist, Limits(most_a_day=2))
    on_one_day = tuple(TUESDAY_NINE + number * STEP for number in range(3))

    with pytest.raises(SlotTaken):
        await ask(services, world, [aunt], starts=on_one_day)
    proposal = await ask(services, world, [aunt], starts=on_one_day[:2])
    with pytest.raises(SlotTaken):
        await book_session(services, world.mother, replace(AT_NINE, starts_at=on_one_day[2]))

    assert (await say(services, as_actor(world, aunt), proposal, False, True)).status is Status.BOOKED


async def test_only_the_proposer_takes_it_back_and_every_time_is_free_again(
    services: Services, world: World, aunt: Person
) -> None:
    proposal = await ask(services, world, [aunt])

    with pytest.raises(Denied):
        await withdraw(services, as_actor(world, aunt), proposal.id)
    for _ in range(2):
        gone = await withdraw(services, world.mother, proposal.id)
        assert gone.status is Status.WITHDRAWN

    assert not await rows(services, taken_ticks)
    assert not await rows(services, holds)
    assert (await entries(services)).count(("proposal.withdrawn", "success")) == 1
    late = await say(services, as_actor(world, aunt), proposal, True)
    assert late.status is Status.WITHDRAWN
    assert (await ask(services, world, [aunt])).id != proposal.id


async def test_a_lapsed_proposal_blocks_nothing_even_before_the_job_and_its_proposer_is_told_once(
    services: Services, world: World, aunt: Person, clock: Clock
) -> None:
    late = tuple(TUESDAY_NINE + 3 * A_DAY + number * STEP for number in range(2))
    proposal = await ask(services, world, [aunt], starts=late)
    clock.move(hours=47)
    assert await lapse_overdue(services) == 0
    clock.move(hours=1)

    assert not (await my_sessions(services, as_actor(world, aunt))).proposals
    assert (await say(services, as_actor(world, aunt), proposal, True)).session_id is None
    neighbours = await add_neighbours(services, world)
    await book_session(services, neighbours.mother, replace(AT_NINE, starts_at=late[0]))
    assert [await lapse_overdue(services) for _ in range(2)] == [1, 0]

    assert (await see_proposal(services, world.mother, proposal.id)).proposal.status is Status.LAPSED
    assert not await rows(services, holds)
    assert await told(services, "times_over") == {world.family.mother.id}
    assert [event for event, _ in await entries(services)].count("proposal.lapsed") == 1


async def test_who_asks_anew_after_a_lapse_need_not_wait_for_the_job(
    services: Services, world: World, aunt: Person, clock: Clock
) -> None:
    late = (TUESDAY_NINE + 3 * A_DAY,)
    first = await ask(services, world, [aunt], starts=late)
    clock.move(hours=48)

    second = await ask(services, world, [aunt], starts=late)

    kept = {row.id: row.status for row in await rows(services, proposals)}
    assert kept == {first.id: "lapsed", second.id: "open"}


async def test_each_time_is_free_when_it_becomes_too_soon_and_the_others_stay(
    services: Services, world: World, aunt: Person, clock: Clock
) -> None:
    proposal = await ask(services, world, [aunt])
    clock.at = TUESDAY_NINE - timedelta(minutes=CHECK_IN.least_notice)

    assert await clear_lapsed_holds(services) == 1
    seen = (await see_proposal(services, as_actor(world, aunt), proposal.id)).proposal

    assert [one.is_held(services.now()) for one in seen.times] == [False, True, True]
    assert seen.is_open(services.now())


async def test_without_a_release_nobody_asks_or_answers(
    services: Services, world: World, aunt: Person
) -> None:
    proposal = await ask(services, world, [aunt])
    await services.database.write(lambda tx: tx.execute(update(releases).values(revoked_at=services.now())))

    with pytest.raises(NotFound):
        await say(services, as_actor(world, aunt), proposal, True)
    await withdraw(services, world.mother, proposal.id)
    with pytest.raises(NotReleased):
        await ask(services, world, [aunt])


async def test_staff_propose_nothing(services: Services, world: World, aunt: Person) -> None:
    proposal = await ask(services, world, [aunt])
    for act in (see_proposal, withdraw):
        with pytest.raises(Denied):
            await act(services, world.therapist, proposal.id)
    asking = propose(services, world.therapist, None)  # type: ignore[arg-type]
    with pytest.raises(Denied):
        await asking
