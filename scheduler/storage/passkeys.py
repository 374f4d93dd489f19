"""Passkeys as a collection, and the challenges that browsers were given, each answered once at most."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.domain.errors import NotFound, Taken
from scheduler.domain.passkeys import Challenge, Passkey, Purpose
from scheduler.storage.database import Transaction
from scheduler.storage.tables import challenges, passkeys, people

_FIND = (
    select(passkeys)
    .join(people, and_(people.c.id == passkeys.c.person_id, people.c.ended_at.is_(None)))
    .where(passkeys.c.credential_id == bindparam("credential_id"))
)
_OF_PERSON = (
    select(passkeys)
    .where(passkeys.c.person_id == bindparam("person_id"))
    .order_by(passkeys.c.created_at, passkeys.c.credential_id)
)
_LOCK_OF_PERSON = _OF_PERSON.with_for_update()


def add(tx: Transaction, passkey: Passkey) -> None:
    """Keep a new passkey.

    Raises:
        Taken: it is kept already, whoever's it is.
    """
    values = {
        "credential_id": passkey.credential_id,
        "person_id": passkey.person_id,
        "public_key": passkey.public_key,
        "sign_count": passkey.sign_count,
        "label": passkey.label,
        "created_at": passkey.created_at,
    }
    try:
        tx.execute(insert(passkeys), values)
    except IntegrityError as known:
        raise Taken("passkey") from known


def find(tx: Transaction, credential_id: bytes) -> Passkey | None:
    """Return the passkey with this id, None where there is none or its person has ended."""
    row = tx.execute(_FIND, {"credential_id": credential_id}).one_or_none()
    return None if row is None else _passkey(row)


def of_person(tx: Transaction, person_id: str) -> list[Passkey]:
    """Return a person's passkeys, oldest first."""
    return [_passkey(row) for row in tx.execute(_OF_PERSON, {"person_id": person_id})]


def count_by_person(tx: Transaction) -> dict[str, int]:
    """Return how many passkeys each person has; who has none is left out."""
    rows = tx.execute(select(passkeys.c.person_id, func.count().label("many")).group_by(passkeys.c.person_id))
    return {row.person_id: row.many for row in rows}


def use(tx: Transaction, credential_id: bytes, *, sign_count: int, used_at: datetime) -> bool:
    """Keep the new counter; return False when it did not grow (0 and 0: the key does not count)."""
    grown = passkeys.c.sign_count < sign_count if sign_count else passkeys.c.sign_count == 0
    statement = update(passkeys).where(passkeys.c.credential_id == credential_id, grown)
    return tx.execute(statement.values(sign_count=sign_count, used_at=used_at)).rowcount == 1


def remove(tx: Transaction, credential_id: bytes, *, person_id: str) -> None:
    """Forget one of a person's passkeys; the others are locked, so that two at once cannot forget them all.

    Raises:
        NotFound: it is not theirs, or not there.
    """
    tx.execute(_LOCK_OF_PERSON, {"person_id": person_id})
    own = delete(passkeys).where(passkeys.c.credential_id == credential_id, passkeys.c.person_id == person_id)
    if tx.execute(own).rowcount == 0:
        raise NotFound("passkey")


def remove_all(tx: Transaction, person_id: str) -> int:
    """Forget all of a person's passkeys; return how many there were."""
    return tx.execute(delete(passkeys).where(passkeys.c.person_id == person_id)).rowcount


def keep_challenge(tx: Transaction, challenge: Challenge, *, browser_token: str, now: datetime) -> None:
    """Keep what this browser was asked to have signed; what it was asked before is gone, as are old ones."""
    browser_hash = tx.lookup_hash("challenge.browser", browser_token)
    tx.execute(
        delete(challenges).where(
            or_(challenges.c.browser_hash == browser_hash, challenges.c.expires_at <= now)
        )
    )
    tx.execute(
        insert(challenges),
        {
            "browser_hash": browser_hash,
            "challenge": challenge.challenge,
            "purpose": challenge.purpose,
            "person_id": challenge.person_id,
            "expires_at": challenge.expires_at,
        },
    )


def take_challenge(
    tx: Transaction, *, browser_token: str, purpose: Purpose, now: datetime
) -> Challenge | None:
    """Return what this browser was asked to have signed, and forget it; None when it is over."""
    asked = delete(challenges).where(
        challenges.c.browser_hash == tx.lookup_hash("challenge.browser", browser_token),
        challenges.c.purpose == purpose,
    )
    row = tx.execute(asked.returning(*challenges.c)).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return Challenge(row.challenge, Purpose(row.purpose), row.person_id, row.expires_at)


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        credential_id=row.credential_id,
        person_id=row.person_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        label=row.label,
        created_at=row.created_at,
        used_at=row.used_at,
    )
