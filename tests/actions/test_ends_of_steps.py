"""Steps that are ended, and programs: nobody books them any more, and what is booked can still be moved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.actions.booking import book_session, move_session
from scheduler.actions.notices import send_due
from scheduler.actions.programs import add_program, end_program
from scheduler.actions.proposals import see_proposal
from scheduler.actions.sessions import see_move
from scheduler.actions.slots import show_slots
from scheduler.actions.steps import StepWish, add_step, end_step
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Actor
from scheduler.domain.program import Step
from scheduler.domain.proposals import Status
from scheduler.services import Services
from scheduler.storage import kinds, programs
from tests.builders import PACIFIC
from tests.conftest import FakeMail
from tests.households import add_coordinator, add_relative
from tests.proposals import ask
from tests.scheduling import AT_NINE, TUESDAY_NINE, World, add_world


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


async def add_single(services: Services, world: World) -> tuple[Actor, Step]:
    """Keep a program of one step of one family, which the therapist holds; return who writes it as well."""
    _, coordinator = await add_coordinator(services, world)
    program = await add_program(services, coordinator, "Family program")
    wish = StepWish("Stepping down", 20, is_group=False, education_only=False)
    step = await add_step(services, coordinator, program.id, wish)
    therapist_id = world.family.clinician.id
    await services.database.write(lambda tx: kinds.offer(tx, step.id, therapist_id))
    return coordinator, step


@pytest.mark.parametrize("is_whole_program", [False, True])
async def test_an_ended_step_is_booked_no_more(
    services: Services, world: World, is_whole_program: bool
) -> None:
    coordinator, step = await add_single(services, world)
    wish = replace(AT_NINE, kind_id=step.id)
    kept = await book_session(services, world.mother, wish)

    if is_whole_program:
        await end_program(services, coordinator, step.program_id)
    else:
        await end_step(services, coordinator, step.id)

    offers = (await show_slots(services, world.mother, zone=PACIFIC)).offers
    assert step.id not in {one.kind.id for one in offers}
    with pytest.raises(NotFound):
        await book_session(services, world.mother, replace(wish, starts_at=TUESDAY_NINE + timedelta(days=1)))
    ended = await services.database.read(lambda tx: programs.step(tx, step.id))
    assert ended.ended_at is not None
    assert (await see_move(services, world.mother, kept.id, zone=PACIFIC)).page.days
    later = TUESDAY_NINE + timedelta(days=1)
    assert (await move_session(services, world.mother, kept.id, starts_at=later)).starts_at == later


async def test_what_is_proposed_of_a_step_lapses_with_it_and_its_proposer_is_told(
    services: Services, world: World, mail: FakeMail
) -> None:
    coordinator, step = await add_single(services, world)
    aunt = await add_relative(services, world, "Ann Aunt")
    proposal = await ask(services, world, [aunt], starts=(TUESDAY_NINE,), kind_id=step.id)

    await end_step(services, coordinator, step.id)
    await send_due(services)

    seen = await see_proposal(services, world.mother, proposal.id)
    assert seen.proposal.status is Status.LAPSED
    assert world.family.mother.email in {message["To"] for message in mail.sent}
