"""Outside calendars and their busy spans as collections; the address is sealed, and found by a keyed hash."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from scheduler.domain.cells import Span
from scheduler.domain.errors import NotFound
from scheduler.domain.outside_calendars import SHORTEST_PAUSE, OutsideCalendar
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Prepared
from scheduler.storage.tables import outside_busy, outside_calendars, people

ADDRESS, LABEL = "outside_calendars.address", "outside_calendars.label"

_OF_CLINICIAN = (
    select(outside_calendars)
    .where(outside_calendars.c.clinician_id == bindparam("of_clinician"))
    .order_by(outside_calendars.c.created_at, outside_calendars.c.id)
)
_OWN = _OF_CLINICIAN.where(outside_calendars.c.id == bindparam("of_calendar"))
_SAME = _OF_CLINICIAN.where(outside_calendars.c.address_hash == bindparam("hash"))
_DUE = (
    select(outside_calendars)
    .join(people, people.c.id == outside_calendars.c.clinician_id)
    .where(outside_calendars.c.next_try_at <= bindparam("now"), people.c.ended_at.is_(None))
    .order_by(outside_calendars.c.next_try_at)
    .limit(bindparam("most"))
)
_LOCK_CLINICIAN = select(people.c.id).where(people.c.id == bindparam("of_clinician")).with_for_update()
_BY_ID = outside_calendars.c.id == bindparam("of_calendar")
_CLAIM_DUE = (
    update(outside_calendars)
    .where(_BY_ID, outside_calendars.c.next_try_at <= bindparam("now"))
    .values(next_try_at=bindparam("until"))
)
_CLAIM_ASKED = (
    update(outside_calendars)
    .where(_BY_ID, outside_calendars.c.tried_at <= bindparam("before"))
    .values(tried_at=bindparam("now"))
)
_CHANGE = update(outside_calendars).where(_BY_ID)
_EMPTY = delete(outside_busy).where(outside_busy.c.calendar_id == bindparam("of_calendar"))
_REMOVE = delete(outside_calendars).where(_BY_ID)
_FILL = Prepared(insert(outside_busy))
_BUSY = (
    select(outside_busy.c.first_tick, outside_busy.c.end_tick)
    .where(
        outside_busy.c.clinician_id == bindparam("of_clinician"),
        outside_busy.c.first_tick < bindparam("end"),
        outside_busy.c.end_tick > bindparam("first"),
    )
    .order_by(outside_busy.c.first_tick)
)


def add(tx: Transaction, calendar: OutsideCalendar, busy: Sequence[Span]) -> None:
    """Keep a new calendar with its busy spans, its address and label sealed."""
    values = {
        "id": calendar.id,
        "clinician_id": calendar.clinician_id,
        "address_sealed": tx.seal(ADDRESS, calendar.id, calendar.address),
        "address_hash": tx.lookup_hash(ADDRESS, calendar.address),
        "label_sealed": tx.seal(LABEL, calendar.id, calendar.label) if calendar.label else None,
        "created_at": calendar.created_at,
    }
    tx.execute(insert(outside_calendars), values | _standing(calendar))
    _fill(tx, calendar, busy)


def lock_all_of(tx: Transaction, clinician_id: str) -> None:
    """Let nobody else add a calendar for this clinician until the transaction ends."""
    tx.execute(_LOCK_CLINICIAN, {"of_clinician": clinician_id})


def of(tx: Transaction, clinician_id: str) -> list[OutsideCalendar]:
    """Return a clinician's calendars, the oldest first."""
    return [_calendar(tx, row) for row in tx.execute(_OF_CLINICIAN, {"of_clinician": clinician_id})]


def own(tx: Transaction, clinician_id: str, calendar_id: str, *, is_locked: bool = False) -> OutsideCalendar:
    """Return one of a clinician's calendars, its row locked where it is to be changed.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    statement = _OWN.with_for_update() if is_locked else _OWN
    row = tx.execute(statement, {"of_clinician": clinician_id, "of_calendar": calendar_id}).first()
    if row is None:
        raise NotFound("outside calendar")
    return _calendar(tx, row)


def has_same(tx: Transaction, clinician_id: str, address: str) -> bool:
    """Tell whether a clinician has added this address before."""
    values = {"of_clinician": clinician_id, "hash": tx.lookup_hash(ADDRESS, address)}
    return tx.execute(_SAME, values).first() is not None


def due(tx: Transaction, *, now: datetime, most: int) -> list[OutsideCalendar]:
    """Return the calendars that are to be looked at by now, the longest due first."""
    return [_calendar(tx, row) for row in tx.execute(_DUE, {"now": now, "most": most})]


def claim_due(tx: Transaction, calendar_id: str, *, now: datetime, until: datetime) -> bool:
    """Take on a calendar that is due, so that nobody else does before ``until``; False: somebody has."""
    values = {"of_calendar": calendar_id, "now": now, "until": until}
    return tx.execute(_CLAIM_DUE, values).rowcount > 0


def claim_asked(tx: Transaction, calendar_id: str, *, now: datetime) -> bool:
    """Take on a calendar that somebody asks for; False: it was looked at a moment ago."""
    values = {"of_calendar": calendar_id, "now": now, "before": now - SHORTEST_PAUSE}
    return tx.execute(_CLAIM_ASKED, values).rowcount > 0


def keep(tx: Transaction, calendar: OutsideCalendar, busy: Sequence[Span] | None) -> bool:
    """Keep how a calendar stands, and its busy spans where these were read anew; False: it is gone."""
    if tx.execute(_CHANGE.values(_standing(calendar)), {"of_calendar": calendar.id}).rowcount == 0:
        return False
    if busy is not None:
        tx.execute(_EMPTY, {"of_calendar": calendar.id})
        _fill(tx, calendar, busy)
    return True


def remove(tx: Transaction, calendar: OutsideCalendar) -> None:
    """Delete a calendar whose row is locked, with its busy spans."""
    tx.execute(_EMPTY, {"of_calendar": calendar.id})
    tx.execute(_REMOVE, {"of_calendar": calendar.id})


def busy(tx: Transaction, clinician_id: str, *, first: int, end: int) -> list[Span]:
    """Return the busy spans of all of a clinician's calendars that touch these ticks, soonest first."""
    values = {"of_clinician": clinician_id, "first": first, "end": end}
    return [(row.first_tick, row.end_tick) for row in tx.execute(_BUSY, values)]


def _fill(tx: Transaction, calendar: OutsideCalendar, busy: Sequence[Span]) -> None:
    named = {"calendar_id": calendar.id, "clinician_id": calendar.clinician_id}
    _FILL.run(tx, [named | {"first_tick": first, "end_tick": end} for first, end in busy])


def _standing(calendar: OutsideCalendar) -> dict[str, object]:
    names = ("etag", "last_modified", "fault", "fetched_at", "read_at", "tried_at", "next_try_at")
    return {name: getattr(calendar, name) for name in names}


def _calendar(tx: Transaction, row: Row[Any]) -> OutsideCalendar:
    return OutsideCalendar(
        id=row.id,
        clinician_id=row.clinician_id,
        address=tx.open(ADDRESS, row.id, row.address_sealed),
        label=tx.open(LABEL, row.id, row.label_sealed) if row.label_sealed else "",
        created_at=row.created_at,
        fetched_at=row.fetched_at,
        read_at=row.read_at,
        tried_at=row.tried_at,
        next_try_at=row.next_try_at,
        etag=row.etag,
        last_modified=row.last_modified,
        fault=row.fault,
    )
