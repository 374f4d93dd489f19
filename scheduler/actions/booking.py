"""Booking, moving and cancelling: one transaction each, with places, links, notices and the entry in it.

Refused work leaves nothing behind. Who gets a time is decided by the primary key of the taken ticks; a
refusal carries the nearest free times. Which clinician, is decided inside the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions.perform import perform
from scheduler.actions.slots import Search, choose, client_of, kept_free, nearest_to, require_booking
from scheduler.domain import booking
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Booking, Duty, Place, Session, Status
from scheduler.domain.consent import Release
from scheduler.domain.errors import NotFound, SlotTaken
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.times import Interval, iso
from scheduler.services import Services
from scheduler.storage import audit, bookings, holds, join_links, kinds, notices, sessions, slots
from scheduler.storage.database import Transaction
from scheduler.storage.notices import Owed


@dataclass(frozen=True, slots=True)
class Wish:
    """What a family member asks for: a kind at a time, with anybody or one ``duty``, and what to talk about.

    ``hold_id`` names the hold made before, if any; one that has lapsed does no harm while the time is free.
    """

    kind_id: str
    starts_at: datetime
    topic: str = ""
    duty: str = ""
    hold_id: str = ""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Ids and secrets of one booking, drawn before the transaction."""

    session_id: str
    booking_id: str
    notice_ids: Sequence[str]
    jti: str
    room_name: str


async def book_session(services: Services, actor: Actor, wish: Wish) -> Session:
    """Book a session for the actor, who is of a family, and return it.

    Raises:
        SlotTaken: somebody was first; carries the nearest free times.
        ElsewhereThen: the actor has a session of their own then.
        Invalid: past, too soon, too late, or off the grid.
        Denied: not of a family, or no release in force names the actor.
        NotFound: nobody of the care team offers such a kind.
    """
    trail, drawn = services.trail(actor), _draw(services)
    search = Search(wish.kind_id, client_of(actor), actor.person_id or "", wish.duty)

    def work(tx: Transaction) -> Session:
        offer = kinds.offer_to(tx, search.client_id, search.kind_id)
        release = require_booking(tx, actor, offer.kind, search.client_id, search.person_id, trail.at)
        interval = booking.interval_of(offer.kind, wish.starts_at, now=trail.at)
        meant = _with_hold(tx, actor, search, wish, interval, trail.at)
        host_id = choose(tx, meant.narrowed(offer), interval, meant, trail.at)
        session = Session(drawn.session_id, offer.kind.id, host_id, interval, drawn.room_name)
        _keep(tx, session, offer.kind, search, wish, drawn, trail.at)
        _note(tx, trail, Event.SESSION_BOOKED, session, search.client_id, release, _times(after=interval))
        return session

    try:
        return await perform(services, actor, Event.SESSION_BOOKED, work, client_id=search.client_id)
    except SlotTaken as taken:
        raise type(taken)(nearest=await nearest_to(services, search, wish.starts_at)) from taken


async def move_session(
    services: Services, actor: Actor, session_id: str, *, starts_at: datetime, reason: str = ""
) -> Session:
    """Move a session to another free time of the same clinician; its id, room and join links stay.

    Raises:
        SlotTaken: somebody was first; carries the nearest free times.
        ElsewhereThen: one of the family has a session of their own then.
        SessionOver: it was cancelled or has begun.
        SessionFixed: several families share it.
        Invalid: past, too soon, too late, off the grid, or the time it has already.
        NotFound: there is none, or it is not the actor's.
        Denied: no release in force.
    """
    trail = services.trail(actor)
    looked_for: list[Search] = []

    def work(tx: Transaction) -> Session:
        session = sessions.visible_locked(tx, actor, session_id)
        kind = kinds.get(tx, session.kind_id)
        seats = _booked(bookings.places_of(tx, session_id))
        member = _member(seats, actor)
        release = require_booking(tx, actor, kind, member.client_id or "", member.person_id, trail.at)
        interval = booking.interval_of(kind, starts_at, now=trail.at)
        moved = session.moved(interval, now=trail.at)
        search = Search(kind.id, member.client_id or "", member.person_id, clinician_id=session.host_id)
        looked_for[:] = [search]
        _move(tx, session, moved, kind, seats, search, trail.at)
        _change_bookings(tx, actor, session_id, Status.BOOKED, reason, trail.at)
        change = _times(before=session.interval, after=interval)
        _note(tx, trail, Event.SESSION_MOVED, moved, search.client_id, release, change)
        return moved

    try:
        return await perform(services, actor, Event.SESSION_MOVED, work)
    except SlotTaken as taken:
        nearest = await nearest_to(services, looked_for[0], starts_at)
        raise type(taken)(nearest=nearest) from taken
