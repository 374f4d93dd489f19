"""The waiting room, as a family member lives it: read the notice, say where you are, wait, leave.

Each of these is done by whoever holds a *place* (``proofs.py``); the place is looked up anew every time, so
that a revoked release or a cancelled session is felt at the next step.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from scheduler.actions.perform import perform
from scheduler.actions.proofs import note, person_of, standing_of_place, standing_of_place_locked
from scheduler.domain import rooms as rules
from scheduler.domain.audit import Disclosure, Entity, Event, Purpose, Trail
from scheduler.domain.join_links import Standing, Truth
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.rooms import Move, PresenceStatus
from scheduler.services import Services
from scheduler.storage import audit, consent, people, rooms, step_credits
from scheduler.storage.database import Transaction

T = TypeVar("T")

SEEN_EVERY = timedelta(seconds=15)  # how exactly it is kept when a waiting page last asked


@dataclass(frozen=True, slots=True)
class Details:
    """What a person tells before each session (16 CCR 1815.5)."""

    full_name: str
    location: str
    call_back: str


@dataclass(frozen=True, slots=True)
class Preparing:
    """What the page after the proof shows: the release's ``scope``, empty where none is needed, what the
    person told earlier today, and their own name to begin with.
    """

    scope: str
    told: Details


@dataclass(frozen=True, slots=True)
class Waiting:
    """How things stand for the holder of a place; ``starts_at`` and ``opens_at`` are aware UTC."""

    truth: Truth
    starts_at: datetime
    opens_at: datetime
    zone: str
    has_details: bool
    host_duty: str

    @property
    def version(self) -> str:
        """A text that differs when the page has something else to say; of the time only to who is in."""
        return self.truth if self.truth is Truth.CLOSED else f"{self.truth}-{int(self.starts_at.timestamp())}"


async def read_notice(services: Services, actor: Actor, place: str) -> Preparing:
    """Return the scope of the consent for the notice of 42 CFR 2.32, and what the person told before.

    Raises:
        PlaceLost: another browser took the place.
        KeptOut: the host has turned the person away or taken them out.
        LinkUnusable, NotYet, RoomEnded: the door is not open.
    """

    def work(tx: Transaction, trail: Trail, standing: Standing) -> Preparing:
        link = standing.link
        release = consent.active(tx, standing.client_id or "", link.person_id, trail.at)
        before = rooms.presence(tx, session_id=link.session_id, person_id=link.person_id)
        name = before.full_name if before else ""
        told = Details(
            full_name=name or people.get(tx, link.person_id).name,
            location=before.location if before else "",
            call_back=before.call_back if before else "",
        )
        told_to = Disclosure(recipient=link.person_id, what="notice_2_32", purpose=Purpose.TREATMENT)
        audit.append(
            tx,
            trail,
            Event.SESSION_READ,
            client_id=standing.client_id,
            entities=[Entity("session", link.session_id)],
            purpose=Purpose.TREATMENT,
            release_id=release.id if release else None,
            disclosure=told_to if release else None,
        )
        return Preparing(scope=release.scope if release else "", told=told)

    return await _at_open_door(services, actor, place, Event.SESSION_READ, work)


async def tell_details(services: Services, actor: Actor, place: str, details: Details) -> None:
    """Keep who and where the person says they are; only the care team sees it, and at once.

    Raises:
        PlaceLost: another browser took the place.
        KeptOut: the host has turned the person away or taken them out.
        LinkUnusable, NotYet, RoomEnded: the door is not open.
    """

    def work(tx: Transaction, trail: Trail, standing: Standing) -> str:
        rooms.tell(
            tx,
            session_id=standing.link.session_id,
            person_id=standing.link.person_id,
            full_name=details.full_name,
            location=details.location,
            call_back=details.call_back,
        )
        told = {"full_name": details.full_name, "location": details.location, "call_back": details.call_back}
        note(tx, trail, Event.PERSON_PREPARED, standing, detail=told)
        return standing.link.session_id

    services.video.changed(await _at_open_door(services, actor, place, Event.PERSON_PREPARED, work))


async def begin_to_wait(services: Services, actor: Actor, place: str) -> Truth:
    """Sit down in the waiting room; whoever waits already, or was let in and dropped out, keeps their place.

    Returns how things stand then; `Truth.PREPARING` when the person has not told yet where they are.

    Raises:
        PlaceLost: another browser took the place.
        KeptOut: the host has turned the person away or taken them out.
        LinkUnusable, NotYet, RoomEnded: the door is not open.
        PresenceMoved: the person was turned away or removed.
    """

    def work(tx: Transaction, trail: Trail, standing: Standing) -> Standing:
        if not standing.has_details:
            return replace(standing, presence=PresenceStatus.PREPARING)
        becomes = rules.after(standing.presence, Move.WAIT)
        if becomes is not standing.presence:
            link = standing.link
            rooms.begin_to_wait(tx, session_id=link.session_id, person_id=link.person_id, now=trail.at)
            note(tx, trail, Event.PERSON_WAITING, standing)
        return replace(standing, presence=becomes)

    standing = await _at_open_door(services, actor, place, Event.PERSON_WAITING, work)
    services.video.changed(standing.link.session_id)
    return standing.truth(services.now())


async def how_it_stands(services: Services, place: str) -> Waiting:
    """Return the truth for the holder of a place, and keep that their page asked.

    Raises:
        PlaceLost: another browser took the place, or none was ever given.
    """
    now = services.now()

    def read(tx: Transaction) -> tuple[Standing, bool, str]:
        standing = standing_of_place(tx, place, now=now)
        link = standing.link
        presence = rooms.presence(tx, session_id=link.session_id, person_id=link.person_id)
        is_silent = presence is not None and now - presence.seen_at >= SEEN_EVERY
        return standing, is_silent, people.get(tx, standing.host_id).duty

    standing, is_silent, duty = await services.database.read(read)
    if is_silent:
        link = standing.link
        await services.database.write(
            lambda tx: rooms.see(tx, session_id=link.session_id, person_id=link.person_id, now=now)
        )
    return Waiting(
        truth=standing.truth(now),
        starts_at=standing.when.starts_at,
        opens_at=standing.opens_at,
        zone=standing.zone,
        has_details=standing.has_details,
        host_duty=duty,
    )


async def leave(services: Services, actor: Actor, place: str) -> None:
    """Leave the waiting room or the room, of one's own accord; the link still works.

    Raises:
        PlaceLost: another browser took the place.
        PresenceMoved: the person was turned away or removed.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> str:
        standing = standing_of_place_locked(tx, place, now=trail.at)
        link = standing.link
        becomes = rules.after(standing.presence, Move.LEAVE)
        if becomes is not standing.presence:
            where = {"session_id": link.session_id, "person_id": link.person_id}
            rooms.set_status(tx, **where, status=becomes, left_at=trail.at)
            step_credits.leave(tx, **where, now=trail.at)
            note(tx, replace(trail, actor=person_of(actor, standing)), Event.PERSON_LEFT, standing)
        return link.session_id

    services.video.changed(await perform(services, actor, Event.PERSON_LEFT, work))


async def _at_open_door(
    services: Services,
    actor: Actor,
    place: str,
    event: Event,
    work: Callable[[Transaction, Trail, Standing], T],
) -> T:
    """Run ``work`` for the holder of a place while the door is open to them, with the person as the actor."""
    trail = services.trail(actor)

    def checked(tx: Transaction) -> T:
        standing = standing_of_place_locked(tx, place, now=trail.at)
        standing.require_open_to_known(trail.at)
        person = person_of(actor, standing)
        require(person, Task.JOIN, Subject(own=True, released=standing.is_released), now=trail.at)
        return work(tx, replace(trail, actor=person), standing)

    return await perform(services, actor, event, checked)
