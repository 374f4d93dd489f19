"""Coverage and somebody else's act at the same moment, on PostgreSQL: one of them is done, never a half."""

from collections.abc import Awaitable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.actions import availability
from scheduler.actions.booking import Wish, book_session, move_session
from scheduler.actions.cancelling import cancel_session
from scheduler.actions.covering import Cover, cover
from scheduler.domain.absences import Absence
from scheduler.domain.booking import Session, Status
from scheduler.domain.coverage import CANCEL, Act, Choice
from scheduler.domain.errors import Invalid, NotNow, SessionOver, SlotTaken
from scheduler.domain.limits import Limits
from scheduler.services import Services
from scheduler.storage import people, sessions
from scheduler.storage.tables import bookings, days_off
from tests.builders import actor
from tests.covering import TUESDAY, Practice, add_practice
from tests.engines import postgresql_url
from tests.races import Act as Doing
from tests.races import one_close_after_the_other
from tests.scheduling import CHECK_IN, STEP, TUESDAY_NINE, World, add_neighbours, entries, rows

WEDNESDAY, WEDNESDAY_NINE = TUESDAY + timedelta(days=1), TUESDAY_NINE + timedelta(days=1)


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@pytest.fixture
async def practice(services: Services) -> Practice:
    """Two sessions on the Tuesday on which the therapist is away."""
    return await add_practice(services)


def covering(practice: Practice) -> Doing:
    """Reassign the first session and move the second to Wednesday at nine."""
    host = practice.world.family.clinician.id
    wanted = practice.cover(
        {
            practice.first.id: Choice(Act.REASSIGN, practice.colleague.id),
            practice.second.id: Choice(Act.MOVE, host, WEDNESDAY_NINE),
        }
    )
    return lambda services: cover(services, practice.therapist, wanted)


async def kept(services: Services, practice: Practice) -> list[Session]:
    ids = [practice.first.id, practice.second.id]
    found = await services.database.read(lambda tx: sessions.get_many(tx, ids))
    return [found[one] for one in ids]


@pytest.mark.parametrize("act", ["cancel", "move"])
async def test_a_family_that_is_first_makes_the_plan_one_of_yesterday(
    services: Services, practice: Practice, act: str
) -> None:
    mother, session_id = practice.world.mother, practice.first.id

    def family(doing: Services) -> Awaitable[object]:
        if act == "cancel":
            return cancel_session(doing, mother, session_id)
        return move_session(doing, mother, session_id, starts_at=TUESDAY_NINE + 2 * STEP)

    _, refused = await one_close_after_the_other(services, family, covering(practice))

    assert isinstance(refused, NotNow)
    assert (await kept(services, practice))[1] == practice.second
    assert len(await entries(services)) == 3


async def test_a_family_that_is_second_finds_the_session_as_it_was_covered(
    services: Services, practice: Practice
) -> None:
    mother, session_id = practice.world.mother, practice.first.id

    done, cancelled = await one_close_after_the_other(
        services, covering(practice), lambda doing: cancel_session(doing, mother, session_id)
    )

    assert done == 2
    assert isinstance(cancelled, Session)
    assert cancelled.host_id == practice.colleague.id
    assert [row.status for row in await rows(services, bookings) if row.session_id == session_id] == [
        "cancelled"
    ]


async def test_a_family_that_comes_after_a_cancellation_is_told_so(
    services: Services, practice: Practice
) -> None:
    wanted = practice.cover({practice.first.id: CANCEL, practice.second.id: CANCEL})
    mother, session_id = practice.world.mother, practice.first.id

    _, refused = await one_close_after_the_other(
        services,
        lambda doing: cover(doing, practice.therapist, wanted),
        lambda doing: move_session(doing, mother, session_id, starts_at=WEDNESDAY_NINE),
    )

    assert isinstance(refused, SessionOver)
    assert [one.status for one in await kept(services, practice)] == [Status.CANCELLED] * 2


