"""Changes of hours, on both engines: what they open and close, what they would strand, what the log keeps."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from scheduler.actions import availability
from scheduler.actions.booking import Wish
from scheduler.actions.coverage import show_desk
from scheduler.actions.slots import show_slots
from scheduler.domain.errors import Denied, Invalid, NotFound, WouldStrand
from scheduler.domain.limits import Limits
from scheduler.domain.people import Actor, Role
from scheduler.domain.travel import Travel
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.tables import audit_details
from tests.builders import PACIFIC, actor, add_person
from tests.scheduling import CHECK_IN, TUESDAY_NINE, WEEK, World, add_world, book, entries

TUESDAY, WEDNESDAY = date(2026, 11, 3), date(2026, 11, 4)
EASTERN = "America/New_York"


async def seen(services: Services, world: World) -> availability.HoursSeen:
    return await availability.see_hours(services, world.therapist)


async def test_one_day_gets_hours_of_its_own_in_place_of_all_others(services: Services) -> None:
    world = await add_world(services)
    await availability.add_extra_hours(services, world.therapist, day=TUESDAY, starts=800, ends=860)

    for blocks in (((600, 660),), ((660, 720), (600, 660), (840, 900))):
        await availability.set_only_hours(services, world.therapist, day=TUESDAY, blocks=blocks)

    own = (await seen(services, world)).hours
    assert own.blocks_on(TUESDAY) == ((600, 720), (840, 900))
    assert own.blocks_on(WEDNESDAY) == ((540, 720),)
    assert all(one.instead for one in own.extra)
    page = (await show_slots(services, world.mother, zone=PACIFIC, since=TUESDAY)).page
    assert page is not None
    assert page.days[0].slots[0].interval.starts_at == TUESDAY_NINE + timedelta(hours=1)


async def test_a_day_of_the_past_or_without_hours_gets_none_of_its_own(services: Services) -> None:
    world = await add_world(services)

    for day, blocks in (
        (date(2026, 10, 30), ((600, 660),)),
        (TUESDAY, ()),
        (TUESDAY, ((600, 660), (630, 690))),
    ):
        with pytest.raises(Invalid):
            await availability.set_only_hours(services, world.therapist, day=day, blocks=blocks)

    assert await entries(services) == []


async def test_a_change_that_would_strand_sessions_names_them_and_leaves_nothing_behind(
    services: Services,
) -> None:
    world = await add_world(services)
    session = await book(services, world)
    before, logged = (await seen(services, world)).hours, await entries(services)

    changes = (
        availability.set_weekly_hours(services, world.therapist, WEEK[2:], despite=()),
        availability.add_days_off(
            services, world.therapist, first_date=TUESDAY, last_date=TUESDAY, despite=()
        ),
        availability.set_only_hours(
            services, world.therapist, day=TUESDAY, blocks=((600, 720),), despite=["another"]
        ),
        availability.add_travel(
            services, world.therapist, first_date=TUESDAY, last_date=TUESDAY, zone=EASTERN, despite=()
        ),
        availability.offer_kinds(services, world.therapist, [], despite=()),
    )
    for change in changes:
        with pytest.raises(WouldStrand) as caught:
            await change
        assert caught.value.sessions == ((session.id, session.interval),)

    assert (await seen(services, world)).hours == before
    assert await entries(services) == logged


async def test_what_is_accepted_is_saved_and_the_session_stays(services: Services) -> None:
    world = await add_world(services)
    session = await book(services, world)

    await availability.set_weekly_hours(services, world.therapist, WEEK[2:], despite=[session.id])

    after = await seen(services, world)
    assert after.hours.weekly == WEEK[2:]
    assert [one.id for one in after.outside] == [session.id]


async def test_a_change_that_strands_nothing_new_is_saved_at_once(services: Services) -> None:
    world = await add_world(services)
    session = await book(services, world)
    await availability.set_weekly_hours(services, world.therapist, WEEK[2:], despite=[session.id])

    await availability.set_weekly_hours(services, world.therapist, WEEK[3:], despite=())

    assert (await seen(services, world)).hours.weekly == WEEK[3:]


async def test_a_day_off_names_a_session_that_lay_outside_the_hours_before(services: Services) -> None:
    world = await add_world(services)
    session = await book(services, world)
    await availability.set_weekly_hours(services, world.therapist, (), despite=[session.id])

    with pytest.raises(WouldStrand):
        await availability.add_days_off(
            services, world.therapist, first_date=TUESDAY, last_date=WEDNESDAY, despite=()
        )


async def test_taking_away_extra_hours_names_the_session_in_them(services: Services) -> None:
    world = await add_world(services)
    await availability.add_extra_hours(services, world.therapist, day=TUESDAY, starts=780, ends=840)
    await book(services, world, Wish(CHECK_IN.id, TUESDAY_NINE + timedelta(hours=4)))
    rule = (await seen(services, world)).hours.extra[0]

    with pytest.raises(WouldStrand):
        await availability.remove_hours(services, world.therapist, rule.id, despite=())


async def test_days_elsewhere_are_kept_once_and_taken_away(services: Services) -> None:
    world = await add_world(services)
    stay = {"first_date": TUESDAY, "last_date": WEDNESDAY, "zone": EASTERN}
    await availability.add_travel(services, world.therapist, **stay)  # type: ignore[arg-type]
    kept = (await seen(services, world)).hours.travels

    wrong = (
        stay,
        stay | {"zone": PACIFIC, "first_date": date(2026, 12, 1)},
        stay | {"last_date": date(2026, 11, 1)},
    )
    for one in wrong:
        with pytest.raises(Invalid):
            await availability.add_travel(services, world.therapist, **one)  # type: ignore[arg-type]
    await availability.remove_hours(services, world.therapist, kept[0].id)

    assert kept == (Travel(TUESDAY, WEDNESDAY, EASTERN, kept[0].id),)
    assert (await seen(services, world)).hours.travels == ()


async def test_a_clinician_chooses_which_kinds_they_offer(services: Services) -> None:
    world = await add_world(services)

    await availability.offer_kinds(services, world.therapist, [])
    with pytest.raises(NotFound):
        await show_slots(services, world.mother, kind_id=CHECK_IN.id, zone=PACIFIC)
    await availability.offer_kinds(services, world.therapist, [CHECK_IN.id, "none of ours"])

    assert (await seen(services, world)).offered == {CHECK_IN.id}
    assert (await show_slots(services, world.mother, zone=PACIFIC)).page is not None


async def test_the_entry_keeps_every_rule_before_and_after_sealed(services: Services) -> None:
    world = await add_world(services)
    await availability.set_only_hours(services, world.therapist, day=TUESDAY, blocks=((600, 660),))
    await availability.add_travel(
        services, world.therapist, first_date=TUESDAY, last_date=TUESDAY, zone=EASTERN
    )
    await availability.set_limits(services, world.therapist, Limits(most_a_day=3))
    await availability.offer_kinds(services, world.therapist, [])

    found = await services.database.read(lambda tx: tx.execute(select(audit_details)).all())
    last = max(found, key=lambda row: len(row.detail_sealed))
    detail = services.vault.open(audit.DETAIL, last.entry_id, last.detail_sealed)
    assert await entries(services) == [("hours.changed", "success")] * 4
    for words in (
        "only 2026-11-03, 10:00-11:00",
        f"in {EASTERN} 2026-11-03",
        "most_a_day 3",
        "offers Check-in",
    ):
        assert words in detail


async def test_the_picture_of_the_week_shows_hours_days_off_and_sessions(services: Services) -> None:
    world = await add_world(services)
    session = await book(services, world)
    await availability.add_days_off(services, world.therapist, first_date=WEDNESDAY, last_date=WEDNESDAY)
    await availability.add_travel(
        services, world.therapist, first_date=date(2026, 11, 5), last_date=date(2026, 11, 5), zone=EASTERN
    )

    week = (await seen(services, world)).week
    later = (await availability.see_hours(services, world.therapist, since=date(2026, 11, 5))).week

    assert [day.booked for day in week[:2]] == [(), (session.interval,)]
    assert [(day.is_off, day.blocks) for day in week[1:3]] == [(False, ((540, 720),)), (True, ())]
    assert [day.zone for day in week[2:4]] == [PACIFIC, EASTERN]
    assert later[0] == week[3]


async def test_the_desk_shows_where_a_clinician_is_and_how_much_they_take(services: Services) -> None:
    world = await add_world(services)
    await availability.add_travel(
        services, world.therapist, first_date=TUESDAY, last_date=TUESDAY, zone=EASTERN
    )
    await availability.set_limits(services, world.therapist, Limits(most_a_day=3))
    coordinator = actor(await add_person(services, "Nadia Coord", Role.COORDINATOR))

    (week,) = (await show_desk(services, coordinator)).covered

    assert [day.zone for day in week.days[:3]] == [PACIFIC, EASTERN, PACIFIC]
    assert week.days[1].open_times[0].starts_at == TUESDAY_NINE - timedelta(hours=3)
    assert (week.limits.most_a_day, week.kinds) == (3, ("Check-in",))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.FAMILY_MEMBER, Role.ADMINISTRATOR])
async def test_nobody_else_changes_hours(services: Services, role: Role) -> None:
    someone = Actor("someone", role)

    for change in (
        availability.set_only_hours(services, someone, day=TUESDAY, blocks=((600, 660),)),
        availability.add_travel(services, someone, first_date=TUESDAY, last_date=TUESDAY, zone=EASTERN),
        availability.set_limits(services, someone, Limits()),
        availability.offer_kinds(services, someone, []),
    ):
        with pytest.raises(Denied):
            await change
