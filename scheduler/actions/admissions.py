"""Admissions: the clinician's list of who is expected and who waits; letting people in, and not.

The host of a session, and a supervisor of one of its clients, may do this; being the host is an assignment
that is looked up anew every time.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions import waitlist
from scheduler.actions.perform import look, perform
from scheduler.actions.proofs import note
from scheduler.actions.waitlist import WaitlistShown
from scheduler.domain import rooms as rules
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.booking import Duty, Place, Session, Status, hosts_of
from scheduler.domain.errors import NotFound, NotReleased, PresenceMoved
from scheduler.domain.join_links import Shut, Standing
from scheduler.domain.people import Actor, Person
from scheduler.domain.permissions import Subject, Task, allows, require
from scheduler.domain.rooms import Move, Presence, PresenceStatus, Room
from scheduler.services import Services
from scheduler.storage import (
    audit,
    bookings,
    consent,
    join_links,
    kinds,
    people,
    rooms,
    sessions,
    step_credits,
)
from scheduler.storage.database import Transaction

HOSTS = frozenset({Duty.HOST, Duty.CO_HOST})


@dataclass(frozen=True, slots=True)
class Expected:
    """One family member on the list. ``presence`` is None until they come to the door; ``has_video_consent``
    says whether their client's consent to telehealth is on record (Cal. B&P 2290.5).

    Their location and call-back number are in it only where the clinician is on the client's care team.
    """

    person_id: str
    name: str
    relation: str
    presence: Presence | None
    is_released: bool
    has_link: bool
    has_video_consent: bool
    release_ends_at: datetime | None
    client_id: str = ""

    @property
    def status(self) -> PresenceStatus:
        """Where they stand."""
        return self.presence.status if self.presence else PresenceStatus.EXPECTED


@dataclass(frozen=True, slots=True)
class Roster:
    """A session as its clinician sees it: who is expected, who waits, what they would like to talk about; and
    which clinicians it is with, the host first.
    """

    session: Session
    kind_name: str
    room: Room
    people: tuple[Expected, ...]
    topics: tuple[str, ...]
    hosts: tuple[Person, ...]
    may_host: bool
    version: str
    waitlist: WaitlistShown | None = None

    @property
    def waiting(self) -> int:
        """How many wait to be let in."""
        return sum(one.status is PresenceStatus.WAITING for one in self.people)

    @property
    def room_for(self) -> int:
        """How many family members the video room takes."""
        return rules.room_for(len(self.hosts))

    @property
    def is_full(self) -> bool:
        """Whether nobody more can be let in, because of how many are."""
        return sum(one.status is PresenceStatus.ADMITTED for one in self.people) >= self.room_for


async def show_roster(services: Services, actor: Actor, session_id: str) -> Roster:
    """Return a session with its people and, of a group, who waits, each client's in an entry of its own.

    Raises:
        NotFound: it is not theirs to see.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Roster:
        session = sessions.visible(tx, actor, session_id)
        places = bookings.places_of(tx, session_id)
        roster = roster_of(tx, trail, session, places)
        note_reading(tx, trail, {session_id: places})
        if not session.is_group:
            return roster
        return replace(roster, waitlist=waitlist.shown_to(tx, trail, session_id))

    return await perform(services, actor, Event.SESSION_READ, work)


async def roster_version(services: Services, actor: Actor, session_id: str) -> str:
    """Return a digest that changes when the list has something new to show; says nothing by itself.

    Raises:
        NotFound: it is not theirs to see.
    """
    now = services.now()

    def work(tx: Transaction) -> str:
        sessions.visible(tx, actor, session_id)
        return _version(tx, session_id, now)

    return await look(services, actor, Event.SESSION_READ, work)


