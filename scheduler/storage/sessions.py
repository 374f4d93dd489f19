"""Sessions as a collection. Each reader is told who asks; what is not theirs is not there.

A family member or client sees the sessions in which they have a place; care staff see those they host and
those of the clients on whose care team they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, func, insert, or_, select, update

from scheduler.domain.booking import Duty, Place, Session, SessionSeen, Status
from scheduler.domain.errors import NotFound
from scheduler.domain.join_links import opens_at
from scheduler.domain.offers import spoken_together
from scheduler.domain.people import Actor
from scheduler.domain.rooms import KEPT_OUT, Room, RoomStatus
from scheduler.domain.times import Interval
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Prepared
from scheduler.storage.tables import bookings, kinds, people, places, presences, rooms, sessions

_ADD = Prepared(insert(sessions))
_GET = select(sessions).where(sessions.c.id == bindparam("of_session"))
_HAS_PLACE = exists().where(places.c.session_id == sessions.c.id, places.c.person_id == bindparam("asker_id"))
_IS_ASSIGNED = exists().where(
    places.c.session_id == sessions.c.id,
    places.c.client_id.in_(bindparam("client_ids", expanding=True)),
)
_HOSTS = exists().where(
    places.c.session_id == sessions.c.id,
    places.c.person_id == bindparam("asker_id"),
    or_(places.c.status != Status.CANCELLED, sessions.c.status == Status.CANCELLED),
)  # whoever was replaced as host has a place that was given up in a session that goes on
_OWN = _GET.where(_HAS_PLACE)
_OWN_LOCKED = _OWN.with_for_update()
_ASSIGNED = _GET.where(or_(_HOSTS, _IS_ASSIGNED))
_ASSIGNED_LOCKED = _ASSIGNED.with_for_update()
_BOOKED_BY = (
    select(sessions)
    .join(bookings, bookings.c.session_id == sessions.c.id)
    .where(
        sessions.c.starts_at == bindparam("start"),
        sessions.c.kind_id == bindparam("of_kind"),
        sessions.c.status == Status.BOOKED,
        bookings.c.booked_by == bindparam("asker_id"),
        bookings.c.status == Status.BOOKED,
        exists().where(
            places.c.session_id == sessions.c.id,
            places.c.person_id == bindparam("asker_id"),
            places.c.status == Status.BOOKED,
        ),
    )
    .order_by(sessions.c.id)
    .limit(1)
)
_SEEN = (
    select(
        sessions,
        places.c.person_id,
        places.c.duty,
        places.c.client_id,
        places.c.status.label("place_status"),
        places.c.sequence,
        places.c.left_starts_at,
        places.c.left_ends_at,
        kinds.c.name.label("kind_name"),
        kinds.c.education_only,
        kinds.c.duties.label("kind_duties"),
        people.c.duty.label("host_duty"),
        rooms.c.status.label("room_status"),
        rooms.c.ended_at.label("room_ended_at"),
        presences.c.status.label("presence_status"),
    )
    .select_from(places)
    .join(sessions, sessions.c.id == places.c.session_id)
    .join(kinds, kinds.c.id == sessions.c.kind_id)
    .join(people, people.c.id == sessions.c.host_id)
    .outerjoin(rooms, rooms.c.session_id == sessions.c.id)
    .outerjoin(
        presences,
        and_(presences.c.session_id == places.c.session_id, presences.c.person_id == places.c.person_id),
    )
    .where(places.c.person_id == bindparam("asker_id"))
)
_SEEN_ONE = _SEEN.where(sessions.c.id == bindparam("of_session"))
_SEEN_AHEAD = _SEEN.where(
    sessions.c.ends_at > bindparam("now"),
    sessions.c.status == Status.BOOKED,
    places.c.status == Status.BOOKED,
).order_by(sessions.c.starts_at, sessions.c.id)
_SEEN_EARLIER = (
    _SEEN.where(
        or_(
            sessions.c.ends_at <= bindparam("now"),
            sessions.c.status != Status.BOOKED,
            places.c.status != Status.BOOKED,
        )
    )
    .order_by(func.coalesce(places.c.left_starts_at, sessions.c.starts_at).desc(), sessions.c.id)
    .limit(bindparam("most"))
)
_BETWEEN = (
    select(sessions)
    .where(
        sessions.c.starts_at >= bindparam("since"),
        sessions.c.starts_at < bindparam("until"),
        sessions.c.status == Status.BOOKED,
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_IS_HOST = exists().where(
    places.c.session_id == sessions.c.id,
    places.c.person_id == bindparam("host"),
    places.c.duty != Duty.MEMBER,
    places.c.status == Status.BOOKED,
)
_HOSTED = _BETWEEN.where(_IS_HOST)  # not joined: nobody's past sessions are read for the days asked for
_STANDS = (Status.BOOKED, Status.ATTENDED)
_MET_BY = (
    select(places.c.person_id)
    .join(sessions, sessions.c.id == places.c.session_id)
    .join(bookings, bookings.c.session_id == sessions.c.id)
    .where(
        bookings.c.client_id == bindparam("of_client"),
        bookings.c.status.in_(_STANDS),
        sessions.c.starts_at >= bindparam("since"),
        sessions.c.capacity == 0,
        places.c.duty != Duty.MEMBER,
        places.c.status.in_(_STANDS),
    )
    .group_by(places.c.person_id)
    .order_by(func.max(sessions.c.starts_at).desc(), places.c.person_id)
)
_TO_COVER = (
    select(sessions)
    .where(
        sessions.c.starts_at < bindparam("until"),
        sessions.c.starts_at > bindparam("now"),
        sessions.c.ends_at > bindparam("since"),
        sessions.c.status == Status.BOOKED,
        _IS_HOST,
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_TO_COVER_LOCKED = _TO_COVER.with_for_update()
_GET_MANY = select(sessions).where(sessions.c.id.in_(bindparam("session_ids", expanding=True)))
_CHANGE = update(sessions).where(sessions.c.id == bindparam("of_session"))
_MOVE = _CHANGE.values(starts_at=bindparam("new_start"), ends_at=bindparam("new_end"))
_KEEP = _CHANGE.values(
    host_id=bindparam("new_host"),
    starts_at=bindparam("new_start"),
    ends_at=bindparam("new_end"),
    status=bindparam("new_status"),
)
_SET_STATUS = _CHANGE.values(status=bindparam("new_status"))


def add(tx: Transaction, session: Session, *, places_taken: int = 0) -> None:
    """Keep a new session; ``places_taken`` counts the family members in a group."""
    values = {
        "id": session.id,
        "kind_id": session.kind_id,
        "host_id": session.host_id,
        "offering_id": session.offering_id,
        "offering_date": session.offering_date,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "status": session.status,
        "capacity": session.capacity,
        "places_taken": places_taken,
        "room_name": session.room_name,
    }
    _ADD.run(tx, [values])


def get(tx: Transaction, session_id: str) -> Session:
    """Return the session with this id, for those who have shown already that they may see it.

    Raises:
        NotFound: there is none.
    """
    return _one(tx.execute(_GET, {"of_session": session_id}).one_or_none())


def visible(tx: Transaction, actor: Actor, session_id: str) -> Session:
    """Return the session if it is the actor's own or, for care staff, an assigned client's.

    Raises:
        NotFound: there is none with this id, or it is not theirs to see.
    """
    query = _ASSIGNED if actor.is_staff else _OWN
    return _one(tx.execute(query, _asked(actor, session_id)).one_or_none())


def visible_locked(tx: Transaction, actor: Actor, session_id: str) -> Session:
    """Return `visible` for a change: on PostgreSQL the row is locked, so that changes queue up.

    Raises:
        NotFound: as `visible`.
    """
    query = _ASSIGNED_LOCKED if actor.is_staff else _OWN_LOCKED
    return _one(tx.execute(query, _asked(actor, session_id)).one_or_none())


def booked_by(tx: Transaction, actor: Actor, *, kind_id: str, starts_at: datetime) -> Session | None:
    """Return the session of a kind then that the actor has booked and has a place in still, or None."""
    values = {"asker_id": actor.person_id, "of_kind": kind_id, "start": starts_at}
    row = tx.execute(_BOOKED_BY, values).one_or_none()
    return None if row is None else from_row(row)


def seen(tx: Transaction, actor: Actor, session_id: str) -> SessionSeen:
    """Return a session as the actor, who has a place in it, sees it.

    Raises:
        NotFound: there is none with this id, or the actor has no place in it.
    """
    row = tx.execute(_SEEN_ONE, {"asker_id": actor.person_id, "of_session": session_id}).one_or_none()
    if row is None:
        raise NotFound("session")
    return _seen(row)


def ahead_of(tx: Transaction, actor: Actor, *, now: datetime) -> list[SessionSeen]:
    """Return the actor's own booked sessions whose time is not over, soonest first."""
    return [_seen(row) for row in tx.execute(_SEEN_AHEAD, {"asker_id": actor.person_id, "now": now})]


