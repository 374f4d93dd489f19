"""Outside calendars: another calendar of a clinician's, from which we read when they are busy, and only that.

::

    added ──read well──▶ good ──cannot be read──▶ at fault: the last good copy counts on, its age is shown
      (what cannot be read is not added)    ▲              │
                                            └──read well───┘

A copy that is good is looked at again every quarter of an hour; one at fault, after as long as it has been
so, six hours at most.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from scheduler.domain.cells import Span
from scheduler.domain.errors import Invalid
from scheduler.domain.times import Interval

EVERY = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)
READ_WHOLE_EVERY = timedelta(days=1)  # the days ahead move on, even where the file stays the same
SHORTEST_PAUSE = timedelta(minutes=1)  # between two times that somebody asks for
LOOKS_BACK = timedelta(days=1)
LOOKS_AHEAD = timedelta(days=370)  # past the longest horizon by some days
STALE_AFTER = timedelta(hours=2)
MOST_CALENDARS = 5  # of one clinician
LONGEST_ADDRESS = 2_000

ADDRESS_WORDS = "Please paste an address that begins with https:// or webcal://."


class Fault(StrEnum):
    """Why a calendar could not be read; ``words`` say it to the clinician, with what they can do."""

    words: str

    def __new__(cls, value: str, words: str = "") -> Self:
        """Return the member: a string that also carries its words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = words
        return member

    CLOSED = "closed", "It does not let us in. Please copy the secret or public address ending in .ics."
    MALFORMED = "malformed", "Part of it is not written as calendars are, so we cannot rely on it."
    MISSING = "missing", "There is nothing at this address any more. Please check it in your other calendar."
    MOVED = "moved", "It has moved to another address. Please copy the new one from your other calendar."
    NOT_A_CALENDAR = "not_a_calendar", "This address does not lead to a calendar. It often ends in .ics."
    PRIVATE = "private", "This address leads into a private network. Only open addresses can be used."
    TOO_LARGE = "too_large", "It is larger than we can read (1 MB). A shorter or newer calendar works."
    TOO_MUCH = "too_much", "It holds more than we can read, or something that repeats within one day."
    TOO_SLOW = "too_slow", "It did not answer in time."
    TROUBLE = "trouble", "The other calendar has trouble of its own just now."
    UNKNOWN_ZONE = "unknown_zone", "It names a time zone that we do not know, so its times are unsure."
    UNREACHABLE = "unreachable", "It could not be reached."
    UNTRUSTED = "untrusted", "It could not prove who it is (its certificate is not valid)."


class CannotBeRead(Exception):
    """A calendar cannot be read now; ``fault`` says why. No refusal: the last good copy counts on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class OutsideCalendar:
    """One calendar of a clinician's. ``fetched_at`` is when its last good copy was found to be in force,
    ``read_at`` when that copy was read whole; ``fault`` is empty while all is well.
    """

    id: str
    clinician_id: str
    address: str
    label: str
    created_at: datetime
    fetched_at: datetime
    read_at: datetime
    tried_at: datetime
    next_try_at: datetime
    etag: str = ""
    last_modified: str = ""
    fault: str = ""

    @classmethod
    def new(
        cls, calendar_id: str, clinician_id: str, address: str, *, label: str, now: datetime
    ) -> "OutsideCalendar":
        """Return one that is added now, as it stands once it was read well."""
        return cls(
            calendar_id,
            clinician_id,
            address,
            label,
            created_at=now,
            fetched_at=now,
            read_at=now,
            tried_at=now,
            next_try_at=now + EVERY,
        )

    @property
    def host(self) -> str:
        """Return the one part of the address that is no secret."""
        return urlsplit(self.address).hostname or ""

    @property
    def name(self) -> str:
        """Return what the clinician calls it, or its host."""
        return self.label or self.host

    @property
    def fault_words(self) -> str:
        """Return what is wrong in words, empty while all is well."""
        return Fault(self.fault).words if self.fault else ""

    def is_stale(self, now: datetime) -> bool:
        """Tell whether the copy is so old that the clinician should look after it."""
        return now - self.fetched_at >= STALE_AFTER

    def is_read_whole(self, now: datetime) -> bool:
        """Tell whether the next copy is fetched whole, changed or not."""
        return now - self.read_at >= READ_WHOLE_EVERY

    def pause(self, now: datetime) -> timedelta:
        """Return for how long a calendar at fault is left alone."""
        return min(max(EVERY, now - self.fetched_at), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Clash:
    """A booked session during which another calendar is busy."""

    session_id: str
    interval: Interval
    busy: Interval


def checked_address(typed: str) -> str:
    """Return an address as it is fetched: https, its host in ASCII, no fragment.

    Raises:
        Invalid: not such an address, with a name and password in it, or too long.
    """
    try:
        parts = urlsplit(typed.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError as wrong:
        raise Invalid({"address": ADDRESS_WORDS}) from wrong
    if parts.scheme not in ("https", "webcal", "webcals") or not host or not typed.strip().isprintable():
        raise Invalid({"address": ADDRESS_WORDS})
    if parts.username is not None or parts.password is not None:
        raise Invalid({"address": "Please use an address without a name and password in it."})
    if len(typed) > LONGEST_ADDRESS or " " in typed.strip():
        raise Invalid({"address": "This is too long for an address, or holds a space."})
    place = f"[{host}]" if ":" in host else host
    authority = place if port in (None, 443) else f"{place}:{port}"
    return urlunsplit(SplitResult("https", authority, parts.path or "/", parts.query, ""))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, with those that overlap or touch made one."""
    joined: list[Span] = []
    for first, end in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((first, end))
    return joined


def clashes(sessions: Iterable[tuple[str, Interval]], busy: Iterable[Span]) -> list[Clash]:
    """Return the sessions, given as id and interval, that share a tick with a busy span."""
    spans = merged(busy)
    return [
        Clash(session_id, interval, Interval.of_ticks(first, end))
        for session_id, interval in sessions
        for first, end in spans
        if first < interval.ticks.stop and interval.ticks.start < end
    ]
