"""Booking: a session, its places, the family's claim on it, and the hold before that.

A session and its places are different things with states of their own::

    hold (for minutes, one a person)
      │ booked by the same person           ┌── moved: same session, same join link, sequence + 1
      ▼                                     ▼ │
    booked ──────────────────────────────▶ booked ──▶ attended   somebody was admitted
                                              │  └──▶ missed     it ended and nobody came
                                              └─────▶ cancelled  before its start; its time is free at once

    a hold that lapses or is let go leaves nothing behind

Only a session that has not begun can be moved or cancelled. Every method returns the new thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from scheduler.domain.availability import Kind
from scheduler.domain.errors import HoldLapsed, Invalid, SessionFixed, SessionOver, TooLate, TooSoon
from scheduler.domain.slots import Window
from scheduler.domain.times import Interval, is_on_grid

LONGEST_TOPIC = 2_000  # characters
LONGEST_REASON = 500  # characters
NEAREST_OFFERED = 6


class Status(StrEnum):
    """Where a session, a place or a booking stands; see the module's drawing."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    MISSED = "missed"


class Duty(StrEnum):
    """What a person's place in a session is."""

    HOST = "host"
    CO_HOST = "co_host"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Hold:
    """A time set aside for one person until ``expires_at`` (aware UTC).

    Of the ``clinician_ids``, one or several at once, the first is to host.
    """

    id: str
    person_id: str
    clinician_ids: tuple[str, ...]
    kind_id: str
    interval: Interval
    expires_at: datetime

    def is_lapsed(self, now: datetime) -> bool:
        """Tell whether the time is no longer set aside."""
        return now >= self.expires_at

    def checked(self, now: datetime) -> "Hold":
        """Return the hold itself while it lasts.

        Raises:
            HoldLapsed: its minutes are over.
        """
        if self.is_lapsed(now):
            raise HoldLapsed
        return self


@dataclass(frozen=True, slots=True)
class Session:
    """A kind, a host, a time and a room.

    ``capacity`` counts the places for family members in a group, which several families share; it is 0 where
    one family has the session to itself. ``offering_date`` is the date of its offering for which it is held.
    """

    id: str
    kind_id: str
    host_id: str
    interval: Interval
    room_name: str
    status: Status = Status.BOOKED
    capacity: int = 0
    offering_id: str | None = None
    offering_date: date | None = None

    @property
    def starts_at(self) -> datetime:
        """Return its start, aware UTC."""
        return self.interval.starts_at

    @property
    def ends_at(self) -> datetime:
        """Return its end, aware UTC."""
        return self.interval.ends_at

    @property
    def is_group(self) -> bool:
        """Tell whether several families share it, so that its time is not one family's to change."""
        return self.capacity > 0

    def is_ahead(self, now: datetime) -> bool:
        """Tell whether it is booked and has not begun."""
        return self.status is Status.BOOKED and now < self.starts_at

    def is_on(self, now: datetime) -> bool:
        """Tell whether it is booked and has not ended."""
        return self.status is Status.BOOKED and now < self.ends_at

    def moved(self, to: Interval, *, now: datetime) -> "Session":
        """Return the session at another time.

        Raises:
            SessionOver: it was cancelled or has begun.
            SessionFixed: several families share it.
        """
        self.check_movable(now=now)
        return replace(self, interval=to)

    def check_movable(self, *, now: datetime) -> None:
        """Return when the session can be moved.

        Raises:
            SessionOver: it was cancelled or has begun.
            SessionFixed: several families share it.
        """
        self._still_changeable(now)
        if self.is_group:
            raise SessionFixed

    def reassigned(self, host_id: str, *, now: datetime) -> "Session":
        """Return the session with another host, at the same time.

        Raises:
            SessionOver: it was cancelled or has begun.
        """
        self._still_changeable(now)
        return replace(self, host_id=host_id)

    def cancelled(self, *, now: datetime) -> "Session":
        """Return the session called off.

        Raises:
            SessionOver: it was cancelled before or has begun.
        """
        self._still_changeable(now)
        return self.called_off()

    def called_off(self) -> "Session":
        """Return the session off, whether it has begun or not: those who are left are not enough for it."""
        return replace(self, status=Status.CANCELLED)

    def _still_changeable(self, now: datetime) -> None:
        if not self.is_ahead(now):
            raise SessionOver


