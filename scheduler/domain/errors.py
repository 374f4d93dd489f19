"""Every refusal as one tree; the web maps it to a status and a page in one place (``web/pages.py``).

::

    Refusal
    ├── NotSignedIn         401  nobody is signed in
    ├── Denied              403  the role may not do this (logged)
    │   ├── NotReleased     403  no release in force names the person
    │   └── StepUpNeeded    403  may do it after a fresh second proof
    ├── CrossOrigin         403  the request came from another site
    │   └── WrongHost       421  it was sent to a name that is not ours
    ├── NotFound            404  not there, or not yours: the two look alike (logged)
    ├── Taken               409  somebody else was first
    │   ├── GroupFull       409  fewer places are left in a group than are asked for
    │   └── SlotTaken       409  the time is gone; carries the nearest free ones
    │       └── ElsewhereThen   409  the person has a session of their own then
    │           └── MemberElsewhere 409  somebody who is to take part has; names nobody
    ├── NoLonger            410  it was, and is over; says the way forward
    │   ├── LinkUnusable    410  unknown, expired, revoked or someone else's: one page for all
    │   │   └── KeptOut     403  the host has turned the person away, or taken them out; told to them alone
    │   ├── EnrolmentOver   410  a one-time link was tried that is used, over or unknown (logged)
    │   ├── PlaceLost       410  another browser of the same person has taken the place
    │   │   └── NoPlace     410  this browser has never proved itself, or long ago
    │   ├── OfferOver       410  a place from the waitlist was not taken in time, or is not offered
    │   ├── HoldLapsed      410  the minutes of a hold are over
    │   │   └── HoldGone    410  used, replaced, unknown or somebody else's: one page for all (logged)
    │   └── SessionOver     410  cancelled or ended
    │       └── RoomEnded   410  its host has ended it; it opens again if they do
    ├── NotNow              409  allowed at another moment
    │   ├── NotYet          409  the door opens later; carries when
    │   ├── PresenceMoved   409  the person has left, or is in already
    │   ├── RoomFull        409  six people are in it
    │   ├── RoomLocked      409  the host lets nobody new in
    │   ├── RoomShut        409  the host has not opened it, or has ended it
    │   ├── SessionFixed    409  a group's time is not one family's to change
    │   ├── StepFirst       409  another step of the program comes before this one; carries which
    │   └── WouldStrand     409  booked sessions would lie outside the hours; carries them
    ├── TooSlow             408  the request's body did not come in time
    ├── Unreadable          400  the request's body is not a form
    ├── TooLarge            413
    │   └── HeadersTooLarge 431
    ├── Invalid             422  carries the words beside each field
    │   ├── TooLate         422  later than can be booked yet
    │   └── TooSoon         422  past, or sooner than the least notice
    ├── TooManyRequests     429  carries the seconds to wait
    │   └── CodesLocked     429  a code was guessed at five times; carries until when no other is sent
    └── Unavailable         503  the database or the audit log cannot be written

Messages in these classes are for developers and hold no names; words for people live in templates.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import ClassVar

from scheduler.domain.times import Interval


class Refusal(Exception):
    """An expected "no". ``status`` is the HTTP status, ``page`` the template in ``templates/refusals``."""

    status: ClassVar[int] = 400
    page: ClassVar[str] = "invalid"
    logged: ClassVar[bool] = False  # True: the denial gets an audit entry of its own

    @property
    def reason(self) -> str:
        """What the entry gives as the reason: the refusal's name."""
        return type(self).__name__


class NotSignedIn(Refusal):
    """Nobody is signed in, or the sign-in has ended."""

    status, page = 401, "not_signed_in"


class Denied(Refusal):
    """The actor's role, or relation to the thing, does not allow this."""

    status, page, logged = 403, "denied", True


class NotReleased(Denied):
    """No release in force names the person it is about (42 CFR 2.31(c)); told to them and to staff."""

    page = "not_released"


class StepUpNeeded(Denied):
    """Allowed only within five minutes of a fresh second proof."""

    page = "step_up"


class CrossOrigin(Refusal):
    """A state change was asked for by a page of another origin."""

    status, page = 403, "cross_origin"


class WrongHost(CrossOrigin):
    """The request names a host that is none of ours (RFC 9110, section 15.5.20)."""

    status = 421


class NotFound(Refusal):
    """Not there, or not the actor's: deliberately the same (42 CFR 2.13(c))."""

    status, page, logged = 404, "not_found", True


class Taken(Refusal):
    """Somebody else was first."""

    status, page = 409, "taken"


class GroupFull(Taken):
    """A group has fewer places left than are asked for; whoever asked may go on its waitlist."""

    page = "group_full"


class SlotTaken(Taken):
    """The wanted time is gone. ``nearest`` holds the nearest free times, soonest first, perhaps none."""

    def __init__(self, message: str = "slot taken", *, nearest: Sequence[Interval] = ()) -> None:
        super().__init__(message)
        self.nearest = tuple(nearest)


class ElsewhereThen(SlotTaken):
    """The person who books has another session at that time, and nobody can be in two places."""


