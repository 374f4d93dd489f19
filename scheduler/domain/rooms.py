"""Rooms: who is let in, by whom, and when. Nobody is in before the host, and the host can always come back.

A session's room::

    closed ──open (host)──▶ open ⇄ locked          (lock, unlock: host)
       ▲                     └──end (host; the clock, an hour after the time)──▶ ended
       └─ no row yet                                   └──open (host)──▶ open

A family member's presence::

    expected ──prove──▶ preparing ──wait──▶ waiting ──admit (host)──▶ admitted ──leave──▶ left
                           ▲  │               │  │                      │  │
                           │  └──turn away────┤  └──leave──▶ left       │  └──remove (host)──▶ removed
                           │                  ▼                         ▼
                           │              turned away                  left  (the room ended)
                           └──────prove─────── left ◀──let back (host)── turned away, removed

Whoever was turned away or removed stays out until the host lets them back. Whoever was admitted and dropped
out (a phone asleep, a lost network) is still admitted and comes back by themselves. The host has no presence:
being the host is an assignment, asked anew each time, so that losing the connection loses nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from scheduler.domain.errors import PresenceMoved, RoomFull, RoomLocked, RoomShut
from scheduler.domain.people import Proof

MOST_PEOPLE = 6  # browser to browser each sends its picture to all the others
MOST_ADMITTED = MOST_PEOPLE - 1  # one place is always the host's, and one each co-host's


def room_for(hosts: int) -> int:
    """Return how many family members fit into a room beside so many hosts."""
    return MOST_PEOPLE - max(hosts, 1)


OVERRUNS = timedelta(hours=1)  # how long past its time a forgotten room stays open
PDI = "\u2069"  # "pop directional isolate"
ASLEEP_AFTER = timedelta(seconds=45)  # a page that has not asked for so long is on a locked phone


class RoomStatus(StrEnum):
    """Where a room stands; being locked is a property of an open one."""

    CLOSED = "closed"
    OPEN = "open"
    ENDED = "ended"


class PresenceStatus(StrEnum):
    """Where a family member stands; the states of the module's drawing."""

    EXPECTED = "expected"
    PREPARING = "preparing"
    WAITING = "waiting"
    ADMITTED = "admitted"
    TURNED_AWAY = "turned_away"
    REMOVED = "removed"
    LEFT = "left"


class Move(StrEnum):
    """What changes a presence."""

    PROVE = "prove"
    WAIT = "wait"
    ADMIT = "admit"
    TURN_AWAY = "turn_away"
    REMOVE = "remove"
    LEAVE = "leave"
    LET_BACK = "let_back"


_S = PresenceStatus
_MOVES: Mapping[Move, Mapping[PresenceStatus, PresenceStatus]] = MappingProxyType(
    {
        Move.PROVE: {
            _S.EXPECTED: _S.PREPARING,
            _S.PREPARING: _S.PREPARING,
            _S.LEFT: _S.PREPARING,
            _S.WAITING: _S.WAITING,
            _S.ADMITTED: _S.ADMITTED,
        },
        Move.WAIT: {
            _S.PREPARING: _S.WAITING,
            _S.LEFT: _S.WAITING,
            _S.WAITING: _S.WAITING,
            _S.ADMITTED: _S.ADMITTED,
        },
        Move.ADMIT: {_S.WAITING: _S.ADMITTED, _S.ADMITTED: _S.ADMITTED},
        Move.TURN_AWAY: {
            _S.PREPARING: _S.TURNED_AWAY,
            _S.WAITING: _S.TURNED_AWAY,
            _S.TURNED_AWAY: _S.TURNED_AWAY,
        },
        Move.REMOVE: {_S.ADMITTED: _S.REMOVED, _S.REMOVED: _S.REMOVED},
        Move.LEAVE: {_S.PREPARING: _S.LEFT, _S.WAITING: _S.LEFT, _S.ADMITTED: _S.LEFT, _S.LEFT: _S.LEFT},
        Move.LET_BACK: {_S.TURNED_AWAY: _S.LEFT, _S.REMOVED: _S.LEFT},
    }
)
KEPT_OUT = frozenset({_S.TURNED_AWAY, _S.REMOVED})


def after(status: PresenceStatus, move: Move) -> PresenceStatus:
    """Return where a presence stands after a move; doing the same twice changes nothing.

    Raises:
        PresenceMoved: the person is somewhere else by now (left, turned away, already inside).
    """
    becomes = _MOVES[move].get(status)
    if becomes is None:
        raise PresenceMoved(f"cannot {move} who is {status}")
    return becomes


