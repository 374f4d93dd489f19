"""Releases and telehealth consents: the gate that everything told about a client passes.

``active`` is asked anew at every step (book, send, prove, admit), never remembered. Whoever changes a release
holds the lock of its client (``households.lock``), so that of two changes the later sees the earlier one.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from scheduler.domain.consent import Release, Scope, State
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Actor
from scheduler.domain.release_texts import Shown
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import people, releases, telehealth_consents

_client = people.alias("client")
_recipient = people.alias("recipient")


_WORDS = ("discloser", "scope", "purpose", "revocation_text", "expiry_event")
_READ_REST = ("shown_sealed", "revocation_sealed", "sent_back_reason_sealed")


def _releases() -> Select[Any]:
    return (
        select(
            *(column for column in releases.c if column.name not in _READ_REST),
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
        releases.c.expired_at.is_(None),
    )
    .order_by(releases.c.signed_at.desc(), releases.c.id)
)
_OF_PERSON, _OF_PERSON_KEPT = Query(_STANDING), Query(_STANDING.with_for_update(read=True, of=releases))
_OF_PEOPLE = _releases().where(
    releases.c.person_id.in_(bindparam("person_ids", expanding=True)),
    releases.c.signed_at.is_not(None),
    releases.c.revoked_at.is_(None),
    releases.c.expired_at.is_(None),
)
_OF_CLIENT = _releases().where(releases.c.client_id == bindparam("client_id")).order_by(releases.c.id)
_REST = select(*(releases.c[name] for name in _READ_REST)).where(releases.c.id == bindparam("release_id"))
_OVERDUE = (
    select(releases.c.id, releases.c.client_id)
    .where(
        releases.c.expires_at <= bindparam("now", type_=releases.c.expires_at.type),
        releases.c.expired_at.is_(None),
        releases.c.revoked_at.is_(None),
    )
    .order_by(releases.c.expires_at, releases.c.id)
)
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


def waits_for(tx: Transaction, client_id: str, now: datetime) -> bool:
    """Tell whether a release waits for a client's signature."""
    return any(one.state(now) is State.TO_SIGN for one in of_client(tx, client_id))