class MemberElsewhere(ElsewhereThen):
    """Somebody whom they chose, or who takes part, has one; it is not told who."""


class NoLonger(Refusal):
    """It was, and is over."""

    status, page = 410, "gone"


class LinkUnusable(NoLonger):
    """A join link that opens nothing: unknown, expired, revoked or somebody else's, told alike.

    The message is one word that says why, for the log.
    """

    page, logged = "link_unusable", True

    @property
    def reason(self) -> str:
        """The word."""
        return f"LinkUnusable: {self}"


class KeptOut(LinkUnusable):
    """The host has turned the person away or taken them out; they have proved who they are, and are told."""

    status, page = 403, "kept_out"


class EnrolmentOver(NoLonger):
    """A one-time link for a first passkey that is used, over or unknown: somebody tried it all the same."""

    logged = True


class PlaceLost(NoLonger):
    """This browser's place is gone: another one of the same person proved itself, or the link is no more."""

    page = "place_lost"


class NoPlace(PlaceLost):
    """This browser says it has no place at all: nobody joined here, or it was long ago."""

    page = "no_place"


class HoldLapsed(NoLonger):
    """The minutes of a hold are over and the time is no longer set aside."""

    page = "hold_lapsed"


class HoldGone(HoldLapsed):
    """The actor has no such hold: used, replaced, let go, unknown or somebody else's, told alike."""

    logged = True


class OfferOver(NoLonger):
    """The places are not offered to the family: not taken in time, declined, or never offered."""

    page = "offer_over"


class SessionOver(NoLonger):
    """The session was cancelled or has ended."""


class RoomEnded(SessionOver):
    """The host has ended the session for everybody; nobody comes to the door unless they open it again."""

    page = "room_ended"


class NotNow(Refusal):
    """How things stand at this moment does not allow it (RFC 9110, section 15.5.10)."""

    status, page = 409, "not_now"


class NotYet(NotNow):
    """The door opens later: at ``opens_at`` (aware UTC), told in the person's ``zone`` (IANA name)."""

    page = "not_yet"

    def __init__(self, opens_at: datetime, *, zone: str) -> None:
        super().__init__("too early")
        self.opens_at, self.zone = opens_at, zone


class PresenceMoved(NotNow):
    """The person is somewhere else by now: has left, was turned away, or is in already."""


class RoomFull(NotNow):
    """Six people are in the room; browsers send to each other, and more would be too much for phones."""

    page = "room_full"


class RoomLocked(NotNow):
    """The host has locked the room."""


class RoomShut(NotNow):
    """The host has not opened the room, or has ended it."""


class SessionFixed(NotNow):
    """Several families share the session: one of them may give up its place, not change the time."""


class StepFirst(NotNow):
    """A step of the program comes after others that are not done yet: ``titles``, in their order."""

    page = "step_first"

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__("another step comes first")
        self.titles = tuple(titles)


class WouldStrand(NotNow):
    """The change would leave booked sessions outside the hours: ``sessions``, id and time, soonest first."""

    def __init__(self, sessions: Sequence[tuple[str, Interval]]) -> None:
        super().__init__("sessions would lie outside")
        self.sessions = tuple(sessions)


class TooLarge(Refusal):
    """The request's body is over the limit."""

    status, page = 413, "too_large"


class HeadersTooLarge(TooLarge):
    """The request's headers or address are over the limit (RFC 6585, section 5)."""

    status = 431


class TooSlow(Refusal):
    """The request's body did not come in time."""

    status, page = 408, "too_slow"


class Invalid(Refusal):
    """Something typed cannot be right. ``errors`` maps a field's name to the words shown beside it."""

    status, page = 422, "invalid"

    def __init__(self, errors: Mapping[str, str], *, typed: Mapping[str, str] | None = None) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)
        self.typed = dict(typed or {})


class TooLate(Invalid):
    """The wanted time is later than can be booked yet."""

    def __init__(self) -> None:
        super().__init__({"starts_at": "That time is too far ahead. Please choose an earlier one."})


class TooSoon(Invalid):
    """The wanted time is past, or sooner than the least notice."""

    def __init__(self) -> None:
        super().__init__({"starts_at": "That time is past or too soon. Please choose a later one."})


class TooManyRequests(Refusal):
    """Too fast. ``retry_after`` is in seconds."""

    status, page = 429, "too_many"

    def __init__(self, retry_after: int = 60) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class CodesLocked(TooManyRequests):
    """A code was wrong five times: none is sent, nor tried, ``until`` (aware UTC), told in ``zone``."""

    page = "codes_locked"

    def __init__(self, until: datetime, *, zone: str, now: datetime) -> None:
        super().__init__(ceil((until - now).total_seconds()))
        self.until, self.zone = until, zone


class Unreadable(Refusal):
    """The request is none of ours: a broken form, with a file or too many fields, or an odd address."""

    status, page = 400, "unreadable"


class Unavailable(Refusal):
    """The database or the audit log cannot be written; nothing was changed and nothing shown."""

    status, page = 503, "unavailable"
    retry_after = 10
