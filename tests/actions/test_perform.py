"""One act: its entries, and the entry of a refusal."""

import pytest
from sqlalchemy import select

from scheduler.actions.perform import perform
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.errors import Denied, NotFound, SlotTaken
from scheduler.domain.people import SYSTEM
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_entries


async def written(services: Services) -> list[tuple[str, str]]:
    """Return (event, outcome) of every entry, in order."""
    statement = select(audit_entries.c.event, audit_entries.c.outcome).order_by(audit_entries.c.seq)
    return await services.database.read(
        lambda tx: [(row.event, row.outcome) for row in tx.execute(statement)]
    )


@pytest.mark.parametrize("refusal", [Denied("no"), NotFound("nothing")])
async def test_a_denial_is_logged_and_what_the_act_wrote_is_not_kept(
    services: Services, refusal: Denied
) -> None:
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> None:
        audit.append(tx, trail, Event.CLIENT_READ)
        raise refusal

    with pytest.raises(type(refusal)):
        await perform(services, SYSTEM, Event.CLIENT_READ, work)

    assert await written(services) == [(Event.CLIENT_READ, Outcome.DENIED)]


async def test_an_ordinary_refusal_needs_no_entry(services: Services) -> None:
    def work(tx: Transaction) -> None:
        raise SlotTaken

    with pytest.raises(SlotTaken):
        await perform(services, SYSTEM, Event.SESSION_BOOKED, work)

    assert await written(services) == []


async def test_an_act_returns_its_result_and_keeps_its_entries(services: Services) -> None:
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> str:
        audit.append(tx, trail, Event.CLIENT_READ)
        audit.append(tx, trail, Event.SESSION_READ)
        return "done"

    assert await perform(services, SYSTEM, Event.CLIENT_READ, work) == "done"
    assert await written(services) == [
        (Event.CLIENT_READ, Outcome.SUCCESS),
        (Event.SESSION_READ, Outcome.SUCCESS),
    ]
