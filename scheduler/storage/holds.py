"""Holds as a collection: one a person, gone when they lapse."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from scheduler.domain.booking import Hold
from scheduler.domain.errors import HoldGone, SlotTaken
from scheduler.domain.people import Actor
from scheduler.domain.times import Interval
from scheduler.storage.database import Transaction
from scheduler.storage.tables import holds, taken_ticks

_OF_PERSON = select(holds).where(holds.c.person_id == bindparam("of_person"))
_LAPSED = select(holds.c.id).where(holds.c.expires_at <= bindparam("now")).limit(bindparam("most"))
_ADD = insert(holds)
_FREE_TICKS = delete(taken_ticks).where(taken_ticks.c.hold_id.in_(bindparam("hold_ids", expanding=True)))
_REMOVE = delete(holds).where(holds.c.id.in_(bindparam("hold_ids", expanding=True)))


def add(tx: Transaction, hold: Hold) -> None:
    """Keep a hold; its ticks are taken by ``slots.take``.

    Raises:
        SlotTaken: the person holds another time, asked for in the same instant.
    """
    values = {
        "id": hold.id,
        "person_id": hold.person_id,
        "clinician_id": hold.clinician_id,
        "kind_id": hold.kind_id,
        "starts_at": hold.interval.starts_at,
        "ends_at": hold.interval.ends_at,
        "expires_at": hold.expires_at,
    }
    try:
        tx.execute(_ADD, values)
    except IntegrityError as second_hold:
        raise SlotTaken from second_hold


def of_person(tx: Transaction, person_id: str) -> Hold | None:
    """Return the person's hold, lapsed or not, or None."""
    row = tx.execute(_OF_PERSON, {"of_person": person_id}).one_or_none()
    return None if row is None else _hold(row)


def visible(tx: Transaction, actor: Actor, hold_id: str) -> Hold:
    """Return the actor's own hold, lapsed or not.

    Raises:
        HoldGone: there is none with this id, or it is somebody else's.
    """
    hold = of_person(tx, actor.person_id or "")
    if hold is None or hold.id != hold_id:
        raise HoldGone
    return hold


def lapsed(tx: Transaction, *, now: datetime, most: int = 500) -> list[str]:
    """Return the ids of lapsed holds, as many at a time."""
    return list(tx.execute(_LAPSED, {"now": now, "most": most}).scalars())


def remove(tx: Transaction, hold_ids: Sequence[str]) -> None:
    """Let holds go and free their ticks; ids that are gone already do no harm."""
    if hold_ids:
        values = {"hold_ids": list(hold_ids)}
        tx.execute(_FREE_TICKS, values)
        tx.execute(_REMOVE, values)


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        id=row.id,
        person_id=row.person_id,
        clinician_id=row.clinician_id,
        kind_id=row.kind_id,
        interval=Interval(row.starts_at, row.ends_at),
        expires_at=row.expires_at,
    )
