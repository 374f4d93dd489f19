"""The audit log as kept: entries are appended, searched and walked, and never changed.

`append` locks the one row of the head, so that entries get their places in the order of the commits, without
gaps: a transaction that is rolled back gives its places back. It comes last in a work, for everybody else
waits for that row.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from scheduler.domain.audit import (
    LARGEST_INTEGER,
    Detail,
    Disclosure,
    Entity,
    Event,
    Facts,
    Noted,
    Outcome,
    Purpose,
    Trail,
    detail_text,
    entry_bytes,
    entry_id,
)
from scheduler.domain.audit_entry import Entry
from scheduler.domain.audit_filter import EVERYTHING, Filter
from scheduler.domain.errors import NotFound, Unavailable
from scheduler.domain.log_check import Columns, Row
from scheduler.domain.merkle import leaf_hash
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Prepared, Query
from scheduler.storage.tables import audit_details, audit_entries, audit_head

DETAIL = "audit_details.detail_sealed"

_NEXT_PLACES = Query(
    update(audit_head)
    .where(audit_head.c.id == 1)
    .values(size=audit_head.c.size + bindparam("more"))
    .returning(audit_head.c.size)
)
_KEEP_ENTRY = Prepared(insert(audit_entries))
_KEEP_DETAIL = Prepared(insert(audit_details))
_E, _D = audit_entries.c, audit_details.c
_ENTRY = select(_E.seq, _E.leaf, _E.leaf_hash)
_SIZE = select(audit_head.c.size).where(audit_head.c.id == 1)
_HEAD_LOCKED = _SIZE.with_for_update()


def append(  # noqa: PLR0913  # an entry says many things, and each is said by name
    tx: Transaction,
    trail: Trail,
    event: Event,
    *,
    outcome: Outcome = Outcome.SUCCESS,
    reason: str | None = None,
    client_id: str | None = None,
    entities: Sequence[Entity] = (),
    purpose: Purpose = Purpose.OPERATIONS,
    release_id: str | None = None,
    disclosure: Disclosure | None = None,
    detail: Detail | None = None,
) -> int:
    """Append one entry and return its number; call it last in a work.

    ``detail`` (names, free text, before and after) is sealed beside the entry, which holds only its hash.

    Raises:
        Unavailable: the log cannot be written.
    """
    facts = Facts(outcome, reason, client_id, tuple(entities), purpose, release_id, disclosure)
    return append_all(tx, trail, [Noted(event, facts, detail)])


def append_all(tx: Transaction, trail: Trail, noted: Sequence[Noted]) -> int:
    """Append several entries of one act, in their order, in few statements; return the last one's number.

    Raises:
        Unavailable: the log cannot be written.
    """
    try:
        last = _last_place(tx, len(noted))
        rows = [_row(tx, trail, seq, one) for seq, one in enumerate(noted, start=last - len(noted) + 1)]
        _KEEP_ENTRY.run(tx, [entry for entry, _ in rows])
        _KEEP_DETAIL.run(tx, [detail for _, detail in rows if detail is not None])
    except (IntegrityError, ProgrammingError) as refused:  # a place that is taken, a right that is missing
        raise Unavailable("the audit log cannot be written") from refused
    return last


def lock(tx: Transaction) -> None:
    """Let whoever writes an entry wait until this transaction is over: for what has no row to lock yet."""
    tx.execute(_HEAD_LOCKED)


def size(tx: Transaction) -> int:
    """Return how many entries there are.

    Raises:
        Unavailable: the head of the log is missing.
    """
    count: int | None = tx.execute(_SIZE).scalar()
    if count is None:
        raise Unavailable("the head of the audit log is missing")
    return count


def leaf_hashes(tx: Transaction, start: int, end: int) -> list[bytes]:
    """Return the hashes of leaves [start, end), which are the entries ``start + 1`` to ``end``."""
    chosen = select(_E.leaf_hash).where(_E.seq > start, _E.seq <= end).order_by(_E.seq)
    return list(tx.execute(chosen).scalars())


def between(tx: Transaction, start: int, end: int, wanted: Filter = EVERYTHING) -> list[Entry]:
    """Return the wanted ones of the entries ``start + 1`` to ``end``, in order."""
    chosen = _ENTRY.where(_E.seq > start, _E.seq <= end, *_clauses(wanted)).order_by(_E.seq)
    return [_entry(row) for row in tx.execute(chosen)]


def rows_between(tx: Transaction, start: int, end: int) -> list[Row]:
    """Return all that is kept about the entries ``start + 1`` to ``end``, to be held against their bytes."""
    sealed = _D.detail_sealed.label("detail")
    joined = audit_entries.outerjoin(audit_details, _D.entry_id == _E.id)
    chosen = select(audit_entries, sealed).select_from(joined).where(_E.seq > start, _E.seq <= end)
    return [
        Row(
            entry=_entry(row),
            columns=Columns(
                row.id, row.at, row.event, row.outcome, row.actor_id, row.client_id, row.session_id
            ),
            sealed_detail=row.detail,
        )
        for row in tx.execute(chosen.order_by(_E.seq))
    ]


def last_number(tx: Transaction) -> int:
    """Return the number of the last entry that is there, 0 when there is none."""
    return tx.execute(select(func.max(_E.seq))).scalar() or 0


def newest(tx: Transaction, wanted: Filter, *, limit: int, before: int | None = None) -> list[Entry]:
    """Return up to ``limit`` wanted entries, newest first, from below the number ``before``."""
    below = () if before is None else (_E.seq < before,)
    chosen = _ENTRY.where(*below, *_clauses(wanted)).order_by(_E.seq.desc()).limit(limit)
    return [_entry(row) for row in tx.execute(chosen)]


def find(tx: Transaction, seq: int) -> Entry:
    """Return the entry of this number.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_ENTRY.where(_E.seq == seq)).first() if seq <= LARGEST_INTEGER else None
    if row is None:
        raise NotFound(f"entry {seq}")
    return _entry(row)


