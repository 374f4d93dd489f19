"""What a choice changes: the session and its seats afterwards, and who is told what.

Everybody whose calendar changes is told once, by the rule of what happened to *them*: whoever is away loses a
session, whoever stands in gains one, and the family's keeps its id, room and links.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.booking import Duty, Place, Session
from scheduler.domain.coverage import Act, Affected, Choice, Situation
from scheduler.domain.coverage_plan import moved_to
from scheduler.domain.notices import Rule


@dataclass(frozen=True, slots=True)
class Change:
    """A session as it becomes, with the seats that change and why their people are told.

    ``new_seat`` is the place of a stand-in who never had one in it.
    """

    one: Affected
    act: Act
    session: Session
    told: tuple[tuple[Place, Rule], ...]
    new_seat: Place | None = None

    @property
    def seats(self) -> list[Place]:
        """Return the seats that were there and changed."""
        return [seat for seat, _ in self.told if seat is not self.new_seat]


def change_of(one: Affected, choice: Choice, away_id: str, *, now: datetime) -> Change | None:
    """Return what a choice changes, None where the session is left as it is.

    Raises:
        SessionOver: it was cancelled or has begun.
    """
    if choice.act is Act.LEAVE:
        return None
    if choice.act is Act.CANCEL:
        gone = tuple((seat.cancelled(), Rule.CANCELLED) for seat in one.seats)
        return Change(one, choice.act, one.session.cancelled(now=now), gone)
    session = one.session
    if choice.act is Act.MOVE:
        session = session.moved(moved_to(one, choice), now=now)
    if choice.clinician_id == away_id:
        return Change(one, choice.act, session, tuple((seat.moved(), Rule.MOVED) for seat in one.seats))
    return _handed(one, choice, session, away_id, now)


def _handed(one: Affected, choice: Choice, session: Session, away_id: str, now: datetime) -> Change:
    """Return a session that somebody else hosts, at the same time or at another."""
    own = next(seat for seat in one.seats if seat.person_id == away_id)
    if own.duty is Duty.HOST:
        session = session.reassigned(choice.clinician_id, now=now)
    before = next((seat for seat in one.given_up if seat.person_id == choice.clinician_id), None)
    seat = before.taken_up(own.duty) if before else Place(session.id, choice.clinician_id, own.duty)
    is_moved = choice.act is Act.MOVE
    rule = Rule.REPLANNED if is_moved else Rule.REASSIGNED
    return Change(
        one,
        choice.act,
        session,
        (
            *((member.moved(), rule) for member in one.family),
            *((other.moved(), Rule.MOVED) for other in one.staff if is_moved and other is not own),
            (own.cancelled(), Rule.CANCELLED),
            (seat, Rule.BOOKED),
        ),
        new_seat=None if before else seat,
    )


def ticks_of(situation: Situation, change: Change) -> Iterator[tuple[str, str, range]]:
    """Yield person, session and ticks of those whose time a session takes anew, hosts' with their own pauses.

    At the same time that is whoever stands in, and at another everybody.
    """
    session = change.session
    for seat, rule in change.told:
        if rule is Rule.BOOKED or (rule is not Rule.CANCELLED and change.act is Act.MOVE):
            host = situation.colleague(seat.person_id) if seat.client_id is None else None
            ticks = host.kept_free(change.one, session.interval) if host else session.interval.ticks
            yield seat.person_id, session.id, ticks
