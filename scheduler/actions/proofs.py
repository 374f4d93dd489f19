"""Proofs: who is at the door. A code from the mail, or a browser that is signed in or remembered.

Proving gives the browser a *place*: a random token whose hash the link keeps, so that a second browser of the
same person takes the first one's place.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions.perform import perform
from scheduler.domain import codes as code_rules
from scheduler.domain import rooms as rules
from scheduler.domain.audit import Entity, Event, Outcome, Trail
from scheduler.domain.errors import (
    CodesLocked,
    LinkUnusable,
    NoPlace,
    NotFound,
    PlaceLost,
    TooManyRequests,
)
from scheduler.domain.join_links import Doorway, JoinLink, Standing
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor, Proof, Role
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.rooms import Move
from scheduler.services import Services
from scheduler.storage import audit, codes, join_links, notices, rooms
from scheduler.storage.database import Transaction

# Words for a mail, so nobody is named.
STAFF_WORDS = "Somebody could not prove who they are and was asked to wait. Please look at your sessions."


@dataclass(frozen=True, slots=True)
class Tried:
    """How a proof went. ``place`` is the token of the place when it was right; ``tries_left`` when wrong."""

    outcome: code_rules.Outcome
    place: str = ""
    session_id: str = ""
    tries_left: int = 0


async def send_code(services: Services, actor: Actor, doorway: Doorway) -> None:
    """Mail a code to the link's person, good for ten minutes in this browser.

    Raises:
        LinkUnusable: the link opens nothing.
        NotYet: too early.
        RoomEnded: the host has ended the session.
        CodesLocked: one was guessed at five times; carries until when.
        TooManyRequests: too many were sent.
    """
    trail, code_id, notice_id = services.trail(holder(actor)), services.new_id(), services.new_id()
    code = code_rules.digits_of(services.new_secret())

    def work(tx: Transaction) -> None:
        standing = standing_of_doorway_locked(tx, doorway, trail.at)
        standing.require_open(trail.at)
        _require_calm(tx, standing, trail.at)
        _issue_code(tx, standing, doorway, code_id=code_id, code=code, now=trail.at)
        _mail_code(tx, standing, notice_id=notice_id, code=code, now=trail.at)
        note(tx, trail, Event.CODE_SENT, standing)

    await perform(services, actor, Event.CODE_SENT, work)


async def prove(services: Services, actor: Actor, doorway: Doorway, *, code: str) -> Tried:
    """Prove who holds the link: by being signed in, or by the code, which may be empty then.

    Raises:
        LinkUnusable: the link opens nothing.
        NotYet: too early.
        RoomEnded: the host has ended the session.
        CodesLocked: this was the fifth wrong code, or one after it.
        PresenceMoved: the person was turned away or removed.
    """
    trail, place, notice_id = services.trail(holder(actor)), services.new_secret(), services.new_id()

    def work(tx: Transaction) -> Tried | CodesLocked:
        standing = standing_of_doorway_locked(tx, doorway, trail.at)
        standing.require_open(trail.at)
        if is_known(actor, standing.link):
            return redeem(tx, trail, standing, place=place, proof=actor.proof)
        tried = _try_code(tx, trail, standing, doorway, code=code, notice_id=notice_id)
        if tried.outcome is code_rules.Outcome.RIGHT:
            return redeem(tx, trail, standing, place=place, proof=Proof.EMAIL_CODE)
        return _locked(tx, standing, trail.at) or Tried(tried.outcome, tries_left=tried.tries_left)

    tried = await perform(services, actor, Event.PROOF_FAILED, work)
    if isinstance(tried, CodesLocked):
        raise tried
    if tried.session_id:
        services.video.changed(tried.session_id)
    return tried


async def prove_signed_in(services: Services, actor: Actor, session_id: str) -> Tried:
    """Bring a signed-in family member to the door of their session, and give their browser the place.

    Raises:
        NotFound: they have no link to such a session.
        KeptOut: the host has turned them away or taken them out.
        LinkUnusable: it opens nothing.
        NotYet: too early.
        RoomEnded: the host has ended the session.
    """
    trail, place = services.trail(actor), services.new_secret()

    def work(tx: Transaction) -> Tried:
        rooms.lock(tx, session_id)
        link = join_links.find_for(tx, session_id=session_id, person_id=actor.person_id or "")
        if link is None:
            raise NotFound("join link")
        standing = join_links.standing(tx, link, now=trail.at)
        standing.require_open_to_known(trail.at)
        return redeem(tx, trail, standing, place=place, proof=actor.proof)

    tried = await perform(services, actor, Event.PROOF_FAILED, work)
    services.video.changed(session_id)
    return tried


def standing_of_doorway(tx: Transaction, doorway: Doorway, now: datetime) -> Standing:
    """Return how the person of the followed link stands with its session.

    Raises:
        LinkUnusable: the link is unknown.
    """
    return join_links.standing(tx, _link_of_doorway(tx, doorway), now=now)


def standing_of_doorway_locked(tx: Transaction, doorway: Doorway, now: datetime) -> Standing:
    """Return `standing_of_doorway` for a change: nobody else moves people of this session meanwhile.

    Raises:
        LinkUnusable: the link is unknown.
    """
    rooms.lock(tx, _link_of_doorway(tx, doorway).session_id)
    return standing_of_doorway(tx, doorway, now)  # as it is now that the lock is held


def standing_of_place(tx: Transaction, place: str, *, now: datetime) -> Standing:
    """Return how the holder of a place stands with its session.

    Raises:
        PlaceLost: no link has this browser as the one that proved last.
    """
    return join_links.standing(tx, _link_of_place(tx, place), now=now)


def standing_of_place_locked(tx: Transaction, place: str, *, now: datetime) -> Standing:
    """Return `standing_of_place` for a change: nobody else moves people of this session meanwhile.

    Raises:
        PlaceLost: no link has this browser as the one that proved last.
    """
    rooms.lock(tx, _link_of_place(tx, place).session_id)
    return standing_of_place(tx, place, now=now)  # as it is now that the lock is held


def person_of(actor: Actor, standing: Standing) -> Actor:
    """Return the holder of a place as an actor: the person of the link, proved as the link says."""
    return replace(
        actor,
        person_id=standing.link.person_id,
        role=standing.role,
        proof=standing.link.proof or Proof.LINK,
        client_ids=frozenset({standing.client_id} if standing.client_id else ()),
        zone=standing.zone,
    )


def note(
    tx: Transaction,
    trail: Trail,
    event: Event,
    standing: Standing,
    *,
    outcome: Outcome = Outcome.SUCCESS,
    reason: str | None = None,
    detail: dict[str, str] | None = None,
) -> None:
    """Append an entry about a person at the door of a session."""
    audit.append(
        tx,
        trail,
        event,
        outcome=outcome,
        reason=reason,
        client_id=standing.client_id,
        entities=[Entity("session", standing.link.session_id), Entity("person", standing.link.person_id)],
        release_id=standing.release_id,
        detail=detail,
    )


def redeem(tx: Transaction, trail: Trail, standing: Standing, *, place: str, proof: Proof) -> Tried:
    """Give the place to the browser that holds this token, with the entry of the proof.

    Raises:
        LinkUnusable: it was revoked in this very moment.
        PresenceMoved: the person was turned away or removed.
    """
    link = replace(standing.link, device_hash=join_links.device_hash_of(place), proof=proof)
    proved = replace(standing, link=link)
    person = person_of(trail.actor, proved)
    require(person, Task.JOIN, Subject(own=True, released=standing.is_released), now=trail.at)
    status = rules.after(standing.presence, Move.PROVE)
    device_hash = join_links.device_hash_of(place)
    if not join_links.redeem(tx, link.jti_hash, device_hash=device_hash, proof=proof, now=trail.at):
        raise LinkUnusable("revoked")
    where = {"session_id": link.session_id, "person_id": link.person_id}
    rooms.arrive(tx, **where, status=status, proof=proof, now=trail.at)
    note(tx, replace(trail, actor=person), Event.PROOF_SUCCEEDED, proved)
    return Tried(code_rules.Outcome.RIGHT, place=place, session_id=link.session_id)


def holder(actor: Actor) -> Actor:
    """Return who is at the door as the log names them: a signed-in person, or nobody with a link."""
    return actor if actor.person_id else replace(actor, role=Role.LINK_HOLDER, proof=Proof.LINK)


def is_known(actor: Actor, link: JoinLink) -> bool:
    """Tell whether this browser is signed in as the link's person, or a remembered device of theirs."""
    is_remembered = actor.proof is Proof.REMEMBERED_DEVICE
    return actor.person_id == link.person_id and (actor.is_family or is_remembered)


