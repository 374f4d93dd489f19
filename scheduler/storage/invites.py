"""What invites are made from: people's places in sessions, as they are now.

One row is one person's place; no function here returns anything about the others of a session.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select, tuple_

from scheduler.domain.waitlist import WaitStatus
from scheduler.storage.database import Transaction
from scheduler.storage.tables import kinds, places, sessions, waitlist

_PLACES = select(
    places.c.person_id,
    places.c.session_id,
    places.c.client_id,
    places.c.sequence,
    places.c.duty,
    places.c.status.label("place_status"),
    sessions.c.status.label("session_status"),
    func.coalesce(places.c.left_starts_at, sessions.c.starts_at).label("starts_at"),
    func.coalesce(places.c.left_ends_at, sessions.c.ends_at).label("ends_at"),
    kinds.c.education_only,
).select_from(
    places.join(sessions, sessions.c.id == places.c.session_id).join(kinds, kinds.c.id == sessions.c.kind_id)
)
_UPCOMING = (
    _PLACES.where(
        places.c.person_id == bindparam("person_id"),
        places.c.status == "booked",
        sessions.c.status == "booked",
        sessions.c.ends_at > bindparam("since"),
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
    .limit(bindparam("limit"))
)
_WAITS = (
    select(
        waitlist.c.asked_by.label("person_id"),
        waitlist.c.session_id,
        waitlist.c.client_id,
        waitlist.c.status.label("wait_status"),
        waitlist.c.offered_until,
        sessions.c.status.label("session_status"),
        sessions.c.starts_at,
        sessions.c.ends_at,
        kinds.c.education_only,
    )
    .join(sessions, sessions.c.id == waitlist.c.session_id)
    .join(kinds, kinds.c.id == sessions.c.kind_id)
    .order_by(waitlist.c.status == WaitStatus.OFFERED, waitlist.c.position)
)


@dataclass(frozen=True, slots=True)
class Invited:
    """One person's place in one session. ``client_id`` is the client whose family it belongs to, None for
    staff; ``sequence`` that of the invite; moments are aware UTC. ``tells_of_client`` is False for
    sessions of education alone, which need no release. For a place that is waited for, ``is_booked`` says
    that it is offered, ``offered_until``.
    """

    person_id: str
    session_id: str
    client_id: str | None
    sequence: int
    starts_at: datetime
    ends_at: datetime
    session_is_on: bool
    is_booked: bool
    tells_of_client: bool
    offered_until: datetime | None = None


def places_of(tx: Transaction, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Invited]:
    """Return places by (person id, session id); those that do not exist are left out."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    chosen = tuple_(places.c.person_id, places.c.session_id).in_(wanted)
    return {(place.person_id, place.session_id): place for place in _read(tx, _PLACES.where(chosen))}


def waits_of(tx: Transaction, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Invited]:
    """Return what people are offered, or what became of their waiting, by (person id, session id)."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    chosen = tuple_(waitlist.c.asked_by, waitlist.c.session_id).in_(wanted)
    return {(row.person_id, row.session_id): _wait(row) for row in tx.execute(_WAITS.where(chosen))}


def upcoming(tx: Transaction, person_id: str, *, since: datetime, limit: int = 200) -> list[Invited]:
    """Return the booked places of a person in sessions that end after ``since``, earliest first."""
    return _read(tx, _UPCOMING, {"person_id": person_id, "since": since, "limit": limit})


def _read(tx: Transaction, statement: Select[Any], parameters: dict[str, Any] | None = None) -> list[Invited]:
    return [_place(row) for row in tx.execute(statement, parameters)]


def _place(row: Row[Any]) -> Invited:
    return Invited(
        person_id=row.person_id,
        session_id=row.session_id,
        client_id=row.client_id,
        sequence=row.sequence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        session_is_on=row.session_status == "booked",
        is_booked=row.place_status == "booked",
        tells_of_client=not row.education_only,
    )


def _wait(row: Row[Any]) -> Invited:
    return Invited(
        person_id=row.person_id,
        session_id=row.session_id,
        client_id=row.client_id,
        sequence=0,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        session_is_on=row.session_status == "booked",
        is_booked=row.wait_status == WaitStatus.OFFERED,
        tells_of_client=not row.education_only,
        offered_until=row.offered_until,
    )
