"""Join links: the address in the mail is a locator, never a key; its holder still has to prove who they are.

One link's life::

    open ──view, any number of times──▶ open ──prove──▶ held by a browser ──prove again──▶ held by another
      └───────────────────────────────────┴──── revoke ────┴──▶ revoked

What the door says, by the session's *present* time, so that the same link survives a move::

    sent           20 min before the start            15 min after the end
     │  too early: says when it opens │  open: prove, wait  │  unusable
     └────────────────────────────────┴─────────────────────┴─────────▶
                                       over: the host has ended it, and may open it again
    Unusable at any time: revoked, cancelled, no release in force, turned away, removed.

Unusable links are told apart in the log only; the page is one and the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.domain.errors import KeptOut, LinkUnusable, NotYet, RoomEnded
from scheduler.domain.people import Proof, Role
from scheduler.domain.rooms import KEPT_OUT, PresenceStatus, Room
from scheduler.domain.times import Interval

OPENS_BEFORE = timedelta(minutes=20)
CLOSES_AFTER = timedelta(minutes=15)
TOKEN_OUTLIVES = timedelta(days=365)  # the session's end when it was sent: room for moves; the row decides


@dataclass(frozen=True, slots=True)
class JoinLink:
    """One person's link to one session. ``device_hash`` names the browser that proved itself last."""

    jti_hash: bytes
    session_id: str
    person_id: str
    created_at: datetime
    viewed_at: datetime | None = None
    device_hash: bytes | None = None
    proof: Proof | None = None
    proved_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doorway:
    """Which link a browser followed, and a random name for that browser, to which codes are bound."""

    jti_hash: bytes
    browser: str


class Door(StrEnum):
    """What a link's holder finds."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"
    UNUSABLE = "unusable"


class Truth(StrEnum):
    """What a person who has proved themselves is told about how things stand."""

    PREPARING = "preparing"
    WAITING = "waiting"
    LOCKED = "locked"
    ADMITTED = "admitted"
    LEFT = "left"
    ENDED = "ended"
    MOVED = "moved"
    CANCELLED = "cancelled"
    TURNED_AWAY = "turned_away"
    REMOVED = "removed"
    CLOSED = "closed"


class Shut(StrEnum):
    """Why a link opens nothing; for the log, never for the page."""

    REVOKED = "revoked"
    CANCELLED = "cancelled"
    OFF_THE_SESSION = "off_the_session"
    NO_RELEASE = "no_release"
    KEPT_OUT = "kept_out"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one family member stands with one session: everything that the rules of the door ask.

    ``zone`` is the person's IANA zone; ``client_id`` the client whose family the place belongs to;
    ``host_id`` who hosts the session; ``release_id`` the release in force that names the person, if any;
    ``has_details`` whether the person has told where they are.
    """

    link: JoinLink
    role: Role
    zone: str
    client_id: str | None
    host_id: str
    when: Interval
    is_on: bool
    has_place: bool
    room: Room
    presence: PresenceStatus
    has_details: bool = False
    needs_release: bool = True
    release_id: str | None = None

    @property
    def is_released(self) -> bool:
        """Whether a release in force names the person, or none is needed: a client at their own session, or
        a session that tells nothing about clients.
        """
        if not self.needs_release or self.link.person_id == self.client_id:
            return True
        return self.release_id is not None

    @property
    def opens_at(self) -> datetime:
        """When the door opens, aware UTC."""
        return opens_at(self.when.starts_at)

    @property
    def closes_at(self) -> datetime:
        """When the door closes to newcomers, aware UTC."""
        return self.when.ends_at + CLOSES_AFTER

    def shut(self, now: datetime) -> Shut | None:
        """Return why the link opens nothing, or None.

        Somebody who is inside stays inside past the closing of the door, for as long as the room is open.
        """
        if self.link.revoked_at is not None:
            return Shut.REVOKED
        if not self.is_on:
            return Shut.CANCELLED
        if not self.has_place:
            return Shut.OFF_THE_SESSION
        if not self.is_released:
            return Shut.NO_RELEASE
        if self.presence in KEPT_OUT:
            return Shut.KEPT_OUT
        if now > self.closes_at and not self.is_inside:
            return Shut.OVER
        return None

    @property
    def is_inside(self) -> bool:
        """Whether the host has let the person into a room that is open."""
        return self.room.is_open and self.presence is PresenceStatus.ADMITTED

    @property
    def is_over(self) -> bool:
        """Whether the host has ended the session at its present time."""
        return self.room.is_over(since=self.opens_at)

    def door(self, now: datetime) -> Door:
        """Return what the link's holder finds at ``now``."""
        if self.shut(now) is not None:
            return Door.UNUSABLE
        if now < self.opens_at:
            return Door.EARLY
        return Door.OVER if self.is_over else Door.OPEN

    def require_open(self, now: datetime) -> None:
        """Return when the door is open.

        Raises:
            LinkUnusable: the link opens nothing; the message says why, for the log.
            NotYet: too early; carries when it opens and the person's zone.
            RoomEnded: the host has ended the session.
        """
        reason = self.shut(now)
        if reason is not None:
            raise LinkUnusable(reason)
        if now < self.opens_at:
            raise NotYet(self.opens_at, zone=self.zone)
        if self.is_over:
            raise RoomEnded

    def require_open_to_known(self, now: datetime) -> None:
        """Return when the door is open; for a person who has proved who they are.

        Raises:
            KeptOut: the host has turned them away or taken them out.
            LinkUnusable, NotYet, RoomEnded: as `require_open`.
        """
        if self.shut(now) is Shut.KEPT_OUT:
            raise KeptOut(Shut.KEPT_OUT)
        self.require_open(now)

    def may_be_in(self, now: datetime) -> bool:
        """Tell whether the person may be in the room now; asked for every pass and every message."""
        return self.is_inside and self.door(now) is Door.OPEN

    def truth(self, now: datetime) -> Truth:
        """Return what the person is told; they have proved who they are, so nothing is veiled."""
        shut = self.shut(now)
        if shut is Shut.KEPT_OUT:
            return Truth(self.presence)
        if shut is Shut.CANCELLED:
            return Truth.CANCELLED
        if shut is not None:
            return Truth.ENDED if shut is Shut.OVER else Truth.CLOSED
        if now < self.opens_at:
            return Truth.MOVED
        return self._truth_inside()

    def _truth_inside(self) -> Truth:
        if self.is_over:
            return Truth.ENDED
        if self.presence is PresenceStatus.WAITING:
            return Truth.LOCKED if self.room.is_locked else Truth.WAITING
        if self.presence is PresenceStatus.ADMITTED and not self.room.is_open:
            return Truth.WAITING
        return Truth.PREPARING if self.presence is PresenceStatus.EXPECTED else Truth(self.presence)


def opens_at(starts_at: datetime) -> datetime:
    """Return when the door of a session that starts then opens (aware UTC)."""
    return starts_at - OPENS_BEFORE


def token_expires_at(ends_at: datetime) -> datetime:
    """Return when a token for a session that ends then is no longer read at all (aware UTC)."""
    return ends_at + TOKEN_OUTLIVES
