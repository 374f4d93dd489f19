"""The waitlist of a group session: who asked for places when it was full, and whose turn it is.

One wait is one family's asking for a number of seats::

    waiting ──places are free──▶ offered ──taken in time──────▶ taken
       │                            ├──"No, thank you"────────▶ declined
       │                            └──its time is over───────▶ lapsed
       │                            ├──who is kept apart from them takes a place──▶ waiting
       ├──the family goes off the list────────────────────────▶ left
       └──the session is called off or begins (also offered)──▶ closed

Free seats go to the first in order whom they are enough for: a family of three is not given one seat, and one
seat does not stay empty for it. While they are offered, seats count as taken, so that nobody else gets them.
What is over stays over; whoever asks again stands at the end.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.domain.availability import Kind
from scheduler.domain.booking import Session
from scheduler.domain.errors import OfferOver

SHORTEST_OFFER = timedelta(minutes=15)  # less than that nobody could read their mail


class WaitStatus(StrEnum):
    """Where a wait stands; see the module's drawing."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"
    LEFT = "left"
    CLOSED = "closed"


STANDING = frozenset({WaitStatus.WAITING, WaitStatus.OFFERED})


@dataclass(frozen=True, slots=True)
class Wait:
    """One family's asking for a seat for each of ``people``; ``position`` counts from 1 in its session.

    ``offered_until`` (aware UTC) is the end of the offer, None while there was none.
    """

    id: str
    session_id: str
    client_id: str
    asked_by: str
    people: tuple[str, ...]
    seats: int
    position: int
    asked_at: datetime
    status: WaitStatus = WaitStatus.WAITING
    offered_until: datetime | None = None

    @property
    def is_standing(self) -> bool:
        """Tell whether the family waits, or is offered what it waited for."""
        return self.status in STANDING

    @property
    def is_offered(self) -> bool:
        """Tell whether seats are set aside for the family."""
        return self.status is WaitStatus.OFFERED

    def is_lapsed(self, now: datetime) -> bool:
        """Tell whether the time of its offer is over."""
        return self.is_offered and self.offered_until is not None and now >= self.offered_until

    def offered(self, until: datetime) -> "Wait":
        """Return the wait with seats set aside for it."""
        return replace(self, status=WaitStatus.OFFERED, offered_until=until)

    def taken(self, now: datetime) -> "Wait":
        """Return the wait after its offer was taken.

        Raises:
            OfferOver: there is no offer, or its time is over.
        """
        if not self.is_offered or self.is_lapsed(now):
            raise OfferOver
        return replace(self, status=WaitStatus.TAKEN)

    def withdrawn(self) -> "Wait":
        """Return the wait after its family said that it does not want the seats any more."""
        return replace(self, status=WaitStatus.DECLINED if self.is_offered else WaitStatus.LEFT)

    def without(self, person_id: str) -> "Wait | None":
        """Return the wait for the others, one of whom is told of it from now on; None for nobody."""
        others = tuple(one for one in self.people if one != person_id)
        if not others:
            return None
        asked_by = others[0] if self.asked_by == person_id else self.asked_by
        return replace(self, people=others, seats=len(others), asked_by=asked_by)

    def put_back(self) -> "Wait":
        """Return the wait without the seats that were set aside for it."""
        return replace(self, status=WaitStatus.WAITING, offered_until=None)

    def for_others_than(self, seated: Collection[str]) -> "Wait | None":
        """Return the wait for those who are not seated, still told to whoever asked; None for nobody."""
        others = tuple(one for one in self.people if one not in seated)
        return replace(self, people=others, seats=len(others)) if others else None

    def parted(self, pair: frozenset[str], *, leaves: str = "") -> "Wait | None":
        """Return the wait after two people are to know nothing of each other any more; None for nobody.

        It goes on for whoever asked for both, or for the one who does not leave; where somebody else asked,
        for neither of the two.
        """
        if not pair <= {*self.people, self.asked_by}:
            return self
        is_told = self.asked_by in pair
        others = pair - {self.asked_by} if self.asked_by in self.people else {self.asked_by}
        gone = {leaves} if leaves else others if is_told else pair
        remains: Wait | None = self
        for one in sorted(gone):
            remains = remains.without(one) if remains is not None else None
        return remains

    def ended(self, status: WaitStatus) -> "Wait":
        """Return the wait ended by something else than its family."""
        return replace(self, status=status)


def offer_until(session: Session, kind: Kind, *, now: datetime, lasts: timedelta) -> datetime | None:
    """Return until when seats that are free now may be kept for a family (aware UTC).

    An offer ends before the least notice of the kind; None where too little is left until then, or where
    the session is off or has begun.
    """
    if not session.is_ahead(now):
        return None
    until = min(now + lasts, session.starts_at - timedelta(minutes=kind.least_notice))
    return until if until - now >= SHORTEST_OFFER else None
