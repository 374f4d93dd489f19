"""Exports of the log as asked for: a row each, from queued to deleted.

::

    queued ──> running ──> ready ──> deleted
       ^          │  └───> failed
       └──────────┘ left behind by a process that ended
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from scheduler.domain.audit_filter import Filter
from scheduler.domain.errors import NotFound
from scheduler.storage.database import Transaction
from scheduler.storage.tables import exports

PURPOSE = "exports.purpose_sealed"


class ExportStatus(StrEnum):
    """How far an export is."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Export:
    """One export: who asked, and for what; ``done`` of ``total`` entries of the log were gone through, and
    ``entries`` are in the file once it is ready. Why it was asked for may hold names and stays sealed.
    """

    id: str
    requested_by: str
    wanted: Filter
    status: ExportStatus
    requested_at: datetime
    finished_at: datetime | None = None
    done: int = 0
    total: int = 0
    entries: int = 0

    @property
    def percent(self) -> int:
        """How much is done, from 0 to 100."""
        return 100 * self.done // self.total if self.total else 0


def add(tx: Transaction, export: Export, *, purpose: str) -> None:
    """Keep a new export, with what it is for, sealed."""
    tx.execute(
        insert(exports),
        {
            "id": export.id,
            "requested_by": export.requested_by,
            "purpose_sealed": tx.seal(PURPOSE, export.id, purpose),
            "filters": str(export.wanted),
            "status": export.status.value,
            "requested_at": export.requested_at,
            "touched_at": export.requested_at,
        },
    )


def find(tx: Transaction, export_id: str) -> Export:
    """Return an export.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(select(exports).where(exports.c.id == export_id)).first()
    if row is None:
        raise NotFound("export")
    return _export(row)


def purpose_of(tx: Transaction, export_id: str) -> str:
    """Return what an export is for."""
    sealed = tx.execute(select(exports.c.purpose_sealed).where(exports.c.id == export_id)).scalar_one()
    return tx.open(PURPOSE, export_id, sealed)


def newest(tx: Transaction, *, limit: int) -> list[Export]:
    """Return the newest exports first."""
    chosen = select(exports).order_by(exports.c.requested_at.desc(), exports.c.id.desc()).limit(limit)
    return [_export(row) for row in tx.execute(chosen)]


def claim(tx: Transaction, *, now: datetime, stale_before: datetime) -> Export | None:
    """Take the oldest export that waits, or was left behind untouched since a moment, and return it."""
    waits = exports.c.status == ExportStatus.QUEUED.value
    is_left = (exports.c.status == ExportStatus.RUNNING.value) & (exports.c.touched_at < stale_before)
    chosen = select(exports).where(waits | is_left).order_by(exports.c.requested_at).limit(1)
    row = tx.execute(chosen.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    tell(tx, row.id, now=now, status=ExportStatus.RUNNING, done=0)
    return _export(row)


def tell(tx: Transaction, export_id: str, *, now: datetime, **progress: ExportStatus | int) -> None:
    """Keep the progress of an export: ``status``, ``done``, ``total``, ``entries``."""
    tx.execute(update(exports).where(exports.c.id == export_id).values(touched_at=now, **progress))


def finish(tx: Transaction, export_id: str, *, now: datetime, status: ExportStatus, entries: int = 0) -> None:
    """Keep that an export is ready, or failed."""
    values = {"status": status.value, "entries": entries, "finished_at": now, "touched_at": now}
    tx.execute(update(exports).where(exports.c.id == export_id).values(**values))


def ready_before(tx: Transaction, moment: datetime) -> list[Export]:
    """Return the exports that have been ready since before a moment."""
    is_old = (exports.c.status == ExportStatus.READY.value) & (exports.c.finished_at < moment)
    return [_export(row) for row in tx.execute(select(exports).where(is_old))]


def mark_deleted(tx: Transaction, export_id: str, *, now: datetime) -> bool:
    """Keep that the file of an export is gone; False when another process was first."""
    ready = update(exports).where(exports.c.id == export_id, exports.c.status == ExportStatus.READY.value)
    values = {"status": ExportStatus.DELETED.value, "touched_at": now}
    return tx.execute(ready.values(**values)).rowcount == 1


def _export(row: Row[Any]) -> Export:
    return Export(
        id=row.id,
        requested_by=row.requested_by,
        wanted=Filter.parse(row.filters),
        status=ExportStatus(row.status),
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        done=row.done,
        total=row.total,
        entries=row.entries,
    )
