"""Cohorts as a collection: the coming sessions of offerings, laid ahead, with the places taken in them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import and_, bindparam, func, select, update

from scheduler.domain.booking import Session, Status
from scheduler.storage import sessions as stored
from scheduler.storage.database import Transaction
from scheduler.storage.tables import offerings, sessions

_OF_OFFERINGS = (
    select(sessions)
    .where(
        sessions.c.offering_id.in_(bindparam("offering_ids", expanding=True)),
        sessions.c.offering_date.is_not(None),
        sessions.c.starts_at > bindparam("since"),
        sessions.c.status == Status.BOOKED,
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_IS_AHEAD = (
    sessions.c.capacity > 0,
    sessions.c.starts_at > bindparam("now"),
    sessions.c.status == Status.BOOKED,
)
AHEAD = (
    select(sessions, offerings.c.id.label("goes_on"))
    .outerjoin(offerings, and_(offerings.c.id == sessions.c.offering_id, offerings.c.ended_at.is_(None)))
    .where(*_IS_AHEAD)
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_COUNT = select(func.count()).select_from(sessions).where(*_IS_AHEAD)
_DATES = select(sessions.c.offering_id, sessions.c.offering_date).where(
    sessions.c.offering_id.in_(bindparam("offering_ids", expanding=True)),
    sessions.c.offering_date >= bindparam("first_date"),
)
_CALL_OFF_EMPTY = (
    update(sessions)
    .where(
        sessions.c.id == bindparam("of_session"),
        sessions.c.places_taken == 0,
        sessions.c.status == Status.BOOKED,
        sessions.c.starts_at > bindparam("now"),
    )
    .values(status=Status.CANCELLED, offering_date=None)
)
_RESIZE = (
    update(sessions)
    .where(
        sessions.c.offering_id == bindparam("of_offering"),
        sessions.c.starts_at > bindparam("now"),
        sessions.c.status == Status.BOOKED,
        sessions.c.places_taken <= bindparam("seats"),
    )
    .values(capacity=bindparam("seats"))
)


def of_offerings(
    tx: Transaction, offering_ids: Sequence[str], *, since: datetime
) -> list[tuple[Session, int]]:
    """Return the booked sessions of offerings that start after a moment, each with its places taken."""
    values = {"offering_ids": list(offering_ids), "since": since}
    return [(stored.from_row(row), row.places_taken) for row in tx.execute(_OF_OFFERINGS, values)]


def ahead(tx: Transaction, *, now: datetime) -> list[tuple[Session, int, bool]]:
    """Return every coming group with its places taken, soonest first; and whether its weekly time goes on."""
    rows = tx.execute(AHEAD, {"now": now})
    return [(stored.from_row(row), row.places_taken, row.goes_on is not None) for row in rows]


def count_ahead(tx: Transaction, *, now: datetime) -> int:
    """Return how many groups are to come."""
    return int(tx.execute(_COUNT, {"now": now}).scalar_one())


def offering_dates(tx: Transaction, offering_ids: Sequence[str], *, since: date) -> set[tuple[str, date]]:
    """Return for which dates of which offerings there is a session, whatever became of it."""
    values = {"offering_ids": list(offering_ids), "first_date": since}
    return {(row.offering_id, row.offering_date) for row in tx.execute(_DATES, values)}


def call_off_empty(tx: Transaction, session_id: str, *, now: datetime) -> bool:
    """Keep that a coming group is off and lets go of its date, if nobody has a place; tell whether it is."""
    return tx.execute(_CALL_OFF_EMPTY, {"of_session": session_id, "now": now}).rowcount == 1


def resize(tx: Transaction, offering_id: str, seats: int, *, now: datetime) -> None:
    """Keep how many places the coming sessions of an offering have, where no more are taken."""
    tx.execute(_RESIZE, {"of_offering": offering_id, "seats": seats, "now": now})
