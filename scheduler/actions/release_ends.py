"""How releases end: revoked by the client or on their word, by their date, or by the event that they name.

Whatever ends one withdraws the person from the client's sessions to come, unless another release in force
names them; a client's lock orders two such ends, so that one of them is the last.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from json import dumps

from scheduler.actions.perform import perform
from scheduler.actions.release_access import locked, note_change, note_read
from scheduler.actions.waitlist import lasts_of
from scheduler.actions.withdrawing import withdraw
from scheduler.domain.audit import Event, Trail
from scheduler.domain.consent import FUTURE_DAY_WORDS, Release, State
from scheduler.domain.errors import Invalid, NotNow
from scheduler.domain.people import SYSTEM, Actor, Role
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.times import day_of
from scheduler.services import Services
from scheduler.storage import consent, households, people
from scheduler.storage.database import Transaction

REASON_WORDS = "Please write what the client said, or why you do this."
OVER = (State.REVOKED, State.ENDED)
NO_SESSIONS: frozenset[str] = frozenset()

Ended = tuple[Release, frozenset[str]]  # the release, and the sessions that were touched


@dataclass(frozen=True, slots=True)
class Told:
    """What staff were told when they revoke on a client's word: on which local day, and in which words."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A release without any name, as the privacy officer sees it."""

    id: str
    client_id: str
    person_id: str
    state: State
    is_paper: bool
    signed_at: datetime | None
    last_day: date | None


async def see_bare(services: Services, actor: Actor, release_id: str) -> Bare:
    """Return what the privacy officer may know of a release: ids and days.

    Raises:
        NotFound: there is none.
        Denied: the actor is somebody else.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Bare:
        require(actor, Task.RELEASE_REVOKE)
        one = consent.get(tx, release_id)
        note_read(tx, trail, one.client_id, [("release", one.id)])
        state, last_day = one.state(trail.at), one.last_day(people.get(tx, one.client_id).zone)
        return Bare(one.id, one.client_id, one.person_id, state, one.is_paper, one.signed_at, last_day)

    return await perform(services, actor, Event.CLIENT_READ, work)


async def revoke_release(
    services: Services, actor: Actor, release_id: str, told: Told | None = None
) -> Release:
    """Revoke a release from now on, whatever it waits for. One that is over already stays as it is.

    Raises:
        Invalid: staff did not say what they were told, or on which day.
        NotFound: there is none, or it is not of the actor's.
        Denied: the actor may not revoke it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Ended:
        release = _to_revoke(tx, actor, release_id)
        detail = _checked(told, actor, trail.at)
        before = release.state(trail.at)
        if before in OVER:
            return release, NO_SESSIONS
        words = dumps(detail, ensure_ascii=False) if detail else ""
        consent.revoke(tx, release_id, revoked_at=trail.at, by=actor.person_id, told=words)
        who = {"client_id": release.client_id, "person_id": release.person_id}
        touched = withdraw(tx, trail, **who, lasts=lasts_of(services))
        change = {"state": State.REVOKED} | detail
        note_change(tx, trail, Event.RELEASE_REVOKED, release, before={"state": before}, after=change)
        return release, touched

    release, touched = await perform(services, actor, Event.RELEASE_REVOKED, work)
    _tell_rooms(services, touched)
    return release


async def end_by_event(services: Services, actor: Actor, release_id: str) -> Release:
    """Keep that the event has happened with which a release ends. One that is over stays as it is.

    Raises:
        NotNow: it is not in force, or no event ends it.
        NotFound: there is none, or it is not of the actor's.
        Denied: the actor is not of the care team.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Ended:
        release = locked(tx, actor, release_id)
        require(actor, Task.RELEASE_REVOKE, Subject(assigned=True))
        if release.state(trail.at) in OVER:
            return release, NO_SESSIONS
        if not release.expiry_event or not release.is_active(trail.at):
            raise NotNow("no event ends it")
        return release, _expire(tx, trail, release, "event", lasts=lasts_of(services))

    release, touched = await perform(services, actor, Event.RELEASE_EXPIRED, work)
    _tell_rooms(services, touched)
    return release


async def expire_due(services: Services) -> int:
    """Note the end of every release whose date has passed, once each; return how many there were. A job."""
    now, ended = services.now(), 0
    for release_id, client_id in await services.database.read(lambda tx: consent.overdue(tx, now=now)):
        ended += await _expire_one(services, release_id, client_id)
    return ended


async def _expire_one(services: Services, release_id: str, client_id: str) -> bool:
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> frozenset[str] | None:
        households.lock(tx, client_id)
        release = consent.get(tx, release_id)
        if release.expired_at is not None or release.revoked_at is not None:
            return None
        return _expire(tx, trail, release, "date", lasts=lasts_of(services))

    touched = await services.database.write(work)
    _tell_rooms(services, touched or NO_SESSIONS)
    return touched is not None


def _to_revoke(tx: Transaction, actor: Actor, release_id: str) -> Release:
    if actor.role is Role.PRIVACY_OFFICER:
        require(actor, Task.RELEASE_REVOKE)
        households.lock(tx, consent.get(tx, release_id).client_id)
        return consent.get(tx, release_id)
    release = locked(tx, actor, release_id)
    is_own = actor.person_id == release.client_id
    require(actor, Task.RELEASE_REVOKE, Subject(own=is_own, assigned=not is_own))
    return release


def _checked(told: Told | None, actor: Actor, now: datetime) -> dict[str, object]:
    """Return what is kept sealed of a client's word; nothing where the client themselves revokes."""
    if not actor.is_staff:
        return {}
    if told is None or not told.reason.strip():
        raise Invalid({"reason": REASON_WORDS})
    if told.on > day_of(now, actor.zone):
        raise Invalid({"told_on": FUTURE_DAY_WORDS})
    return {"told_on": told.on.isoformat(), "reason": told.reason, "taken_by": actor.person_id}


def _expire(
    tx: Transaction, trail: Trail, release: Release, reason: str, *, lasts: timedelta
) -> frozenset[str]:
    a_moment_before = (release.expires_at or trail.at) - timedelta(microseconds=1)
    was_active = release.is_active(min(a_moment_before, trail.at))
    consent.expire(tx, release.id, at=trail.at)
    who = {"client_id": release.client_id, "person_id": release.person_id}
    touched = withdraw(tx, trail, **who, lasts=lasts)
    before = State.IN_FORCE if was_active else release.state(a_moment_before)
    then, now = {"state": before}, {"state": State.ENDED}
    note_change(tx, trail, Event.RELEASE_EXPIRED, release, before=then, after=now, reason=reason)
    return touched


def _tell_rooms(services: Services, session_ids: frozenset[str]) -> None:
    for session_id in sorted(session_ids):
        services.video.changed(session_id)
