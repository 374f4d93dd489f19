"""One-time links with which people of staff make their first passkey; of the token a keyed hash is kept."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from scheduler.domain.errors import NoLonger
from scheduler.storage.database import Transaction
from scheduler.storage.tables import enrolments


def add(tx: Transaction, *, token: str, person_id: str, expires_at: datetime) -> None:
    """Keep a new link; earlier ones of this person that were not used are gone."""
    end(tx, person_id)
    tx.execute(
        insert(enrolments),
        {"token_hash": _token_hash(tx, token), "person_id": person_id, "expires_at": expires_at},
    )


def end(tx: Transaction, person_id: str) -> None:
    """Forget the person's links that were not used."""
    tx.execute(delete(enrolments).where(enrolments.c.person_id == person_id, enrolments.c.used_at.is_(None)))


def find(tx: Transaction, token: str, *, now: datetime) -> str | None:
    """Return whose link it is while it can be used, without using it; else None."""
    usable = select(enrolments.c.person_id).where(
        enrolments.c.token_hash == _token_hash(tx, token),
        enrolments.c.used_at.is_(None),
        enrolments.c.expires_at > now,
    )
    return tx.execute(usable).scalar_one_or_none()


def use(tx: Transaction, token: str, *, now: datetime) -> str:
    """Use a link up and return whose it was.

    Raises:
        NoLonger: it was used before, is over or unknown.
    """
    usable = update(enrolments).where(
        enrolments.c.token_hash == _token_hash(tx, token),
        enrolments.c.used_at.is_(None),
        enrolments.c.expires_at > now,
    )
    row = tx.execute(usable.values(used_at=now).returning(enrolments.c.person_id)).one_or_none()
    if row is None:
        raise NoLonger("enrolment")
    return str(row.person_id)


def _token_hash(tx: Transaction, token: str) -> bytes:
    return tx.lookup_hash("enrolment", token)
