"""Free slots as a family sees them, on both engines."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.actions.booking import Wish, book_session
from scheduler.actions.slot_page import SlotPage
from scheduler.actions.slots import show_slots
from scheduler.domain.availability import Kind
from scheduler.domain.errors import Denied, NotFound
from scheduler.domain.households import ClientPart
from scheduler.domain.people import Actor, Role
from scheduler.services import Services
from scheduler.storage import consent, hours, kinds
from tests.builders import PACIFIC, add_family
from tests.conftest import Clock
from tests.households import keep_apart
from tests.scheduling import (
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_colleague,
    add_neighbours,
    add_world,
    entries,
)

AT_NINE = Wish(CHECK_IN.id, TUESDAY_NINE)


async def shown(
    services: Services, world: World, *, zone: str = PACIFIC, duty: str = "", since: date | None = None
) -> SlotPage:
    page = (await show_slots(services, world.mother, zone=zone, duty=duty, since=since)).page
    assert page is not None
    return page


async def test_a_session_with_the_client_is_left_out_for_who_is_kept_apart_from_them(
    services: Services,
) -> None:
    world = await add_world(services, kind=replace(CHECK_IN, client_part=ClientPart.MUST))
    await keep_apart(services, world, world.family.mother, world.family.client)

    choice = await show_slots(services, world.mother, zone=PACIFIC)

    assert (choice.offers, choice.page) == ((), None)
    assert await entries(services) == []
    assert (await show_slots(services, world.family.client_actor, zone=PACIFIC)).page is not None


def walls(page: SlotPage) -> list[tuple[str, int]]:
    """Return each day with the number of its slots."""
    return [(day.day.isoformat(), len(day.slots)) for day in page.days]


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


@pytest.mark.parametrize("education_only", [False, True])
async def test_who_may_book_none_of_several_kinds_is_told_so_before_choosing(
    services: Services, education_only: bool
) -> None:
    world = await add_world(services)
    other = Kind("long", "Long talk", 60, education_only=education_only)
    await services.database.write(lambda tx: kinds.add(tx, other, offered_by=[world.family.clinician.id]))
    release = (await services.database.read(lambda tx: consent.of_client(tx, world.family.client.id)))[0]
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=services.now()))

    choice = await show_slots(services, world.mother, zone=PACIFIC)

    assert choice.is_barred is not education_only


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
