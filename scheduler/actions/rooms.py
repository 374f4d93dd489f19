"""Rooms: open, lock and end them; passes to enter; and whether whoever is inside may still be.

A pass is minted after admission was checked and lasts five minutes; it is checked again when it is shown, and
with every message after that, so that leaving it lying about opens nothing.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions.admissions import Roster, hosted, may_host, note_reading, roster_of
from scheduler.actions.perform import look, perform
from scheduler.actions.proofs import note, person_of, standing_of_place
from scheduler.domain.audit import Entity, Event, Trail
from scheduler.domain.booking import Session, Status
from scheduler.domain.errors import NotYet, RoomShut, SessionOver
from scheduler.domain.join_links import OPENS_BEFORE, Standing
from scheduler.domain.people import STAFF, SYSTEM, Actor, Person, Role, Source
from scheduler.domain.rooms import Face, Relay, Room, RoomPass, closes_at
from scheduler.gateways.tokens import TokenRefused
from scheduler.services import Services
from scheduler.storage import audit, bookings, join_links, people, rooms, sessions, sign_ins, step_credits
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody has shown a good pass: which room it is for, as whom others see them, and the relays.

    ``stay_id`` names the stay that begins for a family member; hosts have none.
    """

    admitted: RoomPass
    face: Face
    relays: tuple[Relay, ...]
    stay_id: str = ""


async def open_room(services: Services, actor: Actor, session_id: str) -> None:
    """Open a session's room, or come back to it; the host may do so at any time from 20 minutes before.

    Raises:
        NotFound, Denied: the actor does not host this session.
        NotYet: it is more than 20 minutes ahead.
        SessionOver: it was cancelled, or is over for more than an hour.
    """

    def change(room: Room, session: Session, trail: Trail) -> Room:
        _require_time(session, actor, trail.at)
        return room.opened(actor.person_id or "", trail.at)

    await _change_room(services, actor, session_id, Event.ROOM_OPENED, change)


async def lock_room(services: Services, actor: Actor, session_id: str) -> None:
    """Let nobody new in; whoever was let in before may still come back.

    Raises:
        NotFound, Denied: the actor does not host this session.
        RoomShut: it is not open.
    """
    await _change_room(services, actor, session_id, Event.ROOM_LOCKED, lambda room, *_: room.locked())


async def unlock_room(services: Services, actor: Actor, session_id: str) -> None:
    """Let people in again.

    Raises:
        NotFound, Denied: the actor does not host this session.
        RoomShut: it is not open.
    """
    await _change_room(services, actor, session_id, Event.ROOM_UNLOCKED, lambda room, *_: room.unlocked())


async def end_room(services: Services, actor: Actor, session_id: str) -> None:
    """End the session for everybody in the room.

    Raises:
        NotFound, Denied: the actor does not host this session.
        RoomShut: it is not open.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        rooms.lock(tx, session_id)
        hosted(tx, actor, session_id)
        _end(tx, trail, rooms.get(tx, session_id))

    await perform(services, actor, Event.ROOM_ENDED, work)
    services.video.changed(session_id)


async def end_overdue_rooms(services: Services) -> int:
    """End the rooms that were left open an hour past their time, or whose session is off; a job does this."""
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> list[Room]:
        overdue = rooms.take_overdue(tx, now=trail.at)
        for room in overdue:
            _end(tx, trail, room)
        return overdue

    if not await services.database.read(lambda tx: rooms.any_overdue(tx, now=trail.at)):
        return 0
    ended = await perform(services, SYSTEM, Event.ROOM_ENDED, work)
    for room in ended:
        services.video.changed(room.session_id)
    return len(ended)


async def leave_room(services: Services, actor: Actor, session_id: str) -> None:
    """Go out as the host; the room stays open for those who are in it, and for coming back.

    Whoever is not in it (any more) leaves nothing and no entry: hosts have no presence, so that the log is
    asked whether they came in since the room was opened.

    Raises:
        NotFound, Denied: the actor does not host this session.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        rooms.lock(tx, session_id)
        hosted(tx, actor, session_id)
        if _is_host_in(tx, actor, rooms.get(tx, session_id)):
            audit.append(tx, trail, Event.PERSON_LEFT, entities=[Entity("session", session_id)])

    await perform(services, actor, Event.PERSON_LEFT, work)


