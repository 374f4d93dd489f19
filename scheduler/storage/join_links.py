"""Join links as a collection, one for each person and session, keyed on the SHA-256 of the token's jti.

The jti itself is kept sealed, so that every mail about a session carries the same link, and a session that
moves keeps it. A link is never deleted: a revoked one stays, and says no.

For whoever books: draw ``jti = services.new_secret()`` before the transaction and call `open_for` for each
family place; `revoke_for` when a session is cancelled or a person taken off it.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.domain.join_links import CLOSES_AFTER, JoinLink, Standing
from scheduler.domain.people import Proof, Role
from scheduler.domain.rooms import PresenceStatus
from scheduler.domain.times import Interval
from scheduler.storage import consent, rooms
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Prepared
from scheduler.storage.tables import join_links, kinds, people, places, presences, sessions
from scheduler.storage.vault import SealBroken

MOST_AHEAD = 5  # more of them than the host can have ended, one after the other, before their doors close

_KEY = ("session_id", "person_id")
_FRESH = {
    "viewed_at": None,
    "device_hash": None,
    "proof": None,
    "proved_at": None,
    "revoked_at": None,
}
_FIND = select(join_links).where(join_links.c.jti_hash == bindparam("jti_hash"))
_FIND_FOR = select(join_links).where(
    join_links.c.session_id == bindparam("session_id"), join_links.c.person_id == bindparam("person_id")
)
_FIND_BY_DEVICE = select(join_links).where(join_links.c.device_hash == bindparam("device_hash"))
_STANDING = (
    select(
        sessions.c.host_id,
        sessions.c.starts_at,
        sessions.c.ends_at,
        sessions.c.status.label("session_status"),
        kinds.c.education_only,
        people.c.role,
        people.c.zone,
        people.c.ended_at.label("person_ended_at"),
        places.c.client_id,
        places.c.status.label("place_status"),
        presences.c.status.label("presence_status"),
        presences.c.location_sealed.is_not(None).label("has_details"),
    )
    .select_from(sessions)
    .join(kinds, kinds.c.id == sessions.c.kind_id)
    .join(people, people.c.id == bindparam("person_id"))
    .outerjoin(places, and_(places.c.session_id == sessions.c.id, places.c.person_id == people.c.id))
    .outerjoin(presences, and_(presences.c.session_id == sessions.c.id, presences.c.person_id == people.c.id))
    .where(sessions.c.id == bindparam("session_id"))
)


def _opening(insert: Any) -> Any:
    """Return the statement of `open_for` in an engine's dialect."""
    fresh = {name: insert.excluded[name] for name in ("jti_hash", "jti_sealed", "created_at")}
    return insert.on_conflict_do_update(
        index_elements=_KEY, set_=fresh | _FRESH, where=join_links.c.revoked_at.is_not(None)
    )


_OPEN = {
    "sqlite": Prepared(_opening(sqlite.insert(join_links))),
    "postgresql": Prepared(_opening(postgresql.insert(join_links))),
}


def hash_of(jti: str) -> bytes:
    """Return the key of a link: SHA-256 of its jti, which is random enough to need no keyed hash."""
    return hashlib.sha256(jti.encode()).digest()


def device_hash_of(token: str) -> bytes:
    """Return under which hash a proved browser's token is kept."""
    return hashlib.sha256(token.encode()).digest()


def open_for(tx: Transaction, *, session_id: str, person_id: str, jti: str, now: datetime) -> None:
    """Give a person a link to a session. One that is open stays as it is; a revoked one is replaced."""
    jti_hash = hash_of(jti)
    values = {
        "jti_hash": jti_hash,
        "session_id": session_id,
        "person_id": person_id,
        "jti_sealed": tx.seal("join_links.jti", jti_hash.hex(), jti),
        "created_at": now,
    }
    _OPEN[tx.connection.dialect.name].run(tx, [values])


def renew(tx: Transaction, *, session_id: str, person_id: str, jti: str, now: datetime) -> None:
    """Replace a person's link: the old one opens nothing from now on, and neither does its device.

    One that was stopped comes back to life by this; whoever has not been asked for that takes `readable_jti`.
    """
    revoke_for(tx, session_id=session_id, person_id=person_id, now=now)
    open_for(tx, session_id=session_id, person_id=person_id, jti=jti, now=now)


def readable_jti(tx: Transaction, *, session_id: str, person_id: str, jti: str, now: datetime) -> str | None:
    """Return the jti of a person's link, a fresh one (``jti``) where they have none or its key was dropped.

    None when it was revoked, by anybody at any moment before: a stopped link stays stopped.
    """
    row = tx.execute(_FIND_FOR, {"session_id": session_id, "person_id": person_id}).one_or_none()
    if row is None:
        open_for(tx, session_id=session_id, person_id=person_id, jti=jti, now=now)
        return jti_for(tx, session_id=session_id, person_id=person_id)
    if row.revoked_at is not None:
        return None
    try:
        return tx.open("join_links.jti", row.jti_hash.hex(), row.jti_sealed)
    except SealBroken:
        _replace(tx, row.jti_hash, jti=jti, now=now)
    return jti_for(tx, session_id=session_id, person_id=person_id)


def revoke_for(tx: Transaction, *, session_id: str, person_id: str | None = None, now: datetime) -> int:
    """Revoke a person's link to a session, or everybody's; return how many were open till now."""
    wanted = [join_links.c.session_id == session_id, join_links.c.revoked_at.is_(None)]
    if person_id is not None:
        wanted.append(join_links.c.person_id == person_id)
    return tx.execute(update(join_links).where(and_(*wanted)).values(revoked_at=now)).rowcount


