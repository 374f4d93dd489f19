"""What invites are made from: people's places in sessions, as they are now.

One row is one person's place; no function here returns anything about the others of a session.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, tuple_

from scheduler.storage.database import Transaction
from scheduler.storage.tables import kinds, places, sessions

_PLACES = select(
    places.c.person_id,
    places.c.session_id,
    places.c.client_id,
    places.c.sequence,
    places.c.duty,
    places.c.status.label("place_status"),
    sessions.c.status.label("session_status"),
    sessions.c.starts_at,
    sessions.c.ends_at,
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


@dataclass(frozen=True, slots=True)
class Invited:
    """One person's place in one session. ``client_id`` is the client whose family it belongs to, None for
    staff; ``sequence`` that of the invite; moments are aware UTC. ``tells_of_client`` is False for
    sessions of education alone, which need no release.
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


def places_of(tx: Transaction, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Invited]:
    """Return places by (person id, session id); those that do not exist are left out."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    chosen = tuple_(places.c.person_id, places.c.session_id).in_(wanted)
    return {(place.person_id, place.session_id): place for place in _read(tx, _PLACES.where(chosen))}


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
