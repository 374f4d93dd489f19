"""The audit log as a collection: appended to, read, never changed.

Appending takes two statements: the head row hands out the next place, then the entry goes in with its
RFC 6962 leaf hash. The head's lock, held until the commit, orders all writers, so that no number is ever
skipped. Append last in a transaction: on PostgreSQL everyone who writes waits for the head.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import insert, update

from scheduler.domain.audit import (
    Disclosure,
    Entity,
    Event,
    Facts,
    Outcome,
    Purpose,
    Trail,
    entry_bytes,
    entry_id,
)
from scheduler.domain.merkle import leaf_hash
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_details, audit_entries, audit_head

_NEXT = update(audit_head).values(size=audit_head.c.size + 1).returning(audit_head.c.size)
_ADD = insert(audit_entries)
_ADD_DETAIL = insert(audit_details)


def append(  # noqa: PLR0913 - an entry has as many facts as the law asks for
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
    detail: Mapping[str, object] | None = None,
) -> int:
    """Append one entry and return its number, 1 for the first.

    ``detail`` (before and after values, free text) is sealed beside the entry, which holds the hash of the
    ciphertext.
    """
    seq: int = tx.execute(_NEXT).scalar_one()
    identity = entry_id(trail, seq)
    hashed = None if detail is None else _keep_detail(tx, identity, detail)
    facts = Facts(outcome, reason, client_id, entities, purpose, release_id, disclosure)
    leaf = entry_bytes(trail, seq, event, facts, detail_hash=hashed)
    tx.execute(
        _ADD,
        {
            "seq": seq,
            "id": identity,
            "leaf": leaf,
            "leaf_hash": leaf_hash(leaf),
            "at": trail.at,
            "event": event,
            "outcome": outcome,
            "actor_id": trail.actor.person_id,
            "client_id": client_id,
            "session_id": next((entity.id for entity in entities if entity.kind == "session"), None),
        },
    )
    return seq


def _keep_detail(tx: Transaction, identity: str, detail: Mapping[str, object]) -> bytes:
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    sealed = tx.seal("audit_details.detail", identity, text)
    tx.execute(_ADD_DETAIL, {"entry_id": identity, "detail_sealed": sealed})
    return hashlib.sha256(sealed).digest()
