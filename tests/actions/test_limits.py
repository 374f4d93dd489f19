"""What clinicians ask for beside hours, on both engines: who may still book, whatever the day brought."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.actions import availability
from scheduler.actions.booking import Wish, move_session
from scheduler.actions.cancelling import cancel_session
from scheduler.actions.holds import hold_slot
from scheduler.actions.slots import show_slots
from scheduler.domain.booking import Session
from scheduler.domain.errors import Invalid, SlotTaken
from scheduler.domain.limits import Limits
from scheduler.domain.times import TICK_MINUTES, Interval
from scheduler.services import Services
from scheduler.storage import sessions, slots
from scheduler.storage.database import Transaction
from scheduler.storage.tables import taken_ticks
from tests.builders import PACIFIC
from tests.conftest import Clock
from tests.scheduling import CHECK_IN, STEP, TUESDAY_NINE, World, add_neighbours, add_world, book, rows

AT_NINE = Wish(CHECK_IN.id, TUESDAY_NINE)
NEXT = Wish(CHECK_IN.id, TUESDAY_NINE + STEP)
A_DAY = timedelta(days=1)
TUESDAY, WEDNESDAY = date(2026, 11, 3), date(2026, 11, 4)


async def limited(services: Services, **limits: int) -> tuple[World, World]:
    """Return two families with one therapist, who has these limits."""
    world = await add_world(services)
    await availability.set_limits(services, world.therapist, Limits(**limits))
    return world, await add_neighbours(services, world)


async def days_shown(services: Services, world: World) -> list[date]:
    page = (await show_slots(services, world.mother, zone=PACIFIC)).page
    assert page is not None
    return [day.day for day in page.days if day.slots]


async def refused(act: Awaitable[object]) -> SlotTaken:
    with pytest.raises(SlotTaken) as caught:
        await act
    return caught.value


async def test_a_full_day_is_closed_until_one_of_its_sessions_is_cancelled(services: Services) -> None:
    world, neighbours = await limited(services, most_a_day=1)
    session = await book(services, world, AT_NINE)

    refusal = await refused(book(services, neighbours, NEXT))
    full = await days_shown(services, neighbours)
    await cancel_session(services, world.mother, session.id)

    assert TUESDAY not in full
    assert WEDNESDAY in full
    assert all(near.starts_at.day != TUESDAY.day for near in refusal.nearest)
    assert (await book(services, neighbours, NEXT)).starts_at == NEXT.starts_at


async def test_a_full_week_is_closed_from_monday_to_sunday(services: Services) -> None:
    world, neighbours = await limited(services, most_a_week=2)
    for day in (0, 1):
        await book(services, world, replace(AT_NINE, starts_at=TUESDAY_NINE + day * A_DAY))

    await refused(book(services, neighbours, replace(NEXT, starts_at=TUESDAY_NINE + 3 * A_DAY)))

    assert (await days_shown(services, neighbours))[0] == date(2026, 11, 9)


async def test_what_was_earlier_on_the_day_still_counts(services: Services, clock: Clock) -> None:
    world, neighbours = await limited(services, most_a_day=1)
    await book(services, world, AT_NINE)
    clock.at = TUESDAY_NINE + timedelta(minutes=30)

    await refused(book(services, neighbours, replace(NEXT, starts_at=TUESDAY_NINE + 5 * STEP)))


async def test_a_group_counts(services: Services) -> None:
    world, neighbours = await limited(services, most_a_day=1)
    host = world.family.clinician.id
    group = Session(
        "g", CHECK_IN.id, host, Interval.lasting(TUESDAY_NINE + 9 * STEP, minutes=60), "r", capacity=8
    )

    def work(tx: Transaction) -> None:
        sessions.add(tx, group)
        slots.take(tx, {host: group.interval.ticks}, session_id=group.id)

    await services.database.write(work)

    await refused(book(services, neighbours, AT_NINE))


async def test_a_hold_of_somebody_else_counts_and_ones_own_does_not(services: Services, clock: Clock) -> None:
    world, neighbours = await limited(services, most_a_day=1)
    first = await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE)

    await refused(hold_slot(services, neighbours.mother, kind_id=CHECK_IN.id, starts_at=NEXT.starts_at))
    other = await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=NEXT.starts_at)
    clock.at = other.expires_at
    taken = await book(services, neighbours, AT_NINE)

    assert first.id != other.id
    assert taken.starts_at == TUESDAY_NINE


async def test_a_session_moves_within_its_full_day_and_not_into_another(services: Services) -> None:
    world, neighbours = await limited(services, most_a_day=1)
    session = await book(services, world, AT_NINE)
    await book(services, neighbours, replace(AT_NINE, starts_at=TUESDAY_NINE + A_DAY))

    await refused(move_session(services, world.mother, session.id, starts_at=TUESDAY_NINE + A_DAY + 2 * STEP))
    moved = await move_session(services, world.mother, session.id, starts_at=NEXT.starts_at)

    assert moved.starts_at == NEXT.starts_at


async def test_a_held_time_cannot_become_too_soon_for_the_clinician(services: Services, clock: Clock) -> None:
    world, neighbours = await limited(services, least_notice=24 * 60)
    held = await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE)
    clock.at += timedelta(minutes=5)

    await refused(book(services, neighbours, replace(AT_NINE, starts_at=TUESDAY_NINE - A_DAY + 4 * STEP)))
    session = await book(services, world, replace(AT_NINE, hold_id=held.id))

    assert session.starts_at == TUESDAY_NINE


async def test_a_clinician_may_be_booked_less_far_ahead_than_the_kind(services: Services) -> None:
    world, _ = await limited(services, horizon_days=2)

    assert await days_shown(services, world) == [date(2026, 11, 2), TUESDAY, WEDNESDAY]
    await refused(book(services, world, replace(AT_NINE, starts_at=TUESDAY_NINE + 2 * A_DAY)))


async def test_own_pauses_keep_others_away_on_both_sides(services: Services) -> None:
    world, neighbours = await limited(services, pause_before=15, pause_after=15)
    session = await book(services, world, NEXT)

    await refused(book(services, neighbours, AT_NINE))
    await refused(book(services, neighbours, replace(AT_NINE, starts_at=NEXT.starts_at + STEP)))
    ticks = {row.tick for row in await rows(services, taken_ticks) if row.person_id == session.host_id}

    assert len(ticks) * TICK_MINUTES == 15 + CHECK_IN.minutes + 15
    later = await book(services, neighbours, replace(AT_NINE, starts_at=NEXT.starts_at + 2 * STEP))
    assert later.host_id == session.host_id


async def test_days_elsewhere_move_the_hours_with_the_clock_there(services: Services) -> None:
    world = await add_world(services)
    await availability.add_travel(
        services, world.therapist, first_date=TUESDAY, last_date=TUESDAY, zone="America/New_York"
    )

    session = await book(services, world, replace(AT_NINE, starts_at=TUESDAY_NINE - timedelta(hours=3)))

    assert session.starts_at == TUESDAY_NINE - timedelta(hours=3)
    await refused(book(services, await add_neighbours(services, world), AT_NINE))


@pytest.mark.parametrize(
    "limits",
    [
        {"pause_before": 7},
        {"pause_after": 125},
        {"least_notice": 15 * 24 * 60},
        {"horizon_days": 0},
        {"most_a_day": 0},
        {"most_a_week": 201},
    ],
)
async def test_limits_that_cannot_be_meant_are_refused(services: Services, limits: dict[str, int]) -> None:
    world = await add_world(services)

    with pytest.raises(Invalid) as caught:
        await availability.set_limits(services, world.therapist, Limits(**limits))

    assert set(caught.value.errors) == set(limits)
    assert (await availability.see_hours(services, world.therapist)).hours.limits == Limits()


async def test_of_many_families_at_once_as_many_get_a_day_as_the_clinician_takes(services: Services) -> None:
    world, *others = await limited(services, most_a_day=2)
    everyone = [world, *others, *[await add_neighbours(services, world, f"Family{n}") for n in range(4)]]
    wishes = [replace(AT_NINE, starts_at=TUESDAY_NINE + number * STEP) for number in range(len(everyone))]

    outcomes = await asyncio.gather(
        *(book(services, one, wish) for one, wish in zip(everyone, wishes, strict=True)),
        return_exceptions=True,
    )

    assert [type(one) for one in outcomes if not isinstance(one, Session)] == [SlotTaken] * 4
    assert len([one for one in outcomes if isinstance(one, Session)]) == 2
