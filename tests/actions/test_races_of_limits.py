"""Two families after the last session that a clinician takes, on PostgreSQL, one close after the other."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scheduler.actions import availability
from scheduler.actions.booking import book_session
from scheduler.actions.holds import hold_slot
from scheduler.domain.booking import Session
from scheduler.domain.errors import SlotTaken
from scheduler.domain.limits import Limits
from scheduler.services import Services
from tests.engines import postgresql_url
from tests.races import one_close_after_the_other
from tests.scheduling import AT_NINE, CHECK_IN, STEP, TUESDAY_NINE, add_neighbours, add_world


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@pytest.mark.parametrize("limits", [Limits(most_a_day=1), Limits(most_a_week=1)])
async def test_who_wants_the_last_session_waits_for_who_is_about_to_get_it(
    services: Services, limits: Limits
) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    await availability.set_limits(services, world.therapist, limits)
    later = replace(AT_NINE, starts_at=TUESDAY_NINE + STEP)

    first, second = await one_close_after_the_other(
        services,
        lambda own: book_session(own, world.mother, AT_NINE),
        lambda own: book_session(own, neighbours.mother, later),
    )

    assert isinstance(first, Session)
    assert isinstance(second, SlotTaken)


async def test_a_hold_waits_likewise(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    await availability.set_limits(services, world.therapist, Limits(most_a_day=1))

    first, second = await one_close_after_the_other(
        services,
        lambda own: book_session(own, world.mother, AT_NINE),
        lambda own: hold_slot(own, neighbours.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE + STEP),
    )

    assert isinstance(first, Session)
    assert isinstance(second, SlotTaken)
