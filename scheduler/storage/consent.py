"""Releases and telehealth consents: the gate that everything told about a client passes.

``active`` is asked anew at every step (book, send, prove, admit), never remembered.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from scheduler.domain.consent import Release
from scheduler.domain.errors import NotFound
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import people, releases, telehealth_consents

_client = people.alias("client")
_recipient = people.alias("recipient")


def _releases() -> Select[Any]:
    return (
        select(
            releases,
            _client.c.name_sealed.label("client_name_sealed"),
            _recipient.c.name_sealed.label("recipient_name_sealed"),
        )
        .join(_client, _client.c.id == releases.c.client_id)
        .join(_recipient, _recipient.c.id == releases.c.person_id)
    )


_GET = _releases().where(releases.c.id == bindparam("release_id"))
_STANDING = (
    _releases()
    .where(
        releases.c.person_id == bindparam("person_id"),
        releases.c.client_id == bindparam("client_id"),
        releases.c.signed_at.is_not(None),
        releases.c.revoked_at.is_(None),
    )
    .order_by(releases.c.signed_at.desc(), releases.c.id)
)
_OF_PERSON, _OF_PERSON_KEPT = Query(_STANDING), Query(_STANDING.with_for_update(read=True, of=releases))
_OF_PEOPLE = _releases().where(
    releases.c.person_id.in_(bindparam("person_ids", expanding=True)),
    releases.c.signed_at.is_not(None),
    releases.c.revoked_at.is_(None),
)
_OF_CLIENT = _releases().where(releases.c.client_id == bindparam("client_id")).order_by(releases.c.id)
_TELEHEALTH = select(telehealth_consents.c.consented_at).where(
    telehealth_consents.c.client_id == bindparam("client_id")
)


def active(
    tx: Transaction, client_id: str, person_id: str, now: datetime, *, is_kept: bool = False
) -> Release | None:
    """Return the release in force that lets ``person_id`` be told about the client, newest first, or None.

    One that ``is_kept`` cannot be ended until the transaction is over: what it gives is seen by who ends it.
    """
    asked = _OF_PERSON_KEPT if is_kept else _OF_PERSON
    rows = asked.all(tx, {"client_id": client_id, "person_id": person_id})
    found = (_release(tx, row) for row in rows)
    return next((release for release in found if release.is_active(now)), None)


def in_force(tx: Transaction, person_ids: Iterable[str], now: datetime) -> frozenset[tuple[str, str]]:
    """Return (client id, person id) of every release in force that names one of these people."""
    rows = tx.execute(_OF_PEOPLE, {"person_ids": sorted(set(person_ids))})
    found = (_release(tx, row) for row in rows)
    return frozenset((one.client_id, one.person_id) for one in found if one.is_active(now))


def of_client(tx: Transaction, client_id: str) -> list[Release]:
    """Return every release of a client, whatever its state."""
    return [_release(tx, row) for row in tx.execute(_OF_CLIENT, {"client_id": client_id})]


def released_people(tx: Transaction, client_id: str, now: datetime) -> frozenset[str]:
    """Return the ids of all people whom a release in force names."""
    return frozenset(release.person_id for release in of_client(tx, client_id) if release.is_active(now))


def get(tx: Transaction, release_id: str) -> Release:
    """Return the release with this id.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_GET, {"release_id": release_id}).one_or_none()
    if row is None:
        raise NotFound("release")
    return _release(tx, row)


def add(tx: Transaction, release: Release, *, recorded_by: str | None) -> None:
    """Keep a release, signed or not yet; both names are those of the people it refers to."""
    tx.execute(
        insert(releases),
        {
            "id": release.id,
            "client_id": release.client_id,
            "person_id": release.person_id,
            "discloser": release.discloser,
            "scope": release.scope,
            "purpose": release.purpose,
            "revocation_text": release.revocation_text,
            "expires_at": release.expires_at,
            "expiry_event": release.expiry_event,
            "signature_sealed": _sealed_signature(tx, release.id, release.signature),
            "signed_at": release.signed_at,
            "revoked_at": release.revoked_at,
            "recorded_by": recorded_by,
        },
    )


def sign(tx: Transaction, release_id: str, *, signature: str, signed_at: datetime) -> None:
    """Keep the client's signature on a release that has none.

    Raises:
        NotFound: there is no such release, or it is signed already.
    """
    unsigned = update(releases).where(releases.c.id == release_id, releases.c.signed_at.is_(None))
    sealed = _sealed_signature(tx, release_id, signature)
    if tx.execute(unsigned.values(signature_sealed=sealed, signed_at=signed_at)).rowcount == 0:
        raise NotFound("unsigned release")


def revoke(tx: Transaction, release_id: str, *, revoked_at: datetime) -> bool:
    """Revoke a release; return False when it was revoked before, which stands."""
    standing = update(releases).where(releases.c.id == release_id, releases.c.revoked_at.is_(None))
    return tx.execute(standing.values(revoked_at=revoked_at)).rowcount == 1


def record_telehealth(
    tx: Transaction, client_id: str, *, consented_at: datetime, recorded_by: str | None
) -> None:
    """Keep that a client consented to telehealth (Cal. B&P 2290.5)."""
    tx.execute(
        insert(telehealth_consents),
        {"client_id": client_id, "consented_at": consented_at, "recorded_by": recorded_by},
    )


def telehealth_consented_at(tx: Transaction, client_id: str) -> datetime | None:
    """Return when the client consented to telehealth, or None."""
    return tx.execute(_TELEHEALTH, {"client_id": client_id}).scalar_one_or_none()


def _sealed_signature(tx: Transaction, release_id: str, signature: str) -> bytes | None:
    return tx.seal("releases.signature", release_id, signature) if signature else None


def _release(tx: Transaction, row: Row[Any]) -> Release:
    return Release(
        id=row.id,
        client_id=row.client_id,
        person_id=row.person_id,
        client_name=tx.open("people.name", row.client_id, row.client_name_sealed),
        recipient_name=tx.open("people.name", row.person_id, row.recipient_name_sealed),
        discloser=row.discloser,
        scope=row.scope,
        purpose=row.purpose,
        revocation_text=row.revocation_text,
        expires_at=row.expires_at,
        expiry_event=row.expiry_event,
        signature=tx.open("releases.signature", row.id, row.signature_sealed) if row.signature_sealed else "",
        signed_at=row.signed_at,
        revoked_at=row.revoked_at,
    )