async def host_pass(services: Services, actor: Actor, session_id: str) -> str:
    """Return a pass for the host, who may always come back while the room is open.

    Raises:
        NotFound, Denied: the actor does not host this session.
        RoomShut: it is not open.
    """

    def work(tx: Transaction) -> None:
        hosted(tx, actor, session_id)
        if not rooms.get(tx, session_id).is_open:
            raise RoomShut("not open")

    await look(services, actor, Event.ROOM_ENTERED, work)
    admitted = RoomPass(session_id, actor.person_id or "", actor.sign_in_id or "")
    return services.video.pass_for(admitted, now=services.now())


async def family_pass(services: Services, place: str) -> str:
    """Return a pass for whoever holds a place and was let in.

    Raises:
        PlaceLost: another browser took the place.
        RoomShut: they may not be in the room now.
    """
    now = services.now()

    def work(tx: Transaction) -> Standing:
        standing = standing_of_place(tx, place, now=now)
        if not standing.may_be_in(now):
            raise RoomShut("not admitted")
        return standing

    link = (await services.database.read(work)).link
    browser = (link.device_hash or b"").hex()
    return services.video.pass_for(RoomPass(link.session_id, link.person_id, browser), now=now)


async def enter(services: Services, source: Source, text: str) -> Entered:
    """Take a pass at the room's door and return whom it lets in.

    Raises:
        RoomShut: the pass is no good, or its person may not be in the room any more.
    """
    try:
        admitted = services.video.read_pass(text, now=services.now())
    except TokenRefused as refused:
        raise RoomShut("no pass") from refused
    nobody = Actor(person_id=admitted.person_id, role=Role.LINK_HOLDER, source=source)
    trail, stay_id = services.trail(nobody), services.new_id()

    def work(tx: Transaction) -> Face:
        actor = _inside(tx, admitted, source, trail.at)
        if actor is None:
            raise RoomShut("not admitted")
        face = _face(tx, actor, admitted)
        session = Entity("session", admitted.session_id)
        if not face.is_staff:
            step_credits.enter(tx, stay_id, admitted.session_id, admitted.person_id, now=trail.at)
        entering = replace(trail, actor=actor)
        audit.append(tx, entering, Event.ROOM_ENTERED, client_id=face.client_id, entities=[session])
        return face

    face = await perform(services, nobody, Event.ROOM_ENTERED, work)
    relays = tuple(services.video.relays(now=services.now()))
    return Entered(admitted, face, relays, "" if face.is_staff else stay_id)


async def is_still_in(services: Services, admitted: RoomPass) -> bool:
    """Tell whether whoever showed this pass may be in the room now; asked for every message."""
    now = services.now()
    actor = await services.database.read(lambda tx: _inside(tx, admitted, Source(), now))
    return actor is not None


async def stay(services: Services, admitted: RoomPass) -> None:
    """Keep that the host has just moved or typed in the room, so that a long session signs nobody out."""
    now = services.now()
    await services.database.write(lambda tx: sign_ins.see(tx, admitted.browser, seen_at=now))


