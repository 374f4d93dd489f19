"""Today: the sessions of a clinician's day, each with who is expected and who waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.actions.admissions import Roster, note_reading, roster_of
from scheduler.actions.perform import perform
from scheduler.domain.audit import Event
from scheduler.domain.booking import Session
from scheduler.domain.join_links import CLOSES_AFTER
from scheduler.domain.people import Actor, Role
from scheduler.domain.times import DAY_MINUTES, day_of, instant_of
from scheduler.services import Services
from scheduler.storage import bookings, sessions
from scheduler.storage.database import Transaction

DAYS_AHEAD = 7
PAST_MIDNIGHT = timedelta(hours=3)  # a session of last night may still be running


@dataclass(frozen=True, slots=True)
class Today:
    """A clinician's day: ``now`` is the session that runs or comes next, ``later`` those after it today.

    ``ahead`` are those of the next seven days; ``earlier`` counts those of today that are over.
    """

    now: Roster | None
    later: tuple[Roster, ...]
    ahead: tuple[Roster, ...]
    earlier: int


async def show_today(services: Services, actor: Actor) -> Today:
    """Return the day, in the actor's zone; every client shown is an entry of its own."""
    trail = services.trail(actor)
    day = day_of(trail.at, actor.zone)
    morning, midnight = instant_of(day, 0, actor.zone), instant_of(day, DAY_MINUTES, actor.zone)

    def work(tx: Transaction) -> Today:
        found = _sessions(
            tx, actor, since=morning - PAST_MIDNIGHT, until=midnight + timedelta(days=DAYS_AHEAD)
        )
        coming = [session for session in found if session.ends_at + CLOSES_AFTER > trail.at]
        rosters = [roster_of(tx, trail, session) for session in coming]
        note_reading(tx, trail, [session.id for session in coming])
        today = [roster for roster in rosters if roster.session.starts_at < midnight]
        return Today(
            now=today[0] if today else None,
            later=tuple(today[1:]),
            ahead=tuple(rosters[len(today) :]),
            earlier=sum(morning <= session.starts_at and session not in coming for session in found),
        )

    return await perform(services, actor, Event.SESSION_READ, work)


def _sessions(tx: Transaction, actor: Actor, *, since: datetime, until: datetime) -> list[Session]:
    """Return the sessions that the actor hosts, or for a supervisor those of their clients too."""
    person_id = actor.person_id or ""
    if actor.role is not Role.SUPERVISOR:
        return sessions.hosted_by(tx, person_id, since=since, until=until)
    every = sessions.between(tx, since, until)
    places = bookings.places_of_many(tx, [session.id for session in every])
    return [
        session
        for session in every
        if any(one.person_id == person_id or one.client_id in actor.client_ids for one in places[session.id])
    ]
