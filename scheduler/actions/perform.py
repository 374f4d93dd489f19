"""One act: a transaction with its entries, and an entry of its own for a refusal.

Every action that changes something or shows personal data goes through `perform`, so that denials are
logged in one place and never forgotten.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from scheduler.domain.audit import Event, Outcome
from scheduler.domain.errors import Refusal
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.database import Transaction, Work

T = TypeVar("T")


async def perform(
    services: Services, actor: Actor, event: Event, work: Work[T], *, client_id: str | None = None
) -> T:
    """Run ``work``, which appends its own entries, in one transaction; log a refusal as ``event`` denied.

    Raises:
        Refusal: whatever ``work`` raised, after its entry is kept.
        Unavailable: the database or the audit log cannot be written.
    """
    async with _denials_logged(services, actor, event, client_id=client_id):
        return await services.database.write(work)


async def look(services: Services, actor: Actor, event: Event, work: Work[T]) -> T:
    """Run ``work``, which shows no personal data and so needs no entry; log a refusal as ``event`` denied.

    Raises:
        Refusal: whatever ``work`` raised, after its entry is kept.
        Unavailable: the database or the audit log cannot be written.
    """
    async with _denials_logged(services, actor, event):
        return await services.database.read(work)


async def check_first(services: Services, actor: Actor, event: Event, check: Callable[[], T]) -> T:
    """Return what ``check`` returns, for an act that needs it before its work; log a refusal likewise.

    Raises:
        Refusal: whatever ``check`` raised, after its entry is kept.
        Unavailable: the database or the audit log cannot be written.
    """
    async with _denials_logged(services, actor, event):
        return check()


async def log_refusal(
    services: Services, actor: Actor, event: Event, refusal: Refusal, *, client_id: str | None = None
) -> None:
    """Append the entry of an act that was refused, in a transaction of its own."""
    trail = services.trail(actor)
    reason = refusal.reason

    def work(tx: Transaction) -> None:
        audit.append(tx, trail, event, outcome=Outcome.DENIED, reason=reason, client_id=client_id)

    await services.database.write(work)


@asynccontextmanager
async def _denials_logged(
    services: Services, actor: Actor, event: Event, *, client_id: str | None = None
) -> AsyncIterator[None]:
    """Let a refusal fly on, after the entry that some of them get."""
    try:
        yield
    except Refusal as refusal:
        if refusal.logged:
            await log_refusal(services, actor, event, refusal, client_id=client_id)
        raise
