"""Booking and moving: one transaction each, with places, links, notices and the entry in it.

Refused work leaves nothing behind. Who gets a time is decided by the primary key of the taken ticks; a
refusal carries the nearest free times. Which clinician, is decided inside the transaction. Forms are sent
twice, by a double click or a flaky phone: what somebody has done already is returned as done, without a
second entry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions.households import lock_members, require_members
from scheduler.actions.next_steps import require_turn
from scheduler.actions.perform import check_first, perform
from scheduler.actions.places import booked, change_bookings, member_of, note, others_of, owe
from scheduler.actions.slots import (
    Search,
    choose,
    client_of,
    kept_free,
    nearest_to,
    offer_sought,
    require_booking,
)
from scheduler.domain import booking
from scheduler.domain.audit import Event
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Booking, Duty, Place, Session, Status
from scheduler.domain.consent import Release
from scheduler.domain.errors import SlotTaken, TooSoon
from scheduler.domain.notices import Rule
from scheduler.domain.offers import Offer
from scheduler.domain.people import Actor
from scheduler.domain.times import Interval
from scheduler.services import Services
from scheduler.storage import bookings, holds, join_links, kinds, sessions, slots
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Wish:
    """What a family member asks for: a kind at a time, with anybody or one ``duty``, and what to talk about.

    ``hold_id`` names the hold made before, if any; one that has lapsed does no harm while the time is free.
    ``members`` are the ids of those of the family who take part as well.
    """

    kind_id: str
    starts_at: datetime
    topic: str = ""
    duty: str = ""
    hold_id: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """Ids and secrets of one booking, drawn before the transaction; ``jtis`` by person."""

    session_id: str
    booking_id: str
    jtis: Mapping[str, str]
    room_name: str


async def book_session(services: Services, actor: Actor, wish: Wish) -> Session:
    """Book a session for the actor, who is of a family, and return it; or the same one, booked before.

    Raises:
        SlotTaken: somebody was first; carries the nearest free times.
        ElsewhereThen: the actor has a session of their own then.
        MemberElsewhere: somebody else who is to take part has.
        Invalid: past, too soon, too late, or off the grid; or these people may not, or not alone, take part.
        Denied: not of a family.
        NotReleased: no release in force names the actor.
        StepFirst: it is a step of the program, and another one comes before it.
        NotFound: nobody of the care team offers such a kind, or a member is not the actor's to invite.
    """
    trail = services.trail(actor)
    client_id = await check_first(services, actor, Event.SESSION_BOOKED, lambda: client_of(actor))
    person_id = actor.person_id or ""
    others = tuple(sorted(set(wish.members) - {person_id}))
    search = Search(wish.kind_id, client_id, person_id, wish.duty, others=others)
    drawn = draw(services, search.members)

    def work(tx: Transaction) -> Session:
        offer = kinds.offer_to(tx, search.client_id, search.kind_id)
        lock_members(tx, offer.kind, client_id, others)
        release = require_booking(tx, actor, offer.kind, client_id, person_id, trail.at, is_kept=True)
        require_members(tx, offer.kind, client_id, person_id, others, trail.at)
        require_turn(tx, offer, search.members)
        session = _placed(tx, offer, search, wish, drawn, trail.at)
        note(tx, trail, Event.SESSION_BOOKED, session, client_id, release, members=search.members)
        return session

    try:
        return await perform(services, actor, Event.SESSION_BOOKED, work, client_id=client_id)
    except (SlotTaken, TooSoon) as refusal:
        before = await services.database.read(lambda tx: _booked_before(tx, actor, search, wish.starts_at))
        if before is not None:
            return before
        if isinstance(refusal, SlotTaken):
            raise type(refusal)(nearest=await nearest_to(services, search, wish.starts_at)) from refusal
        raise


def draw(services: Services, members: Iterable[str]) -> Drawn:
    """Return ids and secrets for one booking in which these people may take part."""
    jtis = {person_id: services.new_secret() for person_id in members}
    return Drawn(services.new_id(), services.new_id(), jtis, services.new_secret())


async def move_session(
    services: Services, actor: Actor, session_id: str, *, starts_at: datetime, reason: str = ""
) -> Session:
    """Move a session to another free time of the same clinicians; its id, room and join links stay.

    One that is at this time already is returned as it is.

    Raises:
        SlotTaken: somebody was first; carries the nearest free times.
        ElsewhereThen: the one it moves for has a session of their own then.
        MemberElsewhere: somebody else who takes part has.
        SessionOver: it was cancelled or has begun.
        SessionFixed: several families share it.
        Invalid: past, too soon, too late, or off the grid.
        NotFound: there is none, or it is not the actor's.
        NotReleased: no release in force.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Session:
        session = sessions.visible_locked(tx, actor, session_id)
        search, release = search_to_move(tx, actor, session, trail.at)
        if session.starts_at == starts_at:
            return session
        kind = kinds.get(tx, session.kind_id)
        moved = session.moved(booking.interval_of(kind, starts_at, now=trail.at), now=trail.at)
        _move(tx, moved, search, trail.at)
        change_bookings(tx, actor, session_id, status=Status.BOOKED, reason=reason, now=trail.at)
        note(tx, trail, Event.SESSION_MOVED, moved, search.client_id, release, before=session)
        return moved

    try:
        moved = await perform(services, actor, Event.SESSION_MOVED, work)
    except SlotTaken as taken:
        search = await services.database.read(lambda tx: _search_again(tx, actor, session_id, trail.at))
        raise type(taken)(nearest=await nearest_to(services, search, starts_at)) from taken
    services.video.changed(session_id)  # whoever waits is told
    return moved


