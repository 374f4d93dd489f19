"""The waitlist as a collection. Whoever changes it holds the session's lock (``groups.locked``)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update

from scheduler.domain.booking import Session, Status
from scheduler.domain.people import Actor
from scheduler.domain.waitlist import STANDING, Wait, WaitStatus
from scheduler.storage import sessions as kept
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import kinds, people, sessions, steps, waiting_people, waitlist

_WAITS = select(waitlist, waiting_people.c.person_id).join(
    waiting_people, waiting_people.c.wait_id == waitlist.c.id
)
_OF_SESSION = Query(
    _WAITS.where(waitlist.c.session_id == bindparam("of_session")).order_by(
        waitlist.c.position, waiting_people.c.person_id
    )
)
_OF_FAMILY = _WAITS.where(
    waitlist.c.client_id == bindparam("of_client"), waitlist.c.status.in_(sorted(STANDING))
).order_by(waitlist.c.session_id, waitlist.c.position, waiting_people.c.person_id)
_OF_PROGRAM = (
    select(waitlist.c.session_id)
    .join(sessions, sessions.c.id == waitlist.c.session_id)
    .join(steps, steps.c.id == sessions.c.kind_id)
    .where(
        waitlist.c.client_id == bindparam("of_client"),
        waitlist.c.status.in_(sorted(STANDING)),
        steps.c.program_id == bindparam("of_program"),
    )
    .distinct()
    .order_by(waitlist.c.session_id)
)
_LAST = select(func.coalesce(func.max(waitlist.c.position), 0)).where(
    waitlist.c.session_id == bindparam("of_session")
)
_CHANGE = (
    update(waitlist)
    .where(waitlist.c.id == bindparam("of_wait"))
    .values(status=bindparam("new_status"), offered_until=bindparam("new_end"))
)
_SHRINK = (
    update(waitlist)
    .where(waitlist.c.id == bindparam("of_wait"))
    .values(seats=bindparam("new_seats"), asked_by=bindparam("new_asker"))
)
_FORGET_OTHERS = delete(waiting_people).where(
    waiting_people.c.wait_id == bindparam("of_wait"),
    waiting_people.c.person_id.not_in(bindparam("people", expanding=True)),
)
_FORGET_PEOPLE = delete(waiting_people).where(waiting_people.c.wait_id == bindparam("of_wait"))
_MINE = (
    select(
        waitlist.c.id.label("wait_id"),
        waitlist.c.status.label("wait_status"),
        waitlist.c.offered_until,
        sessions,
        kinds.c.name.label("kind_name"),
        kinds.c.education_only,
        people.c.duty.label("host_duty"),
    )
    .join(sessions, sessions.c.id == waitlist.c.session_id)
    .join(kinds, kinds.c.id == sessions.c.kind_id)
    .join(people, people.c.id == sessions.c.host_id)
    .where(
        waitlist.c.client_id.in_(bindparam("client_ids", expanding=True)),
        waitlist.c.status.in_(sorted(STANDING)),
        or_(
            waitlist.c.asked_by == bindparam("asker_id"),
            waitlist.c.id.in_(
                select(waiting_people.c.wait_id).where(waiting_people.c.person_id == bindparam("asker_id"))
            ),
        ),
        sessions.c.status == Status.BOOKED,
        sessions.c.starts_at > bindparam("now"),
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_IS_AHEAD = (
    waitlist.c.status.in_(sorted(STANDING)),
    sessions.c.status == Status.BOOKED,
    sessions.c.starts_at > bindparam("now"),
)
AHEAD = (
    _WAITS.join(sessions, sessions.c.id == waitlist.c.session_id)
    .where(*_IS_AHEAD)
    .order_by(sessions.c.starts_at, sessions.c.id, waitlist.c.position, waiting_people.c.person_id)
)
_COUNT_AHEAD = (
    select(func.count())
    .select_from(waitlist)
    .join(sessions, sessions.c.id == waitlist.c.session_id)
    .where(*_IS_AHEAD)
)
_TO_TEND = (
    select(waitlist.c.session_id)
    .join(sessions, sessions.c.id == waitlist.c.session_id)
    .where(
        waitlist.c.status.in_(sorted(STANDING)),
        or_(
            and_(waitlist.c.status == WaitStatus.OFFERED, waitlist.c.offered_until <= bindparam("now")),
            sessions.c.status != Status.BOOKED,
            sessions.c.starts_at <= bindparam("now"),
            and_(
                waitlist.c.status == WaitStatus.WAITING,
                waitlist.c.seats <= sessions.c.capacity - sessions.c.places_taken,
            ),
        ),
    )
    .distinct()
    .order_by(waitlist.c.session_id)
)


@dataclass(frozen=True, slots=True)
class WaitSeen:
    """A standing wait as its family sees it, with the session. ``offered_until`` is None until its turn."""

    session: Session
    kind_name: str
    host_duty: str
    needs_release: bool
    offered_until: datetime | None


def add(tx: Transaction, wait: Wait) -> Wait:
    """Keep a new wait at the end of its session's list, and return it with its position."""
    last = tx.execute(_LAST, {"of_session": wait.session_id}).scalar_one()
    added = replace(wait, position=last + 1)
    values = {name: getattr(added, name) for name in Wait.__slots__ if name != "people"}
    tx.execute(insert(waitlist), values)
    rows = [
        {"session_id": wait.session_id, "person_id": one, "wait_id": wait.id} for one in sorted(wait.people)
    ]
    tx.execute(insert(waiting_people), rows)
    return added