@dataclass(frozen=True, slots=True)
class Place:
    """One person's seat in a session. ``client_id`` names the family it belongs to, None for staff.

    ``sequence`` is that of the person's invite (RFC 5545, section 3.8.7.4): it grows with each change.
    ``left`` is the time of a session that went on when the person left it: of what becomes of it after that
    they learn nothing.
    """

    session_id: str
    person_id: str
    duty: Duty
    client_id: str | None = None
    status: Status = Status.BOOKED
    sequence: int = 0
    left: Interval | None = None

    def moved(self) -> "Place":
        """Return the place after its session moved."""
        return replace(self, sequence=self.sequence + 1)

    def taken_again(self) -> "Place":
        """Return the place, which was given up, as its person's again."""
        return replace(self, status=Status.BOOKED, sequence=self.sequence + 1, left=None)

    def cancelled(self) -> "Place":
        """Return the place given up."""
        return replace(self, status=Status.CANCELLED, sequence=self.sequence + 1)

    def given_up(self, time: Interval) -> "Place":
        """Return the place of somebody who leaves a session, at this time, that goes on."""
        return replace(self.cancelled(), left=time)

    def taken_up(self, duty: Duty) -> "Place":
        """Return a place that was given up, taken again by the same person."""
        return replace(self.taken_again(), duty=duty)


@dataclass(frozen=True, slots=True)
class Booking:
    """A family's claim on a session. ``topic`` and ``reason`` are the family's own words, sealed at rest."""

    id: str
    session_id: str
    client_id: str
    booked_by: str
    booked_at: datetime
    status: Status = Status.BOOKED
    topic: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """A session as one person with a place in it sees it: its kind, whom they meet, their place.

    ``host_duty`` is the host's work in words ("family therapist"), or of all who host it together; no other
    person is told. ``is_over`` says that the host has ended it, though its time may not be over;
    ``is_kept_out`` that the host has turned the person away or taken them out.
    """

    session: Session
    place: Place
    kind_name: str
    host_duty: str
    needs_release: bool
    is_over: bool = False
    is_kept_out: bool = False

    def is_ahead(self, now: datetime) -> bool:
        """Tell whether the person can look forward to it."""
        return self.place.status is Status.BOOKED and self.session.is_on(now) and not self.is_over


def hosting(session_id: str, clinician_ids: Iterable[str]) -> list[Place]:
    """Return the places of those who host a session together: the first is the host, the others co-hosts."""
    return [
        Place(session_id, one, Duty.CO_HOST if number else Duty.HOST)
        for number, one in enumerate(clinician_ids)
    ]


def hosts_of(seats: Iterable[Place]) -> tuple[str, ...]:
    """Return the ids of those who host a session and have not given it up, the host first."""
    theirs = [seat for seat in seats if seat.duty is not Duty.MEMBER and seat.status is not Status.CANCELLED]
    return tuple(seat.person_id for seat in sorted(theirs, key=lambda seat: seat.duty is not Duty.HOST))


def interval_of(kind: Kind, starts_at: datetime, *, now: datetime) -> Interval:
    """Return the interval of a kind that starts then, if it may be asked for at ``now``.

    Raises:
        Invalid: off the five-minute grid.
        TooSoon: past, or sooner than the least notice.
        TooLate: after the horizon.
    """
    if not is_on_grid(starts_at):
        raise Invalid({"starts_at": "Please choose one of the times on the list."})
    window = Window.of(kind, now=now)
    if window.opens_after(starts_at):
        raise TooSoon
    if not window.covers(starts_at):
        raise TooLate
    return Interval.lasting(starts_at, minutes=kind.minutes)
