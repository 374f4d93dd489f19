"""Proposals in the small world of tests/scheduling: the mother asks her son and his aunt about times."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from scheduler.actions.answers import answer
from scheduler.actions.proposals import Asking, propose
from scheduler.domain.people import Actor, Person
from scheduler.domain.proposals import Proposal
from scheduler.services import Services
from tests.scheduling import CHECK_IN, STEP, TUESDAY_NINE, World

A_DAY = timedelta(days=1)
THREE = (TUESDAY_NINE, TUESDAY_NINE + STEP, TUESDAY_NINE + A_DAY)


async def ask(
    services: Services,
    world: World,
    asked: Iterable[Person],
    *,
    starts: tuple[datetime, ...] = THREE,
    needs_all: bool = True,
    kind_id: str = CHECK_IN.id,
) -> Proposal:
    """Propose times, by default for a check-in, as the mother does."""
    asking = Asking(kind_id, starts, tuple(one.id for one in asked), needs_all)
    return await propose(services, world.mother, asking)


async def say(services: Services, who: Actor, proposal: Proposal, *works: bool) -> Proposal:
    """Answer for the first times of a proposal, in their order."""
    told = {time.id: one for time, one in zip(proposal.times, works, strict=False)}
    return await answer(services, who, proposal.id, told)
