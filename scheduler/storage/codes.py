"""One-time codes as a collection, kept as keyed hashes; what a code may do is said in ``domain/codes.py``."""

import hmac
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, select, update

from scheduler.domain.codes import LASTS, LOCK_LASTS, TRIES, Attempt, Outcome, Purpose
from scheduler.storage.database import Transaction
from scheduler.storage.tables import codes


def issue(
    tx: Transaction,
    *,
    code_id: str,
    person_id: str | None,
    purpose: Purpose,
    target: str,
    browser: str,
    code: str,
    now: datetime,
) -> None:
    """Keep a code that is being sent; earlier ones of this browser for the same target are gone.

    ``browser`` is a random token that only the asking browser has. Without a ``person_id`` it is a decoy for
    an address that nobody has: it counts tries like any other, and nobody knows its code.
    """
    earlier = and_(_asked(tx, purpose, target, browser), codes.c.used_at.is_(None), codes.c.expires_at > now)
    tx.execute(update(codes).where(earlier).values(expires_at=now))
    tx.execute(
        insert(codes),
        {
            "id": code_id,
            "person_id": person_id,
            "purpose": purpose,
            "target_hash": tx.lookup_hash("code.target", target),
            "browser_hash": tx.lookup_hash("code.browser", browser),
            "code_hash": _code_hash(tx, code_id, code),
            "tries_left": TRIES,
            "created_at": now,
            "expires_at": now + LASTS,
        },
    )


def attempt(
    tx: Transaction, *, purpose: Purpose, target: str, browser: str, code: str, now: datetime
) -> Attempt:
    """Try a code; the try is counted with the transaction, so do not raise in it when the code is wrong.

    A browser that asked twice in the same instant has two live codes: either is right, and each try counts
    for both.
    """
    live = and_(
        _asked(tx, purpose, target, browser),
        codes.c.used_at.is_(None),
        codes.c.expires_at > now,
        codes.c.tries_left > 0,
    )
    counted = update(codes).where(live).values(tries_left=codes.c.tries_left - 1)
    tried = tx.execute(
        counted.returning(codes.c.id, codes.c.person_id, codes.c.code_hash, codes.c.tries_left)
    ).all()
    if not tried:
        return Attempt(Outcome.GONE)
    for row in tried:
        if hmac.compare_digest(row.code_hash, _code_hash(tx, row.id, code)):
            tx.execute(update(codes).where(codes.c.id.in_([one.id for one in tried])).values(used_at=now))
            return Attempt(Outcome.RIGHT, row.person_id, row.tries_left)
    fewest = min(tried, key=lambda row: row.tries_left)
    outcome = Outcome.WRONG if fewest.tries_left else Outcome.LOCKED
    return Attempt(outcome, fewest.person_id, fewest.tries_left)


def locked_until(tx: Transaction, *, person_id: str, purpose: Purpose, now: datetime) -> datetime | None:
    """Return until when no code is sent to the person because one was guessed at five times, or None."""
    guessed = and_(
        codes.c.person_id == person_id,
        codes.c.purpose == purpose,
        codes.c.tries_left == 0,
        codes.c.used_at.is_(None),
        codes.c.created_at > now - LOCK_LASTS,
    )
    last = tx.execute(
        select(codes.c.created_at).where(guessed).order_by(codes.c.created_at.desc()).limit(1)
    ).scalar()
    return None if last is None else last + LOCK_LASTS


def sent_lately(tx: Transaction, *, person_id: str, purpose: Purpose, now: datetime) -> int:
    """Return how many codes went to the person for this purpose in the last quarter of an hour."""
    lately = and_(
        codes.c.person_id == person_id, codes.c.purpose == purpose, codes.c.created_at > now - LOCK_LASTS
    )
    return int(tx.execute(select(func.count()).select_from(codes).where(lately)).scalar_one())


def _asked(tx: Transaction, purpose: Purpose, target: str, browser: str) -> ColumnElement[bool]:
    return and_(
        codes.c.browser_hash == tx.lookup_hash("code.browser", browser),
        codes.c.purpose == purpose,
        codes.c.target_hash == tx.lookup_hash("code.target", target),
    )


def _code_hash(tx: Transaction, code_id: str, code: str) -> bytes:
    return tx.lookup_hash("code", f"{code_id}:{code}")
