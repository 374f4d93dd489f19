"""Two families who want kinds that share one clinician, at the same moment, on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scheduler.actions.holds import hold_slot
from scheduler.domain.booking import Session
from scheduler.domain.errors import SlotTaken
from scheduler.services import Services
from tests.engines import postgresql_url
from tests.races import Act, one_close_after_the_other
from tests.scheduling import (
    ALL_AT_NINE,
    AT_NINE,
    CARE_TEAM,
    TUESDAY_NINE,
    World,
    add_care_team,
    add_neighbours,
    add_world,
    book,
    counts,
    join_team,
)

TOGETHER, CHECK_IN = 10 + 2 * 13, 4 + 5  # ticks of a family member and of those whom they meet


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


def asks_for(world: World, what: str) -> Act:
    """Return the family's booking of everybody or of one duty, or its hold of everybody."""
    if what == "hold":
        return lambda services: hold_slot(
            services, world.mother, kind_id=CARE_TEAM.id, starts_at=TUESDAY_NINE
        )
    wish = ALL_AT_NINE if what == "all" else replace(AT_NINE, duty=what)
    return lambda services: book(services, world, wish)


@pytest.mark.parametrize(
    ("first", "second", "ticks"),
    [
        ("all", "family therapist", TOGETHER),
        ("all", "psychiatrist", TOGETHER),
        ("family therapist", "all", CHECK_IN),
        ("psychiatrist", "all", CHECK_IN),
        ("psychiatrist", "hold", CHECK_IN),
        ("hold", "psychiatrist", 2 * 13),
        ("all", "all", TOGETHER),
    ],
)
async def test_the_first_gets_everybody_and_the_second_nobody(
    services: Services, first: str, second: str, ticks: int
) -> None:
    world = await add_world(services)
    psychiatrist = await add_care_team(services, world)
    neighbours = await add_neighbours(services, world)
    await join_team(services, neighbours, psychiatrist)

    won, lost = await one_close_after_the_other(
        services, asks_for(world, first), asks_for(neighbours, second)
    )

    assert not isinstance(won, Exception)
    assert isinstance(lost, SlotTaken)
    kept = await counts(services)
    assert (kept.ticks, kept.sessions + kept.holds) == (ticks, 1)
    assert kept.places == (0 if first == "hold" else 3 if isinstance(won, Session) and first == "all" else 2)
