"""Sessions of the weekly offerings, laid ahead: each once, at its wall time, by people who are free."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.actions.laying import lay_ahead, unlaid
from scheduler.domain.audit import Event
from scheduler.domain.booking import Hold
from scheduler.domain.times import Interval, tick_of
from scheduler.services import Services
from scheduler.storage import holds, people, slots
from scheduler.storage.tables import notices, places, sessions, taken_ticks
from tests.conftest import Clock
from tests.log import events
from tests.program import THURSDAYS, Course, add_course, forget_sessions, laid, offer
from tests.scheduling import rows


@pytest.fixture
async def course(services: Services) -> Course:
    """A program of two steps."""
    return await add_course(services)


async def test_an_offering_lays_the_sessions_of_the_coming_weeks_at_once(
    services: Services, course: Course
) -> None:
    wish = replace(course.wish, co_host_ids=(course.helper.id,))

    offering = await offer(services, course, wish)

    assert await laid(services) == THURSDAYS
    kept = await rows(services, sessions)
    assert {(row.kind_id, row.host_id, row.capacity, row.places_taken, row.offering_id) for row in kept} == {
        (course.steps[0].id, course.host.id, 12, 0, offering.id)
    }
    duties = {(row.person_id, row.duty) for row in await rows(services, places)}
    assert duties == {(course.host.id, "host"), (course.helper.id, "co_host")}
    assert len(await rows(services, notices)) == 2 * len(THURSDAYS)
    assert (await events(services)).count(Event.SESSION_OFFERED) == len(THURSDAYS)


async def test_the_job_lays_nothing_twice_and_goes_on_as_time_goes_on(
    services: Services, course: Course, clock: Clock
) -> None:
    await offer(services, course)
    before = await events(services)

    assert await lay_ahead(services) == 0
    assert await events(services) == before
    clock.move(weeks=1)
    assert await lay_ahead(services) == 1
    assert await laid(services) == [*THURSDAYS, THURSDAYS[-1] + timedelta(weeks=1)]


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 10, 19, 12, tzinfo=UTC), [0, 0, 1, 1]),  # the clocks go back on 1 November
        (datetime(2027, 3, 1, 12, tzinfo=UTC), [1, 1, 0, 0]),  # and forward on 14 March
    ],
)
async def test_the_wall_time_stays_over_a_clock_change(
    services: Services, clock: Clock, now: datetime, hours: list[int]
) -> None:
    clock.at = now
    course = await add_course(services)

    await offer(services, course)

    starts = (await laid(services))[:4]
    assert [moment.hour for moment in starts] == hours
    assert {moment.minute for moment in starts} == {30}


@pytest.mark.parametrize("who", ["host", "helper"])
async def test_a_date_on_which_somebody_is_taken_is_left_out_and_tried_again(
    services: Services, course: Course, who: str
) -> None:
    person = getattr(course, who)
    offering = await offer(services, course, replace(course.wish, co_host_ids=(course.helper.id,)))
    await forget_sessions(services)
    hold = await hold_until(services, course, person.id, lasts=timedelta(minutes=10))

    await lay_ahead(services)

    assert await laid(services) == THURSDAYS[1:]
    (missed,) = await services.database.read(lambda tx: unlaid(tx, weeks=6, now=services.now()))
    assert (missed.offering_id, missed.title) == (offering.id, "Welcome")
    assert missed.who == ((person.name, "is not free then"),)
    assert missed.interval.starts_at == THURSDAYS[0]
    await services.database.write(lambda tx: holds.remove(tx, [hold.id]))
    assert await lay_ahead(services) == 1
    assert await laid(services) == THURSDAYS


async def test_a_hold_that_has_lapsed_gives_way(services: Services, course: Course, clock: Clock) -> None:
    await hold_until(services, course, course.host.id, lasts=timedelta(minutes=1))
    clock.move(minutes=2)

    await offer(services, course)

    assert await laid(services) == THURSDAYS


async def test_hosts_are_kept_free_for_the_pauses_too(services: Services, course: Course) -> None:
    await offer(services, course)

    ticks = sorted(row.tick for row in await rows(services, taken_ticks))

    assert len(ticks) == len(THURSDAYS) * (60 + 5 + 5) // 5
    assert ticks[0] == tick_of(THURSDAYS[0]) - 1


async def test_for_a_host_whose_account_is_closed_nothing_more_is_laid(
    services: Services, course: Course, clock: Clock
) -> None:
    await offer(services, course)
    await services.database.write(lambda tx: people.end(tx, course.host.id, ended_at=clock()))
    clock.move(weeks=1)

    assert await lay_ahead(services) == 0
    (missed,) = await services.database.read(lambda tx: unlaid(tx, weeks=6, now=services.now()))
    assert missed.who == ((course.host.name, "does not work here any more"),)


async def hold_until(services: Services, course: Course, person_id: str, *, lasts: timedelta) -> Hold:
    """Keep that somebody's first Thursday is held by the family, for a while."""
    interval = Interval.lasting(THURSDAYS[0], minutes=20)
    mother = course.family.mother.id
    until = services.now() + lasts
    hold = Hold(services.new_id(), mother, (person_id,), course.steps[0].id, interval, until)

    await services.database.write(lambda tx: holds.add(tx, hold))
    await services.database.write(lambda tx: slots.take(tx, {person_id: interval.ticks}, hold_id=hold.id))
    return hold
