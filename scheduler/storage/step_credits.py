"""Stays and credits as collections: the minutes give a credit once, and never over what staff decided."""

from collections import defaultdict
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.domain.booking import Duty, Status
from scheduler.domain.credits import Credit, Stay
from scheduler.storage.database import Transaction
from scheduler.storage.tables import places, sessions, stays, step_credits, steps

_STAYS = select(stays).where(stays.c.session_id == bindparam("of_session")).order_by(stays.c.entered_at)
_OF_PEOPLE = select(step_credits).where(step_credits.c.person_id.in_(bindparam("person_ids", expanding=True)))
_HOSTS = places.alias("hosts")
_HOSTED = (
    select(places.c.person_id, steps.c.id.label("step_id"))
    .select_from(_HOSTS)
    .join(places, places.c.session_id == _HOSTS.c.session_id)
    .join(sessions, sessions.c.id == places.c.session_id)
    .join(steps, steps.c.id == sessions.c.kind_id)
    .where(
        _HOSTS.c.person_id == bindparam("host"),
        _HOSTS.c.duty != Duty.MEMBER,
        _HOSTS.c.status != Status.CANCELLED,
        places.c.client_id == bindparam("of_client"),
        places.c.status != Status.CANCELLED,
    )
    .distinct()
)
Hosted = AbstractSet[tuple[str, str]]

_KEY = (step_credits.c.step_id, step_credits.c.person_id)


def enter(tx: Transaction, stay_id: str, session_id: str, person_id: str, *, now: datetime) -> None:
    """Keep that somebody is in the room from now on; one that nobody ended goes over into it."""
    leave(tx, session_id, person_id, now=now)
    values = {"id": stay_id, "session_id": session_id, "person_id": person_id, "entered_at": now}
    tx.execute(insert(stays), values)


def drop_out(tx: Transaction, stay_id: str, *, now: datetime) -> bool:
    """Keep that a stay is over; tell whether it was not before."""
    change = update(stays).where(stays.c.id == stay_id, stays.c.left_at.is_(None)).values(left_at=now)
    return tx.execute(change).rowcount == 1


def leave(tx: Transaction, session_id: str, person_id: str | None = None, *, now: datetime) -> None:
    """Keep that a person is in the room no more or, without one, that nobody is."""
    change = update(stays).where(stays.c.session_id == session_id, stays.c.left_at.is_(None))
    if person_id is not None:
        change = change.where(stays.c.person_id == person_id)
    tx.execute(change.values(left_at=now))


def stays_in(tx: Transaction, session_id: str) -> dict[str, list[Stay]]:
    """Return the stays in a session's room by person."""
    found: defaultdict[str, list[Stay]] = defaultdict(list)
    for row in tx.execute(_STAYS, {"of_session": session_id}):
        found[row.person_id].append(Stay(row.person_id, row.entered_at, row.left_at))
    return found


def give(tx: Transaction, credit: Credit) -> bool:
    """Keep a credit, unless there is one or staff took it away; tell whether it is new."""
    insertion = _insertion(tx).values(_values(tx, credit)).on_conflict_do_nothing(index_elements=_KEY)
    return tx.execute(insertion).rowcount == 1


def decide(tx: Transaction, credit: Credit) -> bool:
    """Keep what staff decided in place of the opposite; tell whether it was not so already.

    Of two who decide the same at once, the one statement lets the later find it done.
    """
    if credit.is_given and give(tx, credit):
        return True
    opposite = update(step_credits).where(
        step_credits.c.step_id == credit.step_id,
        step_credits.c.person_id == credit.person_id,
        step_credits.c.is_given != credit.is_given,
    )
    return tx.execute(opposite.values(_values(tx, credit))).rowcount == 1


def of_people(tx: Transaction, person_ids: list[str]) -> dict[tuple[str, str], Credit]:
    """Return what people have credit for, or lost it, by person and step."""
    rows = tx.execute(_OF_PEOPLE, {"person_ids": sorted(person_ids)})
    return {(row.person_id, row.step_id): _credit(tx, row) for row in rows}


def hosted_by(tx: Transaction, host_id: str, client_id: str) -> Hosted:
    """Return which people of a family have, or had, a place in which steps that somebody hosts."""
    rows = tx.execute(_HOSTED, {"host": host_id, "of_client": client_id})
    return frozenset((row.person_id, row.step_id) for row in rows)


def _insertion(tx: Transaction) -> Any:
    return (sqlite if tx.connection.dialect.name == "sqlite" else postgresql).insert(step_credits)


def _values(tx: Transaction, credit: Credit) -> dict[str, Any]:
    sealed = tx.seal("step_credits.reason", _row_id(credit.step_id, credit.person_id), credit.reason)
    kept = ("step_id", "person_id", "is_given", "at", "minutes", "decided_by")
    return {name: getattr(credit, name) for name in kept} | {
        "reason_sealed": sealed if credit.reason else None
    }


def _row_id(step_id: str, person_id: str) -> str:
    return f"{step_id}:{person_id}"


def _credit(tx: Transaction, row: Row[Any]) -> Credit:
    sealed, row_id = row.reason_sealed, _row_id(row.step_id, row.person_id)
    return Credit(
        row.step_id,
        row.person_id,
        row.is_given,
        row.at,
        row.minutes,
        row.decided_by,
        tx.open("step_credits.reason", row_id, sealed) if sealed else "",
    )