async def admit(services: Services, actor: Actor, session_id: str, person_id: str) -> None:
    """Let a waiting person into the room; whoever is in already stays in.

    Raises:
        NotFound, Denied: the actor does not host this session.
        NotReleased: no release in force names the person any more.
        PresenceMoved: they do not wait (have left, were turned away).
        RoomShut, RoomLocked, RoomFull: nobody can be let in now.
    """

    def work(tx: Transaction, trail: Trail, standing: Standing) -> bool:
        becomes = rules.after(standing.presence, Move.ADMIT)
        _require_allowed(standing, trail.at)
        if becomes is standing.presence:
            return False
        hosts = len(hosts_of(bookings.places_of(tx, session_id)))
        standing.room.require_space(rooms.admitted(tx, session_id), hosts=max(hosts, 1))
        by = actor.person_id or ""
        rooms.admit(tx, session_id=session_id, person_id=person_id, by=by, now=trail.at)
        return True

    await _change(services, actor, session_id, person_id, Event.PERSON_ADMITTED, work)


async def turn_away(services: Services, actor: Actor, session_id: str, person_id: str) -> None:
    """Tell a person at the door that they cannot come in; they stay out until they are let back.

    Raises:
        NotFound, Denied: the actor does not host this session.
        PresenceMoved: they are not at the door.
    """
    await _move(services, actor, session_id, person_id, (Move.TURN_AWAY, Event.PERSON_TURNED_AWAY))


async def remove(services: Services, actor: Actor, session_id: str, person_id: str) -> None:
    """Take a person out of the room at once; they stay out until they are let back.

    Raises:
        NotFound, Denied: the actor does not host this session.
        PresenceMoved: they are not in the room.
    """
    await _move(services, actor, session_id, person_id, (Move.REMOVE, Event.PERSON_REMOVED))


async def let_back(services: Services, actor: Actor, session_id: str, person_id: str) -> None:
    """Let a person who was turned away or removed come to the door again.

    Raises:
        NotFound, Denied: the actor does not host this session.
        PresenceMoved: nobody kept them out.
    """
    await _move(services, actor, session_id, person_id, (Move.LET_BACK, Event.PERSON_LET_BACK))


def hosted(tx: Transaction, actor: Actor, session_id: str) -> Session:
    """Return a session that the actor may host.

    Raises:
        NotFound: it is not theirs to see.
        Denied: they see it, and do not host it.
    """
    session = sessions.visible(tx, actor, session_id)
    require(actor, Task.HOST, _subject(actor, bookings.places_of(tx, session_id)))
    return session


def may_host(tx: Transaction, actor: Actor, session_id: str) -> bool:
    """Tell whether the actor hosts the session, or supervises one of its clients."""
    return allows(actor, Task.HOST, _subject(actor, bookings.places_of(tx, session_id)))


def roster_of(tx: Transaction, trail: Trail, session: Session, places: Sequence[Place]) -> Roster:
    """Return the list of a session that the actor may see; whoever asks appends the entry of the reading."""
    actor, room = trail.actor, rooms.get(tx, session.id)
    present = {presence.person_id: presence for presence in rooms.present(tx, session.id)}
    family = family_of(places)
    hosts = hosts_of(places)
    names = people.get_many(tx, [*(place.person_id for place in family), *hosts])
    return Roster(
        session=session,
        kind_name=kinds.get(tx, session.kind_id).name,
        room=room,
        people=tuple(
            _expected(tx, trail, place, names[place.person_id].name, present.get(place.person_id))
            for place in family
        ),
        topics=tuple(one.topic for one in bookings.of_session(tx, actor, session.id) if one.topic),
        hosts=tuple(names[person_id] for person_id in hosts),
        may_host=allows(actor, Task.HOST, _subject(actor, places)),
        version=_version(tx, session.id, trail.at),
    )


def family_of(places: Iterable[Place]) -> list[Place]:
    """Return the places that are a family's and not given up."""
    return [place for place in places if place.client_id and place.status is not Status.CANCELLED]


