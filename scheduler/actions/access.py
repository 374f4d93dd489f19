"""Doors that stayed shut and faults nobody expected: their entries in the log."""

from scheduler.actions.perform import log_refusal
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.errors import Refusal
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.database import Transaction


async def log_denied_access(services: Services, actor: Actor, refusal: Refusal) -> None:
    """Append the entry of a page that is not for this actor's role (45 CFR 164.308(a)(1)(ii)(D))."""
    await log_refusal(services, actor, Event.ACCESS_DENIED, refusal)


async def log_fault(services: Services, actor: Actor, fault: Exception) -> None:
    """Append the entry of an unhandled error; only the kind of the error, for its text may hold names."""
    trail = services.trail(actor)
    reason = type(fault).__name__

    def work(tx: Transaction) -> None:
        audit.append(tx, trail, Event.ERROR_UNHANDLED, outcome=Outcome.FAILURE, reason=reason)

    await services.database.write(work)