def sealed_detail(tx: Transaction, entry_id: str) -> bytes | None:
    """Return the sealed detail of an entry; None where there is none, or it was shredded."""
    return tx.execute(select(_D.detail_sealed).where(_D.entry_id == entry_id)).scalar()


def outcomes(tx: Transaction, events: Iterable[Event], *, since: datetime) -> list[tuple[datetime, Outcome]]:
    """Return when, and how, each of these events went since a moment."""
    chosen = select(_E.at, _E.outcome).where(_E.event.in_([event.value for event in events]), _E.at >= since)
    return [(row.at, Outcome(row.outcome)) for row in tx.execute(chosen)]


def latest(
    tx: Transaction, events: Sequence[Event], *, actor_id: str, session_id: str, since: datetime
) -> Event | None:
    """Return which of these acts of one person in a session was the last since a moment, if there was any."""
    named = {event.value: event for event in events}
    theirs = (_E.actor_id == actor_id, _E.session_id == session_id, _E.event.in_(named), _E.at >= since)
    chosen = select(_E.event).where(*theirs, _E.outcome == Outcome.SUCCESS).order_by(_E.seq.desc()).limit(1)
    return named.get(tx.execute(chosen).scalar() or "")


def _entry(row: sqlalchemy.Row[Any]) -> Entry:
    return Entry(row.seq, row.leaf, row.leaf_hash)


def _clauses(wanted: Filter) -> list[ColumnElement[bool]]:
    clauses = []
    if wanted.since is not None:
        clauses.append(_E.at >= wanted.since)
    if wanted.until is not None:
        clauses.append(_E.at < wanted.until)
    named: dict[str, str | None] = {
        "event": wanted.event,
        "actor_id": wanted.actor_id,
        "client_id": wanted.client_id,
        "outcome": wanted.outcome,
    }
    clauses += [_E[column] == str(value) for column, value in named.items() if value is not None]
    return clauses


def _last_place(tx: Transaction, more: int) -> int:
    """Return the last of so many new places."""
    head = _NEXT_PLACES.first(tx, {"more": more})
    if head is None:
        raise Unavailable("the head of the audit log is missing")
    place: int = head.size
    return place


def _row(
    tx: Transaction, trail: Trail, seq: int, noted: Noted
) -> tuple[dict[str, object], dict[str, object] | None]:
    """Return the row of an entry and that of its sealed detail, None where it has none."""
    event, facts = noted.event, noted.facts
    sealed = (
        None if noted.detail is None else tx.seal(DETAIL, entry_id(trail, seq), detail_text(noted.detail))
    )
    leaf = entry_bytes(
        trail, seq, event, facts, detail_hash=None if sealed is None else sha256(sealed).digest()
    )
    entry: dict[str, object] = {
        "seq": seq,
        "id": entry_id(trail, seq),
        "leaf": leaf,
        "leaf_hash": leaf_hash(leaf),
        "at": trail.at,
        "event": event.value,
        "outcome": facts.outcome.value,
        "actor_id": trail.actor.person_id,
        "client_id": facts.client_id,
        "session_id": next((entity.id for entity in facts.entities if entity.kind == "session"), None),
    }
    if sealed is None:
        return entry, None
    return entry, {"entry_id": entry_id(trail, seq), "detail_sealed": sealed}