async def show_room(services: Services, actor: Actor, session_id: str) -> Roster:
    """Return the list of the session whose room the host is in.

    Raises:
        NotFound, Denied: the actor does not host this session.
        RoomShut: it is not open.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Roster:
        session = hosted(tx, actor, session_id)
        places = bookings.places_of(tx, session_id)
        roster = roster_of(tx, trail, session, places)
        if not roster.room.is_open:
            raise RoomShut("not open")
        note_reading(tx, trail, {session_id: places})
        return roster

    return await perform(services, actor, Event.SESSION_READ, work)


async def _change_room(
    services: Services,
    actor: Actor,
    session_id: str,
    event: Event,
    change: Callable[[Room, Session, Trail], Room],
) -> None:
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        rooms.lock(tx, session_id)
        session = hosted(tx, actor, session_id)
        room = rooms.get(tx, session_id)
        becomes = change(room, session, trail)
        if becomes == room:
            return
        rooms.put(tx, becomes)
        audit.append(tx, trail, event, entities=[Entity("session", session_id)])

    await perform(services, actor, event, work)
    services.video.changed(session_id)


def _end(tx: Transaction, trail: Trail, room: Room) -> None:
    """End a room, with an entry for each person who was in it: attendance is read from these."""
    rooms.put(tx, room.ended(trail.at))
    step_credits.leave(tx, room.session_id, now=trail.at)
    for person_id in rooms.leave_all(tx, room.session_id, now=trail.at):
        link = join_links.find_for(tx, session_id=room.session_id, person_id=person_id)
        if link is not None:
            note(
                tx, trail, Event.PERSON_LEFT, join_links.standing(tx, link, now=trail.at), reason="room_ended"
            )
    audit.append(tx, trail, Event.ROOM_ENDED, entities=[Entity("session", room.session_id)])


def _is_host_in(tx: Transaction, actor: Actor, room: Room) -> bool:
    if not room.is_open or room.opened_at is None:
        return False
    last = audit.latest(
        tx,
        (Event.ROOM_ENTERED, Event.PERSON_LEFT),
        actor_id=actor.person_id or "",
        session_id=room.session_id,
        since=room.opened_at,
    )
    return last is Event.ROOM_ENTERED


def _require_time(session: Session, actor: Actor, now: datetime) -> None:
    if session.status is Status.CANCELLED or now >= closes_at(session.ends_at):
        raise SessionOver
    if now < session.starts_at - OPENS_BEFORE:
        raise NotYet(session.starts_at - OPENS_BEFORE, zone=actor.zone)


def _inside(tx: Transaction, admitted: RoomPass, source: Source, now: datetime) -> Actor | None:
    """Return the holder of a pass as an actor, or None when they may not be in the room at ``now``."""
    person = people.get(tx, admitted.person_id)
    if person.role in STAFF:
        return _host_inside(tx, admitted, person, source, now)
    link = join_links.find_for(tx, session_id=admitted.session_id, person_id=admitted.person_id)
    if link is None or (link.device_hash or b"").hex() != admitted.browser:
        return None
    standing = join_links.standing(tx, link, now=now)
    nobody = Actor(person_id=None, role=Role.LINK_HOLDER, source=source)
    return person_of(nobody, standing) if standing.may_be_in(now) else None


def _host_inside(
    tx: Transaction, admitted: RoomPass, person: Person, source: Source, now: datetime
) -> Actor | None:
    session = sessions.get(tx, admitted.session_id)
    signed_in = {sign_in.id: sign_in for sign_in in sign_ins.of_person(tx, person.id, now=now)}
    sign_in = signed_in.get(admitted.browser)
    if sign_in is None or person.ended_at is not None:
        return None
    if session.status is Status.CANCELLED or not rooms.get(tx, session.id).is_open:
        return None
    client_ids = people.clients_of(tx, person.id, person.role)
    actor = Actor(
        person.id,
        person.role,
        sign_in.proof,
        client_ids,
        source=source,
        zone=person.zone,
        sign_in_id=sign_in.id,
    )
    return actor if may_host(tx, actor, session.id) else None


def _face(tx: Transaction, actor: Actor, admitted: RoomPass) -> Face:
    person = people.get(tx, admitted.person_id)
    member = people.family_member(tx, admitted.person_id)
    session = sessions.get(tx, admitted.session_id)
    known_as = hashlib.sha256(f"{session.room_name}:{person.id}".encode()).hexdigest()[:16]
    return Face(
        id=known_as,
        name=person.name,
        about=person.duty if actor.is_staff else member.relation if member else "",
        is_staff=actor.is_staff,
        client_id=None if actor.is_staff else next(iter(actor.client_ids), None),
        household=member.household if member else "",
    )
