"""Entries for tests of the log, and what somebody who owns the database could do to it."""

from sqlalchemy import text

from scheduler.domain.audit import Event
from scheduler.domain.people import SYSTEM
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.database import Transaction


async def append(services: Services, count: int = 1, *, client_id: str | None = None) -> None:
    """Keep ``count`` entries of reads by the clockwork, each with a sealed note."""
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> None:
        for _ in range(count):
            audit.append(tx, trail, Event.CLIENT_READ, client_id=client_id, detail="a note")

    await services.database.write(work)


async def tamper(services: Services, statement: str) -> None:
    """Change the kept log as somebody could who owns the database."""
    tables = ("audit_entries", "audit_checkpoints", "audit_details", "audit_head")

    def work(tx: Transaction) -> None:
        for table in tables:
            for trigger in _triggers(services, table):
                tx.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
        tx.execute(text(statement))

    await services.database.write(work)


def _triggers(services: Services, table: str) -> list[str]:
    if services.database.engine_name == "postgresql":
        return [f"{table}_only_grows ON {table}", "audit_head_never_shrinks ON audit_head"]
    return [
        *(f"{table}_is_never_{word}" for word in ("changed", "deleted", "replaced")),
        "audit_head_never_shrinks",
    ]