def change(tx: Transaction, wait: Wait) -> None:
    """Keep a wait's new status; one that is over keeps nobody from asking again."""
    values = {"of_wait": wait.id, "new_status": wait.status, "new_end": wait.offered_until}
    tx.execute(_CHANGE, values)
    if not wait.is_standing:
        tx.execute(_FORGET_PEOPLE, {"of_wait": wait.id})


def shrink(tx: Transaction, wait: Wait) -> None:
    """Keep that a wait goes on for fewer people, and who is told of it."""
    tx.execute(_SHRINK, {"of_wait": wait.id, "new_seats": wait.seats, "new_asker": wait.asked_by})
    tx.execute(_FORGET_OTHERS, {"of_wait": wait.id, "people": list(wait.people)})


def standing(tx: Transaction, session_id: str) -> list[Wait]:
    """Return those who wait for a session or are offered places in it, in order."""
    return _waits(_OF_SESSION.all(tx, {"of_session": session_id}))


def of_actor(tx: Transaction, actor: Actor, session_id: str) -> Wait | None:
    """Return the actor's standing wait for a session: for them too, or asked for by them; first an offer."""
    theirs = [
        wait
        for wait in standing(tx, session_id)
        if wait.client_id in actor.client_ids
        and (actor.person_id in wait.people or wait.asked_by == actor.person_id)
    ]
    theirs.sort(key=lambda wait: (not wait.is_offered, actor.person_id not in wait.people))
    return next(iter(theirs), None)


def of_person(tx: Transaction, client_id: str, person_id: str) -> list[Wait]:
    """Return the standing waits of a family for which this person asked, or that are for them too."""
    found = _waits(tx.execute(_OF_FAMILY, {"of_client": client_id}))
    return [wait for wait in found if person_id in wait.people or person_id == wait.asked_by]


def of_program(tx: Transaction, client_id: str, program_id: str) -> list[str]:
    """Return the sessions of a program for which a family waits, in the order in which they are locked."""
    values = {"of_client": client_id, "of_program": program_id}
    return list(tx.execute(_OF_PROGRAM, values).scalars())


def seen_by(tx: Transaction, actor: Actor, *, now: datetime) -> list[WaitSeen]:
    """Return the actor's own standing waits for sessions to come, soonest first."""
    values = {"asker_id": actor.person_id, "client_ids": sorted(actor.client_ids), "now": now}
    return [_seen(row) for row in tx.execute(_MINE, values)]


def ahead(tx: Transaction, *, now: datetime) -> list[Wait]:
    """Return who waits for any coming group, the soonest group first, and in order; for coordinators."""
    return _waits(tx.execute(AHEAD, {"now": now}))


def count_ahead(tx: Transaction, *, now: datetime) -> int:
    """Return how many families wait for a coming group."""
    return int(tx.execute(_COUNT_AHEAD, {"now": now}).scalar_one())


def to_tend(tx: Transaction, *, now: datetime) -> list[str]:
    """Return the sessions whose list wants something done: an offer is over, room is free, or it begins."""
    return list(tx.execute(_TO_TEND, {"now": now}).scalars())


def _waits(rows: Iterable[Row[Any]]) -> list[Wait]:
    grouped: dict[str, list[Row[Any]]] = {}
    for row in rows:
        grouped.setdefault(row.id, []).append(row)
    return [_wait(group) for group in grouped.values()]


def _wait(rows: Sequence[Row[Any]]) -> Wait:
    row = rows[0]
    return Wait(
        id=row.id,
        session_id=row.session_id,
        client_id=row.client_id,
        asked_by=row.asked_by,
        people=tuple(one.person_id for one in rows),
        seats=row.seats,
        position=row.position,
        asked_at=row.asked_at,
        status=WaitStatus(row.status),
        offered_until=row.offered_until,
    )


def _seen(row: Row[Any]) -> WaitSeen:
    return WaitSeen(
        kept.from_row(row),
        row.kind_name,
        row.host_duty,
        needs_release=not row.education_only,
        offered_until=row.offered_until if row.wait_status == WaitStatus.OFFERED else None,
    )
