"""The schema: whether the database is ready for this code, and the entry of each migration."""

from dataclasses import dataclass

from scheduler.domain.audit import Event
from scheduler.domain.errors import Unavailable
from scheduler.domain.people import SYSTEM
from scheduler.services import Services
from scheduler.storage import audit, schema
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a load balancer asks: is the database there, its schema at head, the audit log writable?"""

    database: bool
    schema: bool
    audit: bool

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served."""
        return self.database and self.schema and self.audit


async def readiness(services: Services) -> Readiness:
    """Return whether the installation can serve; looks, and changes nothing."""
    try:
        revision = await services.database.read(lambda tx: schema.current_revision(tx.connection))
    except Unavailable:
        return Readiness(database=False, schema=False, audit=False)
    is_at_head = revision == schema.newest_revision()
    return Readiness(
        database=True, schema=is_at_head, audit=is_at_head and await _is_audit_writable(services)
    )


async def note_migration(services: Services, *, since: str | None, to: str) -> None:
    """Append the entry of a migration."""
    trail = services.trail(SYSTEM)
    detail = {"before": since, "after": to}
    await services.database.write(
        lambda tx: audit.append(tx, trail, Event.SCHEMA_MIGRATED, reason=to, detail=detail)
    )


async def _is_audit_writable(services: Services) -> bool:
    """Append an entry and take it back: nothing else shows that the next act can be logged."""
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> None:
        audit.append(tx, trail, Event.AUDIT_VERIFIED)
        raise _TakenBack

    try:
        await services.database.write(work)
    except _TakenBack:
        return True
    except Unavailable:
        return False
    return False


class _TakenBack(Exception):
    """The trial entry is rolled back."""
