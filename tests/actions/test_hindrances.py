"""What keeps a host from a date of an offering: it is not laid then, and coordinators read why."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.actions.availability import set_limits
from scheduler.actions.laying import lay_ahead, unlaid
from scheduler.actions.offerings import change_offering
from scheduler.actions.outside_calendars import add_calendar
from scheduler.domain.availability import DayOff, ExtraHours
from scheduler.domain.errors import Invalid
from scheduler.domain.limits import Limits
from scheduler.domain.times import tick_of
from scheduler.gateways.outside_calendars import Fetched
from scheduler.services import Services
from scheduler.storage import hours
from scheduler.storage.tables import taken_ticks
from tests.builders import actor
from tests.calendars_outside import ADDRESS, file
from tests.conftest import Clock, FakeOutsideCalendars
from tests.program import THURSDAYS, Course, add_course, laid, offer
from tests.scheduling import rows

FIRST_DAY = date(2026, 11, 5)
OFF = DayOff(FIRST_DAY, FIRST_DAY, "off")


@pytest.fixture
async def course(services: Services) -> Course:
    """A program of two steps."""
    return await add_course(services)


async def why(services: Services) -> list[tuple[str, str]]:
    """Return who cannot hold the dates that are not laid, and why."""
    found = await services.database.read(lambda tx: unlaid(tx, weeks=6, now=services.now()))
    return [one for missed in found for one in missed.who]


async def take_off(services: Services, course: Course) -> None:
    await services.database.write(lambda tx: hours.add_day_off(tx, course.host.id, OFF))


async def test_a_day_off_is_not_laid_until_it_is_given_back(services: Services, course: Course) -> None:
    await take_off(services, course)

    await offer(services, course)

    assert await laid(services) == THURSDAYS[1:]
    assert await why(services) == [(course.host.name, "has the day off")]
    await services.database.write(lambda tx: hours.remove(tx, course.host.id, OFF.id))
    await lay_ahead(services)
    assert await laid(services) == THURSDAYS


async def test_extra_hours_open_a_day_off(services: Services, course: Course) -> None:
    await take_off(services, course)
    evening = ExtraHours(FIRST_DAY, 17 * 60, 19 * 60, "extra")
    await services.database.write(lambda tx: hours.add_extra(tx, course.host.id, evening))

    await offer(services, course)

    assert await laid(services) == THURSDAYS


async def test_what_another_calendar_says_keeps_its_date_free(
    services: Services, course: Course, outside: FakeOutsideCalendars
) -> None:
    outside.found[ADDRESS] = Fetched(file(THURSDAYS[0]), "")
    await add_calendar(services, actor(course.host), address=ADDRESS)

    await offer(services, course)

    assert await laid(services) == THURSDAYS[1:]
    assert await why(services) == [(course.host.name, "has something in another calendar then")]


async def test_own_pauses_are_kept_free_and_decide(services: Services, course: Course) -> None:
    await set_limits(services, actor(course.host), Limits(pause_before=30))

    await offer(services, course)

    ticks = sorted(row.tick for row in await rows(services, taken_ticks) if row.person_id == course.host.id)
    assert ticks[0] == tick_of(THURSDAYS[0]) - 6
    assert len(ticks) == len(THURSDAYS) * (30 + 60 + 5) // 5
    await offer(services, course, replace(course.wish, starts=course.wish.starts - 90))
    assert await why(services) == [(course.host.name, "is not free then")] * len(THURSDAYS)


@pytest.mark.parametrize("limits", [Limits(most_a_day=1), Limits(most_a_week=1)])
async def test_one_more_than_somebody_asked_for_is_told_before_it_is_saved(
    services: Services, course: Course, limits: Limits
) -> None:
    await offer(services, course)
    await set_limits(services, actor(course.host), limits)
    later = replace(course.wish, starts=course.wish.starts + 120, first_date=date(2026, 11, 26))

    with pytest.raises(Invalid) as refused:
        await offer(services, course, later)

    words = refused.value.errors["is_beyond_limits"]
    assert words.startswith(
        f"More than they asked for: {course.host.name} (3 of the next 3 dates). If they agree"
    )
    assert await laid(services) == THURSDAYS
    agreed = await offer(services, course, replace(later, is_beyond_limits=True))
    assert len(await laid(services)) == len(THURSDAYS) + 3
    await change_offering(
        services, course.coordinator, agreed.id, replace(later, is_beyond_limits=True, capacity=8)
    )


async def test_changing_a_time_does_not_count_its_own_sessions(services: Services, course: Course) -> None:
    await set_limits(services, actor(course.host), Limits(most_a_day=1))
    offering = await offer(services, course)

    await change_offering(services, course.coordinator, offering.id, replace(course.wish, starts=18 * 60))

    assert len(await laid(services)) == len(THURSDAYS)


async def test_a_day_that_has_become_full_is_not_laid_and_said(
    services: Services, course: Course, clock: Clock
) -> None:
    await offer(services, course)
    await offer(services, course, replace(course.wish, starts=12 * 60))
    await set_limits(services, actor(course.host), Limits(most_a_day=1))
    clock.move(weeks=1)

    await lay_ahead(services)

    assert len(await laid(services)) == 2 * len(THURSDAYS) + 1
    assert await why(services) == [(course.host.name, "has as many sessions then as they asked for")]
