"""What the audit log says, as tests compare it."""

import json

from sqlalchemy import select

from scheduler.domain.audit import Event, Outcome
from scheduler.services import Services
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_entries

EVENTS = {str(event): event for event in Event}


async def events(services: Services) -> list[Event]:
    """Return the event of every entry, in order."""
    return [event for event, _, _ in await written(services)]


async def written(services: Services) -> list[tuple[Event, Outcome, str | None]]:
    """Return (event, outcome, reason) of every entry, in order."""

    def work(tx: Transaction) -> list[tuple[Event, Outcome, str | None]]:
        leaves = tx.execute(select(audit_entries.c.leaf).order_by(audit_entries.c.seq)).scalars()
        entries = [json.loads(leaf) for leaf in leaves]
        return [(EVENTS[one["event"]], Outcome(one["outcome"]), one["reason"]) for one in entries]

    return await services.database.read(work)