def earlier_of(tx: Transaction, actor: Actor, *, now: datetime, most: int = 10) -> list[SessionSeen]:
    """Return the actor's own sessions that are over, were cancelled or given up, latest first."""
    values = {"asker_id": actor.person_id, "now": now, "most": most}
    return [_seen(row) for row in tx.execute(_SEEN_EARLIER, values)]


def between(tx: Transaction, since: datetime, until: datetime) -> list[Session]:
    """Return all booked sessions that start in a stretch of time, soonest first; for staff and jobs."""
    return [from_row(row) for row in tx.execute(_BETWEEN, {"since": since, "until": until})]


def hosted_by(tx: Transaction, host_id: str, *, since: datetime, until: datetime) -> list[Session]:
    """Return the booked sessions of one host or co-host that start in a stretch of time, soonest first."""
    values = {"host": host_id, "since": since, "until": until}
    return [from_row(row) for row in tx.execute(_HOSTED, values)]


def met_by(tx: Transaction, client_id: str, *, since: datetime) -> list[str]:
    """Return who has hosted or is to host the client's own sessions since a moment, the latest first.

    Groups say nothing about whom a family knows; what was missed or called off does not count.
    """
    return list(tx.execute(_MET_BY, {"of_client": client_id, "since": since}).scalars())


