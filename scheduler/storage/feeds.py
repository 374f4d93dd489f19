"""Personal calendar feeds as a collection: the address holds a random token, the row only its SHA-256.

::

    made ──revoked, or another made in its place──▶ revoked
"""

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from scheduler.storage.database import Transaction
from scheduler.storage.tables import feeds

_FIND = select(feeds.c.person_id).where(
    feeds.c.token_hash == bindparam("token_hash"), feeds.c.revoked_at.is_(None)
)


def token_hash(token: str) -> bytes:
    """Return the key of a feed; the token has 192 random bits, so it needs no keyed hash."""
    return hashlib.sha256(token.encode()).digest()


def add(tx: Transaction, *, person_id: str, token: str, created_at: datetime) -> None:
    """Keep a person's new feed; an earlier one is revoked, so that a person has one at a time."""
    revoke(tx, person_id, revoked_at=created_at)
    tx.execute(
        insert(feeds), {"token_hash": token_hash(token), "person_id": person_id, "created_at": created_at}
    )


def revoke(tx: Transaction, person_id: str, *, revoked_at: datetime) -> bool:
    """Revoke a person's feed; False when there was none."""
    standing = update(feeds).where(feeds.c.person_id == person_id, feeds.c.revoked_at.is_(None))
    return tx.execute(standing.values(revoked_at=revoked_at)).rowcount > 0


def find(tx: Transaction, token: str) -> str | None:
    """Return whose feed this token opens, or None."""
    return tx.execute(_FIND, {"token_hash": token_hash(token)}).scalar_one_or_none()


def has_one(tx: Transaction, person_id: str) -> bool:
    """Tell whether a person has a feed."""
    statement = select(feeds.c.person_id).where(feeds.c.person_id == person_id, feeds.c.revoked_at.is_(None))
    return tx.execute(statement).first() is not None
