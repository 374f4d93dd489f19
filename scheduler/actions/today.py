"""Today: the sessions of a clinician's day and week; the present one with who is expected and who waits.

Whatever the number of sessions, the same few statements read them; each client's data shown has its entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.actions import inquiry_care
from scheduler.actions.admissions import Roster, family_of, note_reading, roster_of
from scheduler.actions.perform import perform
from scheduler.actions.places import booked
from scheduler.domain.audit import Event
from scheduler.domain.booking import Place, Session
from scheduler.domain.inquiries import Inquiry
from scheduler.domain.join_links import CLOSES_AFTER
from scheduler.domain.people import Actor, Role
from scheduler.domain.times import DAY_MINUTES, day_of, instant_of
from scheduler.services import Services
from scheduler.storage import bookings, inquiries, kinds, rooms, sessions
from scheduler.storage.database import Transaction

DAYS_AHEAD = 7
PAST_MIDNIGHT = timedelta(hours=3)  # a session of last night may still be running


Places = Mapping[str, Sequence[Place]]


@dataclass(frozen=True, slots=True)
class Coming:
    """A session to come in one line: how many family members are ``expected``, how many came to the door."""

    session: Session
    kind_name: str
    expected: int
    here: int


@dataclass(frozen=True, slots=True)
class Today:
    """A clinician's day: ``now`` is the session that runs or comes next, ``later`` those after it today.

    ``ahead`` are those of the next seven days; ``earlier`` counts those of today that are over.
    ``conversations`` are the first conversations of the same days, and past ones that are not settled yet.
    """

    now: Roster | None
    later: tuple[Coming, ...]
    ahead: tuple[Coming, ...]
    earlier: int
    conversations: tuple[Inquiry, ...] = ()


async def show_today(services: Services, actor: Actor) -> Today:
    """Return the day, in the actor's zone; every client shown is an entry of its own."""
    trail = services.trail(actor)
    day = day_of(trail.at, actor.zone)
    morning, midnight = instant_of(day, 0, actor.zone), instant_of(day, DAY_MINUTES, actor.zone)

    until = midnight + timedelta(days=DAYS_AHEAD)

    def work(tx: Transaction) -> Today:
        found, places = _sessions(tx, actor, since=morning - PAST_MIDNIGHT, until=until)
        coming = [session for session in found if session.ends_at + CLOSES_AFTER > trail.at]
        today = [session for session in coming if session.starts_at < midnight]
        now = roster_of(tx, trail, today[0], places[today[0].id]) if today else None
        lines = _lines(tx, coming, places)
        note_reading(tx, trail, {session.id: places[session.id] for session in coming})
        return Today(
            now=now,
            later=lines[1 : len(today)],
            ahead=lines[len(today) :],
            earlier=sum(morning <= session.starts_at and session not in coming for session in found),
            conversations=inquiry_care.to_do(tx, trail, until=until),
        )

    return await perform(services, actor, Event.SESSION_READ, work)


def _lines(tx: Transaction, coming: Sequence[Session], places: Places) -> tuple[Coming, ...]:
    came = rooms.came_to(tx, [session.id for session in coming])
    names = kinds.names_of(tx, [session.kind_id for session in coming])
    family = {session.id: family_of(places[session.id]) for session in coming}
    return tuple(
        Coming(
            session,
            names[session.kind_id],
            expected=len(family[session.id]),
            here=sum((session.id, place.person_id) in came for place in family[session.id]),
        )
        for session in coming
    )


def _sessions(
    tx: Transaction, actor: Actor, *, since: datetime, until: datetime
) -> tuple[list[Session], Places]:
    """Return the sessions that the actor hosts, or for a supervisor their clients' too; and the places.

    First conversations are apart: they have no roster.
    """
    person_id = actor.person_id or ""
    if actor.role is not Role.SUPERVISOR:
        hosted = _without_inquiries(tx, sessions.hosted_by(tx, person_id, since=since, until=until))
        return hosted, bookings.places_of_many(tx, [session.id for session in hosted])
    every = _without_inquiries(tx, sessions.between(tx, since, until))
    places = bookings.places_of_many(tx, [session.id for session in every])
    theirs = [
        session
        for session in every
        if any(
            one.person_id == person_id or one.client_id in actor.client_ids
            for one in booked(places[session.id])
        )
    ]
    return theirs, places


def _without_inquiries(tx: Transaction, found: list[Session]) -> list[Session]:
    apart = inquiries.among(tx, [session.id for session in found])
    return [session for session in found if session.id not in apart]
