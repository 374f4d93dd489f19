"""Notices as a collection: the outbox. A row is added in the action's own transaction; the job sends it.

A row is unique by person, session, rule and sequence, so that the same thing is never owed twice; rules
without a session (a sign-in code) may be owed any number of times.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.domain.notices import (
    CLAIM_LASTS,
    GATHERED_FOR,
    LONGEST_REMINDER,
    Notice,
    Rule,
    Status,
    reminder_due,
    reminder_id,
)
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Prepared
from scheduler.storage.tables import notices, places, sessions

_KEY = ("person_id", "session_id", "rule", "sequence")
_ADD = {
    "sqlite": Prepared(sqlite.insert(notices).on_conflict_do_nothing(index_elements=_KEY)),
    "postgresql": Prepared(postgresql.insert(notices).on_conflict_do_nothing(index_elements=_KEY)),
}
_LAST_SEQUENCE = select(func.coalesce(func.max(notices.c.sequence), -1)).where(
    notices.c.person_id == bindparam("person_id"),
    notices.c.session_id == bindparam("session_id"),
    notices.c.rule == bindparam("rule"),
)
_DUE = (
    select(notices)
    .where(
        or_(
            and_(notices.c.status == Status.QUEUED, notices.c.next_attempt_at <= bindparam("now")),
            and_(notices.c.status == Status.SENDING, notices.c.claimed_at <= bindparam("lapsed")),
        )
    )
    .order_by(notices.c.next_attempt_at, notices.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_DUE_OF_ACTS = _DUE.where(
    notices.c.act_id.in_(bindparam("act_ids", expanding=True)),
    notices.c.id.not_in(bindparam("claimed_ids", expanding=True)),
)
MOST_TOGETHER = 200
_TELLS_TIME = (Rule.BOOKED, Rule.MOVED, Rule.REASSIGNED, Rule.REPLANNED)
_TELLING = case((notices.c.rule.in_(_TELLS_TIME), notices.c.due_at))
_SOON = (
    select(
        places.c.person_id,
        places.c.session_id,
        places.c.sequence,
        sessions.c.starts_at,
        func.max(_TELLING, type_=notices.c.due_at.type).label("told_at"),
    )
    .join(sessions, sessions.c.id == places.c.session_id)
    .outerjoin(
        notices, and_(notices.c.person_id == places.c.person_id, notices.c.session_id == places.c.session_id)
    )
    .where(
        sessions.c.status == "booked",
        places.c.status == "booked",
        sessions.c.starts_at > bindparam("now"),
        sessions.c.starts_at <= bindparam("until"),
    )
    .group_by(places.c.person_id, places.c.session_id, places.c.sequence, sessions.c.starts_at)
)


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice to be queued. ``sequence`` is the invite's; None counts repeats (codes, fresh links, alerts).

    ``person_id`` is empty where whoever made an inquiry is owed the message. ``due_at`` is aware UTC;
    ``detail`` (a code, words for staff) is sealed and emptied once it was sent. What is owed with an
    ``act_id`` waits a minute for all that the act owes the same person, and goes out with it in one mail.
    """

    notice_id: str
    person_id: str
    session_id: str | None
    rule: Rule
    due_at: datetime
    sequence: int | None = None
    detail: str | None = None
    act_id: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice taken up for sending, with its opened detail."""

    notice: Notice
    detail: str


def queue(
    tx: Transaction,
    *,
    notice_id: str,
    person_id: str,
    session_id: str | None,
    rule: Rule,
    due_at: datetime,
    sequence: int | None = None,
    detail: str | None = None,
) -> None:
    """Owe somebody a message; see `Owed`. What is owed already is not owed twice."""
    queue_all(tx, [Owed(notice_id, person_id, session_id, Rule(rule), due_at, sequence, detail)])


def queue_all(tx: Transaction, owed: Sequence[Owed]) -> None:
    """Owe several messages in one statement; what is owed already is not owed twice."""
    if owed:
        _ADD[tx.connection.dialect.name].run(tx, [_row(tx, one) for one in owed])


def next_sequence(tx: Transaction, person_id: str, session_id: str, rule: Rule) -> int:
    """Return the sequence of a person's next notice by this rule about a session; the first one's is 0."""
    asked = {"person_id": person_id, "session_id": session_id, "rule": rule}
    return int(tx.execute(_LAST_SEQUENCE, asked).scalar_one()) + 1


def claim(tx: Transaction, *, now: datetime, limit: int) -> list[Claimed]:
    """Take up to ``limit`` due notices for sending, longest due first, each with one more attempt.

    All that is owed by the same acts, up to `MOST_TOGETHER`, comes along. Claims of a process that died are
    taken up again once they have lapsed. Other processes skip these rows.
    """
    due = {"now": now, "lapsed": now - CLAIM_LASTS}
    rows = list(tx.execute(_DUE, due | {"limit": limit}))
    acts = {row.act_id for row in rows} - {None}
    if acts:
        known = {"act_ids": sorted(acts), "claimed_ids": [row.id for row in rows], "limit": MOST_TOGETHER}
        rows += tx.execute(_DUE_OF_ACTS, due | known)
    if rows:
        tx.execute(
            update(notices)
            .where(notices.c.id.in_([row.id for row in rows]))
            .values(status=Status.SENDING, claimed_at=now, attempts=notices.c.attempts + 1)
        )
    return [Claimed(_notice(row, claimed=True), _detail(tx, row)) for row in rows]


def mark_sent(tx: Transaction, notice_id: str, *, now: datetime) -> bool:
    """Keep that the mail server took it, and empty its detail; False when another process was first."""
    return _leave(tx, notice_id, status=Status.SENT, sent_at=now, detail_sealed=None, fault="")


def mark_failed(tx: Transaction, notice_id: str, *, fault: str) -> bool:
    """Keep that it was refused for good, and empty its detail; False when another process was first."""
    return _leave(tx, notice_id, status=Status.FAILED, detail_sealed=None, fault=fault)


def mark_dropped(tx: Transaction, notice_id: str, *, reason: str) -> bool:
    """Keep that it is no longer worth sending, and empty its detail; False when another was first."""
    return _leave(tx, notice_id, status=Status.DROPPED, detail_sealed=None, fault=reason)


def mark_delayed(tx: Transaction, notice_id: str, *, next_attempt_at: datetime, fault: str) -> bool:
    """Put it back until its next attempt; False when another process was first."""
    return _leave(tx, notice_id, status=Status.QUEUED, next_attempt_at=next_attempt_at, fault=fault)


def plan_reminders(tx: Transaction, *, now: datetime, at_once: int = 500) -> int:
    """Queue the reminders that are due for the sessions of the next hour; return how many were due.

    Reminders come from the sessions as they are now, never from what was planned earlier, and planning
    twice plans nothing twice. All of the hour are looked at, ``at_once`` in a statement.
    """
    rows = tx.execute(_SOON, {"now": now, "until": now + LONGEST_REMINDER}).all()
    owed = [one for row in rows if (one := _reminder(row, now)) is not None]
    return sum(_queue_fresh(tx, owed[at : at + at_once]) for at in range(0, len(owed), at_once))


def oldest_due(tx: Transaction, *, now: datetime) -> timedelta:
    """Return how long the oldest notice that should have gone has waited; nothing when none has."""
    due = select(func.min(notices.c.due_at, type_=notices.c.due_at.type)).where(
        notices.c.status.in_((Status.QUEUED, Status.SENDING)), notices.c.due_at <= now
    )
    oldest: datetime | None = tx.execute(due).scalar_one()
    return timedelta(0) if oldest is None else now - oldest


def counts(tx: Transaction) -> dict[Status, int]:
    """Return how many notices stand in each status."""
    rows = tx.execute(select(notices.c.status, func.count().label("many")).group_by(notices.c.status))
    return {Status(row.status): row.many for row in rows}


def of_session(tx: Transaction, session_id: str) -> list[Notice]:
    """Return all notices of a session, earliest owed first."""
    rows = tx.execute(select(notices).where(notices.c.session_id == session_id).order_by(notices.c.due_at))
    return [_notice(row) for row in rows]


def forget(tx: Transaction, *, before: datetime) -> int:
    """Delete sent and dropped notices owed before a moment; return how many."""
    done = notices.c.status.in_((Status.SENT, Status.DROPPED))
    return tx.execute(delete(notices).where(done, notices.c.due_at < before)).rowcount


def _leave(tx: Transaction, notice_id: str, **values: Any) -> bool:
    owned = and_(notices.c.id == notice_id, notices.c.status == Status.SENDING)
    return tx.execute(update(notices).where(owned).values(claimed_at=None, **values)).rowcount == 1


def _row(tx: Transaction, owed: Owed) -> dict[str, Any]:
    sealed = None if owed.detail is None else tx.seal("notices.detail", owed.notice_id, owed.detail)
    return {
        "id": owed.notice_id,
        "person_id": owed.person_id or None,
        "session_id": owed.session_id,
        "rule": owed.rule,
        "sequence": _sequence(tx, owed) if owed.sequence is None else owed.sequence,
        "detail_sealed": sealed,
        "act_id": owed.act_id,
        "due_at": owed.due_at,
        "next_attempt_at": owed.due_at + GATHERED_FOR if owed.act_id else owed.due_at,
        "status": Status.QUEUED,
        "attempts": 0,
        "fault": "",
    }


def _sequence(tx: Transaction, owed: Owed) -> int:
    if owed.session_id is None:
        return 0
    return next_sequence(tx, owed.person_id, owed.session_id, owed.rule)


def _reminder(row: Row[Any], now: datetime) -> Owed | None:
    due = reminder_due(now=now, starts_at=row.starts_at, told_at=row.told_at)
    if due is None:
        return None
    rule, owed_at = due
    return Owed(
        notice_id=reminder_id(
            person_id=row.person_id, session_id=row.session_id, rule=rule, sequence=row.sequence
        ),
        person_id=row.person_id,
        session_id=row.session_id,
        rule=rule,
        due_at=owed_at,
        sequence=row.sequence,
    )


def _queue_fresh(tx: Transaction, owed: Sequence[Owed]) -> int:
    known = _known_ids(tx, [one.notice_id for one in owed])
    fresh = [one for one in owed if one.notice_id not in known]
    queue_all(tx, fresh)
    return len(fresh)


def _known_ids(tx: Transaction, ids: Iterable[str]) -> frozenset[str]:
    return frozenset(tx.execute(select(notices.c.id).where(notices.c.id.in_(list(ids)))).scalars())


def _detail(tx: Transaction, row: Row[Any]) -> str:
    return tx.open("notices.detail", row.id, row.detail_sealed) if row.detail_sealed else ""


def _notice(row: Row[Any], *, claimed: bool = False) -> Notice:
    return Notice(
        id=row.id,
        rule=Rule(row.rule),
        person_id=row.person_id or "",
        session_id=row.session_id,
        sequence=row.sequence,
        due_at=row.due_at,
        status=Status.SENDING if claimed else Status(row.status),
        attempts=row.attempts + claimed,
        next_attempt_at=row.next_attempt_at,
        act_id=row.act_id,
    )
