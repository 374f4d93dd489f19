"""Moving and cancelling, on both engines: who may, what is kept, what is freed, what a refusal leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from scheduler.actions.booking import Wish, move_session
from scheduler.actions.cancelling import cancel_session
from scheduler.domain.booking import Booking, Duty, Place, Status
from scheduler.domain.errors import (
    NotFound,
    NotReleased,
    SessionFixed,
    SessionOver,
    SlotTaken,
)
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import bookings, consent, join_links, sessions
from scheduler.storage.database import Transaction
from scheduler.storage.tables import bookings as booking_rows
from scheduler.storage.tables import join_links as link_rows
from scheduler.storage.tables import notices as notice_rows
from scheduler.storage.tables import places as place_rows
from scheduler.storage.tables import sessions as session_rows
from tests.builders import actor, add_person
from tests.conftest import Clock
from tests.scheduling import (
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    add_neighbours,
    add_world,
    book,
    counts,
    entries,
    rows,
)


async def test_a_moved_session_keeps_id_room_and_link_and_frees_its_old_time(services: Services) -> None:
    world = await add_world(services)
    session = await book(services, world)
    link = (await rows(services, link_rows))[0].jti_hash

    moved = await move_session(
        services, world.mother, session.id, starts_at=TUESDAY_NINE + 2 * STEP, reason="Work called"
    )

    assert (moved.id, moved.room_name) == (session.id, session.room_name)
    assert (await services.database.read(lambda tx: sessions.get(tx, session.id))) == moved
    assert {row.sequence for row in await rows(services, place_rows)} == {1}
    assert [(row.jti_hash, row.revoked_at) for row in await rows(services, link_rows)] == [(link, None)]
    assert sorted(row.rule for row in await rows(services, notice_rows)) == [
        "booked",
        "booked",
        "moved",
        "moved",
    ]
    assert (await counts(services)).ticks == 9
    assert (await book(services, await add_neighbours(services, world))).starts_at == TUESDAY_NINE
    assert [event for event, _ in await entries(services)] == [
        "session.booked",
        "session.moved",
        "session.booked",
    ]


async def test_a_session_may_move_to_a_time_that_overlaps_its_own(services: Services) -> None:
    world = await add_world(services, kind=CHECK_IN.__class__("check_in", "Check-in", 20, start_step=5))
    session = await book(services, world)

    moved = await move_session(
        services, world.mother, session.id, starts_at=TUESDAY_NINE + timedelta(minutes=10)
    )

    assert moved.starts_at == TUESDAY_NINE + timedelta(minutes=10)


async def test_a_move_to_a_taken_time_changes_nothing_and_offers_the_nearest(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    session = await book(services, world)
    await book(services, neighbours, Wish(CHECK_IN.id, TUESDAY_NINE + STEP))
    before = await counts(services)

    with pytest.raises(SlotTaken) as taken:
        await move_session(services, world.mother, session.id, starts_at=TUESDAY_NINE + STEP)

    assert TUESDAY_NINE + 2 * STEP in [interval.starts_at for interval in taken.value.nearest]
    assert (await services.database.read(lambda tx: sessions.get(tx, session.id))) == session
    assert await counts(services) == before


async def test_a_cancelled_session_frees_its_time_and_kills_its_links_at_once(services: Services) -> None:
    world = await add_world(services)
    session = await book(services, world)

    cancelled = await cancel_session(services, world.mother, session.id, reason="We are well")

    assert cancelled.status is Status.CANCELLED
    assert (await counts(services)).ticks == 0
    assert {(row.status, row.sequence) for row in await rows(services, place_rows)} == {("cancelled", 1)}
    assert [row.status for row in await rows(services, booking_rows)] == ["cancelled"]
    assert (
        await services.database.read(
            lambda tx: join_links.jti_for(tx, session_id=session.id, person_id=world.family.mother.id)
        )
        is None
    )
    assert sorted(row.rule for row in await rows(services, notice_rows))[2:] == ["cancelled", "cancelled"]
    assert (await book(services, await add_neighbours(services, world))).starts_at == TUESDAY_NINE


async def test_a_session_that_is_where_it_shall_go_stays_and_leaves_no_second_entry(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services)
    session = await book(services, world)
    moved = await move_session(services, world.mother, session.id, starts_at=TUESDAY_NINE + STEP)
    clock.at = TUESDAY_NINE  # too late by now for a new one

    again = await move_session(services, world.mother, session.id, starts_at=TUESDAY_NINE + STEP)

    assert again == moved
    assert {row.sequence for row in await rows(services, place_rows)} == {1}
    assert [event for event, _ in await entries(services)] == ["session.booked", "session.moved"]


async def test_a_cancelled_session_is_cancelled_once_and_cannot_be_moved(services: Services) -> None:
    world = await add_world(services)
    session = await book(services, world)
    cancelled = await cancel_session(services, world.mother, session.id)

    assert await cancel_session(services, world.mother, session.id) == cancelled
    assert [event for event, _ in await entries(services)] == ["session.booked", "session.cancelled"]
    assert {row.sequence for row in await rows(services, place_rows)} == {1}
    with pytest.raises(SessionOver):
        await move_session(services, world.mother, session.id, starts_at=TUESDAY_NINE + STEP)


async def test_a_session_that_has_begun_stays_as_it_is(services: Services, clock: Clock) -> None:
    world = await add_world(services)
    session = await book(services, world)
    clock.at = TUESDAY_NINE

    with pytest.raises(SessionOver):
        await cancel_session(services, world.mother, session.id)


async def test_a_foreign_session_looks_like_one_that_is_not_there_and_the_try_is_logged(
    services: Services,
) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    session = await book(services, world)

    for session_id in (session.id, "nothing"):
        with pytest.raises(NotFound):
            await cancel_session(services, neighbours.mother, session_id)
        with pytest.raises(NotFound):
            await move_session(services, neighbours.mother, session_id, starts_at=TUESDAY_NINE + STEP)

    assert (await services.database.read(lambda tx: sessions.get(tx, session.id))).status is Status.BOOKED
    assert [outcome for _, outcome in await entries(services)] == ["success", *["denied"] * 4]


async def test_the_care_team_may_move_and_cancel_and_other_staff_may_not(services: Services) -> None:
    world = await add_world(services)
    session = await book(services, world)
    stranger = actor(await add_person(services, "Someone Else", Role.CLINICIAN))

    with pytest.raises(NotFound):
        await cancel_session(services, stranger, session.id)
    moved = await move_session(services, world.therapist, session.id, starts_at=TUESDAY_NINE + STEP)
    cancelled = await cancel_session(services, world.therapist, moved.id, reason="I am ill")

    assert cancelled.status is Status.CANCELLED


async def test_a_place_in_a_group_is_given_up_once_and_the_group_goes_on(services: Services) -> None:
    world = await add_world(services)
    neighbours = (await add_neighbours(services, world)).family
    session = await book(services, world)
    seat = Place(session.id, neighbours.mother.id, Duty.MEMBER, neighbours.client.id)

    def share(tx: Transaction) -> None:
        tx.execute(update(session_rows).values(capacity=8, places_taken=2))
        bookings.add_places(tx, [seat])

    await services.database.write(share)

    for _ in range(2):
        left = await cancel_session(services, world.mother, session.id)
        assert left.status is Status.BOOKED

    assert [row.places_taken for row in await rows(services, session_rows)] == [1]
    seats = await services.database.read(lambda tx: bookings.places_of(tx, session.id))
    assert seat in seats
    assert [event for event, _ in await entries(services)] == ["session.booked", "place.given_up"]


async def test_what_several_families_share_is_not_called_off_for_one_of_them(services: Services) -> None:
    world = await add_world(services)
    neighbours = (await add_neighbours(services, world)).family
    session = await book(services, world)
    booking_id, now = services.new_id(), services.now()

    def share(tx: Transaction) -> None:
        bookings.add_places(tx, [Place(session.id, neighbours.mother.id, Duty.MEMBER, neighbours.client.id)])
        bookings.add(
            tx, Booking(booking_id, session.id, neighbours.client.id, neighbours.mother.id, booked_at=now)
        )

    await services.database.write(share)
    before = await counts(services)

    with pytest.raises(SessionFixed):
        await cancel_session(services, world.therapist, session.id)

    assert await counts(services) == before
    assert [row.status for row in await rows(services, booking_rows)] == ["booked", "booked"]
    assert [event for event, _ in await entries(services)] == ["session.booked"]


async def test_after_a_revocation_family_cannot_move_or_cancel_but_the_care_team_can_cancel(
    services: Services,
) -> None:
    world = await add_world(services)
    session = await book(services, world)
    release = (await services.database.read(lambda tx: consent.of_client(tx, world.family.client.id)))[0]
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=services.now()))

    with pytest.raises(NotReleased):
        await cancel_session(services, world.mother, session.id)
    with pytest.raises(NotReleased):
        await move_session(services, world.therapist, session.id, starts_at=TUESDAY_NINE + STEP)
    assert (await cancel_session(services, world.therapist, session.id)).status is Status.CANCELLED
