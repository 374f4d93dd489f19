"""The audit log as kept: entries are appended, searched and walked, and never changed.

`append` locks the one row of the head, so that entries get their places in the order of the commits, without
gaps: a transaction that is rolled back gives its places back. It comes last in a work, for everybody else
waits for that row.
"""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.domain.audit import (
    Detail,
    Disclosure,
    Entity,
    Event,
    Facts,
    Outcome,
    Purpose,
    Trail,
    detail_text,
    entry_bytes,
    entry_id,
)
from scheduler.domain.errors import Unavailable
from scheduler.domain.merkle import leaf_hash
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_details, audit_entries, audit_head

DETAIL = "audit_details.detail_sealed"

_NEXT_PLACE = (
    update(audit_head)
    .where(audit_head.c.id == 1)
    .values(size=audit_head.c.size + 1)
    .returning(audit_head.c.size)
)
_KEEP_ENTRY = insert(audit_entries)
_KEEP_DETAIL = insert(audit_details)
_SIZE = select(audit_head.c.size).where(audit_head.c.id == 1)


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
    seq = _next_place(tx)
    sealed = None if detail is None else tx.seal(DETAIL, entry_id(trail, seq), detail_text(detail))
    try:
        _keep(tx, trail, seq, event, facts, sealed)
    except IntegrityError as refused:
        raise Unavailable(f"entry {seq} cannot be kept") from refused
    return seq


def size(tx: Transaction) -> int:
    """Return how many entries there are."""
    return int(tx.execute(_SIZE).scalar_one())


def _next_place(tx: Transaction) -> int:
    place: int | None = tx.execute(_NEXT_PLACE).scalar()
    if place is None:
        raise Unavailable("the head of the audit log is missing")
    return place


def _keep(tx: Transaction, trail: Trail, seq: int, event: Event, facts: Facts, sealed: bytes | None) -> None:
    leaf = entry_bytes(
        trail, seq, event, facts, detail_hash=None if sealed is None else sha256(sealed).digest()
    )
    tx.execute(
        _KEEP_ENTRY,
        {
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
        },
    )
    if sealed is not None:
        tx.execute(_KEEP_DETAIL, {"entry_id": entry_id(trail, seq), "detail_sealed": sealed})
