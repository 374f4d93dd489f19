"""Sessions without a host: which they are, whom they name, and covering for whoever has left."""

from datetime import timedelta

import pytest

from scheduler.actions.absences import Asked, see_absence
from scheduler.actions.booking import Wish
from scheduler.actions.covering import cover
from scheduler.actions.lists import show_list
from scheduler.domain.availability import ExtraHours
from scheduler.domain.booking import Duty, Place, Session
from scheduler.domain.coverage import CANCEL, Act, Choice
from scheduler.domain.errors import NotNow
from scheduler.domain.lists import (
    HostlessRow,
    Listing,
)
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import bookings, hours
from scheduler.storage.database import Transaction
from tests.builders import actor, add_person
from tests.conftest import Clock
from tests.covering import ABSENCE, add_practice
from tests.desk import TUESDAY, Desk, add_desk, leave_the_program, take_off
from tests.owed import entries
from tests.program import THURSDAYS, add_course, forget_sessions, offer
from tests.scheduling import (
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    book,
)


@pytest.fixture
async def desk(services: Services) -> Desk:
    """The desk."""
    return await add_desk(services)


async def hostless(services: Services, desk: Desk) -> list[HostlessRow]:
    found = await show_list(services, desk.coordinator, Listing.HOSTLESS)
    return [one for one in found.rows if isinstance(one, HostlessRow)]


async def give_up(services: Services, session: Session, person_id: str) -> None:
    def work(tx: Transaction) -> None:
        seats = [one for one in bookings.places_of(tx, session.id) if one.person_id == person_id]
        bookings.change_places(tx, [one.cancelled() for one in seats])

    await services.database.write(work)


async def test_a_session_on_a_day_off_of_its_host_is_listed_with_the_way_to_cover_it(
    services: Services, desk: Desk
) -> None:
    session = await book(services, desk.world)
    await book(services, desk.neighbours, Wish(CHECK_IN.id, TUESDAY_NINE + STEP))
    assert await hostless(services, desk) == []
    await take_off(services, desk.host_id)

    first, second = await hostless(services, desk)

    assert (first.session_id, first.away_id, first.away_on) == (session.id, desk.host_id, "2026-11-03")
    assert first.why == f"{desk.world.family.clinician.name} is away that day"
    assert (first.who, second.who) == ((desk.world.family.mother.name,), ())
    assert (first.families, second.families) == (1, 1)
    read = [one["client"] for one in await entries(services) if one["event"] == "session.read"]
    assert read == [desk.world.family.client.id]


async def test_extra_hours_on_a_day_off_bring_the_host_back(services: Services, desk: Desk) -> None:
    await book(services, desk.world)
    await take_off(services, desk.host_id)
    extra = ExtraHours(TUESDAY, 9 * 60, 10 * 60, services.new_id())
    await services.database.write(lambda tx: hours.add_extra(tx, desk.host_id, extra))

    assert await hostless(services, desk) == []


async def test_days_off_at_another_time_leave_a_session_its_host(services: Services, desk: Desk) -> None:
    await book(services, desk.world)
    for day in (TUESDAY - timedelta(days=1), TUESDAY + timedelta(days=1)):
        await take_off(services, desk.host_id, day)

    assert await hostless(services, desk) == []


async def test_a_session_whose_host_has_left_is_listed(services: Services, desk: Desk) -> None:
    await book(services, desk.world)
    await leave_the_program(services, desk.host_id)

    (found,) = await hostless(services, desk)

    assert found.why == f"{desk.world.family.clinician.name} works here no more"


async def test_a_session_that_nobody_holds_is_listed_also_while_it_is_under_way(
    services: Services, clock: Clock, desk: Desk
) -> None:
    session = await book(services, desk.world)
    await give_up(services, session, desk.host_id)
    clock.at = session.starts_at + timedelta(minutes=10)

    (found,) = await hostless(services, desk)

    assert (found.why, found.away_id) == ("nobody holds it", None)
    clock.move(minutes=10)
    assert await hostless(services, desk) == []


async def test_whoever_is_left_of_several_hosts_is_named(services: Services, desk: Desk) -> None:
    session = await book(services, desk.world)
    other = await add_person(services, "Samuel Levin", Role.CLINICIAN, duty="psychiatrist")
    seat = Place(session.id, other.id, Duty.CO_HOST)
    await services.database.write(lambda tx: bookings.add_places(tx, [seat]))
    await take_off(services, desk.host_id)

    (found,) = await hostless(services, desk)

    assert found.hosts == (other.name,)


async def test_a_date_on_which_no_group_could_be_created_is_listed_with_its_weekly_time(
    services: Services,
) -> None:
    course = await add_course(services)
    offering = await offer(services, course)
    await forget_sessions(services)
    await leave_the_program(services, course.host.id)

    found = await show_list(services, course.coordinator, Listing.HOSTLESS)

    dates = [one for one in found.rows if isinstance(one, HostlessRow)]
    assert [one.interval.starts_at for one in dates] == THURSDAYS
    assert {(one.session_id, one.offering_id, one.why) for one in dates} == {
        (None, offering.id, "not created yet: Denise Walker does not work here any more")
    }


async def test_what_is_left_of_somebody_who_has_left_is_taken_over_or_called_off_never_moved_with_them(
    services: Services,
) -> None:
    practice = await add_practice(services)
    away = practice.therapist.person_id or ""
    await leave_the_program(services, away)
    coordinator = actor(practice.coordinator)

    seen = await see_absence(services, coordinator, Asked(away, ABSENCE))

    assert [str(row.choice) for row in seen.rows] == [f"reassign {practice.colleague.id}"] * 2
    assert not any(time.clinician_id == away for row in seen.rows for time in row.times)
    assert away not in {one.id for row in seen.rows for one in row.stand_ins}
    changed = await cover(
        services, coordinator, practice.cover({one.one.session.id: one.choice for one in seen.rows})
    )
    assert changed == 2
    assert (await show_list(services, coordinator, Listing.HOSTLESS)).every == 0
    assert away not in {one.id for one in (await see_absence(services, coordinator, Asked(""))).clinicians}


async def test_a_time_with_somebody_who_has_left_is_no_choice(services: Services) -> None:
    practice = await add_practice(services)
    away = practice.therapist.person_id or ""
    await leave_the_program(services, away)
    moved = Choice(Act.MOVE, away, TUESDAY_NINE + timedelta(days=1))

    with pytest.raises(NotNow):
        await cover(
            services,
            actor(practice.coordinator),
            practice.cover({practice.first.id: moved, practice.second.id: CANCEL}),
        )
