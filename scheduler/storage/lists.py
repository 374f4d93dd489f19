"""What the coordinator's lists ask of several collections at once; the past is never looked through."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import and_, bindparam, func, or_, select

from scheduler.domain.booking import Duty, Session, Status
from scheduler.domain.program import LONGEST
from scheduler.storage import sessions as kept
from scheduler.storage.database import Transaction
from scheduler.storage.tables import days_off, people, places, sessions

LONGEST_SESSION = timedelta(minutes=LONGEST)
NEXT_OF = (  # joined from the sessions' side, so that nobody's past places are read
    select(places.c.client_id, func.min(sessions.c.starts_at).label("next_at"))
    .select_from(sessions)
    .outerjoin(
        places,
        and_(
            places.c.session_id == sessions.c.id,
            places.c.status == Status.BOOKED,
            places.c.client_id.in_(bindparam("client_ids", expanding=True)),
        ),
    )
    .where(sessions.c.starts_at > bindparam("now"), sessions.c.status == Status.BOOKED)
    .group_by(places.c.client_id)
)
_HAVE_DAYS_OFF = select(days_off.c.clinician_id).where(days_off.c.last_date >= bindparam("since"))
HOSTS_MISSED = (
    select(sessions)
    .outerjoin(
        places,
        and_(
            places.c.session_id == sessions.c.id,
            places.c.status == Status.BOOKED,
            places.c.duty != Duty.MEMBER,
        ),
    )
    .outerjoin(people, people.c.id == places.c.person_id)
    .where(
        sessions.c.starts_at > bindparam("earliest"),
        sessions.c.ends_at > bindparam("now"),
        sessions.c.status == Status.BOOKED,
        or_(
            places.c.person_id.is_(None),
            people.c.ended_at.is_not(None),
            places.c.person_id.in_(_HAVE_DAYS_OFF),
        ),
    )
    .distinct()
    .order_by(sessions.c.starts_at, sessions.c.id)
)


def next_of(tx: Transaction, client_ids: Iterable[str], *, now: datetime) -> dict[str, datetime]:
    """Return by client when the next session starts in which anybody of the family has a place."""
    values = {"client_ids": sorted(set(client_ids)), "now": now}
    return {row.client_id: row.next_at for row in tx.execute(NEXT_OF, values) if row.client_id is not None}


def hosts_missed(tx: Transaction, *, since: date, now: datetime) -> list[Session]:
    """Return sessions not over yet that nobody holds, or whose host has left or has days off from a day on.

    Whether such days are the day of the session is for whoever knows the host's zone.
    """
    values = {"since": since, "now": now, "earliest": now - LONGEST_SESSION}
    return [kept.from_row(row) for row in tx.execute(HOSTS_MISSED, values)]
