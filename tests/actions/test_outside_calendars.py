"""Outside calendars as clinicians and the clockwork keep them, on both engines."""

import asyncio
import json

import pytest

from scheduler.actions import outside_calendars
from scheduler.actions.booking import book_session, move_session
from scheduler.actions.holds import hold_slot
from scheduler.actions.outside_calendars import add_calendar, refresh_calendar, remove_calendar
from scheduler.actions.slots import show_slots
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.errors import Denied, Invalid, NotFound, SlotTaken
from scheduler.domain.outside_calendars import MOST_CALENDARS, Fault
from scheduler.domain.people import Role
from scheduler.domain.times import tick_of
from scheduler.gateways.outside_calendars import Fetched
from scheduler.services import Services
from scheduler.storage.tables import audit_details, audit_entries
from scheduler.storage.tables import outside_calendars as table
from tests.builders import PACIFIC, actor, add_person
from tests.calendars_outside import ADDRESS, HOUR, add_outside, busy, file
from tests.conftest import FakeOutsideCalendars
from tests.log import written
from tests.races import one_close_after_the_other
from tests.scheduling import (
    AT_NINE,
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_colleague,
    add_world,
    book,
    rows,
)

NINE = tick_of(TUESDAY_NINE)
ADDED = (Event.OUTSIDE_CALENDAR_ADDED, Outcome.SUCCESS, None)
REFRESHED = (Event.OUTSIDE_CALENDAR_REFRESHED, Outcome.SUCCESS, None)


@pytest.fixture
async def world(services: Services) -> World:
    """A family and their therapist."""
    return await add_world(services)


async def offered(services: Services, world: World) -> set[object]:
    page = (await show_slots(services, world.mother, zone=PACIFIC)).page
    assert page is not None
    return {slot.interval.starts_at for day in page.days for slot in day.slots}


async def test_a_calendar_is_kept_as_spans_alone_with_its_address_sealed(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    await add_outside(services, world, outside)

    (row,) = await rows(services, table)
    assert await busy(services) == [(NINE, NINE + 12)]
    assert b"private-5e1f" not in row.address_sealed + row.address_hash
    assert "Secret" not in repr(row)
    assert await written(services) == [ADDED]


async def test_the_entry_names_neither_address_nor_host_in_the_open(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    calendar = await add_outside(services, world, outside)

    (entry,) = await rows(services, audit_entries)
    (detail,) = await rows(services, audit_details)
    assert json.loads(entry.leaf)["entities"][0]["id"] == calendar.id
    assert b"calendar.example.test" not in entry.leaf + detail.detail_sealed


async def test_a_busy_time_is_not_offered_and_can_be_neither_held_nor_booked(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    before = await offered(services, world)
    await add_outside(services, world, outside)

    assert before - await offered(services, world) == {
        TUESDAY_NINE,
        TUESDAY_NINE + STEP,
        TUESDAY_NINE + 2 * STEP,
    }
    with pytest.raises(SlotTaken) as refused:
        await book_session(services, world.mother, AT_NINE)
    assert not any(TUESDAY_NINE <= one.starts_at < TUESDAY_NINE + HOUR for one in refused.value.nearest)
    with pytest.raises(SlotTaken):
        await hold_slot(services, world.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE)


async def test_a_session_can_not_be_moved_into_a_busy_time_but_stays_where_one_comes(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    session = await book(services, world)
    await add_outside(services, world, outside, TUESDAY_NINE, TUESDAY_NINE + 24 * HOUR)

    with pytest.raises(SlotTaken):
        await move_session(services, world.mother, session.id, starts_at=TUESDAY_NINE + 24 * HOUR)

    (clash,) = (await outside_calendars.see_calendars(services, world.therapist)).clashes
    assert (clash.session_id, clash.interval) == (session.id, session.interval)
    assert clash.busy.starts_at == TUESDAY_NINE


async def test_where_one_clinician_is_busy_elsewhere_another_gets_the_session(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    colleague = await add_colleague(services, world)
    await add_outside(services, world, outside)

    assert (await book_session(services, world.mother, AT_NINE)).host_id == colleague.id


async def test_what_cannot_be_read_is_not_added_and_is_told_in_words(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    outside.found = {ADDRESS: Fetched(b"<html>"), "https://slow.test/": Fault.TOO_SLOW}

    for address, fault in ((ADDRESS, Fault.NOT_A_CALENDAR), ("https://slow.test/", Fault.TOO_SLOW)):
        with pytest.raises(Invalid) as refused:
            await add_calendar(services, world.therapist, address=address)
        assert refused.value.errors == {"address": fault.words}
    assert await rows(services, table) == []
    assert await written(services) == []


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "calendar.test/a.ics",
            "http://calendar.test/a.ics",
            "https://",
            "https:///a",
            "file:///etc/passwd",
        ),
        *("https://me:secret@calendar.test/", "https://calendar.test:port/", "https://calendar.test/a b"),
        *(
            "https://[::1/",
            "https://a..b/",
            "https://calendar.test/" + "x" * 2_000,
            "https://hearth.test/calendar/x",
        ),
    ],
)
async def test_what_is_no_address_to_fetch_is_never_fetched(
    services: Services, world: World, outside: FakeOutsideCalendars, address: str
) -> None:
    with pytest.raises(Invalid):
        await add_calendar(services, world.therapist, address=address)
    assert outside.asked == []


async def test_an_address_is_added_once_however_it_is_spelled(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    await add_outside(services, world, outside)
    await add_calendar(services, world.therapist, address=ADDRESS.replace("https://", "webcal://") + "#top")
    await add_calendar(services, world.therapist, address=ADDRESS.replace("example.test", "EXAMPLE.test:443"))

    assert len(await rows(services, table)) == 1
    assert await written(services) == [ADDED]


async def test_two_presses_at_once_add_one(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    outside.found[ADDRESS] = Fetched(file(TUESDAY_NINE))

    async def press(services: Services) -> None:
        await add_calendar(services, world.therapist, address=ADDRESS)

    if services.database.engine_name == "postgresql":
        results: list[object] = await one_close_after_the_other(services, press, press)
    else:
        results = list(await asyncio.gather(press(services), press(services)))

    assert results == [None, None]
    assert len(await rows(services, table)) == 1


async def test_there_are_at_most_five(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    for number in range(MOST_CALENDARS):
        await add_outside(services, world, outside, address=f"https://calendar.test/{number}.ics")

    with pytest.raises(Invalid, match="address"):
        await add_outside(services, world, outside)


async def test_a_calendar_is_the_clinicians_own(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    calendar = await add_outside(services, world, outside)
    other = actor(await add_person(services, "Sam Field", Role.CLINICIAN))
    desk = actor(await add_person(services, "Cory Desk", Role.COORDINATOR))

    for act in (refresh_calendar, remove_calendar):
        with pytest.raises(NotFound):
            await act(services, other, calendar.id)
        with pytest.raises(Denied):
            await act(services, desk, calendar.id)
    assert (await outside_calendars.see_calendars(services, other)).calendars == ()
    assert len(await written(services)) == 5


async def test_a_removed_calendar_leaves_nothing_behind(
    services: Services, world: World, outside: FakeOutsideCalendars
) -> None:
    calendar = await add_outside(services, world, outside)

    await remove_calendar(services, world.therapist, calendar.id)

    assert (await rows(services, table), await busy(services)) == ([], [])
    assert (Event.OUTSIDE_CALENDAR_REMOVED, Outcome.SUCCESS, None) in await written(services)
    assert TUESDAY_NINE in await offered(services, world)
