"""What comes before a step is required wherever one can be had; what comes next is shown with its times."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.actions.booking import book_session
from scheduler.actions.groups import join_waitlist, see_group, take_places
from scheduler.actions.holds import hold_slot
from scheduler.actions.members import change_members
from scheduler.actions.proposals import Asking, propose
from scheduler.actions.sessions import my_program, my_sessions, see_session
from scheduler.actions.slots import show_slots
from scheduler.domain.audit import Event
from scheduler.domain.credits import Credit
from scheduler.domain.errors import StepFirst
from scheduler.domain.program import Program, Step
from scheduler.services import Services
from scheduler.storage import kinds, programs, step_credits
from scheduler.storage.database import Transaction
from tests.builders import add_release
from tests.conftest import Clock
from tests.groups import EVENING, STEP, Group, Member, add_evening, add_group, add_members, add_relative
from tests.log import events
from tests.scheduling import AT_NINE, TUESDAY_NINE, add_world, counts

WELCOME = Step("s0", "p", 2, "Welcome", 60, is_group=True, education_only=True)


async def add_guarded_group(services: Services, *, capacity: int = 2) -> Group:
    """Keep a group of a step that another one comes before."""
    group = await add_group(services, capacity=capacity)

    def work(tx: Transaction) -> None:
        programs.add_step(tx, WELCOME)
        programs.change_step(tx, replace(STEP, needs=(WELCOME.id,)))

    await services.database.write(work)
    return group


async def do_welcome(services: Services, member: Member) -> None:
    """Let somebody have done the step that comes first."""
    credit = Credit(WELCOME.id, member.person.id, True, services.now() - timedelta(days=7))
    await services.database.write(lambda tx: step_credits.decide(tx, credit))


async def test_a_place_is_refused_until_the_step_before_is_done(services: Services) -> None:
    group = await add_guarded_group(services)
    (mother,) = await add_members(services, 1)
    before = await counts(services)

    with pytest.raises(StepFirst) as refused:
        await take_places(services, mother.actor, group.session.id)
    with pytest.raises(StepFirst):
        await join_waitlist(services, mother.actor, group.session.id)
    detail = await see_group(services, mother.actor, group.session.id)

    assert refused.value.titles == detail.waits_for == ("Welcome",)
    assert await counts(services) == before
    assert await events(services) == [Event.SESSION_READ]

    await do_welcome(services, mother)

    assert await take_places(services, mother.actor, group.session.id) == group.session
    assert (await see_group(services, mother.actor, group.session.id)).waits_for == ()


async def test_a_step_whose_turn_it_is_not_shows_no_times(services: Services) -> None:
    group = await add_guarded_group(services)
    (mother,) = await add_members(services, 1)

    (before,) = await my_program(services, mother.actor)
    await do_welcome(services, mother)
    (after,) = await my_program(services, mother.actor)

    assert before.groups == ()
    assert [one.session.id for one in after.groups] == [group.session.id]


async def test_a_missed_step_is_made_up_only_in_its_turn(services: Services, clock: Clock) -> None:
    group = await add_group(services)
    (mother,) = await add_members(services, 1)
    await take_places(services, mother.actor, group.session.id)
    later = await add_evening(services, group.host, starts_at=EVENING + timedelta(days=7))
    clock.at = EVENING + timedelta(days=1)
    missed = await see_session(services, mother.actor, group.session.id)
    await services.database.write(lambda tx: programs.add_step(tx, WELCOME))
    guarded = replace(STEP, needs=(WELCOME.id,))
    await services.database.write(lambda tx: programs.change_step(tx, guarded))

    assert missed.again is not None
    assert [one.session.id for one in missed.again.times] == [later.session.id]
    assert (await see_session(services, mother.actor, group.session.id)).again is None


async def test_everybody_who_is_to_get_a_place_has_done_it_themselves(services: Services) -> None:
    group = await add_guarded_group(services)
    (mother,) = await add_members(services, 1)
    father = await add_relative(services, mother, "Dan Number")
    for one in (mother, father):
        await add_release(services, one.client, one.person)
    await do_welcome(services, mother)

    with pytest.raises(StepFirst):
        await take_places(services, mother.actor, group.session.id, (mother.person.id, father.person.id))

    assert await take_places(services, mother.actor, group.session.id) == group.session


async def test_a_step_of_one_family_is_not_booked_before_its_turn(services: Services) -> None:
    world = await add_world(services)
    step = Step("alone", "q", 2, "Stepping down", 50, is_group=False, needs=("first",))

    def work(tx: Transaction) -> None:
        first = Step("first", "q", 1, "Welcome", 60, is_group=True, education_only=True)
        programs.add(tx, Program("q", "Family program"), [first, step])
        kinds.offer(tx, step.id, world.family.clinician.id)

    await services.database.write(work)
    before = await counts(services)

    with pytest.raises(StepFirst):
        await book_session(services, world.mother, replace(AT_NINE, kind_id=step.id))
    with pytest.raises(StepFirst):
        await hold_slot(services, world.mother, kind_id=step.id, starts_at=TUESDAY_NINE)
    with pytest.raises(StepFirst):
        await propose(services, world.mother, Asking(step.id, (TUESDAY_NINE,), (world.family.client.id,)))
    choice = await show_slots(services, world.mother, kind_id=step.id, zone="UTC")

    assert await counts(services) == before
    assert (choice.page, choice.waits_for) == (None, ("Welcome",))


async def test_nobody_is_added_to_a_session_of_a_step_before_its_turn(services: Services) -> None:
    world = await add_world(services)
    step = Step("alone", "q", 2, "Stepping down", 20, is_group=False, needs=("first",))
    client = world.family.client
    done = Credit("first", world.family.mother.id, True, services.now(), 60)

    def work(tx: Transaction) -> None:
        first = Step("first", "q", 1, "Welcome", 60, is_group=True, education_only=True)
        programs.add(tx, Program("q", "Family program"), [first, step])
        kinds.offer(tx, step.id, world.family.clinician.id)
        step_credits.decide(tx, done)

    await services.database.write(work)
    session = await book_session(services, world.mother, replace(AT_NINE, kind_id=step.id))

    with pytest.raises(StepFirst):
        await change_members(services, world.mother, session.id, [client.id])
    await services.database.write(lambda tx: step_credits.decide(tx, replace(done, person_id=client.id)))
    await change_members(services, world.mother, session.id, [client.id])
    await services.database.write(
        lambda tx: step_credits.decide(tx, replace(done, person_id=client.id, is_given=False))
    )
    await change_members(services, world.mother, session.id, [client.id])


async def test_the_next_step_is_shown_with_three_times_that_have_room_and_the_full_ones_before(
    services: Services,
) -> None:
    group = await add_group(services, capacity=1)
    mother, other = await add_members(services, 2)
    more = [
        await add_evening(services, group.host, starts_at=EVENING + timedelta(weeks=week))
        for week in range(1, 5)
    ]
    await take_places(services, other.actor, group.session.id)

    (course,) = await my_program(services, mother.actor)
    (at_home,) = (await my_sessions(services, mother.actor)).courses

    assert course == at_home
    assert course.next_step == STEP
    assert [one.session.id for one in course.times_of(STEP)] == [one.session.id for one in (group, *more[:3])]

    await take_places(services, mother.actor, more[0].session.id)

    (booked,) = await my_program(services, mother.actor)
    assert booked.next_step is None