@dataclass(frozen=True, slots=True)
class Room:
    """The room of one session. ``opened_by`` is the person who opened it last."""

    session_id: str
    status: RoomStatus = RoomStatus.CLOSED
    is_locked: bool = False
    opened_by: str | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the host has opened it and not ended it, locked or not."""
        return self.status is RoomStatus.OPEN

    def is_over(self, *, since: datetime) -> bool:
        """Tell whether the host has ended it since a moment: a session that moved afterwards begins anew."""
        return self.status is RoomStatus.ENDED and self.ended_at is not None and self.ended_at >= since

    def opened(self, by: str, at: datetime) -> "Room":
        """Return it opened by a host; one that is open already stays as it is."""
        if self.is_open:
            return self
        return Room(self.session_id, RoomStatus.OPEN, opened_by=by, opened_at=at)

    def locked(self) -> "Room":
        """Return it locked: nobody new is admitted, whoever was admitted may come back.

        Raises:
            RoomShut: it is not open.
        """
        return replace(self._open(), is_locked=True)

    def unlocked(self) -> "Room":
        """Return it unlocked.

        Raises:
            RoomShut: it is not open.
        """
        return replace(self._open(), is_locked=False)

    def ended(self, at: datetime) -> "Room":
        """Return it ended for all.

        Raises:
            RoomShut: it is not open.
        """
        return replace(self._open(), status=RoomStatus.ENDED, is_locked=False, ended_at=at)

    def require_space(self, admitted: int, *, hosts: int = 1) -> None:
        """Return when one more person may be admitted beside the ``admitted`` family members and the hosts.

        Raises:
            RoomShut: the host has not opened it, or has ended it.
            RoomLocked: the host has locked it.
            RoomFull: six people are the most.
        """
        if self._open().is_locked:
            raise RoomLocked("the room is locked")
        if admitted >= room_for(hosts):
            raise RoomFull("six people are in the room")

    def _open(self) -> "Room":
        if not self.is_open:
            raise RoomShut(f"the room is {self.status}")
        return self


@dataclass(frozen=True, slots=True)
class Presence:
    """One family member at one session, with what they told about themselves at the door.

    ``full_name``, ``location`` and ``call_back`` are opened personal data (16 CCR 1815.5): shown to the care
    team for emergencies, never to family. ``arrived_at`` is when they began to wait; ``seen_at`` when their
    page last asked. ``told_mark`` is another one each time they tell where they are, and says nothing itself.
    """

    session_id: str
    person_id: str
    status: PresenceStatus
    proof: Proof
    arrived_at: datetime
    seen_at: datetime
    full_name: str = ""
    location: str = ""
    call_back: str = ""
    told_mark: str = ""
    admitted_at: datetime | None = None

    def is_asleep(self, now: datetime) -> bool:
        """Tell whether the page has been silent: a locked phone, which keeps its place."""
        return now - self.seen_at > ASLEEP_AFTER


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody in a room as the others may know them. ``id`` is a pseudonym for this room alone.

    ``name`` and ``about`` (a clinician's duty, or the relation to the client) are opened personal data;
    ``client_id`` and ``household`` say whose family it is, None and empty for staff.
    """

    id: str
    name: str
    about: str
    is_staff: bool
    client_id: str | None = None
    household: str = ""

    def shown_to(self, other: "Face") -> str:
        """Return the name under which ``other`` sees this person.

        Two households of one family never learn each other's names here, and no family another's.
        """
        if self.is_staff or other.is_staff:
            return f"{isolated(self.name)}, {self.about}" if self.about else self.name
        if self.is_stranger_to(other):
            return "Another family" if self.client_id != other.client_id else "A family member"
        return self.name.split(" ")[0]

    def is_stranger_to(self, other: "Face") -> bool:
        """Tell whether the two are of different families or households, and know nothing of each other."""
        if self.is_staff or other.is_staff:
            return False
        if self.client_id != other.client_id:
            return True
        return bool(self.household and other.household and self.household != other.household)


@dataclass(frozen=True, slots=True)
class RoomPass:
    """One person's leave to enter one session's room. ``browser`` names the browser it was given to: the
    proved device of a family member (hex of its hash), or the sign-in of staff.
    """

    session_id: str
    person_id: str
    browser: str


@dataclass(frozen=True, slots=True)
class Relay:
    """A STUN or TURN server as browsers want it (W3C WebRTC, ``RTCIceServer``)."""

    urls: Sequence[str]
    username: str = ""
    credential: str = ""


def isolated(name: str) -> str:
    """Return a name that turns no words beside it around, whatever marks it holds (Unicode UAX #9, FSI)."""
    return name if name.isascii() else f"\u2068{name.replace(PDI, '')}{PDI}"


def closes_at(ends_at: datetime) -> datetime:
    """Return when the clock ends a room that nobody ended (aware UTC)."""
    return ends_at + OVERRUNS
