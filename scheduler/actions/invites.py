"""Invites as people get them: the letter of a notice, the calendar file of one session, a personal feed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr

from scheduler.actions.join_links import address
from scheduler.actions.perform import perform
from scheduler.domain.audit import Entity, Event, Purpose
from scheduler.domain.errors import NotFound
from scheduler.domain.invites import Invite, Method, uid_of
from scheduler.domain.join_links import OPENS_BEFORE
from scheduler.domain.notices import Notice
from scheduler.domain.people import FAMILY, Actor, Person, Proof, Role, Source
from scheduler.domain.times import Interval
from scheduler.gateways import ics, letters
from scheduler.services import Services
from scheduler.storage import audit, consent, feeds, invites, people
from scheduler.storage.database import Transaction
from scheduler.storage.invites import Invited


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that is to be sent, with what its letter says.

    ``address`` is where it goes; ``jti`` that of the person's open join link, None where there is no link.
    """

    notice: Notice
    person: Person
    address: str
    place: Invited | None
    detail: str
    jti: str | None
    release_id: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A personal feed as a file; ``etag`` changes when, and only when, what it shows changes."""

    file: bytes
    etag: str


def message_of(services: Services, together: Sequence[Due]) -> EmailMessage:
    """Return the mail of a due notice, or of several that one person is owed by one act.

    Raises:
        ValueError: the address cannot stand in a mail.
    """
    letter = _letter(services, together[0])
    if len(together) > 1:
        found = [_invite_of_notice(services, due, due.notice.meaning.method) for due in together]
        several = sorted((one for one in found if one is not None), key=lambda one: (one.starts_at, one.uid))
        home = services.settings.url("/")
        letter = replace(letter, home=home, span=None, invite=None, together=tuple(several))
    return letters.write(letter)


def _letter(services: Services, due: Due) -> letters.Letter:
    settings, place, meaning = services.settings, due.place, due.notice.meaning
    return letters.Letter(
        rule=due.notice.rule,
        message_id=letters.message_id(due.notice.id, host=settings.host),
        sender=settings.mail_from,
        recipient=due.address,
        program_name=settings.program_name,
        appointment_word=settings.appointment_word,
        home=_home(services, due),
        zone=due.person.zone,
        now=services.now(),
        span=None if place is None else Interval(place.starts_at, place.ends_at),
        opens_at=None if place is None else place.starts_at - OPENS_BEFORE,
        link=_join_address(services, due),
        detail=due.detail,
        until=None if place is None else place.offered_until,
        may_change=due.person.role in FAMILY,
        may_cancel=not due.person.id,
        invite=_invite_of_notice(services, due, meaning.method),
    )


async def calendar_file(services: Services, actor: Actor, session_id: str) -> bytes:
    """Return the calendar file of the actor's own place in a session, the same invite that was mailed.

    Raises:
        NotFound: no such session, no place of the actor's in it, or no release in force names them.
    """
    trail = services.trail(actor)
    person_id = actor.person_id or ""

    def work(tx: Transaction) -> tuple[Invited, str]:
        place = invites.places_of(tx, [(person_id, session_id)]).get((person_id, session_id))
        if place is None or not place.is_booked or not place.session_is_on:
            raise NotFound("place")
        person = people.get(tx, person_id)
        covered = release_for(tx, person, place, trail.at)
        if not covered.is_released:
            raise NotFound("place")
        entities = [Entity("session", session_id, place.sequence)]
        audit.append(
            tx,
            trail,
            Event.SESSION_READ,
            client_id=place.client_id,
            entities=entities,
            purpose=Purpose.PATIENT_REQUEST,
            release_id=covered.release_id,
        )
        return place, person.email

    place, email = await perform(services, actor, Event.SESSION_READ, work)
    return ics.write(_invite(services, place, email, method=Method.REQUEST), now=services.now())


async def has_feed(services: Services, actor: Actor) -> bool:
    """Tell whether the actor has a calendar feed; shows nothing else."""
    return await services.database.read(lambda tx: feeds.has_one(tx, actor.person_id or ""))


async def make_feed(services: Services, actor: Actor) -> str:
    """Make the actor's calendar feed and return its token, shown once; an earlier feed is revoked."""
    trail, token = services.trail(actor), services.new_secret()
    person_id = actor.person_id or ""

    def work(tx: Transaction) -> None:
        feeds.add(tx, person_id=person_id, token=token, created_at=trail.at)
        audit.append(tx, trail, Event.FEED_CREATED, entities=[Entity("person", person_id)])

    await perform(services, actor, Event.FEED_CREATED, work)
    return token


