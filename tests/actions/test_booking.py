"""Booking, on both engines: who gets a time, what is kept, what a refusal leaves."""

import asyncio
from datetime import timedelta

import pytest

from scheduler.actions.booking import Wish, book_session
from scheduler.actions.holds import hold_slot
from scheduler.actions.slots import show_slots
from scheduler.domain.booking import Session
from scheduler.domain.errors import (
    Denied,
    ElsewhereThen,
    NotFound,
    NotReleased,
    SlotTaken,
    TooLate,
    TooSoon,
)
from scheduler.domain.people import Actor, Role
from scheduler.services import Services
from scheduler.storage import bookings, consent
from scheduler.storage.tables import bookings as booking_rows
from scheduler.storage.tables import join_links as link_rows
from scheduler.storage.tables import notices as notice_rows
from scheduler.storage.tables import places as place_rows
from scheduler.storage.tables import taken_ticks
from tests.builders import actor, add_person, add_release
from tests.conftest import Clock
from tests.scheduling import (
    AT_NINE,
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    add_colleague,
    add_neighbours,
    add_world,
    book,
    counts,
    entries,
    rows,
    without_release,
)


async def topic_for(services: Services, who: Actor, session: Session) -> str:
    found = await services.database.read(lambda tx: bookings.of_session(tx, who, session.id))
    return found[0].topic


async def test_a_booking_keeps_session_places_ticks_link_notices_and_entry(services: Services) -> None:
    world = await add_world(services)

    session = await book(services, world)

    assert session.interval.starts_at == TUESDAY_NINE
    assert session.host_id == world.family.clinician.id
    assert {(row.person_id, row.duty, row.sequence) for row in await rows(services, place_rows)} == {
        (world.family.mother.id, "member", 0),
        (world.family.clinician.id, "host", 0),
    }
    assert [row.person_id for row in await rows(services, link_rows)] == [world.family.mother.id]
    assert {(row.person_id, row.rule) for row in await rows(services, notice_rows)} == {
        (world.family.mother.id, "booked"),
        (world.family.clinician.id, "booked"),
    }
    assert await entries(services) == [("session.booked", "success")]


async def test_the_clinician_is_taken_with_the_pause_and_the_family_member_without(
    services: Services,
) -> None:
    world = await add_world(services)

    await book(services, world)

    ticks = await rows(services, taken_ticks)
    assert sum(row.person_id == world.family.clinician.id for row in ticks) == 5
    assert sum(row.person_id == world.family.mother.id for row in ticks) == 4


async def test_the_topic_is_sealed_and_opened_for_its_writer_and_the_care_team_only(
    services: Services,
) -> None:
    world = await add_world(services)
    session = await book(services, world)
    father = await add_person(services, "Otto Rivera", Role.FAMILY_MEMBER)
    other_household = actor(father, client_ids={world.family.client.id})

    sealed = (await rows(services, booking_rows))[0].topic_sealed
    topics = [
        await topic_for(services, who, session) for who in (world.mother, world.therapist, other_household)
    ]

    assert b"abuela" not in sealed
    assert topics == [AT_NINE.topic, AT_NINE.topic, ""]


async def test_of_two_families_who_want_the_same_time_one_gets_it_and_the_other_the_nearest_times(
    services: Services,
) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    await book(services, world)
    before = await counts(services)

    with pytest.raises(SlotTaken) as taken:
        await book(services, neighbours)

    nearest = [interval.starts_at for interval in taken.value.nearest]
    assert nearest[0] == TUESDAY_NINE + STEP
    assert len(nearest) == 6
    assert await counts(services) == before


async def test_times_that_overlap_only_in_the_pause_are_taken_too(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    await book(services, world, Wish(CHECK_IN.id, TUESDAY_NINE + STEP))

    await book(services, neighbours, AT_NINE)

    assert len(await rows(services, booking_rows)) == 2


async def test_sixteen_families_at_once_get_one_session_between_them(services: Services) -> None:
    world = await add_world(services)
    everyone = [world, *[await add_neighbours(services, world, f"Family {number}") for number in range(15)]]

    outcomes = await asyncio.gather(*(book(services, one) for one in everyone), return_exceptions=True)

    assert sum(isinstance(outcome, Session) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, SlotTaken) for outcome in outcomes) == 15
    kept = await counts(services)
    assert (kept.sessions, kept.places, kept.bookings, kept.ticks, kept.links, kept.notices) == (
        1,
        2,
        1,
        9,
        1,
        2,
    )
    assert await entries(services) == [("session.booked", "success")]


async def test_one_family_member_cannot_be_in_two_places(services: Services) -> None:
    world = await add_world(services)
    await add_colleague(services, world, duty="psychiatrist")
    await book(services, world)

    with pytest.raises(ElsewhereThen) as elsewhere:
        await book(services, world, Wish(CHECK_IN.id, TUESDAY_NINE, duty="psychiatrist"))

    assert elsewhere.value.nearest[0].starts_at == TUESDAY_NINE + STEP
    assert (await counts(services)).sessions == 1


