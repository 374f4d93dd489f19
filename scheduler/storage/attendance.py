"""Who came: read from the presences of a session, kept on its places and bookings."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, func, or_, select, update

from scheduler.domain.booking import Duty, Status
from scheduler.storage.database import Transaction
from scheduler.storage.tables import bookings, inquiries, places, presences, rooms, sessions

_ENDED = (
    select(sessions.c.id)
    .outerjoin(rooms, rooms.c.session_id == sessions.c.id)
    .where(
        sessions.c.status == Status.BOOKED,
        sessions.c.ends_at <= bindparam("before"),
        or_(rooms.c.status.is_(None), rooms.c.status != "open"),
        ~exists().where(inquiries.c.session_id == sessions.c.id),  # their host says whether they were reached
    )
    .order_by(sessions.c.ends_at, sessions.c.id)
    .limit(bindparam("limit"))
)
_LOCK_ENDED = _ENDED.with_for_update(skip_locked=True, of=sessions)
_ADMITTED = select(presences.c.person_id).where(
    presences.c.session_id == bindparam("of_session"), presences.c.admitted_at.is_not(None)
)


def any_ended(tx: Transaction, *, before: datetime) -> bool:
    """Tell whether `take_ended` would return something."""
    return tx.execute(_ENDED, {"before": before, "limit": 1}).first() is not None


def take_ended(tx: Transaction, *, before: datetime, limit: int) -> list[str]:
    """Return the ids of booked sessions that ended before a moment, their room not open, earliest first.

    They are locked; other processes skip them.
    """
    return list(tx.execute(_LOCK_ENDED, {"before": before, "limit": limit}).scalars())


def count_on(tx: Transaction, *, now: datetime) -> int:
    """Return how many booked sessions are on now."""
    on = and_(sessions.c.status == Status.BOOKED, sessions.c.starts_at <= now, sessions.c.ends_at > now)
    return int(tx.execute(select(func.count()).select_from(sessions).where(on)).scalar_one())


def admitted(tx: Transaction, session_id: str) -> frozenset[str]:
    """Return who was let into a session's room at any time."""
    return frozenset(tx.execute(_ADMITTED, {"of_session": session_id}).scalars())


def settle_places(tx: Transaction, session_id: str, came: AbstractSet[str]) -> None:
    """Keep for everybody who still had a place whether they came; hosts came when anybody did."""
    standing = and_(places.c.session_id == session_id, places.c.status == Status.BOOKED)
    is_host = places.c.duty != Duty.MEMBER
    attended = or_(places.c.person_id.in_(sorted(came)), is_host) if came else places.c.person_id.in_([])
    tx.execute(update(places).where(standing, attended).values(status=Status.ATTENDED))
    tx.execute(update(places).where(standing).values(status=Status.MISSED))


def settle_bookings(
    tx: Transaction, session_id: str, client_id: str, *, attended: bool, now: datetime
) -> None:
    """Keep for a family's booking whether anybody of it came."""
    standing = and_(
        bookings.c.session_id == session_id,
        bookings.c.client_id == client_id,
        bookings.c.status == Status.BOOKED,
    )
    status = Status.ATTENDED if attended else Status.MISSED
    tx.execute(update(bookings).where(standing).values(status=status, changed_at=now))
