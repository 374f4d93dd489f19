"""Rooms and who is present, as collections: a room without a row is closed, a person without one expected."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.domain.people import Proof
from scheduler.domain.rooms import OVERRUNS, Presence, PresenceStatus, Room, RoomStatus
from scheduler.storage.database import Transaction
from scheduler.storage.tables import presences, rooms, sessions

_KEY = (presences.c.session_id, presences.c.person_id)
_GET = select(rooms).where(rooms.c.session_id == bindparam("session_id"))
_LOCK_SESSION = select(sessions.c.id).where(sessions.c.id == bindparam("session_id")).with_for_update()
_PRESENCES = (
    select(presences)
    .where(presences.c.session_id == bindparam("session_id"))
    .order_by(presences.c.arrived_at, presences.c.person_id)
)
_PRESENCE = select(presences).where(
    presences.c.session_id == bindparam("session_id"), presences.c.person_id == bindparam("person_id")
)
_HERE = select(presences.c.session_id, presences.c.person_id).where(
    presences.c.session_id.in_(bindparam("session_ids", expanding=True))
)
_ADMITTED = (
    select(func.count())
    .select_from(presences)
    .where(presences.c.session_id == bindparam("session_id"), presences.c.status == PresenceStatus.ADMITTED)
)
_OVERDUE = (
    select(rooms)
    .join(sessions, sessions.c.id == rooms.c.session_id)
    .where(
        rooms.c.status == RoomStatus.OPEN,
        or_(sessions.c.ends_at <= bindparam("before"), sessions.c.status == "cancelled"),
    )
    .order_by(rooms.c.session_id)
)
_LOCK_OVERDUE = _OVERDUE.with_for_update(skip_locked=True)


def get(tx: Transaction, session_id: str) -> Room:
    """Return the room of a session, closed when nobody has opened it yet."""
    row = tx.execute(_GET, {"session_id": session_id}).one_or_none()
    return Room(session_id) if row is None else _room(row)


def lock(tx: Transaction, session_id: str) -> None:
    """Let nobody else open the room or admit anybody before this transaction is over."""
    tx.execute(_LOCK_SESSION, {"session_id": session_id})


def put(tx: Transaction, room: Room) -> None:
    """Keep the room as it is now."""
    insert = (sqlite if tx.connection.dialect.name == "sqlite" else postgresql).insert(rooms)
    values = {
        "session_id": room.session_id,
        "status": room.status,
        "is_locked": room.is_locked,
        "opened_by": room.opened_by,
        "opened_at": room.opened_at,
        "ended_at": room.ended_at,
    }
    changed = {name: insert.excluded[name] for name in values if name != "session_id"}
    tx.execute(insert.on_conflict_do_update(index_elements=["session_id"], set_=changed), values)


def any_overdue(tx: Transaction, *, now: datetime) -> bool:
    """Tell whether `take_overdue` would return something."""
    return tx.execute(_OVERDUE.limit(1), {"before": now - OVERRUNS}).first() is not None


def take_overdue(tx: Transaction, *, now: datetime) -> list[Room]:
    """Return the open rooms of sessions that ended more than an hour ago, or were cancelled.

    They are locked; other processes skip them, and a room that somebody is ending at this moment is left.
    """
    return [_room(row) for row in tx.execute(_LOCK_OVERDUE, {"before": now - OVERRUNS})]


def presence(tx: Transaction, *, session_id: str, person_id: str) -> Presence | None:
    """Return a person's presence with what they told, opened, or None when they are still expected."""
    row = tx.execute(_PRESENCE, {"session_id": session_id, "person_id": person_id}).one_or_none()
    return None if row is None else _presence(tx, row)


def present(tx: Transaction, session_id: str) -> list[Presence]:
    """Return everyone who came to a session's door, in the order in which they began to wait."""
    return [_presence(tx, row) for row in tx.execute(_PRESENCES, {"session_id": session_id})]


