"""What is kept of hours, holds, sessions and programs, on both engines: keys, scopes, prepared statements."""

from datetime import date, timedelta

import pytest

from scheduler.actions.booking import Wish, book_session
from scheduler.domain.availability import DayOff, ExtraHours, Hours
from scheduler.domain.booking import Session
from scheduler.domain.errors import NotFound, SlotTaken
from scheduler.domain.people import Actor, Role
from scheduler.domain.program import Offering, Program, Step
from scheduler.domain.times import Interval, tick_of
from scheduler.services import Services
from scheduler.storage import hours, offerings, programs, sessions, slots
from scheduler.storage.database import Transaction
from scheduler.storage.tables import taken_ticks
from tests.builders import actor, add_person
from tests.scheduling import CHECK_IN, TUESDAY_NINE, WEEK, World, add_neighbours, add_world, rows

TUESDAY = date(2026, 11, 3)


async def booked(services: Services, world: World) -> Session:
    return await book_session(services, world.mother, Wish(CHECK_IN.id, TUESDAY_NINE))


async def test_one_tick_of_a_person_can_be_taken_once(services: Services) -> None:
    world = await add_world(services)
    session = await booked(services, world)
    inside = range(tick_of(TUESDAY_NINE) + 3, tick_of(TUESDAY_NINE) + 9)

    with pytest.raises(SlotTaken):
        await services.database.write(
            lambda tx: slots.take(tx, {world.family.clinician.id: inside}, session_id=session.id)
        )

    assert len(await rows(services, taken_ticks)) == 9


async def test_taken_time_is_told_as_one_stretch_for_each_person(services: Services) -> None:
    world = await add_world(services)
    session = await booked(services, world)
    first = tick_of(TUESDAY_NINE)
    people = [world.family.mother.id, world.family.clinician.id]

    found = await services.database.read(lambda tx: slots.taken(tx, people, first=first - 50, end=first + 50))

    assert {(one.person_id, one.span, one.session_id) for one in found} == {
        (world.family.mother.id, (first, first + 4), session.id),
        (world.family.clinician.id, (first, first + 5), session.id),
    }


async def test_nobody_asked_for_has_nothing_taken(services: Services) -> None:
    assert await services.database.read(lambda tx: slots.taken(tx, [], first=0, end=10)) == []


async def test_hours_come_back_as_they_were_kept_without_days_that_are_over(services: Services) -> None:
    world = await add_world(services)
    therapist = world.family.clinician
    past = DayOff(TUESDAY - timedelta(days=30), TUESDAY - timedelta(days=20), "past")
    off = DayOff(TUESDAY, TUESDAY + timedelta(days=2), "off")
    extra = ExtraHours(TUESDAY, 600, 660, "extra")

    def work(tx: Transaction) -> None:
        hours.add_day_off(tx, therapist.id, past)
        hours.add_day_off(tx, therapist.id, off)
        hours.add_extra(tx, therapist.id, extra)

    await services.database.write(work)

    found = await services.database.read(lambda tx: hours.of(tx, therapist.id, since=TUESDAY))
    assert found == Hours(therapist.id, therapist.zone, WEEK, (off,), (extra,))


async def test_hours_of_nobody_are_not_there(services: Services) -> None:
    with pytest.raises(NotFound):
        await services.database.read(lambda tx: hours.of(tx, "nobody", since=TUESDAY))


async def test_a_session_is_seen_by_its_people_and_care_team_only(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    session = await booked(services, world)
    coordinator = await add_person(services, "Nadia Coord", Role.COORDINATOR)
    strangers: list[Actor] = [
        neighbours.mother,
        actor(await add_person(services, "Someone Else", Role.CLINICIAN)),
        actor(coordinator),
    ]

    for insider in (world.mother, world.therapist, actor(coordinator, client_ids={world.family.client.id})):
        seen = await services.database.read(lambda tx, who=insider: sessions.visible(tx, who, session.id))  # type: ignore[misc]
        assert seen == session
    for stranger in strangers:
        with pytest.raises(NotFound):
            await services.database.read(lambda tx, who=stranger: sessions.visible(tx, who, session.id))  # type: ignore[misc]


async def test_a_moved_session_keeps_all_but_its_time(services: Services) -> None:
    world = await add_world(services)
    session = await booked(services, world)
    later = Interval.lasting(TUESDAY_NINE + timedelta(days=1), minutes=20)

    await services.database.write(lambda tx: sessions.move(tx, session.id, later))

    found = await services.database.read(lambda tx: sessions.get(tx, session.id))
    assert (found.interval, found.room_name, found.host_id) == (later, session.room_name, session.host_id)


async def test_a_program_is_shown_to_enrolled_families_in_the_order_of_its_steps(services: Services) -> None:
    world = await add_world(services)
    neighbours = await add_neighbours(services, world)
    parts = [Step(f"s{number}", "p", number, f"Part {number}", 75, is_group=True) for number in (2, 1)]
    weekly = Offering("o", "s1", world.family.clinician.id, 3, 1080, "America/Los_Angeles", 8, TUESDAY)

    def work(tx: Transaction) -> None:
        programs.add(tx, Program("p", "Family program"), parts)
        offerings.add(tx, weekly)
        programs.enrol(tx, "p", world.family.client.id, enrolled_at=services.now())

    await services.database.write(work)

    def read(tx: Transaction) -> tuple[list[Program], list[Program], list[Step], list[Offering]]:
        return (
            programs.of_client(tx, world.family.client.id),
            programs.of_client(tx, neighbours.family.client.id),
            programs.steps_of(tx, "p"),
            offerings.of_program(tx, "p"),
        )

    ours, theirs, steps, held = await services.database.read(read)
    assert ([one.id for one in ours], theirs) == (["p"], [])
    assert [step.position for step in steps] == [1, 2]
    assert held == [weekly]