def get(tx: Transaction, release_id: str) -> Release:
    """Return the release with this id.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_GET, {"release_id": release_id}).one_or_none()
    if row is None:
        raise NotFound("release")
    return _release(tx, row)


def visible(tx: Transaction, actor: Actor, release_id: str) -> Release:
    """Return a release of one of the actor's clients.

    Raises:
        NotFound: there is none, or it is not of the actor's.
    """
    found = get(tx, release_id)
    if found.client_id not in actor.client_ids:
        raise NotFound("release")
    return found


def add(tx: Transaction, release: Release, *, recorded_by: str | None) -> None:
    """Keep a release, signed or not yet; both names are those of the people it refers to."""
    words = json.dumps({name: getattr(release, name) for name in _WORDS}, ensure_ascii=False)
    as_they_are = (
        *("id", "client_id", "person_id", "expires_at", "signed_at", "revoked_at", "scope_choice"),
        *("text_version", "language", "is_paper", "created_at", "approved_at", "expired_at", "renews_id"),
    )
    values: dict[str, object] = {name: getattr(release, name) for name in as_they_are}
    values |= {
        "words_sealed": tx.seal("releases.words", release.id, words),
        "signature_sealed": _sealed_signature(tx, release.id, release.signature),
        "recorded_by": recorded_by,
    }
    tx.execute(insert(releases), values)


def sign(
    tx: Transaction, release_id: str, *, signature: str, signed_at: datetime, shown: Shown | None = None
) -> None:
    """Keep the client's signature on a release that has none, with the text that was shown.

    Raises:
        NotFound: there is no such release, or it is signed already.
    """
    unsigned = update(releases).where(releases.c.id == release_id, releases.c.signed_at.is_(None))
    values: dict[str, object] = {
        "signature_sealed": _sealed_signature(tx, release_id, signature),
        "signed_at": signed_at,
    }
    if shown is not None:
        text = json.dumps({"text": shown.text, "sha256": shown.sha256}, ensure_ascii=False)
        values["shown_sealed"] = tx.seal("releases.shown", release_id, text)
    if tx.execute(unsigned.values(values)).rowcount == 0:
        raise NotFound("unsigned release")


def approve(tx: Transaction, release_id: str, *, by: str, at: datetime) -> bool:
    """Keep that a second person approves what was recorded from paper; False when somebody decided before."""
    return _changed(tx, release_id, "approved_at", "sent_back_at", decided_by=by, approved_at=at)


def send_back(tx: Transaction, release_id: str, *, by: str, at: datetime, reason: str) -> bool:
    """Keep that a second person does not approve paper, and why; False when somebody decided before."""
    sealed = tx.seal("releases.sent_back_reason", release_id, reason)
    return _changed(
        tx,
        release_id,
        *("approved_at", "sent_back_at"),
        decided_by=by,
        sent_back_at=at,
        sent_back_reason_sealed=sealed,
    )


def revoke(
    tx: Transaction, release_id: str, *, revoked_at: datetime, by: str | None = None, told: str = ""
) -> bool:
    """Revoke a release; return False when it was revoked before, which stands. ``told`` is kept sealed."""
    sealed = tx.seal("releases.revocation", release_id, told) if told else None
    return _changed(
        tx, release_id, "revoked_at", revoked_at=revoked_at, revoked_by=by, revocation_sealed=sealed
    )


def expire(tx: Transaction, release_id: str, *, at: datetime) -> bool:
    """Keep that a release has ended, by its date or event; False when it is over already."""
    return _changed(tx, release_id, "expired_at", "revoked_at", expired_at=at)


def overdue(tx: Transaction, *, now: datetime) -> list[tuple[str, str]]:
    """Return (release id, client id) of those whose date has passed, which is not noted yet."""
    return [(row.id, row.client_id) for row in tx.execute(_OVERDUE, {"now": now})]


def shown(tx: Transaction, release_id: str) -> Shown | None:
    """Return the text that was signed, None for paper and for what nobody has signed here."""
    row = tx.execute(_REST, {"release_id": release_id}).one()
    if row.shown_sealed is None:
        return None
    return Shown(json.loads(tx.open("releases.shown", release_id, row.shown_sealed))["text"])


def sent_back_reason(tx: Transaction, release_id: str) -> str:
    """Return why paper was sent back, "" where it was not."""
    row = tx.execute(_REST, {"release_id": release_id}).one()
    sealed = row.sent_back_reason_sealed
    return "" if sealed is None else tx.open("releases.sent_back_reason", release_id, sealed)


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


def _changed(tx: Transaction, release_id: str, *still_empty: str, **values: object) -> bool:
    """Change a release in one statement while these columns are empty; tell whether it was so."""
    standing = update(releases).where(
        releases.c.id == release_id, *(releases.c[name].is_(None) for name in still_empty)
    )
    return tx.execute(standing.values(values)).rowcount == 1


def _sealed_signature(tx: Transaction, release_id: str, signature: str) -> bytes | None:
    return tx.seal("releases.signature", release_id, signature) if signature else None


def _words(tx: Transaction, row: Row[Any]) -> dict[str, str]:
    if row.words_sealed is None:  # kept before words were sealed
        return {name: getattr(row, name) for name in _WORDS}
    words: dict[str, str] = json.loads(tx.open("releases.words", row.id, row.words_sealed))
    return words


def _release(tx: Transaction, row: Row[Any]) -> Release:
    return Release(
        id=row.id,
        client_id=row.client_id,
        person_id=row.person_id,
        client_name=tx.open("people.name", row.client_id, row.client_name_sealed),
        recipient_name=tx.open("people.name", row.person_id, row.recipient_name_sealed),
        **_words(tx, row),
        expires_at=row.expires_at,
        signature=tx.open("releases.signature", row.id, row.signature_sealed) if row.signature_sealed else "",
        signed_at=row.signed_at,
        revoked_at=row.revoked_at,
        scope_choice=Scope(row.scope_choice) if row.scope_choice else None,
        text_version=row.text_version,
        language=row.language,
        is_paper=row.is_paper,
        created_at=row.created_at,
        recorded_by=row.recorded_by,
        approved_at=row.approved_at,
        sent_back_at=row.sent_back_at,
        expired_at=row.expired_at,
        renews_id=row.renews_id,
    )
