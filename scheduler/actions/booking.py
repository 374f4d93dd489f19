"""Booking, moving and cancelling: one transaction each, with places, links, notices and the entry in it.

Refused work leaves nothing behind. Who gets a time is decided by the primary key of the taken ticks; a
refusal carries the nearest free times. Which clinician, is decided inside the transaction. Forms are sent
twice, by a double click or a flaky phone: what somebody has done already is returned as done, without a
second entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions.perform import check_first, perform
from scheduler.actions.slots import Search, choose, client_of, kept_free, nearest_to, require_booking
from scheduler.domain import booking
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.availability import Kind, Offer
from scheduler.domain.booking import Booking, Duty, Place, Session, Status
from scheduler.domain.consent import Release
from scheduler.domain.errors import NotFound, SessionFixed, SlotTaken, TooSoon
from scheduler.domain.notices import Rule, reminder_id
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
    jti: str
    room_name: str


async def book_session(services: Services, actor: Actor, wish: Wish) -> Session:
    """Book a session for the actor, who is of a family, and return it; or the same one, booked before.

    Raises:
        SlotTaken: somebody was first; carries the nearest free times.
        ElsewhereThen: the actor has a session of their own then.
        Invalid: past, too soon, too late, or off the grid.
        Denied: not of a family, or no release in force names the actor.
        NotFound: nobody of the care team offers such a kind.
    """
    trail = services.trail(actor)
    drawn = _Drawn(services.new_id(), services.new_id(), services.new_secret(), services.new_secret())
    client_id = await check_first(services, actor, Event.SESSION_BOOKED, lambda: client_of(actor))
    search = Search(wish.kind_id, client_id, actor.person_id or "", wish.duty)

    def work(tx: Transaction) -> Session:
        offer = kinds.offer_to(tx, search.client_id, search.kind_id)
        release = require_booking(tx, actor, offer.kind, search.client_id, search.person_id, trail.at)
        session = _placed(tx, offer, search, wish, drawn, trail.at)
        _note(tx, trail, Event.SESSION_BOOKED, session, search.client_id, release)
        return session

    try:
        return await perform(services, actor, Event.SESSION_BOOKED, work, client_id=search.client_id)
    except (SlotTaken, TooSoon) as refusal:
        before = await services.database.read(lambda tx: _booked_before(tx, actor, search, wish.starts_at))
        if before is not None:
            return before
        if isinstance(refusal, SlotTaken):
            raise type(refusal)(nearest=await nearest_to(services, search, wish.starts_at)) from refusal
        raise


async def move_session(
    services: Services, actor: Actor, session_id: str, *, starts_at: datetime, reason: str = ""
) -> Session:
    """Move a session to another free time of the same clinician; its id, room and join links stay.

    One that is at this time already is returned as it is.

    Raises:
        SlotTaken: somebody was first; carries the nearest free times.
        ElsewhereThen: one of the family has a session of their own then.
        SessionOver: it was cancelled or has begun.
        SessionFixed: several families share it.
        Invalid: past, too soon, too late, or off the grid.
        NotFound: there is none, or it is not the actor's.
        Denied: no release in force.
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
        _change_bookings(tx, actor, session_id, status=Status.BOOKED, reason=reason, now=trail.at)
        _note(tx, trail, Event.SESSION_MOVED, moved, search.client_id, release, before=session)
        return moved

    try:
        moved = await perform(services, actor, Event.SESSION_MOVED, work)
    except SlotTaken as taken:
        search = await services.database.read(lambda tx: _search_again(tx, actor, session_id, trail.at))
        raise type(taken)(nearest=await nearest_to(services, search, starts_at)) from taken
    services.video.changed(session_id)  # whoever waits is told
    return moved


