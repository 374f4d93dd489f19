"""Coordinators, families and the job at the same moment, on PostgreSQL: each later act sees the earlier."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from scheduler.actions.availability import add_days_off
from scheduler.actions.laying import lay_ahead
from scheduler.actions.offerings import change_offering, skip_date
from scheduler.actions.programs import add_program, list_programs, see_program
from scheduler.actions.steps import add_step
from scheduler.services import Services
from scheduler.storage.tables import places, sessions
from tests.builders import actor
from tests.engines import postgresql_url
from tests.program import BOUNDARIES, THURSDAYS, Course, add_course, forget_sessions, laid, offer, take_places
from tests.races import one_close_after_the_other
from tests.scheduling import rows


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@pytest.fixture
async def course(services: Services) -> Course:
    """A program of two steps."""
    return await add_course(services)


async def test_two_jobs_lay_each_session_once(services: Services, course: Course) -> None:
    offering = await offer(services, course)
    await forget_sessions(services)

    def one(of: Services) -> object:
        return lay_ahead(of, [offering.id])

    short = replace(services, settings=services.settings.model_copy(update={"offering_weeks": 1}))
    done = await one_close_after_the_other(short, one, one)  # type: ignore[arg-type]

    counted = select(func.count()).select_from(sessions)
    assert await services.database.read(lambda tx: tx.execute(counted).scalar_one()) == 1
    assert done == [1, 0]


async def test_a_place_taken_at_that_moment_keeps_its_session(services: Services, course: Course) -> None:
    offering = await offer(services, course)
    wish = replace(course.wish, starts=19 * 60)

    await one_close_after_the_other(
        services,
        lambda held: take_places(held, THURSDAYS[0], 1),
        lambda after: change_offering(after, course.coordinator, offering.id, wish),
    )

    assert THURSDAYS[0] in await laid(services)
    hosts = [row for row in await rows(services, places) if row.status == "booked"]
    assert len(hosts) == 6


async def test_of_two_coordinators_the_later_changes_what_the_earlier_left(
    services: Services, course: Course
) -> None:
    offering = await offer(services, course)
    at_seven = replace(course.wish, starts=19 * 60)

    done = await one_close_after_the_other(
        services,
        lambda held: skip_date(held, course.coordinator, offering.id, date(2026, 11, 26), held=False),
        lambda after: change_offering(after, course.coordinator, offering.id, at_seven),
    )

    assert not [one for one in done if isinstance(one, Exception)]
    assert {moment.hour for moment in await laid(services)} == {3}
    assert len(await laid(services)) == 5


async def test_a_program_that_is_added_twice_at_once_is_one(services: Services, course: Course) -> None:
    first, second = await one_close_after_the_other(
        services,
        lambda held: add_program(held, course.coordinator, "Evenings"),
        lambda after: add_program(after, course.coordinator, "evenings"),
    )

    assert first == second
    found = await list_programs(services, course.coordinator)
    assert [one.name for one in found] == ["Evenings", "Family program"]


async def test_two_who_add_a_step_leave_one_order(services: Services, course: Course) -> None:
    wishes = [replace(BOUNDARIES, title=title) for title in ("Talking", "Caring for yourself")]

    done = await one_close_after_the_other(
        services,
        lambda held: add_step(held, course.coordinator, course.program.id, wishes[0]),
        lambda after: add_step(after, course.coordinator, course.program.id, wishes[1]),
    )

    assert not [one for one in done if isinstance(one, Exception)]
    seen = await see_program(services, course.coordinator, course.program.id)
    assert [(step.position, step.title) for step in seen.steps[2:]] == [
        (3, "Talking"),
        (4, "Caring for yourself"),
    ]


async def test_a_day_taken_off_while_its_session_is_laid_is_seen(services: Services, course: Course) -> None:
    offering = await offer(services, course)
    await forget_sessions(services)
    day, host = date(2026, 11, 5), actor(course.host)

    await one_close_after_the_other(
        services,
        lambda of: add_days_off(of, host, first_date=day, last_date=day),
        lambda of: lay_ahead(of, [offering.id]),
    )

    assert await laid(services) == THURSDAYS[1:]
