"""Mail about proposed times goes only to whoever may be told of them at the moment of sending."""

from collections.abc import Awaitable, Callable

import pytest

from scheduler.actions.notices import send_due
from scheduler.actions.proposals import lapse_overdue, withdraw
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.people import Person
from scheduler.domain.proposals import Proposal
from scheduler.services import Services
from scheduler.storage.tables import releases
from tests.conftest import Clock, FakeMail
from tests.households import add_relative, keep_apart
from tests.log import written
from tests.proposals import ask
from tests.scheduling import World, add_world

Meanwhile = Callable[[Services, World, Person, Proposal], Awaitable[object]]


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


@pytest.fixture
async def aunt(services: Services, world: World) -> Person:
    """An aunt with a release."""
    return await add_relative(services, world, "Joan Rivera")


async def revoke(services: Services, who: Person) -> None:
    """Keep that every release that names somebody is revoked, before anything follows from it."""
    change = releases.update().where(releases.c.person_id == who.id).values(revoked_at=services.now())
    await services.database.write(lambda tx: tx.execute(change))


async def without_release(services: Services, _: World, aunt: Person, __: Proposal) -> None:
    await revoke(services, aunt)


async def kept_apart(services: Services, world: World, aunt: Person, _: Proposal) -> None:
    await keep_apart(services, world, aunt, world.family.mother)


async def withdrawn(services: Services, world: World, _: Person, proposal: Proposal) -> None:
    await withdraw(services, world.mother, proposal.id)


async def test_whoever_is_asked_gets_one_mail(
    services: Services, world: World, aunt: Person, mail: FakeMail
) -> None:
    await ask(services, world, [aunt])

    await send_due(services)

    assert [message["To"] for message in mail.sent] == [aunt.email]


@pytest.mark.parametrize(
    ("meanwhile", "reasons"),
    [(without_release, ["no_release"]), (kept_apart, ["no_release"]), (withdrawn, [])],
)
async def test_what_may_not_be_told_any_more_when_it_is_sent_is_not(
    services: Services, world: World, aunt: Person, mail: FakeMail, meanwhile: Meanwhile, reasons: list[str]
) -> None:
    proposal = await ask(services, world, [aunt])
    await meanwhile(services, world, aunt, proposal)

    await send_due(services)

    assert mail.sent == []
    denied = [
        (event, reason) for event, outcome, reason in await written(services) if outcome is Outcome.DENIED
    ]
    assert denied == [(Event.NOTICE_SENT, reason) for reason in reasons]


@pytest.mark.parametrize("is_released", [True, False])
async def test_that_it_is_over_is_told_to_a_proposer_with_a_release_alone(
    services: Services, world: World, clock: Clock, mail: FakeMail, is_released: bool
) -> None:
    mother = world.family.mother
    proposal = await ask(services, world, [world.family.client])
    await send_due(services)
    mail.sent.clear()
    clock.at = proposal.expires_at
    await lapse_overdue(services)
    if not is_released:
        await revoke(services, mother)

    await send_due(services)

    assert [message["To"] for message in mail.sent] == [mother.email] * is_released
