"""Coverage keeps the pauses that each clinician asks for beside those of the kind."""

from datetime import timedelta

import pytest

from scheduler.actions.availability import set_limits
from scheduler.actions.booking import Wish, book_session
from scheduler.actions.covering import cover
from scheduler.domain.cells import Span
from scheduler.domain.coverage import LEAVE, Act, Choice
from scheduler.domain.limits import Limits
from scheduler.domain.people import Actor, Person
from scheduler.domain.times import tick_of
from scheduler.services import Services
from scheduler.storage import slots
from tests.builders import actor
from tests.covering import Practice, add_practice, seen
from tests.scheduling import CHECK_IN, STEP, TUESDAY_NINE, add_neighbours, join_team

WEDNESDAY_NINE = TUESDAY_NINE + timedelta(days=1)
HALF_AN_HOUR = Limits(pause_after=30)
NINE_TO_TEN_TO_TEN = (tick_of(TUESDAY_NINE), tick_of(TUESDAY_NINE + timedelta(minutes=50)))


@pytest.fixture
async def practice(services: Services) -> Practice:
    """Two sessions on the Tuesday on which the therapist is away."""
    return await add_practice(services)


async def limit(services: Services, *those: Actor | Person) -> None:
    """Let them ask for half an hour after each session."""
    for one in those:
        await set_limits(services, one if isinstance(one, Actor) else actor(one), HALF_AN_HOUR)


async def spans_of(services: Services, person_id: str) -> list[Span]:
    """Return a person's taken spans on these days, in order."""
    first, end = tick_of(TUESDAY_NINE - timedelta(days=1)), tick_of(TUESDAY_NINE + timedelta(days=2))
    found = await services.database.read(lambda tx: slots.taken(tx, [person_id], first=first, end=end))
    return sorted(one.span for one in found)


async def test_whoever_takes_a_session_over_does_not_take_the_pauses_of_the_other(services: Services) -> None:
    """The therapist is kept free until ten to ten; the colleague has something else at 9:25."""
    practice = await add_practice(services, limits=HALF_AN_HOUR, between=2 * STEP)
    third = await add_neighbours(services, practice.world, "Young")
    await join_team(services, third, practice.colleague)
    theirs = await book_session(services, third.mother, Wish(CHECK_IN.id, TUESDAY_NINE + STEP))
    assert theirs.host_id == practice.colleague.id

    rows = (await seen(services, practice.therapist, practice.world.family.clinician.id)).rows
    wanted = practice.cover({practice.first.id: rows[0].choice, practice.second.id: LEAVE})
    assert await cover(services, practice.therapist, wanted) == 1

    assert rows[0].choice == Choice(Act.REASSIGN, practice.colleague.id)
    nine, five = tick_of(TUESDAY_NINE), 5
    assert await spans_of(services, practice.colleague.id) == [
        (nine, nine + five),
        (nine + five, nine + 2 * five),
    ]


async def test_whoever_takes_a_session_over_keeps_the_pauses_of_their_own(
    services: Services, practice: Practice
) -> None:
    await limit(services, practice.colleague)

    wanted = practice.cover(
        {practice.first.id: Choice(Act.REASSIGN, practice.colleague.id), practice.second.id: LEAVE}
    )
    await cover(services, practice.therapist, wanted)

    assert await spans_of(services, practice.colleague.id) == [NINE_TO_TEN_TO_TEN]


async def test_a_session_that_moves_keeps_its_host_free_for_as_long_as_they_asked(
    services: Services, practice: Practice
) -> None:
    host = practice.world.family.clinician.id
    await limit(services, practice.therapist, practice.colleague)

    wanted = practice.cover(
        {
            practice.first.id: Choice(Act.MOVE, host, WEDNESDAY_NINE),
            practice.second.id: Choice(Act.MOVE, practice.colleague.id, WEDNESDAY_NINE),
        }
    )
    await cover(services, practice.therapist, wanted)

    a_day = tick_of(WEDNESDAY_NINE) - tick_of(TUESDAY_NINE)
    kept = [tuple(tick + a_day for tick in NINE_TO_TEN_TO_TEN)]
    assert await spans_of(services, host) == kept
    assert await spans_of(services, practice.colleague.id) == kept


async def test_two_sessions_of_a_plan_lie_apart_by_the_pauses_of_whoever_takes_them(
    services: Services, practice: Practice
) -> None:
    await limit(services, practice.colleague)

    rows = (await seen(services, practice.therapist, practice.world.family.clinician.id)).rows

    assert [row.choice for row in rows] == [Choice(Act.REASSIGN, practice.colleague.id), LEAVE]
