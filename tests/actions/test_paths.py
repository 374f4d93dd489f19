"""A family's path in the hands of staff: who may correct credit, what is kept of it, the level of care."""

import pytest
from sqlalchemy import select

from scheduler.actions.groups import take_places
from scheduler.actions.paths import change_care_level, correct_credit, see_credit, see_path
from scheduler.actions.sessions import my_program
from scheduler.domain.audit import Event
from scheduler.domain.errors import Denied, NotFound
from scheduler.domain.people import Actor, CareLevel, Role
from scheduler.domain.program import Progress
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.tables import audit_details
from scheduler.storage.tables import step_credits as credit_rows
from tests.builders import actor, add_person
from tests.groups import STEP, Group, Member, add_group, add_members
from tests.log import events
from tests.scheduling import rows

WHY = "The picture failed; she was on the phone with us"


async def staff(services: Services, role: Role, member: Member | None = None) -> Actor:
    """Keep somebody of staff, on the care team of a member's client where one is given."""
    person = await add_person(services, f"Tom {role}", role)
    if member is None:
        return actor(person)
    client_id = member.client.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=person.id)
    )
    return actor(person, client_ids={client_id})


async def add_seated(services: Services) -> tuple[Group, Member, Member]:
    """Keep a group with one mother in it, and a mother who is not."""
    group = await add_group(services)
    mother, other = await add_members(services, 2)
    await take_places(services, mother.actor, group.session.id)
    return group, mother, other


async def correct(services: Services, who: Actor, member: Member, *, is_given: bool = True) -> None:
    """Give the credit, or take it away."""
    await correct_credit(
        services, who, member.client.id, member.person.id, STEP.id, is_given=is_given, reason=WHY
    )


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR])
async def test_credit_is_given_and_taken_with_a_reason_that_is_sealed(services: Services, role: Role) -> None:
    _, mother, _ = await add_seated(services)
    who = await staff(services, role, mother)

    await correct(services, who, mother)
    await correct(services, who, mother)
    (given,) = await my_program(services, mother.actor)
    await correct(services, who, mother, is_given=False)
    (taken,) = await my_program(services, mother.actor)
    path = await see_path(services, who, mother.client.id)

    assert [one.progress for one in given.steps] == [Progress.DONE]
    assert [one.progress for one in taken.steps] == [Progress.BOOKED]
    (walker,) = [one for one in path.walkers if one.person.id == mother.person.id]
    assert [(one.is_done, one.credit and one.credit.reason) for one in walker.steps] == [(False, WHY)]
    assert (await events(services)).count(Event.CREDIT_CORRECTED) == 2
    assert WHY.encode() not in b"".join(row.reason_sealed for row in await rows(services, credit_rows))
    sealed = await services.database.read(
        lambda tx: list(tx.execute(select(audit_details.c.detail_sealed)).scalars())
    )
    assert not any(WHY.encode() in one for one in sealed)


async def test_whoever_hosted_corrects_what_they_hosted_and_sees_nothing_else(services: Services) -> None:
    group, mother, other = await add_seated(services)
    host = actor(group.host)

    path = await see_path(services, host, mother.client.id)
    await correct(services, host, mother)

    assert [one.person.id for one in path.walkers] == [mother.person.id]
    assert (path.care_level, path.may_move) == ("", False)
    for missing in (
        lambda: see_path(services, host, other.client.id),
        lambda: correct(services, host, other),
        lambda: see_credit(services, host, mother.client.id, mother.client.id, STEP.id),
        lambda: change_care_level(services, host, mother.client.id, CareLevel.PHP),
    ):
        with pytest.raises((NotFound, Denied)):
            await missing()


async def test_nobody_else_corrects_it(services: Services) -> None:
    group, mother, _ = await add_seated(services)
    assigned = await staff(services, Role.CLINICIAN, mother)

    with pytest.raises(Denied):
        await correct(services, assigned, mother)
    for role in (Role.COORDINATOR, Role.SUPERVISOR):
        with pytest.raises(NotFound):
            await correct(services, await staff(services, role), mother)
    for who in (await staff(services, Role.PRIVACY_OFFICER), await staff(services, Role.ADMINISTRATOR)):
        with pytest.raises(Denied):
            await correct(services, who, mother)
    with pytest.raises(NotFound):
        await correct_credit(
            services,
            actor(group.host),
            mother.client.id,
            mother.person.id,
            "nobodyisnamedthis000",
            is_given=True,
            reason=WHY,
        )

    assert await rows(services, credit_rows) == []


async def test_another_level_of_care_loses_nothing(services: Services) -> None:
    _, mother, _ = await add_seated(services)
    who = await staff(services, Role.COORDINATOR, mother)
    await correct(services, who, mother)
    before = await my_program(services, mother.actor)

    for level in (CareLevel.PHP, CareLevel.IOP, CareLevel.IOP, CareLevel.OUTPATIENT, CareLevel.ALUMNI):
        await change_care_level(services, who, mother.client.id, level)
        assert await my_program(services, mother.actor) == before

    assert (await see_path(services, who, mother.client.id)).care_level == CareLevel.ALUMNI
    assert (await events(services)).count(Event.CARE_LEVEL_CHANGED) == 4


async def test_only_those_who_coordinate_the_client_move_the_level(services: Services) -> None:
    _, mother, _ = await add_seated(services)

    with pytest.raises(Denied):
        await change_care_level(
            services, await staff(services, Role.CLINICIAN, mother), mother.client.id, CareLevel.PHP
        )
    with pytest.raises(NotFound):
        await change_care_level(
            services, await staff(services, Role.COORDINATOR), mother.client.id, CareLevel.PHP
        )
    with pytest.raises(Denied):
        await change_care_level(services, mother.actor, mother.client.id, CareLevel.PHP)