def revoke_all(tx: Transaction, session_ids: Sequence[str], *, now: datetime) -> None:
    """Revoke everybody's links to several sessions."""
    theirs = and_(join_links.c.session_id.in_(session_ids), join_links.c.revoked_at.is_(None))
    tx.execute(update(join_links).where(theirs).values(revoked_at=now))


def find(tx: Transaction, jti_hash: bytes) -> JoinLink | None:
    """Return the link under this hash, revoked or not, or None."""
    return _one(tx.execute(_FIND, {"jti_hash": jti_hash}).one_or_none())


def find_for(tx: Transaction, *, session_id: str, person_id: str) -> JoinLink | None:
    """Return a person's link to a session, revoked or not, or None."""
    return _one(tx.execute(_FIND_FOR, {"session_id": session_id, "person_id": person_id}).one_or_none())


def find_by_device(tx: Transaction, device_hash: bytes) -> JoinLink | None:
    """Return the link that the browser with this hash proved itself for last, or None."""
    return _one(tx.execute(_FIND_BY_DEVICE, {"device_hash": device_hash}).one_or_none())


def of_session(tx: Transaction, session_id: str) -> list[JoinLink]:
    """Return everybody's link to a session, revoked or not."""
    statement = select(join_links).where(join_links.c.session_id == session_id)
    return [_link(row) for row in tx.execute(statement.order_by(join_links.c.person_id))]


def find_next(tx: Transaction, person_id: str, *, now: datetime) -> list[JoinLink]:
    """Return a person's links to the soonest sessions whose doors have not closed, soonest first."""
    ahead = and_(
        join_links.c.person_id == person_id,
        join_links.c.revoked_at.is_(None),
        sessions.c.status == "booked",
        sessions.c.ends_at >= now - CLOSES_AFTER,
    )
    statement = select(join_links).join(sessions, sessions.c.id == join_links.c.session_id).where(ahead)
    soonest = statement.order_by(sessions.c.starts_at, sessions.c.id).limit(MOST_AHEAD)
    return [_link(row) for row in tx.execute(soonest)]


def standing(tx: Transaction, link: JoinLink, *, now: datetime) -> Standing:
    """Return how the link's person stands with its session at ``now``; read anew for every decision."""
    row = tx.execute(_STANDING, {"session_id": link.session_id, "person_id": link.person_id}).one()
    release = None
    if row.client_id is not None and row.client_id != link.person_id:
        release = consent.active(tx, row.client_id, link.person_id, now)
    return Standing(
        link=link,
        role=Role(row.role),
        zone=row.zone,
        client_id=row.client_id,
        host_id=row.host_id,
        when=Interval(row.starts_at, row.ends_at),
        is_on=row.session_status != "cancelled",
        has_place=row.place_status not in (None, "cancelled") and row.person_ended_at is None,
        room=rooms.get(tx, link.session_id),
        presence=PresenceStatus(row.presence_status or PresenceStatus.EXPECTED),
        has_details=bool(row.has_details),
        needs_release=not row.education_only,
        release_id=release.id if release else None,
    )


def jti_for(tx: Transaction, *, session_id: str, person_id: str) -> str | None:
    """Return the jti of a person's open link; None when there is none, or its key was dropped."""
    row = tx.execute(_FIND_FOR, {"session_id": session_id, "person_id": person_id}).one_or_none()
    if row is None or row.revoked_at is not None:
        return None
    try:
        return tx.open("join_links.jti", row.jti_hash.hex(), row.jti_sealed)
    except SealBroken:
        return None


def mark_viewed(tx: Transaction, jti_hash: bytes, *, now: datetime) -> None:
    """Keep when the link was first followed; it changes nothing about what the link can do."""
    unseen = and_(join_links.c.jti_hash == jti_hash, join_links.c.viewed_at.is_(None))
    tx.execute(update(join_links).where(unseen).values(viewed_at=now))


def redeem(tx: Transaction, jti_hash: bytes, *, device_hash: bytes, proof: Proof, now: datetime) -> bool:
    """Make this browser the one that holds the place, in one statement; False when the link was revoked.

    Whichever browser held it before is put aside.
    """
    open_link = and_(join_links.c.jti_hash == jti_hash, join_links.c.revoked_at.is_(None))
    redeemed = update(join_links).where(open_link).values(device_hash=device_hash, proof=proof, proved_at=now)
    return tx.execute(redeemed).rowcount == 1


def _replace(tx: Transaction, old: bytes, *, jti: str, now: datetime) -> None:
    """Put a fresh link in the place of the ``old`` one, unless that was revoked or replaced meanwhile."""
    fresh = hash_of(jti)
    values = {
        **_FRESH,
        "jti_hash": fresh,
        "jti_sealed": tx.seal("join_links.jti", fresh.hex(), jti),
        "created_at": now,
    }
    still_open = and_(join_links.c.jti_hash == old, join_links.c.revoked_at.is_(None))
    tx.execute(update(join_links).where(still_open).values(values))


def _one(row: Row[Any] | None) -> JoinLink | None:
    return None if row is None else _link(row)


def _link(row: Row[Any]) -> JoinLink:
    return JoinLink(
        jti_hash=row.jti_hash,
        session_id=row.session_id,
        person_id=row.person_id,
        created_at=row.created_at,
        viewed_at=row.viewed_at,
        device_hash=row.device_hash,
        proof=None if row.proof is None else Proof(row.proof),
        proved_at=row.proved_at,
        revoked_at=row.revoked_at,
    )
