"""Cancelling: one transaction, with places, links, notices and the entry in it.

A place and a session have states of their own: whoever cannot come gives up their place alone, and the
session goes on without them, unless its quorum is broken. What is off already is returned as done, without a
second entry: forms are sent twice.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.actions import waitlist
from scheduler.actions.perform import perform
from scheduler.actions.places import booked, change_bookings, leads, member_of, note, others_of, owe
from scheduler.actions.slots import require_booking
from scheduler.domain.audit import Event, Trail
from scheduler.domain.booking import Place, Session, Status
from scheduler.domain.errors import Denied, SessionFixed
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.services import Services
from scheduler.storage import bookings, households, join_links, kinds, sessions, slots
from scheduler.storage.database import Transaction


async def cancel_session(services: Services, actor: Actor, session_id: str, *, reason: str = "") -> Session:
    """Call a session off for everybody; in a group, give up the actor's own place. Its time is free at once.

    One that is off already, or whose place is given up, is returned as it is.

    Raises:
        SessionOver: it has begun.
        SessionFixed: staff would call off what several families share.
        NotFound: there is none, or it is not the actor's.
        NotReleased: a family member without a release in force.
        Denied: others of the family take part, and somebody else has booked it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Session:
        session, seats, member = _to_cancel(tx, actor, session_id, trail.at)
        if member.status is Status.CANCELLED:
            return session
        cancelled = session.cancelled(now=trail.at)
        if session.is_group and not actor.is_staff:
            return leave(tx, trail, session, member, reason=reason, lasts=waitlist.lasts_of(services))
        if not actor.is_staff and others_of(booked(seats), member) and not leads(tx, actor, session_id):
            raise Denied("somebody else has booked it")
        _require_one_family(seats)
        _call_off(tx, trail, cancelled, seats)
        change_bookings(tx, actor, session_id, status=Status.CANCELLED, reason=reason, now=trail.at)
        note(tx, trail, Event.SESSION_CANCELLED, cancelled, member.client_id, None)
        return cancelled

    cancelled = await perform(services, actor, Event.SESSION_CANCELLED, work)
    services.video.changed(session_id)  # whoever is in its room is out at once
    return cancelled


async def give_up_place(services: Services, actor: Actor, session_id: str, *, reason: str = "") -> Session:
    """Give up the actor's own place in a session, which is called off where its quorum is broken by this.

    A place that is given up already leaves everything as it is.

    Raises:
        SessionOver: it has begun.
        NotFound: there is none, or it is not the actor's.
        NotReleased: a family member without a release in force.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Session:
        session, _, member = _to_cancel(tx, actor, session_id, trail.at)
        if member.status is Status.CANCELLED:
            return session
        session.cancelled(now=trail.at)
        return leave(tx, trail, session, member, reason=reason, lasts=waitlist.lasts_of(services))

    left = await perform(services, actor, Event.PLACE_GIVEN_UP, work)
    services.video.changed(session_id)
    return left


def leave(
    tx: Transaction, trail: Trail, session: Session, member: Place, *, lasts: timedelta, reason: str = ""
) -> Session:
    """Keep that one person of a family leaves a session, and append the entry; return how it stands then.

    A group goes on, and the free seat is kept for ``lasts`` for whoever waits; one family's session is called
    off where those who stay are not enough for it.
    """
    seats = booked(bookings.places_of(tx, session.id))
    client_id = member.client_id or ""
    if is_broken_without(tx, session, seats, member):
        off = session.called_off()
        _call_off(tx, trail, off, seats)
        change_bookings(tx, trail.actor, session.id, status=Status.CANCELLED, reason=reason, now=trail.at)
        note(tx, trail, Event.SESSION_CANCELLED, off, client_id, None)
        return off
    take_off(tx, trail, session, member, lasts=lasts, reason=reason)
    return session


def take_off(
    tx: Transaction, trail: Trail, session: Session, member: Place, *, lasts: timedelta, reason: str = ""
) -> None:
    """Keep that one person of a family is in a session no more, which goes on; append the entry."""
    seats, client_id = booked(bookings.places_of(tx, session.id)), member.client_id or ""
    give_up(tx, session, [member], trail.at)
    _let_go(tx, trail, session.id, client_id, others_of(seats, member), reason)
    note(tx, trail, Event.PLACE_GIVEN_UP, session, client_id, None, members=[member.person_id])
    if session.is_group:
        waitlist.offer_freed(tx, trail, session, lasts=lasts)


def _let_go(
    tx: Transaction, trail: Trail, session_id: str, client_id: str, seated: Collection[str], reason: str
) -> None:
    """Cancel a family's bookings for which nobody is left, given the ids of those who keep their places."""
    found = bookings.of_session(tx, trail.actor, session_id)
    standing = [one for one in found if one.client_id == client_id and one.status is Status.BOOKED]
    idle = [one for one in standing if one.booked_by not in seated]
    for one in idle[: max(len(standing) - len(seated), 0)]:
        bookings.change(tx, replace(one, status=Status.CANCELLED, reason=reason), now=trail.at)


def is_broken_without(tx: Transaction, session: Session, seats: Iterable[Place], member: Place) -> bool:
    """Tell whether those who have the other places are not enough for the session; a group goes on anyway."""
    if session.is_group:
        return False
    family = households.family(tx, member.client_id or "")
    return kinds.get(tx, session.kind_id).quorum.lack(family, others_of(seats, member)) is not None


def give_up(tx: Transaction, session: Session, seats: Sequence[Place], now: datetime) -> None:
    """Keep that some leave a session, which goes on without them: their time is free, their links dead."""
    gone = [seat.given_up(session.interval) for seat in booked(seats)]
    for seat in gone:
        slots.give_back(tx, session.id, person_id=seat.person_id)
        join_links.revoke_for(tx, session_id=session.id, person_id=seat.person_id, now=now)
    bookings.change_places(tx, gone)
    if session.is_group:
        bookings.free_room(tx, session.id, len(gone))
    owe(tx, gone, Rule.CANCELLED, now)


def _to_cancel(
    tx: Transaction, actor: Actor, session_id: str, now: datetime
) -> tuple[Session, list[Place], Place]:
    """Return a session, locked, with its places and the one that the actor acts for."""
    session = sessions.visible_locked(tx, actor, session_id)
    seats = bookings.places_of(tx, session_id)
    member = member_of(seats, actor)
    _require_cancelling(tx, actor, session, member, now)
    return session, seats, member


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
