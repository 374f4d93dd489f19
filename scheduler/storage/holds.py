"""Holds as a collection, gone when they lapse: one a person, beside those of the times that they propose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from scheduler.domain.booking import Hold
from scheduler.domain.errors import HoldGone, SlotTaken
from scheduler.domain.people import Actor
from scheduler.domain.times import Interval
from scheduler.storage.database import Transaction
from scheduler.storage.tables import family_members, holds, taken_ticks

_OF_PERSON = (  # a hold's ticks are its clinicians' alone, so that they say who they are
    select(holds, taken_ticks.c.person_id.label("set_aside"))
    .outerjoin(taken_ticks, taken_ticks.c.hold_id == holds.c.id)
    .where(holds.c.person_id == bindparam("of_person"), holds.c.proposal_id.is_(None))
    .order_by(taken_ticks.c.person_id)
    .distinct()
)
_OF_PROPOSAL = (
    select(holds, taken_ticks.c.person_id.label("set_aside"))
    .outerjoin(taken_ticks, taken_ticks.c.hold_id == holds.c.id)
    .where(holds.c.proposal_id == bindparam("of_proposal"))
    .order_by(taken_ticks.c.person_id)
    .distinct()
)
_LIVE = (
    select(
        holds,
        taken_ticks.c.person_id.label("set_aside"),
        func.coalesce(family_members.c.client_id, holds.c.person_id).label("client_id"),
    )
    .outerjoin(taken_ticks, taken_ticks.c.hold_id == holds.c.id)
    .outerjoin(family_members, family_members.c.person_id == holds.c.person_id)
    .where(holds.c.expires_at > bindparam("now"))
    .order_by(holds.c.expires_at, holds.c.starts_at, holds.c.id, taken_ticks.c.person_id)
    .distinct()
)
_COUNT_LIVE = select(func.count()).select_from(holds).where(holds.c.expires_at > bindparam("now"))
_LAPSED = select(holds.c.id).where(holds.c.expires_at <= bindparam("now")).limit(bindparam("most"))
_ADD = insert(holds)
_FREE_TICKS = delete(taken_ticks).where(taken_ticks.c.hold_id.in_(bindparam("hold_ids", expanding=True)))
_REMOVE = delete(holds).where(holds.c.id.in_(bindparam("hold_ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Held:
    """A hold with the client whose family its holder is of; ``is_proposed`` tells that others are asked."""

    hold: Hold
    client_id: str
    is_proposed: bool


def add(tx: Transaction, hold: Hold, *, proposal_id: str | None = None) -> None:
    """Keep a hold, of a time that is proposed or not; its ticks are taken by ``slots.take``.

    Raises:
        SlotTaken: the person holds another time, asked for in the same instant.
    """
    values = {
        "id": hold.id,
        "person_id": hold.person_id,
        "clinician_id": hold.clinician_ids[0],
        "kind_id": hold.kind_id,
        "starts_at": hold.interval.starts_at,
        "ends_at": hold.interval.ends_at,
        "expires_at": hold.expires_at,
        "proposal_id": proposal_id,
    }
    try:
        tx.execute(_ADD, values)
    except IntegrityError as second_hold:
        raise SlotTaken from second_hold


def of_person(tx: Transaction, person_id: str) -> Hold | None:
    """Return the person's hold, lapsed or not, or None; those of a proposal are not meant."""
    rows = tx.execute(_OF_PERSON, {"of_person": person_id}).all()
    return _hold(rows) if rows else None


def of_proposal(tx: Transaction, proposal_id: str) -> dict[str, Hold]:
    """Return the holds of a proposal's times by id, lapsed or not."""
    rows_of = _by_hold(tx.execute(_OF_PROPOSAL, {"of_proposal": proposal_id}))
    return {hold_id: _hold(rows) for hold_id, rows in rows_of.items()}


def live(tx: Transaction, *, now: datetime) -> list[Held]:
    """Return every time that is set aside, what lapses soonest first; for those who coordinate."""
    rows_of = _by_hold(tx.execute(_LIVE, {"now": now}))
    return [
        Held(_hold(rows), rows[0].client_id, is_proposed=rows[0].proposal_id is not None)
        for rows in rows_of.values()
    ]


def count_live(tx: Transaction, *, now: datetime) -> int:
    """Return how many times are set aside."""
    return int(tx.execute(_COUNT_LIVE, {"now": now}).scalar_one())


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


def _by_hold(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    rows_of: dict[str, list[Row[Any]]] = {}
    for row in rows:
        rows_of.setdefault(row.id, []).append(row)
    return rows_of


def _hold(rows: Sequence[Row[Any]]) -> Hold:
    row = rows[0]
    others = (one.set_aside for one in rows if one.set_aside not in (None, row.clinician_id))
    return Hold(
        id=row.id,
        person_id=row.person_id,
        clinician_ids=(row.clinician_id, *others),
        kind_id=row.kind_id,
        interval=Interval(row.starts_at, row.ends_at),
        expires_at=row.expires_at,
    )
