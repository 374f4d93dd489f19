"""Join links: follow one, look at the door, ask for a fresh one.

Following a link only finds the door; the cookie it leaves (the *doorway*) says which link was followed, and
is a locator like the link itself. What opens the door is a proof (``proofs.py``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from scheduler.actions.perform import perform
from scheduler.actions.proofs import holder, is_known, note, standing_of_doorway
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.errors import LinkUnusable, RoomEnded
from scheduler.domain.join_links import Door, Doorway, JoinLink, Shut, Standing, token_expires_at
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.gateways import tokens
from scheduler.services import Services
from scheduler.storage import audit, join_links, notices, people
from scheduler.storage.database import Transaction

DOORWAY_LASTS = timedelta(minutes=15)
FRESH_LINK_PAUSE = timedelta(minutes=2)
NO_LINK = bytes(32)


class _Key(TypedDict):
    session_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class AtDoor:
    """What stands at the door: whether it is early, and when it opens, told in the person's ``zone``.

    ``is_known`` says that this browser need not prove anything again, ``has_place`` that it is past the door.
    """

    is_early: bool
    opens_at: datetime
    starts_at: datetime
    zone: str
    is_known: bool
    has_place: bool


def address(services: Services, *, jti: str, ends_at: datetime) -> str:
    """Return the address that brings a link's person to the door; their session ends ``ends_at`` (UTC)."""
    token = tokens.seal(
        services.keyring,
        {"jti": jti},
        purpose="join",
        issuer=services.settings.origin,
        not_before=services.now(),
        expires_at=token_expires_at(ends_at),
    )
    return services.settings.url(f"/j/{token}")


async def follow(services: Services, actor: Actor, token: str, *, cookie: str) -> str:
    """Take note that a link was followed, and return the doorway's cookie, whatever the token is.

    Scanners follow links too: this consumes nothing and may be done any number of times. ``cookie`` is the
    doorway the browser has already, so that a second click keeps the code that is on its way.
    """
    known = read_doorway(services, cookie)
    jti_hash = _jti_hash(services, token)
    if jti_hash != NO_LINK:
        await _note_view(services, actor, jti_hash)
    return _doorway_cookie(services, Doorway(jti_hash, known.browser if known else services.new_secret()))


async def look(services: Services, actor: Actor, doorway: Doorway, *, place: str) -> AtDoor:
    """Return how the door stands for the holder of a doorway; tells nothing but times.

    Raises:
        LinkUnusable: the link opens nothing.
        RoomEnded: the host has ended the session, and this browser has no place that could tell more.
    """
    now, device_hash = services.now(), join_links.device_hash_of(place) if place else None

    def work(tx: Transaction) -> AtDoor:
        standing = standing_of_doorway(tx, doorway, now)
        door = standing.door(now)
        if door is Door.UNUSABLE:
            raise LinkUnusable(standing.shut(now))
        has_place = device_hash is not None and device_hash == standing.link.device_hash
        if door is Door.OVER and not has_place:
            raise RoomEnded
        return AtDoor(
            is_early=door is Door.EARLY,
            opens_at=standing.opens_at,
            starts_at=standing.when.starts_at,
            zone=standing.zone,
            is_known=is_known(actor, standing.link),
            has_place=has_place,
        )

    return await services.database.read(work)


async def send_fresh_link(services: Services, actor: Actor, email: str) -> None:
    """Mail the link of their next session to whoever has this address; who asks learns nothing either way."""
    trail, jti, notice_id = services.trail(holder(actor)), services.new_secret(), services.new_id()

    def work(tx: Transaction) -> None:
        standing = _next_standing(tx, email, trail.at)
        if standing is None or standing.shut(trail.at) is not None:
            audit.append(tx, trail, Event.LINK_SENT, outcome=Outcome.FAILURE, reason="no_session_ahead")
            return
        link = standing.link
        where = _Key(session_id=link.session_id, person_id=link.person_id)
        if _was_sent_lately(tx, link, trail.at):
            note(tx, trail, Event.LINK_SENT, standing, outcome=Outcome.FAILURE, reason="sent_just_now")
            return
        if join_links.readable_jti(tx, **where, jti=jti, now=trail.at) is None:
            note(tx, trail, Event.LINK_SENT, standing, outcome=Outcome.FAILURE, reason=Shut.REVOKED)
            return
        notices.queue(tx, notice_id=notice_id, **where, rule=Rule.FRESH_LINK, due_at=trail.at)
        note(tx, trail, Event.LINK_SENT, standing)

    await perform(services, actor, Event.LINK_SENT, work)


def read_doorway(services: Services, cookie: str) -> Doorway | None:
    """Return what the doorway's cookie says, or None when it is absent, altered or older than 15 minutes."""
    try:
        claims = tokens.unseal(
            services.keyring, cookie, purpose="door", issuer=services.settings.origin, now=services.now()
        )
        return Doorway(bytes.fromhex(claims["link"]), claims["browser"])
    except (tokens.TokenRefused, KeyError, ValueError):
        return None


def _was_sent_lately(tx: Transaction, link: JoinLink, now: datetime) -> bool:
    return any(
        notice.rule is Rule.FRESH_LINK
        and notice.person_id == link.person_id
        and notice.due_at > now - FRESH_LINK_PAUSE
        for notice in notices.of_session(tx, link.session_id)
    )


def _next_standing(tx: Transaction, email: str, now: datetime) -> Standing | None:
    """Return how the person of this address stands with the next session that is not over."""
    person = people.find_by_email(tx, email)
    links = join_links.find_next(tx, person.id, now=now) if person else []
    standings = (join_links.standing(tx, link, now=now) for link in links)
    return next((standing for standing in standings if not standing.is_over), None)


async def _note_view(services: Services, actor: Actor, jti_hash: bytes) -> None:
    trail = services.trail(holder(actor))

    def work(tx: Transaction) -> None:
        link = join_links.find(tx, jti_hash)
        if link is None:
            return
        standing = join_links.standing(tx, link, now=trail.at)
        shut = standing.shut(trail.at)
        join_links.mark_viewed(tx, jti_hash, now=trail.at)
        outcome = Outcome.SUCCESS if shut is None else Outcome.DENIED
        note(tx, trail, Event.LINK_VIEWED, standing, outcome=outcome, reason=shut)

    await perform(services, actor, Event.LINK_VIEWED, work)


def _jti_hash(services: Services, token: str) -> bytes:
    try:
        claims = tokens.unseal(
            services.keyring, token, purpose="join", issuer=services.settings.origin, now=services.now()
        )
    except tokens.TokenRefused:
        return NO_LINK
    return join_links.hash_of(claims["jti"]) if "jti" in claims else NO_LINK


def _doorway_cookie(services: Services, doorway: Doorway) -> str:
    now = services.now()
    return tokens.seal(
        services.keyring,
        {"link": doorway.jti_hash.hex(), "browser": doorway.browser},
        purpose="door",
        issuer=services.settings.origin,
        not_before=now,
        expires_at=now + DOORWAY_LASTS,
    )
