"""Acts about one family at one moment, on PostgreSQL: nobody is in two places or meets whom they may not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scheduler.actions.booking import book_session
from scheduler.actions.families import keep_apart
from scheduler.actions.members import change_members
from scheduler.domain.errors import Invalid, NotFound, SlotTaken
from scheduler.services import Services
from scheduler.storage import kinds
from scheduler.storage.tables import places, sessions, taken_ticks
from tests.engines import postgresql_url
from tests.households import add_coordinator, add_relative, as_actor
from tests.races import Act, one_close_after_the_other
from tests.scheduling import AT_NINE, CHECK_IN, STEP, World, add_colleague, add_world, rows


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


async def test_of_two_sessions_that_want_one_member_at_once_one_gets_them(
    services: Services, world: World
) -> None:
    aunt = await add_relative(services, world, "Joan Rivera")
    father = await add_relative(services, world, "Daniel Rivera", "father")
    colleague = await add_colleague(services, world)
    other = replace(CHECK_IN, id="other")
    await services.database.write(lambda tx: kinds.add(tx, other, offered_by=[colleague.id]))

    def books(actor: World | object, kind_id: str) -> Act:
        wish = replace(AT_NINE, kind_id=kind_id, duty="", members=(aunt.id,))
        return lambda asked: book_session(asked, actor, wish)  # type: ignore[arg-type]

    booked, refused = await one_close_after_the_other(
        services, books(world.mother, CHECK_IN.id), books(as_actor(world, father), "other")
    )

    assert isinstance(refused, SlotTaken)
    kept = await rows(services, sessions)
    assert [row.id for row in kept] == [booked.id]  # type: ignore[attr-defined]
    assert len([row for row in await rows(services, taken_ticks) if row.person_id == aunt.id]) == 4


@pytest.mark.parametrize("is_marked_first", [True, False])
async def test_two_kept_apart_while_one_books_for_both_never_share_the_session(
    services: Services, world: World, is_marked_first: bool
) -> None:
    father = await add_relative(services, world, "Daniel Rivera", "father")
    _, coordinator = await add_coordinator(services, world)
    both = (world.family.mother.id, father.id)

    async def marks(asked: Services) -> None:
        await keep_apart(asked, coordinator, world.family.client.id, both, leaves=father.id)

    async def books(asked: Services) -> object:
        return await book_session(asked, world.mother, replace(AT_NINE, members=(father.id,)))

    acts = (marks, books) if is_marked_first else (books, marks)
    results = await one_close_after_the_other(services, *acts)

    assert isinstance(results[1], NotFound) == is_marked_first
    booked = {row.person_id for row in await rows(services, places) if row.status == "booked"}
    assert not set(both) <= booked


async def test_two_kept_apart_while_one_is_invited_never_share_the_session(
    services: Services, world: World
) -> None:
    father = await add_relative(services, world, "Daniel Rivera", "father")
    _, coordinator = await add_coordinator(services, world)
    both = (world.family.mother.id, father.id)
    session = await book_session(services, world.mother, replace(AT_NINE, starts_at=AT_NINE.starts_at + STEP))

    async def invites(asked: Services) -> object:
        return await change_members(asked, world.mother, session.id, {father.id})

    async def marks(asked: Services) -> None:
        return await keep_apart(
            asked, coordinator, world.family.client.id, both, leaves=world.family.mother.id
        )

    results = await one_close_after_the_other(services, invites, marks)

    assert not any(isinstance(one, (Exception, Invalid)) for one in results)
    booked = {row.person_id for row in await rows(services, places) if row.status == "booked"}
    assert both[1] in booked
    assert both[0] not in booked
