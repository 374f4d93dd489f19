"""Somebody is away who holds sessions with others: another of the same duty, or a time for all of them."""

from collections import Counter
from datetime import timedelta

import pytest

from scheduler.actions.absences import Asked, see_absence
from scheduler.actions.covering import Cover, cover
from scheduler.domain.absences import Absence
from scheduler.domain.booking import Session
from scheduler.domain.coverage import LEAVE, Act, Choice, Planned
from scheduler.domain.coverage_plan import Preset
from scheduler.domain.people import Person
from scheduler.domain.times import tick_of
from scheduler.services import Services
from scheduler.storage import kinds, sessions, slots
from tests.builders import add_person
from tests.covering import ABSENCE, TUESDAY, add_group, add_practice, seen, told
from tests.scheduling import (
    ALL_AT_NINE,
    CARE_TEAM,
    STEP,
    TUESDAY_NINE,
    World,
    add_care_team,
    add_colleague,
    add_world,
    book,
    open_hours,
)

WEDNESDAY_NINE = TUESDAY_NINE + timedelta(days=1)


@pytest.fixture
async def world(services: Services) -> World:
    """A family with a therapist."""
    return await add_world(services)


async def team_session(services: Services, world: World) -> tuple[Session, Person]:
    """Book a session with the therapist and a psychiatrist, and return it with the latter."""
    psychiatrist = await add_care_team(services, world)
    return await book(services, world, ALL_AT_NINE), psychiatrist


async def covered(services: Services, world: World, preset: Preset, session: Session) -> Choice:
    """Do what is suggested for the therapist's Tuesday, and return it."""
    therapist = world.family.clinician.id
    rows = (await see_absence(services, world.therapist, Asked(therapist, ABSENCE, preset))).rows
    plan = {session.id: Planned(session.starts_at, rows[0].choice)}
    assert await cover(services, world.therapist, Cover(therapist, ABSENCE, plan)) == 1
    return rows[0].choice


async def test_a_session_of_several_moves_to_where_all_of_them_are_free(
    services: Services, world: World
) -> None:
    session, psychiatrist = await team_session(services, world)

    choice = await covered(services, world, Preset.MOVE, session)

    therapist, mother = world.family.clinician.id, world.family.mother.id
    assert choice == Choice(Act.MOVE, therapist, WEDNESDAY_NINE)
    people = (therapist, psychiatrist.id, mother)
    first, end = tick_of(TUESDAY_NINE) - 12, tick_of(WEDNESDAY_NINE) + 36
    found = await services.database.read(lambda tx: slots.taken(tx, people, first=first, end=end))
    nine = tick_of(WEDNESDAY_NINE)
    assert {one.person_id: one.span for one in found} == {
        therapist: (nine - 1, nine + 12),
        psychiatrist.id: (nine - 1, nine + 12),
        mother: (nine, nine + 10),
    }
    assert await told(services, session) == Counter({(one, "moved"): 1 for one in people})


async def test_one_of_several_is_replaced_by_a_colleague_of_the_same_duty(
    services: Services, world: World
) -> None:
    session, psychiatrist = await team_session(services, world)
    colleague = await add_colleague(services, world, duty="family therapist")
    await services.database.write(lambda tx: kinds.offer(tx, CARE_TEAM.id, colleague.id))

    choice = await covered(services, world, Preset.REASSIGN, session)

    assert choice == Choice(Act.REASSIGN, colleague.id)
    kept = await services.database.read(lambda tx: sessions.get(tx, session.id))
    assert (kept.host_id, kept.starts_at) == (colleague.id, session.starts_at)
    assert psychiatrist.id not in {person_id for person_id, _ in await told(services, session)}


async def test_a_group_goes_to_whoever_may_hold_one_another_duty_only_if_chosen(
    services: Services,
) -> None:
    practice = await add_practice(services)
    group = await add_group(services, practice, starts_at=TUESDAY_NINE + 3 * STEP)
    case_manager = await add_person(services, "Sam Ortiz", practice.colleague.role, duty="case manager")
    await open_hours(services, case_manager)
    away = practice.world.family.clinician.id

    row = (await seen(services, practice.therapist, away)).rows[-1]
    plan = {one.id: Planned(one.starts_at, LEAVE) for one in (practice.first, practice.second)}
    plan[group.id] = Planned(group.starts_at, Choice(Act.REASSIGN, case_manager.id))
    wanted = Cover(away, Absence(TUESDAY, TUESDAY), plan)
    assert await cover(services, practice.therapist, wanted) == 1

    assert [one.id for one in row.stand_ins] == [practice.colleague.id, case_manager.id]
    assert row.choice == Choice(Act.REASSIGN, practice.colleague.id)
    kept = await services.database.read(lambda tx: sessions.get(tx, group.id))
    assert kept.host_id == case_manager.id
