"""The coordinator's lists: families, cohorts, waits, holds, sessions without a host; each row as it is.

A row is searched by what it shows: its `cells`, which are those of a spreadsheet, and its time in words. The
names in it are those that its reader may know; of others it says `OTHERS` and nothing else.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from scheduler.domain.audit import Entity
from scheduler.domain.times import Interval, local, spoken_span, spoken_start

LONGEST_SEARCH = 100  # characters
PAGE_ROWS = 50
SOON = timedelta(hours=1)
OTHERS = "a family of another care team"
BETWEEN = "; "  # names in one cell

Cells = tuple[str | int, ...]


class Listing(StrEnum):
    """The lists, in the order in which the desk names them."""

    FAMILIES = "families"
    COHORTS = "cohorts"
    WAITLISTS = "waitlists"
    HOLDS = "holds"
    HOSTLESS = "hostless"


HEADINGS: dict[Listing, tuple[str, ...]] = {
    Listing.FAMILIES: ("Family of", "Relatives", "Guardians", "Kept apart", "Next session", "Zone"),
    Listing.COHORTS: (
        "Starts",
        "Ends",
        "Zone",
        "Step",
        "With",
        "Places",
        "Taken",
        "Free",
        "Waiting",
        "State",
    ),
    Listing.WAITLISTS: (
        "Starts",
        "Ends",
        "Zone",
        "Step",
        "In line",
        "Who",
        "Places",
        "Since",
        "State",
        "Offered until",
    ),
    Listing.HOLDS: ("Lapses", "Starts", "Ends", "Zone", "Kind", "With", "Who", "How"),
    Listing.HOSTLESS: ("Starts", "Ends", "Zone", "What", "Why", "Still with", "Families", "Who"),
}


class Row(Protocol):
    """One row of a list. ``named`` are the clients of whose families it names somebody."""

    @property
    def named(self) -> tuple[str, ...]:
        """Return the clients, by id."""

    @property
    def touched(self) -> tuple[Entity, ...]:
        """Return what an entry of having read the row names."""

    def cells(self, zone: str) -> Cells:
        """Return the row for a spreadsheet, its times on the wall clock of ``zone``."""

    def spoken(self, zone: str) -> str:
        """Return its time in words, as pages say it."""


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family: its client and relatives by name; ``next_at`` is when their next session starts."""

    client_id: str
    client: str
    relatives: tuple[tuple[str, str], ...]  # name and relation
    guardians: tuple[str, ...]
    has_apart: bool
    next_at: datetime | None

    @property
    def named(self) -> tuple[str, ...]:
        """Return the client."""
        return (self.client_id,)

    @property
    def touched(self) -> tuple[Entity, ...]:
        """Return the client as a person."""
        return (Entity("person", self.client_id),)

    def cells(self, zone: str) -> Cells:
        """Return the row for a spreadsheet."""
        relatives = BETWEEN.join(f"{name} ({relation})" for name, relation in self.relatives)
        apart = "some kept apart" if self.has_apart else ""
        return (
            self.client,
            relatives,
            BETWEEN.join(self.guardians),
            apart,
            wall(self.next_at, zone),
            zone if self.next_at else "",
        )

    def spoken(self, zone: str) -> str:
        """Return nothing where no session is ahead."""
        return "" if self.next_at is None else spoken_start(self.next_at, zone)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A coming group: who holds it, how many places are taken, how many families wait.

    ``offering_id`` is the weekly time it belongs to, None where it belongs to none that goes on.
    """

    session_id: str
    interval: Interval
    step: str
    hosts: tuple[str, ...]
    capacity: int
    taken: int
    waiting: int
    offering_id: str | None
    named: tuple[str, ...] = ()
    touched: tuple[Entity, ...] = ()

    @property
    def is_full(self) -> bool:
        """Tell whether no place is free."""
        return self.taken >= self.capacity

    def cells(self, zone: str) -> Cells:
        """Return the row for a spreadsheet."""
        return (
            *_times(self.interval, zone),
            self.step,
            BETWEEN.join(self.hosts),
            self.capacity,
            self.taken,
            self.capacity - self.taken,
            self.waiting,
            "full" if self.is_full else "has room",
        )

    def spoken(self, zone: str) -> str:
        """Return when it is."""
        return spoken_span(self.interval, zone)


@dataclass(frozen=True, slots=True)
class WaitRow:
    """A family that waits for places in a group: ``place`` counts from 1 among those who wait for it now.

    ``client_id`` is None, and ``who`` empty, where the family is not the reader's to know.
    """

    wait_id: str
    session_id: str
    interval: Interval
    step: str
    place: int
    seats: int
    asked_at: datetime
    offered_until: datetime | None
    offering_id: str | None
    client_id: str | None = None
    who: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Return the client, if they may be known."""
        return () if self.client_id is None else (self.client_id,)

    @property
    def touched(self) -> tuple[Entity, ...]:
        """Return the session and the wait."""
        return (Entity("session", self.session_id), Entity("wait", self.wait_id))

    def cells(self, zone: str) -> Cells:
        """Return the row for a spreadsheet."""
        return (
            *_times(self.interval, zone),
            self.step,
            self.place,
            BETWEEN.join(self.who) or OTHERS,
            self.seats,
            wall(self.asked_at, zone),
            "offered" if self.offered_until else "waiting",
            wall(self.offered_until, zone),
        )

    def spoken(self, zone: str) -> str:
        """Return when the group is."""
        return spoken_span(self.interval, zone)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A time that is set aside until it lapses; ``is_proposed`` says that others are asked about it.

    ``client_id`` is None, and ``who`` empty, where the family is not the reader's to know.
    """

    hold_id: str
    interval: Interval
    expires_at: datetime
    kind: str
    hosts: tuple[str, ...]
    is_proposed: bool
    client_id: str | None = None
    who: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Return the client, if they may be known."""
        return () if self.client_id is None else (self.client_id,)

    @property
    def touched(self) -> tuple[Entity, ...]:
        """Return the hold."""
        return (Entity("hold", self.hold_id),)

    def is_soon(self, now: datetime) -> bool:
        """Tell whether it is about to lapse."""
        return self.expires_at - now <= SOON

    def cells(self, zone: str) -> Cells:
        """Return the row for a spreadsheet."""
        return (
            wall(self.expires_at, zone),
            *_times(self.interval, zone),
            self.kind,
            BETWEEN.join(self.hosts),
            self.who or OTHERS,
            "others are asked" if self.is_proposed else "being booked",
        )

    def spoken(self, zone: str) -> str:
        """Return which time is set aside."""
        return spoken_span(self.interval, zone)


