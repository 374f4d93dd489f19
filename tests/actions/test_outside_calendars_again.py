"""Outside calendars looked at again: by the clockwork when they are due, and by the clinician who asks."""

import asyncio
from datetime import timedelta

import pytest

from scheduler.actions.outside_calendars import refresh_calendar, refresh_due, remove_calendar
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.outside_calendars import EVERY, Fault
from scheduler.domain.times import tick_of
from scheduler.gateways.outside_calendars import Fetched
from scheduler.jobs import JOBS, do_once
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.tables import outside_calendars as table
from tests.calendars_outside import ADDRESS, HOUR, add_outside, busy, file, kept
from tests.conftest import Clock, FakeOutsideCalendars
from tests.log import written
from tests.scheduling import TUESDAY_NINE, World, add_world, rows

NINE = tick_of(TUESDAY_NINE)
ADDED = (Event.OUTSIDE_CALENDAR_ADDED, Outcome.SUCCESS, None)
REFRESHED = (Event.OUTSIDE_CALENDAR_REFRESHED, Outcome.SUCCESS, None)


@pytest.fixture
async def world(services: Services) -> World:
    """A family and their therapist."""
    return await add_world(services)


async def test_a_calendar_is_looked_at_when_it_is_due_and_asks_whether_it_has_changed(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    await add_outside(services, world, outside)
    await refresh_due(services)
    clock.move(minutes=15)
    await refresh_due(services)

    (calendar,) = await kept(services, world)
    assert outside.asked == [(ADDRESS, ""), (ADDRESS, '"1"')]
    assert calendar.fetched_at == clock()
    assert calendar.next_try_at == clock() + EVERY
    assert await busy(services) == [(NINE, NINE + 12)]
    assert await written(services) == [ADDED]


async def test_a_changed_calendar_takes_the_place_of_the_one_before(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    await add_outside(services, world, outside)
    outside.found[ADDRESS] = Fetched(file(TUESDAY_NINE + HOUR), '"2"')
    clock.move(minutes=15)

    await refresh_due(services)

    assert await busy(services) == [(NINE + 12, NINE + 24)]
    assert (await kept(services, world))[0].etag == '"2"'


async def test_once_a_day_a_calendar_is_read_whole_so_that_the_days_ahead_move_on(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    await add_outside(services, world, outside)
    clock.move(days=1)

    await refresh_due(services)

    assert outside.asked[-1] == (ADDRESS, "")


@pytest.mark.parametrize("answer", [Fault.TROUBLE, Fault.TOO_SLOW, Fetched(b"garbage"), Fetched(None)])
async def test_the_last_good_copy_counts_on_and_the_pause_grows(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock, answer: Fetched | Fault
) -> None:
    await add_outside(services, world, outside, etag="")
    good_at, pauses = clock(), []
    outside.found[ADDRESS] = answer

    for _ in range(8):
        (calendar,) = await kept(services, world)
        pauses.append((calendar.next_try_at - clock()) // timedelta(minutes=1))
        clock.at = calendar.next_try_at
        await refresh_due(services)

    (calendar,) = await kept(services, world)
    assert pauses == [15, 15, 30, 60, 120, 240, 360, 360]
    assert calendar.fetched_at == good_at
    assert calendar.fault_words
    assert await busy(services) == [(NINE, NINE + 12)]


async def test_a_fault_is_one_entry_and_its_end_another(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    await add_outside(services, world, outside)
    good, failed = outside.found[ADDRESS], (Event.OUTSIDE_CALENDAR_REFRESHED, Outcome.FAILURE, "trouble")
    for answer in (Fault.TROUBLE, Fault.TROUBLE, good, good):
        outside.found[ADDRESS] = answer
        clock.move(hours=6)
        await refresh_due(services)

    assert await written(services) == [ADDED, failed, REFRESHED]


async def test_one_that_fails_stops_no_other(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    await add_outside(services, world, outside, address="https://a.test/")
    await add_outside(services, world, outside, address="https://b.test/")
    outside.found["https://a.test/"] = Fault.TOO_SLOW
    clock.move(minutes=15)

    (job,) = [job for job in JOBS if job.name == "outside calendars"]
    assert await do_once(services, job)

    assert [one.fault for one in await kept(services, world)] == ["too_slow", ""]


async def test_two_processes_look_once_and_one_that_was_removed_meanwhile_stays_removed(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    calendar = await add_outside(services, world, outside)
    clock.move(minutes=15)
    await asyncio.gather(refresh_due(services), refresh_due(services))
    assert len(outside.asked) == 2

    clock.move(minutes=15)
    fetch = outside.fetch

    async def fetch_slowly(address: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        await remove_calendar(services, world.therapist, calendar.id)
        return await fetch(address)

    outside.fetch = fetch_slowly  # type: ignore[method-assign]  # something happens while it is fetched
    await refresh_due(services)
    assert (await rows(services, table), await busy(services)) == ([], [])


async def test_looking_now_is_an_entry_and_a_second_press_is_spared(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    calendar = await add_outside(services, world, outside)
    clock.move(minutes=2)

    looked = [await refresh_calendar(services, world.therapist, calendar.id) for _ in range(2)]

    assert looked == [True, False]
    assert len(outside.asked) == 2
    assert await written(services) == [ADDED, REFRESHED]


async def test_of_somebody_who_has_left_no_calendar_is_fetched(
    services: Services, world: World, outside: FakeOutsideCalendars, clock: Clock
) -> None:
    await add_outside(services, world, outside)
    now = services.now()
    await services.database.write(lambda tx: people.end(tx, world.family.clinician.id, ended_at=now))
    clock.move(minutes=15)

    await refresh_due(services)

    assert len(outside.asked) == 1
