"""Holds, on both engines: for whom a time is set aside, for how long, and what becomes of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from scheduler.actions.booking import Wish, book_session
from scheduler.actions.holds import clear_lapsed_holds, hold_slot, release_hold, see_hold
from scheduler.actions.slots import show_slots
from scheduler.domain.errors import HoldGone, HoldLapsed, SlotTaken, TooSoon
from scheduler.services import Services
from scheduler.settings import Settings
from scheduler.storage.tables import bookings as booking_rows
from scheduler.storage.tables import holds as hold_rows
from scheduler.storage.tables import taken_ticks
from tests.builders import PACIFIC
from tests.conftest import Clock
from tests.scheduling import (
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_colleague,
    add_neighbours,
    add_world,
    counts,
    entries,
    rows,
)

AT_NINE = Wish(CHECK_IN.id, TUESDAY_NINE)


async def hold(services: Services, world: World, starts_at: datetime = TUESDAY_NINE) -> str:
    made = await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=starts_at)
    return made.id


async def starts_shown(services: Services, world: World) -> set[datetime]:
    """Return every free time that the mother is shown."""
    page = (await show_slots(services, world.mother, zone=PACIFIC)).page
    assert page is not None
    return {slot.interval.starts_at for day in page.days for slot in day.slots}


async def test_a_held_time_is_taken_for_others_and_free_for_its_holder(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)

    await hold(services, world)

    assert TUESDAY_NINE in await starts_shown(services, world)
    with pytest.raises(SlotTaken) as taken:
        await hold(services, neighbours)
    assert taken.value.nearest[0].starts_at == TUESDAY_NINE + STEP
    assert await entries(services) == [("hold.made", "success")]


async def test_a_second_hold_replaces_the_first(services: Services) -> None:
    world = await add_world(services)
    await hold(services, world)

    second = await hold(services, world, TUESDAY_NINE + STEP)

    assert [row.id for row in await rows(services, hold_rows)] == [second]
    assert {row.hold_id for row in await rows(services, taken_ticks)} == {second}


async def test_a_hold_lasts_as_long_as_the_installation_chooses(services: Services, clock: Clock) -> None:
    world = await add_world(services)
    default = await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE)
    quick = replace(services, settings=services.settings.model_copy(update={"hold_minutes": 3}))

    made = await hold_slot(quick, world.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE + STEP)

    assert default.expires_at - clock() == timedelta(minutes=10)
    assert made.expires_at - clock() == timedelta(minutes=3)


@pytest.mark.parametrize("minutes", [0, 61])
def test_a_hold_of_no_time_or_of_hours_is_refused_at_the_start(settings: Settings, minutes: int) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(settings.model_dump() | {"hold_minutes": minutes})


async def test_a_time_that_is_held_already_stays_held_as_it_is(services: Services) -> None:
    world = await add_world(services)
    first = await hold(services, world)

    assert await hold(services, world) == first

    assert (await counts(services)).holds == 1
    assert await entries(services) == [("hold.made", "success")]


async def test_a_time_whose_hold_has_lapsed_is_held_anew(services: Services, clock: Clock) -> None:
    world = await add_world(services)
    first = await hold(services, world)
    clock.move(minutes=11)

    assert await hold(services, world) != first


async def test_a_refused_hold_leaves_the_earlier_one_as_it_was(services: Services) -> None:
    world = await add_world(services)
    first = await hold(services, world)
    neighbours = await add_neighbours(services, world)
    await hold(services, neighbours, TUESDAY_NINE + STEP)

    with pytest.raises(SlotTaken):
        await hold(services, world, TUESDAY_NINE + STEP)

    assert (await see_hold(services, world.mother, first)).hold.interval.starts_at == TUESDAY_NINE


async def test_a_lapsed_hold_blocks_nobody_before_anything_has_deleted_it(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    await hold(services, neighbours)
    clock.move(minutes=10)

    free = await starts_shown(services, world)
    session = await book_session(services, world.mother, AT_NINE)

    assert TUESDAY_NINE in free
    assert session.starts_at == TUESDAY_NINE
    assert (await counts(services)).holds == 0


async def test_a_lapsed_hold_is_told_to_be_over_and_cleared_by_the_clockwork(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services)
    held = await hold(services, world)
    clock.move(minutes=10)

    with pytest.raises(HoldLapsed):
        await see_hold(services, world.mother, held)
    assert await clear_lapsed_holds(services) == 1
    assert ((await counts(services)).holds, (await counts(services)).ticks) == (0, 0)
    assert await clear_lapsed_holds(services) == 0


async def test_a_hold_is_seen_with_kind_and_duty_by_its_holder_only(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    held = await hold(services, world)

    seen = await see_hold(services, world.mother, held)

    assert (seen.kind.name, seen.with_whom) == ("Check-in", "family therapist")
    for who in (neighbours.mother, world.family.client_actor):
        with pytest.raises(HoldGone):
            await see_hold(services, who, held)
        with pytest.raises(HoldGone):
            await release_hold(services, who, held)


async def test_a_released_hold_frees_its_time_at_once(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    held = await hold(services, world)

    await release_hold(services, world.mother, held)

    await hold(services, neighbours)
    assert [event for event, _ in await entries(services)] == ["hold.made", "hold.released", "hold.made"]


async def test_a_booking_uses_up_its_hold_and_keeps_the_held_clinician(services: Services) -> None:
    world = await add_world(services)
    await add_colleague(services, world)
    made = await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE)

    session = await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE, hold_id=made.id))

    assert session.host_id == made.clinician_ids[0]
    kept = await counts(services)
    assert (kept.holds, kept.ticks, kept.bookings) == (0, 9, 1)


async def test_a_hold_made_in_time_may_be_booked_although_it_is_too_soon_by_then(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services)
    clock.at = TUESDAY_NINE - timedelta(minutes=60)
    held = await hold(services, world)
    clock.move(minutes=9)

    with pytest.raises(TooSoon):
        await book_session(services, world.mother, AT_NINE)
    session = await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE, hold_id=held))

    assert session.starts_at == TUESDAY_NINE


async def test_a_lapsed_or_foreign_hold_does_no_harm_while_the_time_is_free(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    lapsed = await hold(services, world)
    clock.move(minutes=11)

    await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE, hold_id=lapsed))
    await book_session(services, neighbours.mother, Wish(CHECK_IN.id, TUESDAY_NINE + STEP, hold_id="made up"))

    assert len(await rows(services, booking_rows)) == 2


async def test_a_hold_for_one_time_does_not_serve_for_another(services: Services) -> None:
    world = await add_world(services)
    held = await hold(services, world)

    session = await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE + STEP, hold_id=held))

    assert session.starts_at == TUESDAY_NINE + STEP
    assert (await counts(services)).holds == 0
