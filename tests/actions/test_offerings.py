"""Changing weekly times: what nobody has a place in follows, what families count on stays."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.actions.groups import join_waitlist
from scheduler.actions.groups import take_places as seat
from scheduler.actions.laying import lay_ahead
from scheduler.actions.offerings import (
    add_offering,
    change_offering,
    end_offering,
    see_offering,
    skip_date,
)
from scheduler.actions.steps import add_step, change_step, end_step
from scheduler.domain.audit import Event
from scheduler.domain.errors import Denied, Invalid, NoLonger
from scheduler.domain.program import Offering
from scheduler.services import Services
from scheduler.storage import programs
from scheduler.storage.tables import notices, offerings, sessions, taken_ticks
from tests.groups import Member, add_relative, where_they_stand
from tests.log import events
from tests.program import BOUNDARIES, THURSDAYS, WELCOME, Course, add_course, laid, offer, take_places
from tests.scheduling import rows

HOUR = timedelta(hours=1)
Act = Callable[[Services, Course, Offering], Awaitable[object]]


@pytest.fixture
async def course(services: Services) -> Course:
    """A program of two steps."""
    return await add_course(services)


async def test_a_new_time_moves_what_nobody_has_a_place_in_and_nothing_else(
    services: Services, course: Course
) -> None:
    offering = await offer(services, course)
    await take_places(services, THURSDAYS[1], 3)

    await change_offering(
        services, course.coordinator, offering.id, replace(course.wish, starts=18 * 60 + 30)
    )

    later = [moment + HOUR for moment in THURSDAYS]
    assert await laid(services) == [later[0], THURSDAYS[1], *later[2:]]
    assert len(await laid(services, status="cancelled")) == 5
    seen = await see_offering(services, course.coordinator, offering.id)
    assert [one.session.starts_at for one in seen.kept] == [THURSDAYS[1]]
    assert len(seen.free) == 5
    assert [row.rule for row in await rows(services, notices)].count("cancelled") == 5
    assert len(await rows(services, taken_ticks)) == 6 * 14


async def test_more_places_are_offered_in_the_same_act_to_who_waits(
    services: Services, course: Course
) -> None:
    offering = await offer(services, course, replace(course.wish, capacity=1))
    client, mother = course.family.client, course.family.mother_actor
    now = services.now()
    await services.database.write(
        lambda tx: programs.enrol(tx, course.program.id, client.id, enrolled_at=now)
    )
    father = await add_relative(services, Member(course.family.mother, client), "Dan Number")
    session_id = next(row.id for row in await rows(services, sessions) if row.starts_at == THURSDAYS[0])
    await seat(services, mother, session_id)
    await join_waitlist(services, father.actor, session_id)

    await change_offering(services, course.coordinator, offering.id, replace(course.wish, capacity=2))

    assert await where_they_stand(services) == ["offered"]


async def test_more_places_are_there_at_once_and_fewer_only_where_they_are_free(
    services: Services, course: Course
) -> None:
    offering = await offer(services, course)
    await take_places(services, THURSDAYS[1], 9)
    before = len(await events(services))

    await change_offering(services, course.coordinator, offering.id, replace(course.wish, capacity=8))

    found = sorted(await rows(services, sessions), key=lambda row: row.starts_at)
    assert [row.capacity for row in found] == [8, 12, 8, 8, 8, 8]
    assert (await events(services))[before:] == [Event.PROGRAM_CHANGED]


async def test_saving_what_is_there_changes_nothing_and_leaves_no_entry(
    services: Services, course: Course
) -> None:
    offering = await offer(services, course)
    before = await events(services)

    assert (await offer(services, course)).id == offering.id
    await change_offering(services, course.coordinator, offering.id, course.wish)

    assert await events(services) == before
    assert len(await rows(services, offerings)) == 1


async def test_a_session_set_apart_by_hand_is_left_alone(services: Services, course: Course) -> None:
    offering = await offer(services, course)
    await services.database.write(
        lambda tx: tx.execute(
            sessions.update().where(sessions.c.starts_at == THURSDAYS[2]).values(host_id=course.helper.id)
        )
    )

    await change_offering(services, course.coordinator, offering.id, replace(course.wish, starts=19 * 60))

    assert THURSDAYS[2] in await laid(services)


async def test_a_skipped_date_is_off_and_back_when_it_is_held_after_all(
    services: Services, course: Course
) -> None:
    offering = await offer(services, course)
    thanksgiving = date(2026, 11, 26)

    await skip_date(services, course.coordinator, offering.id, thanksgiving, held=False)
    without = await laid(services)
    await lay_ahead(services)
    assert await laid(services) == without == [one for one in THURSDAYS if one != THURSDAYS[3]]

    await skip_date(services, course.coordinator, offering.id, thanksgiving, held=True)
    assert await laid(services) == THURSDAYS


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 11, 25), "choose a Thursday"), (date(2026, 11, 12), "Families have places")],
)
async def test_a_date_that_cannot_be_skipped_is_refused(
    services: Services, course: Course, day: date, words: str
) -> None:
    offering = await offer(services, course)
    await take_places(services, THURSDAYS[1], 1)

    with pytest.raises(Invalid) as refused:
        await skip_date(services, course.coordinator, offering.id, day, held=False)

    assert words in refused.value.errors["day"]
    assert await laid(services) == THURSDAYS


async def end_weekly_time(services: Services, course: Course, offering: Offering) -> None:
    await end_offering(services, course.coordinator, offering.id)


async def end_its_step(services: Services, course: Course, offering: Offering) -> None:
    await end_step(services, course.coordinator, offering.step_id)


@pytest.mark.parametrize("act", [end_weekly_time, end_its_step])
async def test_what_is_ended_lays_nothing_more_and_keeps_what_families_count_on(
    services: Services, course: Course, act: Act
) -> None:
    offering = await offer(services, course)
    await take_places(services, THURSDAYS[1], 1)

    await act(services, course, offering)
    await end_weekly_time(services, course, offering)

    assert await lay_ahead(services) == 0
    assert await laid(services) == [THURSDAYS[1]]
    with pytest.raises(NoLonger):
        await change_offering(services, course.coordinator, offering.id, course.wish)


async def test_a_new_length_of_a_step_changes_its_kind_and_its_empty_sessions(
    services: Services, course: Course
) -> None:
    offering = await offer(services, course)
    await take_places(services, THURSDAYS[1], 1)

    await change_step(services, course.coordinator, offering.step_id, replace(WELCOME, minutes=90))

    found = [row for row in await rows(services, sessions) if row.status == "booked"]
    found.sort(key=lambda row: row.starts_at)
    minutes = [(row.ends_at - row.starts_at) // timedelta(minutes=1) for row in found]
    assert minutes == [90, 60, 90, 90, 90, 90]


async def test_a_step_for_one_family_has_no_weekly_times(services: Services, course: Course) -> None:
    wish = replace(BOUNDARIES, title="Your own session", is_group=False)
    single = await add_step(services, course.coordinator, course.program.id, wish)

    with pytest.raises(Invalid):
        await add_offering(services, course.coordinator, single.id, course.wish)
    await offer(services, course)
    with pytest.raises(Invalid):
        await change_step(services, course.coordinator, course.steps[0].id, replace(WELCOME, is_group=False))


async def test_only_those_who_coordinate_may(services: Services, course: Course) -> None:
    offering = await offer(services, course)
    for somebody in (course.family.mother_actor, course.family.clinician_actor):
        with pytest.raises(Denied):
            await change_offering(services, somebody, offering.id, course.wish)
        with pytest.raises(Denied):
            await see_offering(services, somebody, offering.id)
