"""Invites: one person's calendar file for one session, by the rules of iTIP (RFC 5546).

One VEVENT per person and session, with a UID of its own, so that nobody's calendar shows who else comes
and each person can be moved or removed alone::

    booked ──REQUEST, sequence 0──▶ in the calendar ──moved: REQUEST, sequence + 1──▶ in the calendar
                                          └──cancelled, or this person removed: CANCEL, sequence + 1──▶ gone

An invite holds neutral words only and no join token: calendars are shared with delegates for years.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

UID_BYTES = 15


class Method(StrEnum):
    """What the file asks a calendar to do (RFC 5546, section 1.4)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Invite:
    """One person's calendar entry.

    ``starts_at`` and ``ends_at`` are aware UTC; ``organizer`` and ``attendee`` bare mail addresses;
    ``summary`` the neutral word; ``url`` the neutral join page, the same for everybody; without a video it is
    the first page.
    """

    uid: str
    sequence: int
    method: Method
    starts_at: datetime
    ends_at: datetime
    organizer: str
    attendee: str
    summary: str
    url: str
    has_video: bool = True

    def __post_init__(self) -> None:
        """Hold what RFC 5545, sections 3.6.1 and 3.8.7.4, ask of every event.

        Raises:
            ValueError: the end is not after the start, a moment has no zone, the sequence is negative, or an
                address or address of a page holds what could start another line.
        """
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("an invite's moments need a zone")
        if self.ends_at <= self.starts_at:
            raise ValueError("an invite ends after it starts")
        if self.sequence < 0:
            raise ValueError("a sequence is never negative")
        if not all(
            text.isprintable() and " " not in text for text in (self.organizer, self.attendee, self.url)
        ):
            raise ValueError("an address holds no space and no control character")


def uid_of(*, person_id: str, session_id: str, host: str) -> str:
    """Return the UID of a person's invite to a session, the same for its whole life (RFC 7986, section 5.3).

    It is a digest, so that the UIDs of two people in one session cannot be matched to each other.
    """
    digest = hashlib.sha256(f"invite\0{person_id}\0{session_id}".encode()).digest()
    return f"{digest[:UID_BYTES].hex()}@{host}"


def next_sequence(
    sequence: int, *, was: tuple[datetime, datetime], becomes: tuple[datetime, datetime]
) -> int:
    """Return the sequence after a change of time: one more when the start or end differs, else the same
    (RFC 5546, section 2.1.4).
    """
    return sequence if was == becomes else sequence + 1


def supersedes(one: Invite, other: Invite) -> bool:
    """Tell whether a calendar that holds ``other`` takes ``one`` in its place (RFC 5546, section 2.1.5).

    Of equal sequences the later sent wins, so an equal one is taken too: each file has a fresh DTSTAMP.
    """
    return one.uid == other.uid and one.sequence >= other.sequence


def kept_by_calendar(received: Sequence[Invite]) -> Invite | None:
    """Return what a calendar shows after receiving these files of one UID in this order, or None.

    A CANCEL takes the entry away; a late, lower-numbered REQUEST never brings it back.
    """
    newest: Invite | None = None
    for invite in received:
        if newest is None or supersedes(invite, newest):
            newest = invite
    return newest if newest is not None and newest.method is Method.REQUEST else None