async def test_who_books_the_same_again_gets_the_same_session_and_no_second_entry(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services)
    first = await book(services, world)
    clock.at = TUESDAY_NINE - timedelta(minutes=5)  # too late by now for a new one

    for wish in (AT_NINE, Wish(CHECK_IN.id, TUESDAY_NINE, duty="family therapist")):
        assert await book(services, world, wish) == first

    assert (await counts(services)).ticks == 9
    assert await entries(services) == [("session.booked", "success")]


async def test_one_family_member_who_books_twice_at_once_gets_one_session(services: Services) -> None:
    world = await add_world(services)
    await add_colleague(services, world)

    outcomes = await asyncio.gather(*(book(services, world) for _ in range(4)))

    assert len({session.id for session in outcomes}) == 1
    assert (await counts(services)).ticks == 9


async def test_with_two_clinicians_two_families_both_get_the_time(services: Services) -> None:
    world = await add_world(services)
    colleague = await add_colleague(services, world)
    neighbours = await add_neighbours(services, world)
    await book(services, neighbours)

    session = await book(services, world)

    assert session.host_id == colleague.id


async def test_a_wish_for_one_duty_is_met_by_nobody_else(services: Services) -> None:
    world = await add_world(services)
    colleague = await add_colleague(services, world, duty="psychiatrist")

    session = await book(services, world, Wish(CHECK_IN.id, TUESDAY_NINE, duty="psychiatrist"))

    assert session.host_id == colleague.id


@pytest.mark.parametrize(
    ("offset", "refusal"),
    [
        (timedelta(days=-7), TooSoon),
        (timedelta(hours=-23, minutes=-30), TooSoon),
        (timedelta(days=35), TooLate),
        (timedelta(days=4), SlotTaken),  # a Saturday
        (timedelta(minutes=5), SlotTaken),  # not on the step
        (timedelta(hours=12), SlotTaken),  # at night
    ],
)
async def test_a_time_that_is_not_offered_is_refused_and_leaves_nothing(
    services: Services, offset: timedelta, refusal: type[Exception]
) -> None:
    world = await add_world(services)

    with pytest.raises(refusal):
        await book(services, world, Wish(CHECK_IN.id, TUESDAY_NINE + offset))

    assert (await counts(services)).sessions == 0
    assert await entries(services) == []


async def test_a_session_across_the_clock_change_is_booked_at_its_wall_time(
    services: Services, clock: Clock
) -> None:
    clock.at = TUESDAY_NINE.replace(month=10, day=28)
    world = await add_world(services)

    page = (await show_slots(services, world.mother, zone="America/Los_Angeles")).page
    assert page is not None
    monday = next(day for day in page.days if day.day.isoformat() == "2026-11-02")
    session = await book(services, world, Wish(CHECK_IN.id, monday.slots[0].interval.starts_at))

    assert session.starts_at.hour == 17
    assert page.days[1].slots[0].interval.starts_at.hour == 16


async def test_without_a_release_nothing_is_booked_and_the_denial_is_in_the_log(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services)
    clock.move(days=91)

    with pytest.raises(NotReleased):
        await book(services, world, Wish(CHECK_IN.id, TUESDAY_NINE + timedelta(days=91)))

    assert (await counts(services)).sessions == 0
    assert await entries(services) == [("session.booked", "denied")]


async def test_sessions_that_only_teach_need_no_release(services: Services) -> None:
    world = await add_world(services, kind=without_release())
    release = (await services.database.read(lambda tx: consent.of_client(tx, world.family.client.id)))[0]
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=services.now()))

    assert (await book(services, world)).starts_at == TUESDAY_NINE


async def test_the_client_books_for_themselves_without_a_release(services: Services) -> None:
    world = await add_world(services)

    session = await book_session(services, world.family.client_actor, AT_NINE)

    assert session.host_id == world.family.clinician.id


async def test_a_kind_nobody_of_the_care_team_offers_is_not_there(services: Services) -> None:
    world = await add_world(services)
    other = await add_world(services, kind=CHECK_IN.__class__("other", "Other", 20), surname="Baker")

    for kind_id in ("other", "nothing"):
        with pytest.raises(NotFound):
            await book(services, world, Wish(kind_id, TUESDAY_NINE))
    assert (await book(services, other, Wish("other", TUESDAY_NINE))).kind_id == "other"


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.FAMILY_MEMBER, Role.CLIENT)])
async def test_nobody_but_the_family_books_for_itself(services: Services, role: Role) -> None:
    world = await add_world(services)
    stranger = Actor("nobody", role, client_ids=frozenset({world.family.client.id}))

    with pytest.raises(Denied):
        await book_session(services, stranger, AT_NINE)


async def test_a_second_household_gets_its_own_session_beside_the_first(services: Services) -> None:
    world = await add_world(services)
    father = await add_person(services, "Otto Rivera", Role.FAMILY_MEMBER)
    await add_release(services, world.family.client, father)
    await book(services, world)

    session = await book_session(
        services, actor(father, client_ids={world.family.client.id}), Wish(CHECK_IN.id, TUESDAY_NINE + STEP)
    )

    seats = await services.database.read(lambda tx: bookings.places_of(tx, session.id))
    assert world.family.mother.id not in {seat.person_id for seat in seats}


async def test_what_somebody_else_holds_is_taken_for_a_booking_without_a_hold(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    await hold_slot(services, neighbours.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE)

    with pytest.raises(SlotTaken):
        await book(services, world)