def note_reading(tx: Transaction, trail: Trail, places: Mapping[str, Sequence[Place]]) -> None:
    """Append an entry for each client whose session was shown, and one for a session without any.

    ``places`` are those of the sessions that were shown, by session.
    """
    for session_id, seats in places.items():
        clients = sorted({place.client_id for place in seats if place.client_id})
        for client_id in (*clients,) or (None,):
            audit.append(
                tx,
                trail,
                Event.SESSION_READ,
                client_id=client_id,
                entities=[Entity("session", session_id)],
                purpose=Purpose.TREATMENT,
            )


def _expected(tx: Transaction, trail: Trail, place: Place, name: str, presence: Presence | None) -> Expected:
    member = people.family_member(tx, place.person_id)
    release = consent.active(tx, place.client_id or "", place.person_id, trail.at)
    is_assigned = place.client_id in trail.actor.client_ids
    if presence and not allows(trail.actor, Task.CONTACT_READ, Subject(assigned=is_assigned)):
        presence = replace(presence, full_name="", location="", call_back="")
    link = join_links.find_for(tx, session_id=place.session_id, person_id=place.person_id)
    return Expected(
        person_id=place.person_id,
        name=name,
        relation=member.relation if member else "client",
        presence=presence,
        is_released=link is not None and join_links.standing(tx, link, now=trail.at).is_released,
        has_link=link is not None and link.revoked_at is None,
        has_video_consent=consent.telehealth_consented_at(tx, place.client_id or "") is not None,
        release_ends_at=release.expires_at if release else None,
        client_id=place.client_id or "",
    )


def _subject(actor: Actor, places: Sequence[Place]) -> Subject:
    hosts = [place for place in places if place.duty in HOSTS]
    standing = [place for place in hosts if place.status is not Status.CANCELLED]  # none: it is called off
    return Subject(
        own=any(place.person_id == actor.person_id for place in standing or hosts),
        assigned=any(place.client_id in actor.client_ids for place in places if place.client_id),
    )


def _require_allowed(standing: Standing, now: datetime) -> None:
    shut = standing.shut(now)
    if shut is Shut.NO_RELEASE:
        raise NotReleased("no release in force")
    if shut is not None:
        raise PresenceMoved(shut)


async def _move(
    services: Services, actor: Actor, session_id: str, person_id: str, what: tuple[Move, Event]
) -> None:
    move, event = what

    def work(tx: Transaction, trail: Trail, standing: Standing) -> bool:
        becomes = rules.after(standing.presence, move)
        left_at = None if becomes in rules.KEPT_OUT else trail.at
        rooms.set_status(tx, session_id=session_id, person_id=person_id, status=becomes, left_at=left_at)
        step_credits.leave(tx, session_id, person_id, now=trail.at)
        return becomes is not standing.presence

    await _change(services, actor, session_id, person_id, event, work)


async def _change(
    services: Services,
    actor: Actor,
    session_id: str,
    person_id: str,
    event: Event,
    work: Callable[[Transaction, Trail, Standing], bool],
) -> None:
    """Run ``work`` for the host about one person of the session; it tells whether anything changed."""
    trail = services.trail(actor)

    def hosted_work(tx: Transaction) -> None:
        rooms.lock(tx, session_id)
        hosted(tx, actor, session_id)  # as it is now that the lock is held
        link = join_links.find_for(tx, session_id=session_id, person_id=person_id)
        if link is None:
            raise NotFound("person of the session")
        standing = join_links.standing(tx, link, now=trail.at)
        if work(tx, trail, standing):
            note(tx, trail, event, standing)

    await perform(services, actor, event, hosted_work)
    services.video.changed(session_id)


def _version(tx: Transaction, session_id: str, now: datetime) -> str:
    room = rooms.get(tx, session_id)
    seen = [f"{room.status} {room.is_locked}"]
    seen += [
        f"{one.person_id} {one.status} {one.proof} {one.is_asleep(now)} {one.told_mark}"
        for one in rooms.present(tx, session_id)
    ]
    for link in join_links.of_session(tx, session_id):
        standing = join_links.standing(tx, link, now=now)
        seen.append(
            f"{link.person_id} {link.revoked_at} {standing.has_place} {standing.is_released} {standing.when}"
        )
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]
