"""Bookings and places as collections: a family's claim on a session, and each person's seat in it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from scheduler.domain.booking import Booking, Duty, Place, Status
from scheduler.domain.people import Actor
from scheduler.domain.times import Interval
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Prepared, Query
from scheduler.storage.tables import bookings, kinds, places, sessions

_ADD = Prepared(insert(bookings))
_ADD_PLACE = Prepared(insert(places))
_PLACES = Query(
    select(places).where(places.c.session_id == bindparam("of_session")).order_by(places.c.person_id)
)
_PLACES_OF_MANY = select(places).where(places.c.session_id.in_(bindparam("session_ids", expanding=True)))
_HOSTS_OF_MANY = _PLACES_OF_MANY.where(places.c.duty != Duty.MEMBER)
_NEEDING_RELEASE = (
    select(places.c.session_id)
    .join(sessions, sessions.c.id == places.c.session_id)
    .join(kinds, kinds.c.id == sessions.c.kind_id)
    .where(
        places.c.person_id == bindparam("of_person"),
        places.c.client_id == bindparam("of_client"),
        places.c.status == Status.BOOKED,
        sessions.c.status == Status.BOOKED,
        sessions.c.ends_at > bindparam("since"),
        kinds.c.education_only.is_(False),
    )
    .order_by(places.c.session_id)
)
_OF_SESSION = select(bookings).where(bookings.c.session_id == bindparam("of_session")).order_by(bookings.c.id)
_CHANGE_PLACE = (
    update(places)
    .where(places.c.session_id == bindparam("of_session"), places.c.person_id == bindparam("of_person"))
    .values(
        status=bindparam("new_status"),
        sequence=bindparam("new_sequence"),
        duty=bindparam("new_duty"),
        left_starts_at=bindparam("new_left_start"),
        left_ends_at=bindparam("new_left_end"),
    )
)
_CHANGE = (
    update(bookings)
    .where(bookings.c.id == bindparam("of_booking"))
    .values(
        status=bindparam("new_status"),
        reason_sealed=bindparam("new_reason"),
        changed_at=bindparam("now"),
    )
)
_CANCEL_ALL = (
    update(bookings)
    .where(
        bookings.c.session_id.in_(bindparam("session_ids", expanding=True)),
        bookings.c.status == Status.BOOKED,
    )
    .values(status=Status.CANCELLED, changed_at=bindparam("now"))
)
_FREE_ROOM = (
    update(sessions)
    .where(sessions.c.id == bindparam("of_session"))
    .values(places_taken=sessions.c.places_taken - bindparam("freed"))
)


def add(tx: Transaction, booking: Booking) -> None:
    """Keep a new booking, its topic sealed."""
    values = {
        "id": booking.id,
        "session_id": booking.session_id,
        "client_id": booking.client_id,
        "booked_by": booking.booked_by,
        "status": booking.status,
        "topic_sealed": tx.seal("bookings.topic", booking.id, booking.topic) if booking.topic else None,
        "booked_at": booking.booked_at,
        "changed_at": booking.booked_at,
    }
    _ADD.run(tx, [values])


def of_session(tx: Transaction, actor: Actor, session_id: str) -> list[Booking]:
    """Return the bookings of a session whose client is one of the actor's.

    A topic is opened for the care team and for the one who wrote it, never for another household.
    """
    rows = tx.execute(_OF_SESSION, {"of_session": session_id}).all()
    return [_booking(tx, row, actor) for row in rows if row.client_id in actor.client_ids]


def change(tx: Transaction, booking: Booking, *, now: datetime) -> None:
    """Keep a booking's new status and reason."""
    sealed = tx.seal("bookings.reason", booking.id, booking.reason) if booking.reason else None
    values = {"of_booking": booking.id, "new_status": booking.status, "new_reason": sealed, "now": now}
    tx.execute(_CHANGE, values)


def cancel_all(tx: Transaction, session_ids: Sequence[str], *, now: datetime) -> None:
    """Keep that what every family had booked of these sessions is off, for those who may call them off."""
    tx.execute(_CANCEL_ALL, {"session_ids": list(session_ids), "now": now})


def add_places(tx: Transaction, seats: Sequence[Place]) -> None:
    """Keep new places."""
    _ADD_PLACE.run(
        tx,
        [
            {
                "session_id": place.session_id,
                "person_id": place.person_id,
                "client_id": place.client_id,
                "duty": place.duty,
                "status": place.status,
                "sequence": place.sequence,
            }
            for place in seats
        ],
    )


def places_of(tx: Transaction, session_id: str) -> list[Place]:
    """Return everybody's place in a session, for those who have shown already that they may see it."""
    return [_place(row) for row in _PLACES.all(tx, {"of_session": session_id})]


def places_of_many(tx: Transaction, session_ids: Iterable[str]) -> dict[str, list[Place]]:
    """Return everybody's places in several sessions, by session."""
    return _by_session(tx, _PLACES_OF_MANY, session_ids)


def host_places_of_many(tx: Transaction, session_ids: Iterable[str]) -> dict[str, list[Place]]:
    """Return the places of those who host several sessions, or gave that up, by session."""
    return _by_session(tx, _HOSTS_OF_MANY, session_ids)


def needing_release(tx: Transaction, client_id: str, person_id: str, *, since: datetime) -> list[str]:
    """Return the ids of booked sessions, not over before ``since`` (aware UTC), in which a family member has
    a place that needs a release.
    """
    values = {"of_client": client_id, "of_person": person_id, "since": since}
    return list(tx.execute(_NEEDING_RELEASE, values).scalars())


def change_places(tx: Transaction, seats: Sequence[Place]) -> None:
    """Keep the new status, sequence and duty of places, and when their people left."""
    if seats:
        tx.execute(
            _CHANGE_PLACE,
            [
                {
                    "of_session": place.session_id,
                    "of_person": place.person_id,
                    "new_status": place.status,
                    "new_sequence": place.sequence,
                    "new_duty": place.duty,
                    "new_left_start": place.left.starts_at if place.left else None,
                    "new_left_end": place.left.ends_at if place.left else None,
                }
                for place in seats
            ],
        )


def free_room(tx: Transaction, session_id: str, places: int) -> None:
    """Make so many places free again in a group."""
    tx.execute(_FREE_ROOM, {"of_session": session_id, "freed": places})


def _by_session(tx: Transaction, query: Select[Any], session_ids: Iterable[str]) -> dict[str, list[Place]]:
    wanted = sorted(set(session_ids))
    found: dict[str, list[Place]] = {session_id: [] for session_id in wanted}
    if wanted:
        for row in tx.execute(query, {"session_ids": wanted}):
            found[row.session_id].append(_place(row))
    return found


def _place(row: Row[Any]) -> Place:
    return Place(
        session_id=row.session_id,
        person_id=row.person_id,
        duty=Duty(row.duty),
        client_id=row.client_id,
        status=Status(row.status),
        sequence=row.sequence,
        left=Interval(row.left_starts_at, row.left_ends_at) if row.left_starts_at else None,
    )


def _booking(tx: Transaction, row: Row[Any], actor: Actor) -> Booking:
    booking = Booking(
        id=row.id,
        session_id=row.session_id,
        client_id=row.client_id,
        booked_by=row.booked_by,
        booked_at=row.booked_at,
        status=Status(row.status),
    )
    if not actor.is_staff and row.booked_by != actor.person_id:
        return booking
    return replace(
        booking,
        topic=tx.open("bookings.topic", row.id, row.topic_sealed) if row.topic_sealed else "",
        reason=tx.open("bookings.reason", row.id, row.reason_sealed) if row.reason_sealed else "",
    )