def to_cover(
    tx: Transaction, host_id: str, gone: Interval, *, now: datetime, locked: bool = False
) -> list[Session]:
    """Return the booked sessions ahead that somebody hosts, or hosts with others, in a stretch of time.

    For those who may cover them; soonest first. ``locked`` is for a change: on PostgreSQL changes queue up.
    """
    values = {"host": host_id, "since": gone.starts_at, "until": gone.ends_at, "now": now}
    return [from_row(row) for row in tx.execute(_TO_COVER_LOCKED if locked else _TO_COVER, values)]


def get_many(tx: Transaction, session_ids: Iterable[str]) -> dict[str, Session]:
    """Return sessions by id, for those who may cover them; unknown ids are left out."""
    rows = tx.execute(_GET_MANY, {"session_ids": sorted(set(session_ids))})
    return {row.id: from_row(row) for row in rows}


def keep(tx: Transaction, changed: Sequence[Session]) -> None:
    """Keep the host, time and status of several sessions."""
    rows = [
        {
            "of_session": one.id,
            "new_host": one.host_id,
            "new_start": one.starts_at,
            "new_end": one.ends_at,
            "new_status": one.status,
        }
        for one in changed
    ]
    tx.execute(_KEEP, rows)


def move(tx: Transaction, session_id: str, to: Interval) -> None:
    """Keep a session's new time."""
    tx.execute(_MOVE, {"of_session": session_id, "new_start": to.starts_at, "new_end": to.ends_at})


def set_status(tx: Transaction, session_id: str, status: Status) -> None:
    """Keep where a session stands."""
    tx.execute(_SET_STATUS, {"of_session": session_id, "new_status": status})


def _asked(actor: Actor, session_id: str) -> dict[str, object]:
    asked: dict[str, object] = {"asker_id": actor.person_id, "of_session": session_id}
    return asked | {"client_ids": sorted(actor.client_ids)} if actor.is_staff else asked


def _one(row: Row[Any] | None) -> Session:
    if row is None:
        raise NotFound("session")
    return from_row(row)


def from_row(row: Row[Any]) -> Session:
    """Return the session of a row that has the columns of its table."""
    return Session(
        id=row.id,
        kind_id=row.kind_id,
        host_id=row.host_id,
        interval=Interval(row.starts_at, row.ends_at),
        room_name=row.room_name,
        status=Status(row.status),
        capacity=row.capacity,
        offering_id=row.offering_id,
        offering_date=row.offering_date,
    )


def _seen(row: Row[Any]) -> SessionSeen:
    place = Place(
        session_id=row.id,
        person_id=row.person_id,
        duty=Duty(row.duty),
        client_id=row.client_id,
        status=Status(row.place_status),
        sequence=row.sequence,
        left=Interval(row.left_starts_at, row.left_ends_at) if row.left_starts_at else None,
    )
    session = from_row(row)
    if place.left is not None:
        session = replace(session, interval=place.left, status=Status.BOOKED)
    room = Room(row.id, RoomStatus(row.room_status or RoomStatus.CLOSED), ended_at=row.room_ended_at)
    return SessionSeen(
        session,
        place,
        row.kind_name,
        "" if place.left else spoken_together(row.kind_duties) or row.host_duty,
        needs_release=not row.education_only,
        is_over=room.is_over(since=opens_at(row.starts_at)),
        is_kept_out=row.presence_status in KEPT_OUT,
    )
