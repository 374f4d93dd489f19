"""Clinicians keep their hours; the coordinator sees who works when. On both engines."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from scheduler.actions import availability
from scheduler.actions.booking import Wish, book_session
from scheduler.actions.coverage import show_desk
from scheduler.domain.availability import WeeklyHours
from scheduler.domain.errors import Denied, Invalid, NotFound
from scheduler.domain.people import Actor, Role
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.tables import audit_details
from tests.builders import actor, add_person
from tests.scheduling import CHECK_IN, TUESDAY_NINE, WEEK, add_neighbours, add_world, entries

TUESDAY = date(2026, 11, 3)


async def test_weekly_hours_are_replaced_and_blocks_that_touch_become_one(services: Services) -> None:
    world = await add_world(services)
    weekly = (WeeklyHours(0, 600, 660), WeeklyHours(0, 540, 600), WeeklyHours(1, 780, 1440))

    await availability.set_weekly_hours(services, world.therapist, weekly)

    seen = await availability.see_hours(services, world.therapist)
    assert seen.hours.weekly == (WeeklyHours(0, 540, 660), WeeklyHours(1, 780, 1440))
    assert await entries(services) == [("hours.changed", "success")]


async def test_each_change_of_hours_keeps_what_was_before_and_after_sealed(services: Services) -> None:
    world = await add_world(services)

    await availability.add_days_off(services, world.therapist, first_date=TUESDAY, last_date=TUESDAY)

    row = await services.database.read(lambda tx: tx.execute(select(audit_details)).one())
    detail = services.vault.open(audit.DETAIL, row.entry_id, row.detail_sealed)
    assert "off 2026-11-03 to 2026-11-03" in detail
    assert b"2026-11-03" not in row.detail_sealed


async def test_days_off_and_extra_hours_are_added_and_taken_away(services: Services) -> None:
    world = await add_world(services)
    await availability.add_days_off(
        services, world.therapist, first_date=TUESDAY, last_date=TUESDAY + timedelta(days=2)
    )
    await availability.add_extra_hours(services, world.therapist, day=TUESDAY, starts=600, ends=660)

    own = (await availability.see_hours(services, world.therapist)).hours
    assert own.blocks_on(TUESDAY) == ((600, 660),)
    assert own.blocks_on(TUESDAY + timedelta(days=1)) == ()
    for rule_id in (own.days_off[0].id, own.extra[0].id):
        await availability.remove_hours(services, world.therapist, rule_id)
    own = (await availability.see_hours(services, world.therapist)).hours
    assert (own.days_off, own.extra, own.weekly) == ((), (), WEEK)


async def test_sessions_outside_new_hours_stay_booked_and_are_pointed_out(services: Services) -> None:
    world = await add_world(services)
    session = await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE))
    inside = await availability.see_hours(services, world.therapist)

    await availability.add_days_off(services, world.therapist, first_date=TUESDAY, last_date=TUESDAY)

    outside = await availability.see_hours(services, world.therapist)
    assert inside.outside == ()
    assert outside.outside == (session,)


async def test_what_is_off_or_open_already_is_refused_and_leaves_no_entry(services: Services) -> None:
    world = await add_world(services)
    await availability.add_days_off(services, world.therapist, first_date=TUESDAY, last_date=TUESDAY)
    await availability.add_extra_hours(services, world.therapist, day=TUESDAY, starts=600, ends=660)
    before = await entries(services)

    with pytest.raises(Invalid):
        await availability.add_days_off(services, world.therapist, first_date=TUESDAY, last_date=TUESDAY)
    for starts, ends in ((600, 660), (0, 1440)):
        with pytest.raises(Invalid):
            await availability.add_extra_hours(
                services, world.therapist, day=TUESDAY, starts=starts, ends=ends
            )
    with pytest.raises(Invalid):
        await availability.set_weekly_hours(
            services, world.therapist, (WeeklyHours(0, 540, 600), WeeklyHours(0, 595, 660))
        )

    assert await entries(services) == before


async def test_a_colleagues_rule_looks_like_one_that_is_not_there(services: Services) -> None:
    world = await add_world(services)
    await availability.add_days_off(services, world.therapist, first_date=TUESDAY, last_date=TUESDAY)
    rule = (await availability.see_hours(services, world.therapist)).hours.days_off[0]
    colleague = actor(await add_person(services, "Someone Else", Role.CLINICIAN))

    for rule_id in (rule.id, "nothing"):
        with pytest.raises(NotFound):
            await availability.remove_hours(services, colleague, rule_id)

    assert (await availability.see_hours(services, world.therapist)).hours.days_off == (rule,)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.CLINICIAN, Role.SUPERVISOR)])
async def test_only_those_who_work_with_families_keep_hours(services: Services, role: Role) -> None:
    someone = Actor("someone", role)

    with pytest.raises(Denied):
        await availability.see_hours(services, someone)
    with pytest.raises(Denied):
        await availability.set_weekly_hours(services, someone, WEEK)
    assert await entries(services) == [("access.denied", "denied"), ("hours.changed", "denied")]


async def test_the_desk_names_people_of_assigned_clients_only_and_leaves_an_entry_for_each(
    services: Services,
) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE))
    await book_session(services, neighbours.mother, Wish(CHECK_IN.id, TUESDAY_NINE + timedelta(days=1)))
    coordinator = actor(
        await add_person(services, "Nadia Coord", Role.COORDINATOR), client_ids={world.family.client.id}
    )

    desk = await show_desk(services, coordinator)

    assert [(one.who, one.families) for one in desk.coming] == [(("Rosa Rivera",), 1), ((), 1)]
    week = desk.covered[0]
    assert [len(day.open_times) for day in week.days] == [1, 1, 1, 1, 1, 0, 0]
    assert [day.booked for day in week.days] == [0, 1, 1, 0, 0, 0, 0]
    assert (await entries(services))[2:] == [("session.read", "success")]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.SUPERVISOR)])
async def test_nobody_but_coordination_sees_the_desk(services: Services, role: Role) -> None:
    with pytest.raises(Denied):
        await show_desk(services, Actor("someone", role))
    assert await entries(services) == [("session.read", "denied")]