async def cancel_session(services: Services, actor: Actor, session_id: str, *, reason: str = "") -> Session:
    """Call a session off; in a group, give up the places of the actor's family. Its time is free at once.

    One that is off already, or whose place is given up, is returned as it is.

    Raises:
        SessionOver: it has begun.
        SessionFixed: staff would call off what several families share.
        NotFound: there is none, or it is not the actor's.
        Denied: a family member without a release in force.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Session:
        session = sessions.visible_locked(tx, actor, session_id)
        seats = bookings.places_of(tx, session_id)
        member = _member(seats, actor)
        _require_cancelling(tx, actor, session, member, trail.at)
        if member.status is Status.CANCELLED:
            return session
        cancelled = session.cancelled(now=trail.at)
        if session.is_group and not actor.is_staff:
            cancelled = session
            _give_up(tx, session, [seat for seat in seats if seat.client_id == member.client_id], trail.at)
        else:
            _require_one_family(seats)
            _call_off(tx, cancelled, seats, trail.at)
        _change_bookings(tx, actor, session_id, status=Status.CANCELLED, reason=reason, now=trail.at)
        _note(tx, trail, Event.SESSION_CANCELLED, cancelled, member.client_id, None)
        return cancelled

    cancelled = await perform(services, actor, Event.SESSION_CANCELLED, work)
    services.video.changed(session_id)  # whoever is in its room is out at once
    return cancelled


def _booked_before(tx: Transaction, actor: Actor, search: Search, starts_at: datetime) -> Session | None:
    """Return what the actor booked by the same wish, which they send again; None where there is none."""
    session = sessions.booked_by(tx, actor, kind_id=search.kind_id, starts_at=starts_at)
    if session is None or not search.duty:
        return session
    offer = search.narrowed(kinds.offer_to(tx, search.client_id, search.kind_id))
    return session if any(one.clinician_id == session.host_id for one in offer.offerers) else None


def _placed(
    tx: Transaction, offer: Offer, search: Search, wish: Wish, drawn: _Drawn, now: datetime
) -> Session:
    """Return the new session, kept with its ticks, places, booking, join link and notices."""
    kind = offer.kind
    meant, interval = _meant(tx, kind, search, wish, now)
    host_id = choose(tx, meant.narrowed(offer), interval, meant, now)
    session = Session(drawn.session_id, kind.id, host_id, interval, drawn.room_name)
    person_id, client_id = search.person_id, search.client_id
    seats = [
        Place(session.id, person_id, Duty.MEMBER, client_id),
        Place(session.id, host_id, Duty.HOST),
    ]
    sessions.add(tx, session)
    slots.take(tx, _ticks(kind, session, seats), session_id=session.id)
    bookings.add_places(tx, seats)
    bookings.add(tx, Booking(drawn.booking_id, session.id, client_id, person_id, now, topic=wish.topic))
    join_links.open_for(tx, session_id=session.id, person_id=person_id, jti=drawn.jti, now=now)
    _owe(tx, seats, Rule.BOOKED, now)
    return session


def _meant(tx: Transaction, kind: Kind, search: Search, wish: Wish, now: datetime) -> tuple[Search, Interval]:
    """Return whom and when is meant; the person's own hold, let go here, keeps its clinician and time."""
    hold = holds.of_person(tx, search.person_id) if wish.hold_id else None
    if hold is None or hold.id != wish.hold_id:
        return search, booking.interval_of(kind, wish.starts_at, now=now)
    holds.remove(tx, [hold.id])
    is_this = hold.kind_id == kind.id and hold.interval.starts_at == wish.starts_at
    if hold.is_lapsed(now) or not is_this:
        return search, booking.interval_of(kind, wish.starts_at, now=now)
    return replace(search, clinician_id=hold.clinician_id), hold.interval


def _move(tx: Transaction, moved: Session, search: Search, now: datetime) -> None:
    """Keep a session's new time: new ticks for everybody, the next sequence in every place, notices."""
    offer = search.narrowed(kinds.offer_to(tx, search.client_id, search.kind_id))
    seats = [seat.moved() for seat in _booked(bookings.places_of(tx, moved.id))]
    slots.give_back(tx, moved.id)
    choose(tx, offer, moved.interval, search, now)
    slots.take(tx, _ticks(offer.kind, moved, seats), session_id=moved.id)
    sessions.move(tx, moved.id, moved.interval)
    bookings.change_places(tx, seats)
    _owe(tx, seats, Rule.MOVED, now)


def _call_off(tx: Transaction, session: Session, seats: Sequence[Place], now: datetime) -> None:
    """Keep that the whole session is off: its ticks are free and its links dead at once."""
    gone = [seat.cancelled() for seat in _booked(seats)]
    slots.give_back(tx, session.id)
    sessions.set_status(tx, session.id, session.status)
    bookings.change_places(tx, gone)
    join_links.revoke_for(tx, session_id=session.id, now=now)
    _owe(tx, gone, Rule.CANCELLED, now)


