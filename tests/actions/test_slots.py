"""Free slots as a family sees them, and holds, on both engines."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from scheduler.actions.booking import Wish, book_session
from scheduler.actions.holds import clear_lapsed_holds, hold_slot, release_hold, see_hold
from scheduler.actions.slots import SlotPage, show_slots
from scheduler.domain.errors import Denied, HoldGone, HoldLapsed, NotFound, SlotTaken, TooSoon
from scheduler.domain.people import Actor, Role
from scheduler.services import Services
from scheduler.settings import Settings
from scheduler.storage import consent, hours, kinds
from scheduler.storage.tables import bookings as booking_rows
from scheduler.storage.tables import holds as hold_rows
from scheduler.storage.tables import taken_ticks
from tests.builders import PACIFIC, add_family
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


async def shown(
    services: Services, world: World, *, zone: str = PACIFIC, duty: str = "", since: date | None = None
) -> SlotPage:
    page = (await show_slots(services, world.mother, zone=zone, duty=duty, since=since)).page
    assert page is not None
    return page


def walls(page: SlotPage) -> list[tuple[str, int]]:
    """Return each day with the number of its slots."""
    return [(day.day.isoformat(), len(day.slots)) for day in page.days]


async def hold(services: Services, world: World, starts_at: object = TUESDAY_NINE) -> str:
    made = await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=starts_at)  # type: ignore[arg-type]
    return made.id


async def test_a_week_of_slots_is_shown_by_day_from_the_first_free_one(services: Services) -> None:
    world = await add_world(services)

    page = await shown(services, world)

    assert walls(page) == [("2026-11-02", 4), *((f"2026-11-0{day}", 7) for day in (3, 4, 5, 6))]
    assert page.earlier is None
    assert page.later == date(2026, 11, 9)


async def test_later_weeks_lead_back_and_on_until_the_horizon(services: Services) -> None:
    world = await add_world(services)

    second = await shown(services, world, since=date(2026, 11, 9))
    last = await shown(services, world, since=date(2026, 11, 30))
    beyond = await shown(services, world, since=date(2027, 1, 1))

    assert (second.earlier, second.later) == (date(2026, 11, 2), date(2026, 11, 16))
    assert (last.earlier, last.later) == (date(2026, 11, 23), None)
    assert (beyond.days, beyond.earlier) == ((), date(2026, 11, 30))


async def test_slots_are_grouped_by_the_readers_own_day(services: Services) -> None:
    world = await add_world(services)

    page = await shown(services, world, zone="Asia/Tokyo")

    assert page.days[0].day == date(2026, 11, 3)


async def test_looking_at_slots_leaves_no_entry(services: Services) -> None:
    world = await add_world(services)

    await shown(services, world)

    assert await entries(services) == []


async def test_a_slot_says_with_whom_only_where_there_is_a_choice(services: Services) -> None:
    world = await add_world(services)
    alone = await shown(services, world)
    await add_colleague(services, world, duty="psychiatrist")
    await book_session(services, (await add_neighbours(services, world)).mother, AT_NINE)

    page = await shown(services, world)
    hints = {
        slot.interval.starts_at: page.offer.hint(slot.clinician_ids)
        for day in page.days
        for slot in day.slots
    }

    assert alone.offer.hint(alone.days[0].slots[0].clinician_ids) == ""
    assert hints[TUESDAY_NINE] == "psychiatrist"
    assert hints[TUESDAY_NINE + STEP] == ""


async def test_of_one_duty_only_its_own_times_are_shown(services: Services) -> None:
    world = await add_world(services)
    await add_colleague(services, world, duty="psychiatrist")
    await book_session(
        services, (await add_neighbours(services, world)).mother, Wish(CHECK_IN.id, TUESDAY_NINE)
    )

    page = await shown(services, world, duty="family therapist")

    assert TUESDAY_NINE not in {slot.interval.starts_at for day in page.days for slot in day.slots}


async def test_with_several_kinds_one_is_chosen_first(services: Services) -> None:
    world = await add_world(services)
    other = CHECK_IN.__class__("long", "Long talk", 60)
    await services.database.write(lambda tx: kinds.add(tx, other, offered_by=[world.family.clinician.id]))

    choice = await show_slots(services, world.mother, zone=PACIFIC)

    assert choice.page is None
    assert [offer.kind.id for offer in choice.offers] == ["check_in", "long"]


async def test_without_a_release_no_time_is_shown_but_the_reason(services: Services, clock: Clock) -> None:
    world = await add_world(services)
    release = (await services.database.read(lambda tx: consent.of_client(tx, world.family.client.id)))[0]
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=services.now()))

    choice = await show_slots(services, world.mother, zone=PACIFIC)

    assert choice.is_barred
    assert choice.page is None


async def test_a_family_without_a_care_team_has_nothing_to_book(services: Services) -> None:
    family = await add_family(services)

    choice = await show_slots(services, family.mother_actor, zone=PACIFIC)

    assert choice.offers == ()


async def test_a_foreign_kind_looks_like_one_that_is_not_there_and_the_try_is_logged(
    services: Services,
) -> None:
    world = await add_world(services)
    await add_world(services, kind=CHECK_IN.__class__("theirs", "Theirs", 20), surname="Baker")

    for kind_id in ("theirs", "nothing"):
        with pytest.raises(NotFound):
            await show_slots(services, world.mother, kind_id=kind_id, zone=PACIFIC)

    assert await entries(services) == [("access.denied", "denied")] * 2


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.FAMILY_MEMBER, Role.CLIENT)])
async def test_nobody_but_a_family_is_shown_its_slots(services: Services, role: Role) -> None:
    with pytest.raises(Denied):
        await show_slots(services, Actor("x", role, client_ids=frozenset({"c"})), zone=PACIFIC)


async def test_without_hours_nothing_is_free(
    services: Services,
) -> None:
    world = await add_world(services)
    await services.database.write(lambda tx: hours.set_weekly(tx, world.family.clinician.id, []))

    assert (await shown(services, world)).days == ()


# ------------------------------------------------------------------------------------------------ holds


async def test_a_held_time_is_taken_for_others_and_free_for_its_holder(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)

    await hold(services, world)

    assert TUESDAY_NINE in {
        slot.interval.starts_at for day in (await shown(services, world)).days for slot in day.slots
    }
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

    made = await hold_slot(quick, world.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE)

    assert default.expires_at - clock() == timedelta(minutes=10)
    assert made.expires_at - clock() == timedelta(minutes=3)


@pytest.mark.parametrize("minutes", [0, 61])
def test_a_hold_of_no_time_or_of_hours_is_refused_at_the_start(settings: Settings, minutes: int) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(settings.model_dump() | {"hold_minutes": minutes})


async def test_a_hold_may_be_made_again_for_the_same_time(services: Services) -> None:
    world = await add_world(services)
    await hold(services, world)

    await hold(services, world)

    assert (await counts(services)).holds == 1


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

    page = await shown(services, world)
    session = await book_session(services, world.mother, AT_NINE)

    assert TUESDAY_NINE in {slot.interval.starts_at for day in page.days for slot in day.slots}
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

    assert (seen.kind.name, seen.duty) == ("Check-in", "family therapist")
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

    assert session.host_id == made.clinician_id
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
