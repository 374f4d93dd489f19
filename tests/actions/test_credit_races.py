"""Two corrections of one credit at one moment, on PostgreSQL: each entry says what was before, truly."""

from collections.abc import Iterator

import pytest

from scheduler.actions.paths import correct_credit
from scheduler.domain.audit import Event
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.tables import step_credits
from tests.builders import actor, add_person
from tests.engines import postgresql_url
from tests.groups import STEP, add_group, add_members
from tests.log import events
from tests.races import Act, one_close_after_the_other
from tests.scheduling import rows


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@pytest.mark.parametrize("is_given", [True, False])
async def test_of_two_who_correct_the_same_at_once_one_changes_it(services: Services, is_given: bool) -> None:
    await add_group(services)
    (mother,) = await add_members(services, 1)
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    client_id = mother.client.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=tom.id)
    )
    who = actor(tom, client_ids={client_id})

    def corrects(*, is_given: bool) -> Act:
        ids = (client_id, mother.person.id, STEP.id)
        return lambda asked: correct_credit(asked, who, *ids, is_given=is_given, reason="She was there")

    if not is_given:
        await corrects(is_given=True)(services)
    before = (await events(services)).count(Event.CREDIT_CORRECTED)

    await one_close_after_the_other(services, corrects(is_given=is_given), corrects(is_given=is_given))

    assert (await events(services)).count(Event.CREDIT_CORRECTED) == before + 1
    assert [row.is_given for row in await rows(services, step_credits)] == [is_given]
