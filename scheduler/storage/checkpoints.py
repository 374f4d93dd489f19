"""The signed checkpoints as kept: each with the peaks from which the next one grows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from scheduler.domain.merkle import Peaks
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_checkpoints, audit_head

_C = audit_checkpoints.c
_ALL = select(_C.size, _C.peaks, _C.root, _C.note, _C.signed_at)


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """One signed state of the log: its tree, the root kept beside it, the note, and when (aware UTC)."""

    tree: Peaks
    root: bytes
    note: str
    signed_at: datetime

    @property
    def size(self) -> int:
        """How many entries it covers."""
        return self.tree.size


def last(tx: Transaction) -> KeptCheckpoint | None:
    """Return the newest checkpoint, None before the first."""
    row = tx.execute(_ALL.order_by(_C.size.desc()).limit(1)).first()
    return None if row is None else _kept(row)


def at_or_before(tx: Transaction, size: int) -> KeptCheckpoint | None:
    """Return the newest checkpoint of at most ``size`` entries, None where there is none."""
    row = tx.execute(_ALL.where(_C.size <= size).order_by(_C.size.desc()).limit(1)).first()
    return None if row is None else _kept(row)


def between(tx: Transaction, start: int, end: int) -> list[KeptCheckpoint]:
    """Return the checkpoints of more than ``start`` and at most ``end`` entries, smallest first."""
    return [_kept(row) for row in tx.execute(_ALL.where(_C.size > start, _C.size <= end).order_by(_C.size))]


def keep(tx: Transaction, tree: Peaks, note: str, *, signed_at: datetime) -> None:
    """Keep a signed checkpoint, unless there is one of this size already."""
    tx.execute(select(audit_head.c.size).with_for_update())  # one at a time
    if tx.execute(select(_C.size).where(_C.size == tree.size)).first() is None:
        values = {"size": tree.size, "root": tree.root, "peaks": tree.data}
        tx.execute(insert(audit_checkpoints), values | {"note": note, "signed_at": signed_at})


def _kept(row: Row[Any]) -> KeptCheckpoint:
    return KeptCheckpoint(Peaks.read(row.size, row.peaks), row.root, row.note, row.signed_at)
