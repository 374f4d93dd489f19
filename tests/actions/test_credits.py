"""Credit from minutes present: enough or not, in one go or in several, each person for themselves."""

import asyncio
from dataclasses import replace

from scheduler.actions import rooms, waiting
from scheduler.actions.admissions import remove
from scheduler.actions.attendance import settle_ended
from scheduler.actions.groups import take_places
from scheduler.actions.sessions import my_program
from scheduler.actions.stays import drop_out
from scheduler.domain.audit import Event
from scheduler.domain.credits import Credit
from scheduler.domain.people import Source
from scheduler.domain.program import Progress
from scheduler.services import Services
from scheduler.storage import programs, step_credits
from scheduler.storage.tables import stays
from scheduler.storage.tables import step_credits as credit_rows
from tests.builders import actor
from tests.conftest import Clock
from tests.groups import STEP, Group, Member, add_group, add_members, add_relative
from tests.log import events
from tests.presence import attend, connect, let_in, settle
from tests.scheduling import rows

ENOUGH = STEP.enough_minutes


async def add_seated(services: Services) -> tuple[Group, Member]:
    """Keep a group in which one mother has a place."""
    group = await add_group(services)
    (mother,) = await add_members(services, 1)
    await take_places(services, mother.actor, group.session.id)
    return group, mother


async def credited(services: Services) -> list[tuple[str, int | None]]:
    """Return who has credit, and for how many minutes."""
    return [(row.person_id, row.minutes) for row in await rows(services, credit_rows) if row.is_given]


async def test_whoever_was_present_for_long_enough_has_done_the_step(
    services: Services, clock: Clock
) -> None:
    group, mother = await add_seated(services)

    await attend(services, clock, group.session, actor(group.host), mother.actor, minutes=ENOUGH)
    (course,) = await my_program(services, mother.actor)

    assert await credited(services) == [(mother.person.id, ENOUGH)]
    assert [(one.progress, one.session_at) for one in course.steps] == [
        (Progress.DONE, group.session.starts_at)
    ]
    assert (await events(services)).count(Event.CREDIT_GIVEN) == 1


async def test_a_minute_too_few_is_no_credit_and_the_step_stays_open(
    services: Services, clock: Clock
) -> None:
    group, mother = await add_seated(services)

    await attend(services, clock, group.session, actor(group.host), mother.actor, minutes=ENOUGH - 1)
    (course,) = await my_program(services, mother.actor)

    assert await credited(services) == []
    assert [one.progress for one in course.steps] == [Progress.OPEN]
    assert Event.CREDIT_GIVEN not in await events(services)


async def test_a_phone_that_drops_out_and_comes_back_has_two_stays_and_the_gap_does_not_count(
    services: Services, clock: Clock
) -> None:
    group, mother = await add_seated(services)
    host = actor(group.host)
    place = await let_in(services, clock, group.session, host, mother.actor)

    first = await connect(services, place)
    clock.move(minutes=20)
    await drop_out(services, Source(), first)
    clock.move(minutes=15)
    second = await connect(services, place)
    await drop_out(services, Source(), first)
    clock.move(minutes=20)
    await rooms.end_room(services, host, group.session.id)
    await drop_out(services, Source(), second)
    await settle(services, clock, group.session)

    assert len(await rows(services, stays)) == 2
    assert await credited(services) == [(mother.person.id, 40)]
    left = [event for event in await events(services) if event is Event.PERSON_LEFT]
    assert len(left) == 2  # by the line, and by the end of the room


async def test_whoever_is_taken_out_or_leaves_is_not_present_any_more(
    services: Services, clock: Clock
) -> None:
    group, mother = await add_seated(services)
    father = await add_relative(services, mother, "Dan Number")
    await take_places(services, father.actor, group.session.id)
    host = actor(group.host)
    places = [await let_in(services, clock, group.session, host, one.actor) for one in (mother, father)]
    for place in places:
        await connect(services, place)
    clock.move(minutes=10)
    await remove(services, host, group.session.id, mother.person.id)
    await waiting.leave(services, father.actor, places[1])
    clock.move(minutes=45)
    await rooms.end_room(services, host, group.session.id)
    await settle(services, clock, group.session)

    assert await credited(services) == []
    assert {row.left_at for row in await rows(services, stays)} == {
        group.session.starts_at.replace(minute=40)
    }


async def test_a_lower_threshold_is_enough(services: Services, clock: Clock) -> None:
    group, mother = await add_seated(services)
    lower = replace(STEP, least_minutes=15)
    await services.database.write(lambda tx: programs.change_step(tx, lower))

    await attend(services, clock, group.session, actor(group.host), mother.actor, minutes=15)

    assert await credited(services) == [(mother.person.id, 15)]


async def test_what_staff_decided_is_never_undone_by_minutes(services: Services, clock: Clock) -> None:
    group, mother = await add_seated(services)
    taken = Credit(STEP.id, mother.person.id, False, clock.at, decided_by=group.host.id, reason="Asleep")
    await services.database.write(lambda tx: step_credits.decide(tx, replace(taken, is_given=True)))
    await services.database.write(lambda tx: step_credits.decide(tx, taken))

    await attend(services, clock, group.session, actor(group.host), mother.actor, minutes=ENOUGH)

    assert await credited(services) == []


async def test_settling_at_once_by_several_gives_one_credit(services: Services, clock: Clock) -> None:
    group, mother = await add_seated(services)
    await let_in(services, clock, group.session, actor(group.host), mother.actor)
    place = await let_in(services, clock, group.session, actor(group.host), mother.actor)
    await connect(services, place)
    clock.move(minutes=50)
    await rooms.end_room(services, actor(group.host), group.session.id)
    clock.move(minutes=60)

    await asyncio.gather(*(settle_ended(services) for _ in range(4)))

    assert await credited(services) == [(mother.person.id, 50)]
    assert (await events(services)).count(Event.CREDIT_GIVEN) == 1
