"""Cancelling: one transaction, with places, links, notices and the entry in it.

What is off already is returned as done, without a second entry: forms are sent twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from scheduler.actions import waitlist
from scheduler.actions.perform import perform
from scheduler.actions.places import booked, change_bookings, member_of, note, owe
from scheduler.actions.slots import require_booking
from scheduler.domain.audit import Event, Trail
from scheduler.domain.booking import Place, Session, Status
from scheduler.domain.errors import SessionFixed
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.services import Services
from scheduler.storage import bookings, join_links, kinds, people, sessions, slots
from scheduler.storage.database import Transaction


async def cancel_session(services: Services, actor: Actor, session_id: str, *, reason: str = "") -> Session:
    """Call a session off; in a group, give up the places of the actor's household. Its time is free at once.

    One that is off already, or whose place is given up, is returned as it is.

    Raises:
        SessionOver: it has begun.
        SessionFixed: staff would call off what several families share.
        NotFound: there is none, or it is not the actor's.
        NotReleased: a family member without a release in force.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Session:
        session = sessions.visible_locked(tx, actor, session_id)
        seats = bookings.places_of(tx, session_id)
        member = member_of(seats, actor)
        _require_cancelling(tx, actor, session, member, trail.at)
        if member.status is Status.CANCELLED:
            return session
        cancelled = session.cancelled(now=trail.at)
        if session.is_group and not actor.is_staff:
            _give_up(tx, trail, session, _with_household(tx, seats, member), reason)
            waitlist.offer_freed(tx, trail, session, lasts=waitlist.lasts_of(services))
            return session
        _require_one_family(seats)
        _call_off(tx, trail, cancelled, seats)
        change_bookings(tx, actor, session_id, status=Status.CANCELLED, reason=reason, now=trail.at)
        note(tx, trail, Event.SESSION_CANCELLED, cancelled, member.client_id, None)
        return cancelled

    cancelled = await perform(services, actor, Event.SESSION_CANCELLED, work)
    services.video.changed(session_id)  # whoever is in its room is out at once
    return cancelled


def _call_off(tx: Transaction, trail: Trail, session: Session, seats: Sequence[Place]) -> None:
    """Keep that the whole session is off: its ticks are free, its links dead, its waitlist closed."""
    now = trail.at
    gone = [seat.cancelled() for seat in booked(seats)]
    slots.give_back(tx, session.id)
    sessions.set_status(tx, session.id, session.status)
    bookings.change_places(tx, gone)
    join_links.revoke_for(tx, session_id=session.id, now=now)
    owe(tx, gone, Rule.CANCELLED, now)
    waitlist.close(tx, trail, session)


def _give_up(tx: Transaction, trail: Trail, session: Session, seats: Sequence[Place], reason: str) -> None:
    """Keep that people of one household leave a group, which goes on without them, with the entry."""
    now, ids = trail.at, {seat.person_id for seat in seats}
    gone = [seat.cancelled() for seat in booked(seats)]
    for seat in gone:
        slots.give_back(tx, session.id, person_id=seat.person_id)
        join_links.revoke_for(tx, session_id=session.id, person_id=seat.person_id, now=now)
    bookings.change_places(tx, gone)
    bookings.free_room(tx, session.id, len(gone))
    owe(tx, gone, Rule.CANCELLED, now)
    change_bookings(
        tx, trail.actor, session.id, status=Status.CANCELLED, reason=reason, now=now, booked_by=ids
    )
    note(tx, trail, Event.SESSION_CANCELLED, session, gone[0].client_id, None)


def _with_household(tx: Transaction, seats: Iterable[Place], member: Place) -> list[Place]:
    """Return the member's seat with those of their household: another one decides for itself."""
    own = people.family_member(tx, member.person_id)
    found = []
    for seat in seats:
        if seat.client_id is not None and seat.client_id == member.client_id:
            other = people.family_member(tx, seat.person_id)
            is_near = own is not None and other is not None and own.household == other.household
            if is_near or seat.person_id == member.person_id:
                found.append(seat)
    return found


def _require_cancelling(
    tx: Transaction, actor: Actor, session: Session, member: Place, now: datetime
) -> None:
    client_id = member.client_id or ""
    if actor.is_staff:  # calling off tells nobody what a release would have to cover
        require(actor, Task.BOOK, Subject(assigned=client_id in actor.client_ids, released=True), now=now)
    else:
        require_booking(tx, actor, kinds.get(tx, session.kind_id), client_id, member.person_id, now)


def _require_one_family(seats: Iterable[Place]) -> None:
    """The bookings and the entry name the actor's client alone, so that others' would be left behind."""
    if len({seat.client_id for seat in booked(seats)} - {None}) > 1:
        raise SessionFixed