def _booked_before(tx: Transaction, actor: Actor, search: Search, starts_at: datetime) -> Session | None:
    """Return what the actor booked by the same wish, which they send again; None where there is none."""
    session = sessions.booked_by(tx, actor, kind_id=search.kind_id, starts_at=starts_at)
    if session is None or not search.duty:
        return session
    return session if offer_sought(tx, search).includes(session.host_id) else None


def _placed(
    tx: Transaction, offer: Offer, search: Search, wish: Wish, drawn: Drawn, now: datetime
) -> Session:
    """Return the new session, kept with all that belongs to it."""
    meant, interval = _meant(tx, offer.kind, search, wish, now)
    hosts = choose(tx, meant.narrowed(offer), interval, meant, now)
    return keep(tx, offer, interval, hosts, search, drawn, now=now, topic=wish.topic)


def keep(
    tx: Transaction,
    offer: Offer,
    interval: Interval,
    hosts: Sequence[str],
    search: Search,
    drawn: Drawn,
    *,
    now: datetime,
    topic: str = "",
) -> Session:
    """Return a new session with these hosts, kept with its ticks, places, booking, join links and notices.

    Raises:
        SlotTaken: somebody was first; the transaction is of no further use.
    """
    session = Session(drawn.session_id, offer.kind.id, hosts[0], interval, drawn.room_name)
    client_id = search.client_id
    seats = [
        *(Place(session.id, member_id, Duty.MEMBER, client_id) for member_id in search.members),
        *booking.hosting(session.id, hosts),
    ]
    sessions.add(tx, session)
    slots.take(tx, _ticks(offer, session, seats), session_id=session.id)
    bookings.add_places(tx, seats)
    bookings.add(tx, Booking(drawn.booking_id, session.id, client_id, search.person_id, now, topic=topic))
    for member_id in search.members:
        jti = drawn.jtis[member_id]
        join_links.open_for(tx, session_id=session.id, person_id=member_id, jti=jti, now=now)
    owe(tx, seats, Rule.BOOKED, now)
    return session


def _meant(tx: Transaction, kind: Kind, search: Search, wish: Wish, now: datetime) -> tuple[Search, Interval]:
    """Return whom and when is meant; the person's own hold, let go here, keeps its clinicians and time."""
    hold = holds.of_person(tx, search.person_id) if wish.hold_id else None
    if hold is None or hold.id != wish.hold_id:
        return search, booking.interval_of(kind, wish.starts_at, now=now)
    holds.remove(tx, [hold.id])
    is_this = hold.kind_id == kind.id and hold.interval.starts_at == wish.starts_at
    if hold.is_lapsed(now) or not is_this:
        return search, booking.interval_of(kind, wish.starts_at, now=now)
    return replace(search, clinician_ids=hold.clinician_ids, is_held=True), hold.interval


def _move(tx: Transaction, moved: Session, search: Search, now: datetime) -> None:
    """Keep a session's new time: new ticks for everybody, the next sequence in every place, notices."""
    offer = offer_sought(tx, search)
    seats = [seat.moved() for seat in booked(bookings.places_of(tx, moved.id))]
    slots.give_back(tx, moved.id)
    choose(tx, offer, moved.interval, search, now)
    slots.take(tx, _ticks(offer, moved, seats), session_id=moved.id)
    sessions.move(tx, moved.id, moved.interval)
    bookings.change_places(tx, seats)
    owe(tx, seats, Rule.MOVED, now)


def search_to_move(
    tx: Transaction, actor: Actor, session: Session, now: datetime
) -> tuple[Search, Release | None]:
    """Return what is looked for to move a session: the same kind with the same clinicians; and its release.

    Raises:
        SessionOver: it was cancelled or has begun.
        SessionFixed: several families share it.
        NotReleased: no release in force.
    """
    session.check_movable(now=now)
    seats = booked(bookings.places_of(tx, session.id))
    member = member_of(seats, actor)
    client_id, kind = member.client_id or "", kinds.get(tx, session.kind_id)
    release = require_booking(tx, actor, kind, client_id, member.person_id, now)
    hosts = booking.hosts_of(seats) if kind.duties else (session.host_id,)
    search = Search(
        kind.id,
        client_id,
        member.person_id,
        clinician_ids=hosts,
        moved_session_id=session.id,
        others=others_of(seats, member),
    )
    return search, release


def _search_again(tx: Transaction, actor: Actor, session_id: str, now: datetime) -> Search:
    return search_to_move(tx, actor, sessions.visible(tx, actor, session_id), now)[0]


def _ticks(offer: Offer, session: Session, seats: Iterable[Place]) -> dict[str, range]:
    """Return whose ticks a session takes: of its hosts with the pauses around it, of all others without."""
    bare = session.interval.ticks
    return {
        seat.person_id: bare
        if seat.duty is Duty.MEMBER
        else kept_free(offer.kind_with(seat.person_id), session.interval)
        for seat in seats
    }
