"""Writing a program: steps in their order, what comes before what, the families that take part."""

from dataclasses import replace

import pytest

from scheduler.actions.enrolling import enrol_family, see_families, withdraw_family
from scheduler.actions.handouts import my_handout
from scheduler.actions.programs import add_program, end_program, list_programs, see_program
from scheduler.actions.sessions import my_program
from scheduler.actions.steps import add_step, change_step, end_step, shift_step
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.errors import Denied, Invalid, NoLonger, NotFound, NotReleased
from scheduler.services import Services
from scheduler.storage import kinds
from scheduler.storage.tables import kinds as kind_rows
from tests.builders import add_family, add_release
from tests.log import events, written
from tests.program import BOUNDARIES, WELCOME, Course, add_course, laid, offer
from tests.scheduling import rows


@pytest.fixture
async def course(services: Services) -> Course:
    """A program of two steps."""
    return await add_course(services)


async def order(services: Services, course: Course) -> list[str]:
    seen = await see_program(services, course.coordinator, course.program.id)
    assert [step.position for step in seen.steps] == list(range(1, len(seen.steps) + 1))
    return [step.title for step in seen.steps]


async def test_a_step_keeps_its_kind_in_step(services: Services, course: Course) -> None:
    wish = replace(WELCOME, title="Hello", minutes=45, is_group=False, education_only=False)

    step = await change_step(services, course.coordinator, course.steps[0].id, wish)

    kind = await services.database.read(lambda tx: kinds.get(tx, step.id))
    assert (kind.name, kind.minutes, kind.education_only, kind.is_bookable) == ("Hello", 45, False, True)
    assert len(await rows(services, kind_rows)) == 2


async def test_what_is_sent_twice_is_kept_once(services: Services, course: Course) -> None:
    before = await events(services)

    again = await add_step(services, course.coordinator, course.program.id, BOUNDARIES)
    program = await add_program(services, course.coordinator, "Family Program")
    await change_step(services, course.coordinator, again.id, BOUNDARIES)

    assert (again.id, program.id) == (course.steps[1].id, course.program.id)
    assert await events(services) == before


async def test_steps_move_up_and_down_and_stop_at_the_ends(services: Services, course: Course) -> None:
    first, second = course.steps
    for step, up, titles in (
        (second, True, ["Boundaries", "Welcome"]),
        (second, True, ["Boundaries", "Welcome"]),
        (second, False, ["Welcome", "Boundaries"]),
        (second, False, ["Welcome", "Boundaries"]),
    ):
        await shift_step(services, course.coordinator, step.id, up=up)
        assert await order(services, course) == titles
    assert first.position == 1


async def test_a_step_never_stands_before_one_that_it_needs(services: Services, course: Course) -> None:
    first, second = course.steps
    await change_step(services, course.coordinator, second.id, replace(BOUNDARIES, needs=(first.id,)))

    for step, up in ((second, True), (first, False)):
        with pytest.raises(Invalid) as refused:
            await shift_step(services, course.coordinator, step.id, up=up)
        assert "must be done before" in refused.value.errors["form"]
    for wish in (replace(WELCOME, needs=(second.id,)), replace(WELCOME, needs=(first.id,))):
        with pytest.raises(Invalid) as refused:
            await change_step(services, course.coordinator, first.id, wish)
        assert "needs" in refused.value.errors
    assert await order(services, course) == ["Welcome", "Boundaries"]


async def test_a_title_stands_once_in_a_program(services: Services, course: Course) -> None:
    with pytest.raises(Invalid) as refused:
        await add_step(services, course.coordinator, course.program.id, replace(WELCOME, minutes=90))

    assert "title" in refused.value.errors


async def test_an_ended_step_is_needed_no_more_and_cannot_be_changed(
    services: Services, course: Course
) -> None:
    first, second = course.steps
    await change_step(services, course.coordinator, second.id, replace(BOUNDARIES, needs=(first.id,)))
    await enrol_family(services, course.coordinator, course.program.id, course.family.client.id)

    await end_step(services, course.coordinator, first.id)

    (mine,) = await my_program(services, course.family.mother_actor)
    assert [(one.step.title, one.waits_for, one.is_next) for one in mine.steps] == [("Boundaries", (), True)]
    with pytest.raises(NoLonger):
        await change_step(services, course.coordinator, first.id, WELCOME)
    with pytest.raises(NoLonger):
        await end_step(services, course.coordinator, first.id)


async def test_an_ended_program_is_off_the_list_with_all_its_sessions(
    services: Services, course: Course
) -> None:
    await offer(services, course)

    await end_program(services, course.coordinator, course.program.id)

    assert await list_programs(services, course.coordinator) == []
    assert await laid(services) == []
    with pytest.raises(NoLonger):
        await add_step(services, course.coordinator, course.program.id, replace(WELCOME, title="More"))


async def test_a_family_is_enrolled_once_taken_out_and_enrolled_again(
    services: Services, course: Course
) -> None:
    program_id, client_id = course.program.id, course.family.client.id
    before = len(await events(services))
    for act in (enrol_family, enrol_family, withdraw_family, withdraw_family, enrol_family):
        await act(services, course.coordinator, program_id, client_id)

    assert (await events(services))[before:] == [
        Event.FAMILY_ENROLLED,
        Event.FAMILY_WITHDRAWN,
        Event.FAMILY_ENROLLED,
    ]
    assert len(await my_program(services, course.family.mother_actor)) == 1


async def test_only_families_of_ones_own_care_team_are_named_and_enrolled(
    services: Services, course: Course
) -> None:
    others = await add_family(services, "Baker", clinician=course.family.clinician)
    program_id = course.program.id
    for client_id in (others.client.id, "nobody"):
        with pytest.raises(NotFound):
            await enrol_family(services, course.coordinator, program_id, client_id)
    supervisor = replace(course.coordinator, client_ids=frozenset({others.client.id}))
    await enrol_family(services, supervisor, program_id, others.client.id)
    before = len(await written(services))

    seen = await see_families(services, course.coordinator, program_id)

    assert [person.id for person in (*seen.enrolled, *seen.could)] == [course.family.client.id]
    assert seen.others == 1
    assert (await written(services))[before:] == [(Event.CLIENT_READ, Outcome.SUCCESS, None)]


async def test_a_handout_is_read_by_families_that_take_part(services: Services, course: Course) -> None:
    first, second = course.steps
    mother = course.family.mother_actor
    with pytest.raises(NotFound):
        await my_handout(services, mother, first.id)
    await enrol_family(services, course.coordinator, course.program.id, course.family.client.id)
    await change_step(
        services, course.coordinator, second.id, replace(BOUNDARIES, education_only=False, needs=(first.id,))
    )

    assert (await my_handout(services, mother, first.id)).step.handout == "## Hello"
    with pytest.raises(NotReleased):
        await my_handout(services, mother, second.id)
    assert (await my_handout(services, course.family.client_actor, second.id)).before == ("Welcome",)
    await add_release(services, course.family.client, course.family.mother)
    assert (await my_handout(services, mother, second.id)).step.id == second.id
    with pytest.raises(Denied):
        await my_handout(services, course.coordinator, first.id)
