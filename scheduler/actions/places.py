"""Places in a session, as booking, moving and cancelling share them: whose they are, what is owed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scheduler.domain.audit import Entity, Event, Facts, Noted, Purpose, Trail
from scheduler.domain.booking import Place, Session, Status
from scheduler.domain.consent import Release
from scheduler.domain.errors import NotFound
from scheduler.domain.notices import Rule, reminder_id
from scheduler.domain.people import Actor
from scheduler.domain.times import Interval, iso
from scheduler.storage import audit, bookings, notices
from scheduler.storage.database import Transaction
from scheduler.storage.notices import Owed


def member_of(seats: Iterable[Place], actor: Actor) -> Place:
    """Return the family's seat that the actor acts for: their own or, for staff, an assigned client's.

    One given up counts where there is no other.

    Raises:
        NotFound: there is none.
    """
    theirs = [
        seat
        for seat in seats
        if (seat.person_id == actor.person_id and seat.client_id is not None)
        or (actor.is_staff and seat.client_id in actor.client_ids)
    ]
    if not theirs:
        raise NotFound("place")
    return next(iter(booked(theirs)), theirs[0])


def others_of(seats: Iterable[Place], member: Place) -> tuple[str, ...]:
    """Return the ids of the others of a member's family who have one of these places."""
    return tuple(
        seat.person_id
        for seat in seats
        if seat.client_id == member.client_id and seat.person_id != member.person_id
    )


def booked(seats: Iterable[Place]) -> list[Place]:
    """Return those that were not given up."""
    return [seat for seat in seats if seat.status is Status.BOOKED]


def leads(tx: Transaction, actor: Actor, session_id: str) -> bool:
    """Tell whether the actor has the say over who of the family takes part: who booked it, and the client."""
    if actor.person_id in actor.client_ids:
        return True
    found = bookings.of_session(tx, actor, session_id)
    return any(one.booked_by == actor.person_id and one.status is Status.BOOKED for one in found)


def change_bookings(
    tx: Transaction,
    actor: Actor,
    session_id: str,
    *,
    status: Status,
    reason: str,
    now: datetime,
) -> None:
    """Keep what became of the bookings of the actor's families, and why."""
    for one in bookings.of_session(tx, actor, session_id):
        if one.status is Status.BOOKED:
            bookings.change(tx, replace(one, status=status, reason=reason), now=now)


def owe(
    tx: Transaction, seats: Iterable[Place], rule: Rule, now: datetime, *, act_id: str | None = None
) -> None:
    """Queue a notice for everybody who has one of these places; staff get those of one ``act_id`` at once."""
    notices.queue_all(tx, [_owed(seat, rule, now, act_id) for seat in seats])


def _owed(seat: Place, rule: Rule, now: datetime, act_id: str | None) -> Owed:
    person_id, session_id = seat.person_id, seat.session_id
    made = reminder_id(person_id=person_id, session_id=session_id, rule=rule, sequence=seat.sequence)
    together = act_id if seat.client_id is None else None
    return Owed(made, person_id, session_id, rule, now, seat.sequence, act_id=together)


def note(
    tx: Transaction,
    trail: Trail,
    event: Event,
    session: Session,
    client_id: str | None,
    release: Release | None,
    *,
    before: Session | None = None,
    members: Iterable[str] = (),
) -> None:
    """Append the entry of what was done to a session; ``members`` are those whose places it is about."""
    release_id = release.id if release else None
    entry = noted(event, session, client_id, release_id=release_id, before=before, members=members)
    audit.append_all(tx, trail, [entry])


def noted(
    event: Event,
    session: Session,
    client_id: str | None,
    *,
    release_id: str | None = None,
    before: Session | None = None,
    members: Iterable[str] = (),
) -> Noted:
    """Return the entry of what was done to a session; its time and host are sealed, and those ``before``."""
    detail: dict[str, object] = {"status": session.status, "time": _time(session.interval)}
    if before is not None:
        detail["time_before"] = _time(before.interval)
        if before.host_id != session.host_id:
            detail |= {"host": session.host_id, "host_before": before.host_id}
    facts = Facts(
        client_id=client_id,
        entities=(Entity("session", session.id), *(Entity("person", one) for one in members)),
        purpose=Purpose.TREATMENT,
        release_id=release_id,
    )
    return Noted(event, facts, detail)


def _time(interval: Interval) -> str:
    return f"{iso(interval.starts_at)}/{iso(interval.ends_at)}"