def _issue_code(
    tx: Transaction, standing: Standing, doorway: Doorway, *, code_id: str, code: str, now: datetime
) -> None:
    codes.issue(
        tx,
        code_id=code_id,
        person_id=standing.link.person_id,
        purpose=code_rules.Purpose.JOIN,
        target=standing.link.jti_hash.hex(),
        browser=doorway.browser,
        code=code,
        now=now,
    )


def _mail_code(tx: Transaction, standing: Standing, *, notice_id: str, code: str, now: datetime) -> None:
    notices.queue(
        tx,
        notice_id=notice_id,
        person_id=standing.link.person_id,
        session_id=standing.link.session_id,
        rule=Rule.JOIN_CODE,
        due_at=now,
        detail=code,
    )


def _link_of_doorway(tx: Transaction, doorway: Doorway) -> JoinLink:
    link = join_links.find(tx, doorway.jti_hash)
    if link is None:
        raise LinkUnusable("unknown")
    return link


def _link_of_place(tx: Transaction, place: str) -> JoinLink:
    if not place:
        raise NoPlace("no place was ever given")
    link = join_links.find_by_device(tx, join_links.device_hash_of(place))
    if link is None:
        raise PlaceLost("no such place")
    return link


def _try_code(
    tx: Transaction, trail: Trail, standing: Standing, doorway: Doorway, *, code: str, notice_id: str
) -> code_rules.Attempt:
    """Try a code and say how it went; a wrong one raises nothing, for that would undo the count of tries."""
    tried = codes.attempt(
        tx,
        purpose=code_rules.Purpose.JOIN,
        target=standing.link.jti_hash.hex(),
        browser=doorway.browser,
        code=code,
        now=trail.at,
    )
    if tried.outcome is code_rules.Outcome.LOCKED:
        _tell_staff(tx, standing, notice_id=notice_id, now=trail.at)
    if tried.outcome is not code_rules.Outcome.RIGHT:
        note(tx, trail, Event.PROOF_FAILED, standing, outcome=Outcome.FAILURE, reason=f"code_{tried.outcome}")
    return tried


def _tell_staff(tx: Transaction, standing: Standing, *, notice_id: str, now: datetime) -> None:
    notices.queue(
        tx,
        notice_id=notice_id,
        person_id=standing.host_id,
        session_id=standing.link.session_id,
        rule=Rule.STAFF_ALERT,
        due_at=now,
        detail=STAFF_WORDS,
    )


def _locked(tx: Transaction, standing: Standing, now: datetime) -> CodesLocked | None:
    person_id = standing.link.person_id
    until = codes.locked_until(tx, person_id=person_id, purpose=code_rules.Purpose.JOIN, now=now)
    return None if until is None else CodesLocked(until, zone=standing.zone, now=now)


def _require_calm(tx: Transaction, standing: Standing, now: datetime) -> None:
    locked, person_id = _locked(tx, standing, now), standing.link.person_id
    if locked is not None:
        raise locked
    sent = codes.sent_lately(tx, person_id=person_id, purpose=code_rules.Purpose.JOIN, now=now)
    if sent >= code_rules.MOST_SENT:
        raise TooManyRequests(int(code_rules.LOCK_LASTS.total_seconds()))