@dataclass(frozen=True, slots=True)
class HostlessRow:
    """A session that somebody who should hold it cannot hold: ``why`` in words, and who is still there.

    ``away_id`` is the clinician for whom it can be covered, on ``away_on`` in their zone (a day as forms send
    it); ``session_id`` is None for a date of an offering on which none could be created.
    """

    session_id: str | None
    interval: Interval
    title: str
    why: str
    hosts: tuple[str, ...] = ()
    families: int = 0
    who: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    away_id: str | None = None
    away_on: str = ""
    offering_id: str | None = None
    is_inquiry: bool = False

    @property
    def touched(self) -> tuple[Entity, ...]:
        """Return the session, where there is one."""
        return () if self.session_id is None else (Entity("session", self.session_id),)

    def cells(self, zone: str) -> Cells:
        """Return the row for a spreadsheet."""
        return (
            *_times(self.interval, zone),
            self.title,
            self.why,
            BETWEEN.join(self.hosts),
            self.families,
            BETWEEN.join(self.who),
        )

    def spoken(self, zone: str) -> str:
        """Return when it is."""
        return spoken_span(self.interval, zone)


def wall(moment: datetime | None, zone: str) -> str:
    """Return a moment on the wall clock of a zone as spreadsheets read it: "2026-11-03 14:00", or ""."""
    return "" if moment is None else local(moment, zone).strftime("%Y-%m-%d %H:%M")


def is_found(words: str, row: Row, zone: str) -> bool:
    """Tell whether a row shows every one of the words, in any order; case and accents do not matter."""
    shown = _plain(" ".join(map(str, (*row.cells(zone), row.spoken(zone)))))
    return all(word in shown for word in _plain(words).split())


def page_of(count: int, page: int) -> tuple[int, int]:
    """Return the page that is shown, which may be an earlier one, and how many there are."""
    pages = max(-(-count // PAGE_ROWS), 1)
    return min(page, pages), pages


def join_names(names: Sequence[str]) -> str:
    """Return names as one says them: "Maya Okafor and Samuel Levin"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _plain(text: str) -> str:
    letters: Iterable[str] = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _times(interval: Interval, zone: str) -> tuple[str, str, str]:
    return wall(interval.starts_at, zone), wall(interval.ends_at, zone), zone
