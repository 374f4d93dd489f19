"""Whom a client's family knows, kinds that take several duties, and holds of several, on both engines."""

from datetime import timedelta

import pytest

from scheduler.actions.holds import hold_slot
from scheduler.domain.booking import Booking, Session, Status, hosting
from scheduler.domain.people import Role
from scheduler.domain.times import Interval
from scheduler.services import Services
from scheduler.storage import bookings, holds, kinds, sessions
from scheduler.storage.database import Transaction
from tests.builders import add_person
from tests.scheduling import CARE_TEAM, CHECK_IN, TUESDAY_NINE, World, add_care_team, add_world

SINCE = TUESDAY_NINE - timedelta(days=90)


async def add_session(
    services: Services,
    world: World,
    hosts: list[str],
    *,
    days: int,
    status: Status = Status.ATTENDED,
    capacity: int = 0,
) -> None:
    """Keep a session of the client's some days after the Tuesday, or before it where negative."""
    interval = Interval.lasting(TUESDAY_NINE + timedelta(days=days), minutes=20)
    session = Session(
        services.new_id(), CHECK_IN.id, hosts[0], interval, services.new_secret(), status, capacity
    )
    client, mother = world.family.client.id, world.family.mother.id
    booking = Booking(services.new_id(), session.id, client, mother, services.now(), status)

    def work(tx: Transaction) -> None:
        sessions.add(tx, session)
        bookings.add_places(tx, hosting(session.id, hosts))
        bookings.add(tx, booking)

    await services.database.write(work)


async def test_who_hosted_or_is_to_host_for_the_client_is_known_the_latest_first(services: Services) -> None:
    world = await add_world(services)
    names = ("a", "b", "c", "d", "e", "f", "g")
    a, b, c, d, e, f, g = [(await add_person(services, name, Role.CLINICIAN)).id for name in names]
    await add_session(services, world, [a], days=-30)
    await add_session(services, world, [b, c], days=-60)
    await add_session(services, world, [b], days=7, status=Status.BOOKED)
    await add_session(services, world, [d], days=-1, status=Status.MISSED)
    await add_session(services, world, [e], days=-1, status=Status.CANCELLED)
    await add_session(services, world, [f], days=-1, capacity=12)
    await add_session(services, world, [g], days=-91)

    known = await services.database.read(lambda tx: sessions.met_by(tx, world.family.client.id, since=SINCE))

    assert known == [b, a, c]


@pytest.mark.parametrize("duties", [(), ("nurse",), ("nurse", "doctor", "nurse")])
async def test_a_kind_keeps_its_duties_in_their_order(services: Services, duties: tuple[str, ...]) -> None:
    kind = CHECK_IN.__class__("kind", "Kind", 20, duties=duties)
    await services.database.write(lambda tx: kinds.add(tx, kind))

    assert await services.database.read(lambda tx: kinds.get(tx, "kind")) == kind


async def test_a_hold_comes_back_with_everybody_it_sets_aside_the_host_first(services: Services) -> None:
    world = await add_world(services)
    psychiatrist = await add_care_team(services, world)

    made = await hold_slot(services, world.mother, kind_id=CARE_TEAM.id, starts_at=TUESDAY_NINE)

    kept = await services.database.read(lambda tx: holds.of_person(tx, world.family.mother.id))
    assert kept == made
    assert made.clinician_ids == (world.family.clinician.id, psychiatrist.id)
