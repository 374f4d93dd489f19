"""Groups as a collection, and the room in them: seats are taken by one UPDATE, never by check and insert.

A group in which somebody has a place who is kept apart from the reader looks to them like a full one.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, exists, func, select, update

from scheduler.domain.booking import Session, Status
from scheduler.domain.errors import NotFound
from scheduler.domain.groups import GroupSeen
from scheduler.domain.people import Actor
from scheduler.storage import sessions as kept
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import apart, enrolled_families, kinds, people, places, sessions, steps

_TAKE_ROOM = Query(
    update(sessions)
    .where(
        sessions.c.id == bindparam("of_session"),
        sessions.c.status == Status.BOOKED,
        sessions.c.starts_at > bindparam("now"),
        sessions.c.places_taken + bindparam("seats") <= sessions.c.capacity,
    )
    .values(places_taken=sessions.c.places_taken + bindparam("seats"))
    .returning(sessions.c.id)
)
_HELD = (
    select(sessions, places.c.person_id.label("held_by"))
    .join(places, places.c.session_id == sessions.c.id)
    .where(
        sessions.c.kind_id == bindparam("of_kind"),
        sessions.c.id != bindparam("but"),
        sessions.c.capacity > 0,
        sessions.c.status == Status.BOOKED,
        sessions.c.starts_at > bindparam("now"),
        places.c.person_id.in_(bindparam("person_ids", expanding=True)),
        places.c.status == Status.BOOKED,
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_LOCKED = select(sessions).where(sessions.c.id == bindparam("of_session")).with_for_update()
_ROOM = Query(
    select((sessions.c.capacity - sessions.c.places_taken).label("room")).where(
        sessions.c.id == bindparam("of_session")
    )
)
_TAKES_PART = (
    enrolled_families.c.program_id == steps.c.program_id,
    enrolled_families.c.ended_at.is_(None),
)
_IS_ENROLLED = exists().where(
    *_TAKES_PART, enrolled_families.c.client_id.in_(bindparam("client_ids", expanding=True))
)
_FAMILIES = (
    select(enrolled_families.c.client_id)
    .select_from(sessions)
    .join(steps, steps.c.id == sessions.c.kind_id)
    .join(enrolled_families, and_(*_TAKES_PART))
    .where(sessions.c.id == bindparam("of_session"))
)

_other = places.alias("other")
_HAS_APART = exists().where(
    _other.c.session_id == sessions.c.id,
    _other.c.status == Status.BOOKED,
    apart.c.other_id == _other.c.person_id,
    apart.c.person_id == bindparam("asker_id"),
)


def _seen_by_family(*more: Any) -> Select[Any]:
    return (
        select(
            sessions,
            kinds.c.name.label("kind_name"),
            kinds.c.education_only,
            people.c.duty.label("host_duty"),
            places.c.status.label("place_status"),
            _HAS_APART.label("has_apart"),
            *more,
        )
        .join(steps, steps.c.id == sessions.c.kind_id)
        .join(kinds, kinds.c.id == sessions.c.kind_id)
        .join(people, people.c.id == sessions.c.host_id)
        .outerjoin(
            places,
            and_(places.c.session_id == sessions.c.id, places.c.person_id == bindparam("asker_id")),
        )
        .where(sessions.c.capacity > 0, _IS_ENROLLED)
    )


_SEEN = Query(_seen_by_family().where(sessions.c.id == bindparam("of_session")))
_NEXT = _seen_by_family(
    func.row_number()
    .over(partition_by=sessions.c.kind_id, order_by=(sessions.c.starts_at, sessions.c.id))
    .label("number")
).where(sessions.c.status == Status.BOOKED, sessions.c.starts_at > bindparam("now"))
_NUMBERED = _NEXT.subquery()
_COMING = (
    select(_NUMBERED)
    .where(_NUMBERED.c.number <= bindparam("most"))
    .order_by(_NUMBERED.c.starts_at, _NUMBERED.c.id)
)


def visible(tx: Transaction, actor: Actor, session_id: str) -> GroupSeen:
    """Return a group of a program in which the actor's family is enrolled, without the actor's wait.

    Raises:
        NotFound: there is none, it is no group, or the family is not enrolled.
    """
    row = _SEEN.first(tx, _asked(actor) | {"of_session": session_id})
    if row is None:
        raise NotFound("group")
    return _seen(row)


def coming(tx: Transaction, actor: Actor, *, now: datetime, most: int) -> list[GroupSeen]:
    """Return the next ``most`` groups of each step of the programs of the actor's family, soonest first."""
    return [_seen(row) for row in tx.execute(_COMING, _asked(actor) | {"now": now, "most": most})]


def held_of_step(
    tx: Transaction, session: Session, person_ids: Collection[str], *, now: datetime
) -> dict[str, Session]:
    """Return in which other coming group of the same step each of these people has a place, by person."""
    values = {
        "of_kind": session.kind_id,
        "but": session.id,
        "person_ids": sorted(person_ids),
        "now": now,
    }
    rows = tx.execute(_HELD, values).all()
    return {row.held_by: kept.from_row(row) for row in reversed(rows)}


def families_of(tx: Transaction, session_id: str) -> frozenset[str]:
    """Return the clients whose families take part in the program of a group."""
    return frozenset(tx.execute(_FAMILIES, {"of_session": session_id}).scalars())


def locked(tx: Transaction, session_id: str) -> Session:
    """Return the session for a change of its seats or its waitlist: on PostgreSQL its row is locked.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_LOCKED, {"of_session": session_id}).one_or_none()
    if row is None:
        raise NotFound("session")
    return kept.from_row(row)


def take_room(tx: Transaction, session_id: str, seats: int, *, now: datetime) -> bool:
    """Take so many seats of a group that has not begun; False where fewer are free, and nothing is taken."""
    return _TAKE_ROOM.first(tx, {"of_session": session_id, "seats": seats, "now": now}) is not None


def room(tx: Transaction, session_id: str) -> int:
    """Return how many seats of a group are free."""
    return int(_ROOM.first(tx, {"of_session": session_id}).room)


def _asked(actor: Actor) -> dict[str, object]:
    return {"asker_id": actor.person_id, "client_ids": sorted(actor.client_ids)}


def _seen(row: Row[Any]) -> GroupSeen:
    return GroupSeen(
        kept.from_row(row),
        row.kind_name,
        row.host_duty,
        needs_release=not row.education_only,
        room=0 if row.has_apart else row.capacity - row.places_taken,
        has_place=row.place_status == Status.BOOKED,
    )