def came_to(tx: Transaction, session_ids: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return who has come to the door of which of several sessions, as pairs of session and person."""
    rows = tx.execute(_HERE, {"session_ids": sorted(session_ids)})
    return frozenset((row.session_id, row.person_id) for row in rows)


def admitted(tx: Transaction, session_id: str) -> int:
    """Return how many family members are let into the room."""
    return int(tx.execute(_ADMITTED, {"session_id": session_id}).scalar_one())


def arrive(
    tx: Transaction, *, session_id: str, person_id: str, status: PresenceStatus, proof: Proof, now: datetime
) -> None:
    """Keep that a person proved who they are; who comes again keeps what they told before."""
    insert = (sqlite if tx.connection.dialect.name == "sqlite" else postgresql).insert(presences)
    values = {
        "session_id": session_id,
        "person_id": person_id,
        "status": status,
        "proof": proof,
        "arrived_at": now,
        "seen_at": now,
    }
    changed = {name: insert.excluded[name] for name in ("status", "proof", "seen_at")}
    tx.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=changed), values)


def tell(
    tx: Transaction, *, session_id: str, person_id: str, full_name: str, location: str, call_back: str
) -> None:
    """Keep who and where the person says they are, sealed (16 CCR 1815.5)."""
    row_id = _row_id(session_id, person_id)
    values = {
        "full_name_sealed": tx.seal("presences.full_name", row_id, full_name),
        "location_sealed": tx.seal("presences.location", row_id, location),
        "call_back_sealed": tx.seal("presences.call_back", row_id, call_back),
    }
    tx.execute(update(presences).where(_is(session_id, person_id)).values(values))


def begin_to_wait(tx: Transaction, *, session_id: str, person_id: str, now: datetime) -> None:
    """Keep that the person is in the waiting room from now on."""
    values = {"status": PresenceStatus.WAITING, "arrived_at": now, "seen_at": now, "left_at": None}
    tx.execute(update(presences).where(_is(session_id, person_id)).values(values))


def admit(tx: Transaction, *, session_id: str, person_id: str, by: str, now: datetime) -> None:
    """Keep that the host let the person in."""
    values = {"status": PresenceStatus.ADMITTED, "admitted_at": now, "admitted_by": by, "left_at": None}
    tx.execute(update(presences).where(_is(session_id, person_id)).values(values))


def set_status(
    tx: Transaction,
    *,
    session_id: str,
    person_id: str,
    status: PresenceStatus,
    left_at: datetime | None = None,
) -> None:
    """Keep where the person stands now."""
    tx.execute(update(presences).where(_is(session_id, person_id)).values(status=status, left_at=left_at))


def leave_all(tx: Transaction, session_id: str, *, now: datetime) -> list[str]:
    """Keep that everyone who was let in has left, for the room has ended; return their ids."""
    inside = and_(presences.c.session_id == session_id, presences.c.status == PresenceStatus.ADMITTED)
    left = update(presences).where(inside).values(status=PresenceStatus.LEFT, left_at=now)
    return sorted(tx.execute(left.returning(presences.c.person_id)).scalars())


def see(tx: Transaction, *, session_id: str, person_id: str, now: datetime) -> None:
    """Keep that the person's page asked just now."""
    tx.execute(update(presences).where(_is(session_id, person_id)).values(seen_at=now))


def _is(session_id: str, person_id: str) -> Any:
    return and_(presences.c.session_id == session_id, presences.c.person_id == person_id)


def _row_id(session_id: str, person_id: str) -> str:
    return f"{session_id}:{person_id}"


def _room(row: Row[Any]) -> Room:
    return Room(
        session_id=row.session_id,
        status=RoomStatus(row.status),
        is_locked=row.is_locked,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
    )


def _presence(tx: Transaction, row: Row[Any]) -> Presence:
    row_id = _row_id(row.session_id, row.person_id)

    def opened(name: str, sealed: bytes | None) -> str:
        return tx.open(f"presences.{name}", row_id, sealed) if sealed else ""

    return Presence(
        session_id=row.session_id,
        person_id=row.person_id,
        status=PresenceStatus(row.status),
        proof=Proof(row.proof),
        arrived_at=row.arrived_at,
        seen_at=row.seen_at,
        full_name=opened("full_name", row.full_name_sealed),
        location=opened("location", row.location_sealed),
        call_back=opened("call_back", row.call_back_sealed),
        told_mark=sha256(row.location_sealed or b"").hexdigest(),
        admitted_at=row.admitted_at,
    )