async def revoke_feed(services: Services, actor: Actor) -> bool:
    """Revoke the actor's calendar feed; False when there was none."""
    trail = services.trail(actor)
    person_id = actor.person_id or ""

    def work(tx: Transaction) -> bool:
        if not feeds.revoke(tx, person_id, revoked_at=trail.at):
            return False
        audit.append(tx, trail, Event.FEED_REVOKED, entities=[Entity("person", person_id)])
        return True

    return await perform(services, actor, Event.FEED_REVOKED, work)


async def read_feed(services: Services, token: str, *, source: Source) -> Feed:
    """Return the feed that a token opens: the person's own coming sessions, in neutral words.

    Raises:
        NotFound: no feed has this token, it was revoked, or the person's account has ended.
    """
    nobody = Actor(person_id=None, role=Role.ANONYMOUS, source=source)
    now, trail = services.now(), services.trail(nobody)

    def work(tx: Transaction) -> list[Invited]:
        person_id = feeds.find(tx, token)
        person = None if person_id is None else people.get(tx, person_id)
        if person is None or person.ended_at is not None:
            raise NotFound("feed")
        shown = [
            place
            for place in invites.upcoming(tx, person.id, since=now)
            if release_for(tx, person, place, now).is_released
        ]
        reader = Actor(person_id=person.id, role=person.role, proof=Proof.LINK, source=source)
        client_ids = {place.client_id for place in shown if place.client_id}
        audit.append(
            tx,
            replace(trail, actor=reader),
            Event.FEED_READ,
            client_id=client_ids.pop() if len(client_ids) == 1 else None,
            entities=[Entity("person", person.id)],
            purpose=Purpose.PATIENT_REQUEST,
        )
        return shown

    return _feed(services, await perform(services, nobody, Event.FEED_READ, work), now=now)


@dataclass(frozen=True, slots=True)
class Covered:
    """Whether telling a person about a place is allowed, and by which release, where one is needed."""

    is_released: bool
    release_id: str | None = None


def release_for(tx: Transaction, person: Person, place: Invited, now: datetime) -> Covered:
    """Return whether a person may be told about their place now, and by which release.

    A client and staff always may; a family member while a release in force names them (42 CFR 2.31(c)), or
    where the session is education alone and tells nothing of the client.
    """
    if person.role is not Role.FAMILY_MEMBER or place.client_id is None:
        return Covered(is_released=person.role is not Role.FAMILY_MEMBER)
    release = consent.active(tx, place.client_id, person.id, now)
    if release is None:
        return Covered(is_released=not place.tells_of_client)
    return Covered(is_released=True, release_id=release.id)


def _feed(services: Services, shown: list[Invited], *, now: datetime) -> Feed:
    settings = services.settings
    entries = [_invite(services, place, "", method=Method.REQUEST) for place in shown]
    digest = hashlib.sha256(repr((settings.appointment_word, entries)).encode()).hexdigest()
    name = f"{settings.appointment_word}s"
    return Feed(file=ics.write_feed(entries, name=name, now=now), etag=f'"{digest[:32]}"')


def _invite_of_notice(services: Services, due: Due, method: Method | None) -> Invite | None:
    if method is None or due.place is None:
        return None
    return _invite(services, due.place, due.address, method=method, sequence=due.notice.sequence)


def _invite(
    services: Services, place: Invited, email: str, *, method: Method, sequence: int | None = None
) -> Invite:
    settings = services.settings
    return Invite(
        uid=uid_of(person_id=place.person_id, session_id=place.session_id, host=settings.host),
        sequence=place.sequence if sequence is None else sequence,
        method=method,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        organizer=parseaddr(settings.mail_from)[1],
        attendee=email,
        summary=settings.appointment_word,
        url=settings.url("/join" if place.person_id else "/"),
        has_video=bool(place.person_id),
    )


def _home(services: Services, due: Due) -> str:
    if not due.person.id:  # whoever made an inquiry: their private address, while the notice holds it
        return services.settings.url(f"/c/{due.detail}" if due.detail else "/")
    page = "places" if due.notice.meaning.of_wait else "appointments"
    path = "/" if due.notice.session_id is None else f"/{page}/{due.notice.session_id}"
    return services.settings.url(path)


def _join_address(services: Services, due: Due) -> str:
    if due.jti is None or due.place is None:
        return ""
    return address(services, jti=due.jti, ends_at=due.place.ends_at)
