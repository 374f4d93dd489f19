"""Acts about one proposal at one moment, on PostgreSQL: one time is booked or none, all others are free."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scheduler.actions.booking import book_session
from scheduler.actions.proposals import lapse_overdue, withdraw
from scheduler.domain.booking import Session
from scheduler.domain.people import Person
from scheduler.domain.proposals import Proposal, Status
from scheduler.services import Services
from scheduler.storage import kinds
from scheduler.storage.tables import holds, proposals, sessions, taken_ticks
from tests.conftest import Clock
from tests.engines import postgresql_url
from tests.households import add_relative, as_actor
from tests.proposals import THREE, ask, say
from tests.races import Act, one_close_after_the_other
from tests.scheduling import AT_NINE, CHECK_IN, World, add_colleague, add_world, rows


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


@pytest.fixture
async def aunt(services: Services, world: World) -> Person:
    """An aunt with a release."""
    return await add_relative(services, world, "Joan Rivera")


def says(world: World, who: Person, proposal: Proposal, *works: bool) -> Act:
    return lambda asked: say(asked, as_actor(world, who), proposal, *works)


async def assert_nothing_is_left(services: Services, *, booked: int) -> None:
    """Check that so many sessions are booked, and that no tick is taken but theirs."""
    found = {row.id for row in await rows(services, sessions)}
    assert len(found) == booked
    assert not await rows(services, holds)
    assert {row.session_id for row in await rows(services, taken_ticks)} == found


async def test_of_two_answers_that_settle_two_times_at_once_one_books(
    services: Services, world: World, aunt: Person
) -> None:
    client = world.family.client
    proposal = await ask(services, world, [aunt, client], needs_all=False)

    results = await one_close_after_the_other(
        services,
        says(world, aunt, proposal, False, True),
        says(world, client, proposal, True, False),
    )

    assert [one.status for one in results if isinstance(one, Proposal)] == [Status.BOOKED] * 2
    assert [row.starts_at for row in await rows(services, sessions)] == [THREE[1]]
    await assert_nothing_is_left(services, booked=1)


@pytest.mark.parametrize("is_answered_first", [True, False])
async def test_an_answer_and_its_withdrawal_at_once_leave_one_of_the_two(
    services: Services, world: World, aunt: Person, is_answered_first: bool
) -> None:
    proposal = await ask(services, world, [aunt])
    answers = says(world, aunt, proposal, True)

    async def takes_back(asked: Services) -> object:
        return await withdraw(asked, world.mother, proposal.id)

    acts = (answers, takes_back) if is_answered_first else (takes_back, answers)
    results = await one_close_after_the_other(services, *acts)

    wanted = Status.BOOKED if is_answered_first else Status.WITHDRAWN
    assert [one.status for one in results if isinstance(one, Proposal)] == [wanted] * 2
    await assert_nothing_is_left(services, booked=int(is_answered_first))


async def test_an_answer_close_after_the_lapse_books_nothing(
    services: Services, world: World, aunt: Person, clock: Clock
) -> None:
    proposal = await ask(services, world, [aunt])
    early = replace(services, now=lambda: proposal.expires_at.replace(year=2025))
    clock.at = proposal.expires_at

    async def answers(asked: Services) -> object:
        return await say(replace(asked, now=early.now), as_actor(world, aunt), proposal, True)

    results = await one_close_after_the_other(services, lapse_overdue, answers)

    assert results[0] == 1
    assert [row.status for row in await rows(services, proposals)] == ["lapsed"]
    await assert_nothing_is_left(services, booked=0)


async def test_two_proposals_pressed_at_once_are_one(services: Services, world: World, aunt: Person) -> None:
    async def asks(asked: Services) -> object:
        return await ask(asked, world, [aunt])

    first, second = await one_close_after_the_other(services, asks, asks)

    assert isinstance(first, Proposal)
    assert isinstance(second, Proposal)
    assert first.id == second.id
    assert len(await rows(services, holds)) == 3


async def test_an_answer_while_its_person_books_elsewhere_puts_nobody_in_two_places(
    services: Services, world: World, aunt: Person
) -> None:
    proposal = await ask(services, world, [aunt], starts=(THREE[0],))
    colleague = await add_colleague(services, world)
    other = replace(CHECK_IN, id="other")
    await services.database.write(lambda tx: kinds.add(tx, other, offered_by=[colleague.id]))

    async def books(asked: Services) -> object:
        return await book_session(asked, as_actor(world, aunt), replace(AT_NINE, kind_id="other"))

    booked, answered = await one_close_after_the_other(services, books, says(world, aunt, proposal, True))

    assert isinstance(booked, Session)
    assert isinstance(answered, Proposal)
    assert answered.status is Status.LAPSED
    await assert_nothing_is_left(services, booked=1)