def _give_up(tx: Transaction, session: Session, seats: Sequence[Place], now: datetime) -> None:
    """Keep that one family leaves a group, which goes on without it."""
    gone = [seat.cancelled() for seat in _booked(seats)]
    for seat in gone:
        slots.give_back(tx, session.id, person_id=seat.person_id)
        join_links.revoke_for(tx, session_id=session.id, person_id=seat.person_id, now=now)
    bookings.change_places(tx, gone)
    bookings.free_room(tx, session.id)
    _owe(tx, gone, Rule.CANCELLED, now)


def search_to_move(
    tx: Transaction, actor: Actor, session: Session, now: datetime
) -> tuple[Search, Release | None]:
    """Return what is looked for to move a session: the same kind with the same clinician; and its release.

    Raises:
        SessionOver: it was cancelled or has begun.
        SessionFixed: several families share it.
        Denied: no release in force.
    """
    session.check_movable(now=now)
    member = _member(_booked(bookings.places_of(tx, session.id)), actor)
    client_id, kind = member.client_id or "", kinds.get(tx, session.kind_id)
    release = require_booking(tx, actor, kind, client_id, member.person_id, now)
    search = Search(
        kind.id, client_id, member.person_id, clinician_id=session.host_id, moved_session_id=session.id
    )
    return search, release


def _search_again(tx: Transaction, actor: Actor, session_id: str, now: datetime) -> Search:
    return search_to_move(tx, actor, sessions.visible(tx, actor, session_id), now)[0]


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
    if len({seat.client_id for seat in _booked(seats)} - {None}) > 1:
        raise SessionFixed


def _member(seats: Iterable[Place], actor: Actor) -> Place:
    """Return the family's seat that the actor acts for: their own or, for staff, an assigned client's.

    One given up counts where there is no other.
    """
    theirs = [
        seat
        for seat in seats
        if (seat.person_id == actor.person_id and seat.client_id is not None)
        or (actor.is_staff and seat.client_id in actor.client_ids)
    ]
    if not theirs:
        raise NotFound("place")
    return next(iter(_booked(theirs)), theirs[0])


def _booked(seats: Iterable[Place]) -> list[Place]:
    return [seat for seat in seats if seat.status is Status.BOOKED]


def _ticks(kind: Kind, session: Session, seats: Iterable[Place]) -> dict[str, range]:
    """Return whose ticks a session takes: of the host with the pauses around it, of all others without."""
    around, bare = kept_free(kind, session.interval), session.interval.ticks
    return {seat.person_id: around if seat.duty is Duty.HOST else bare for seat in seats}


def _change_bookings(
    tx: Transaction, actor: Actor, session_id: str, *, status: Status, reason: str, now: datetime
) -> None:
    for one in bookings.of_session(tx, actor, session_id):
        if one.status is Status.BOOKED:
            bookings.change(tx, replace(one, status=status, reason=reason), now=now)


def _owe(tx: Transaction, seats: Iterable[Place], rule: Rule, now: datetime) -> None:
    notices.queue_all(tx, [_owed(seat, rule, now) for seat in seats])


def _owed(seat: Place, rule: Rule, now: datetime) -> Owed:
    person_id, session_id = seat.person_id, seat.session_id
    made = reminder_id(person_id=person_id, session_id=session_id, rule=rule, sequence=seat.sequence)
    return Owed(made, person_id, session_id, rule, now, seat.sequence)


def _note(
    tx: Transaction,
    trail: Trail,
    event: Event,
    session: Session,
    client_id: str | None,
    release: Release | None,
    *,
    before: Session | None = None,
) -> None:
    detail: dict[str, object] = {"status": session.status, "time": _time(session.interval)}
    if before is not None:
        detail["time_before"] = _time(before.interval)
    audit.append(
        tx,
        trail,
        event,
        client_id=client_id,
        entities=(Entity("session", session.id),),
        purpose=Purpose.TREATMENT,
        release_id=release.id if release else None,
        detail=detail,
    )


def _time(interval: Interval) -> str:
    return f"{iso(interval.starts_at)}/{iso(interval.ends_at)}"