async def test_of_a_family_and_a_plan_that_want_the_same_time_one_gets_it_and_the_other_nothing(
    services: Services, practice: Practice
) -> None:
    third = await add_neighbours(services, practice.world, "Young")
    wish = Wish(CHECK_IN.id, WEDNESDAY_NINE)

    booked, refused = await one_close_after_the_other(
        services, lambda doing: book_session(doing, third.mother, wish), covering(practice)
    )

    assert isinstance(booked, Session)
    assert isinstance(refused, SlotTaken)
    assert await kept(services, practice) == [practice.first, practice.second]
    assert len(await entries(services)) == 3


async def test_a_colleague_who_is_booked_in_that_moment_takes_no_session_over(
    services: Services, practice: Practice
) -> None:
    third = await _family_of_the_colleague(services, practice)
    wish = Wish(CHECK_IN.id, TUESDAY_NINE)

    booked, refused = await one_close_after_the_other(
        services, lambda doing: book_session(doing, third.mother, wish), covering(practice)
    )

    assert isinstance(booked, Session)
    assert booked.host_id == practice.colleague.id
    assert isinstance(refused, SlotTaken)
    assert await kept(services, practice) == [practice.first, practice.second]


@pytest.mark.parametrize("act", ["cover", "take off"])
async def test_days_that_two_close_at_once_are_closed_once(
    services: Services, practice: Practice, act: str
) -> None:
    closing = covering_nothing(practice)

    await one_close_after_the_other(services, closing if act == "cover" else taking_off(practice), closing)

    assert [row.first_date for row in await rows(services, days_off)] == [WEDNESDAY]


async def test_a_cover_that_is_first_leaves_no_days_to_take_off(
    services: Services, practice: Practice
) -> None:
    _, refused = await one_close_after_the_other(services, covering_nothing(practice), taking_off(practice))

    assert isinstance(refused, Invalid)
    assert len(await rows(services, days_off)) == 1


async def test_whoever_moves_a_session_and_whoever_covers_it_never_wait_for_each_other(
    services: Services, practice: Practice
) -> None:
    """Both lock the session, and then whoever takes only so many: the second waits at the first lock."""
    await availability.set_limits(services, practice.therapist, Limits(most_a_day=9))
    starts_at = WEDNESDAY_NINE + 2 * STEP

    moved, refused = await one_close_after_the_other(
        services,
        lambda doing: move_session(doing, practice.world.mother, practice.first.id, starts_at=starts_at),
        covering(practice),
    )

    assert isinstance(moved, Session)
    assert isinstance(refused, NotNow)


def covering_nothing(practice: Practice) -> Doing:
    """Close Wednesday, on which there is no session."""
    wanted = Cover(practice.world.family.clinician.id, Absence(WEDNESDAY, WEDNESDAY), {})
    return lambda services: cover(services, practice.therapist, wanted)


def taking_off(practice: Practice) -> Doing:
    """Take Wednesday off."""
    own, day = practice.therapist, WEDNESDAY
    return lambda services: availability.add_days_off(services, own, first_date=day, last_date=day)


async def _family_of_the_colleague(services: Services, practice: Practice) -> World:
    """Return a family whose whole care team is the colleague."""
    theirs = World(replace(practice.world.family, clinician=practice.colleague))
    return await add_neighbours(services, theirs, "Young")


async def test_the_last_session_of_a_day_goes_to_whoever_is_first(
    services: Services, practice: Practice
) -> None:
    """A family books it while it is given to the same colleague: the plan is one of yesterday."""
    colleague = actor(practice.colleague)
    await availability.set_limits(services, colleague, Limits(most_a_day=1))
    third = await add_neighbours(services, practice.world, "Young")
    client_id = third.family.client.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=practice.colleague.id)
    )
    wish = Wish(CHECK_IN.id, TUESDAY_NINE + 2 * STEP)

    booked, refused = await one_close_after_the_other(
        services, lambda own: book_session(own, third.mother, wish), covering(practice)
    )

    assert isinstance(booked, Session)
    assert booked.host_id == practice.colleague.id
    assert isinstance(refused, NotNow)
