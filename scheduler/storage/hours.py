"""Hours as a collection: weekly hours, days off and extra hours of clinicians, in their own zones."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    Row,
    bindparam,
    cast,
    delete,
    insert,
    literal_column,
    null,
    select,
    union_all,
)

from scheduler.domain.availability import DayOff, ExtraHours, Hours, WeeklyHours
from scheduler.domain.errors import NotFound
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import days_off, extra_hours, people, weekly_hours

_IDS: BindParameter[Any] = bindparam("clinician_ids", expanding=True)
_NO_DATE, _NO_NUMBER = cast(null(), Date), cast(null(), Integer)
_RULES = Query(
    union_all(
        select(
            literal_column("'weekly'").label("rule"),
            weekly_hours.c.id,
            weekly_hours.c.clinician_id,
            weekly_hours.c.weekday,
            _NO_DATE.label("first_date"),
            _NO_DATE.label("last_date"),
            weekly_hours.c.starts,
            weekly_hours.c.ends,
        ).where(weekly_hours.c.clinician_id.in_(_IDS)),
        select(
            literal_column("'off'"),
            days_off.c.id,
            days_off.c.clinician_id,
            _NO_NUMBER,
            days_off.c.first_date,
            days_off.c.last_date,
            _NO_NUMBER,
            _NO_NUMBER,
        ).where(days_off.c.clinician_id.in_(_IDS), days_off.c.last_date >= bindparam("since")),
        select(
            literal_column("'extra'"),
            extra_hours.c.id,
            extra_hours.c.clinician_id,
            _NO_NUMBER,
            extra_hours.c.date,
            extra_hours.c.date,
            extra_hours.c.starts,
            extra_hours.c.ends,
        ).where(extra_hours.c.clinician_id.in_(_IDS), extra_hours.c.date >= bindparam("since")),
    )
)
_ZONE = select(people.c.zone).where(people.c.id == bindparam("clinician_id"))
_CLEAR_WEEK = delete(weekly_hours).where(weekly_hours.c.clinician_id == bindparam("of_clinician"))
_ADD_WEEKLY, _ADD_OFF, _ADD_EXTRA = insert(weekly_hours), insert(days_off), insert(extra_hours)


def of_all(tx: Transaction, zones: Mapping[str, str], *, since: date) -> list[Hours]:
    """Return the hours of clinicians, given as id and zone, without what ended before ``since``."""
    rules: dict[str, list[Row[Any]]] = {clinician_id: [] for clinician_id in zones}
    for row in _RULES.all(tx, {"clinician_ids": list(zones), "since": since}):
        rules[row.clinician_id].append(row)
    return [_hours(clinician_id, zone, tuple(rules[clinician_id])) for clinician_id, zone in zones.items()]


def of(tx: Transaction, clinician_id: str, *, since: date) -> Hours:
    """Return one clinician's hours; days before ``since`` are left out.

    Raises:
        NotFound: there is no such person.
    """
    zone = tx.execute(_ZONE, {"clinician_id": clinician_id}).scalar_one_or_none()
    if zone is None:
        raise NotFound("clinician")
    return of_all(tx, {clinician_id: zone}, since=since)[0]


def set_weekly(tx: Transaction, clinician_id: str, weekly: Sequence[tuple[str, WeeklyHours]]) -> None:
    """Replace a clinician's weekly hours by these, given as id and block."""
    tx.execute(_CLEAR_WEEK, {"of_clinician": clinician_id})
    rows = [
        {
            "id": block_id,
            "clinician_id": clinician_id,
            "weekday": block.weekday,
            "starts": block.starts,
            "ends": block.ends,
        }
        for block_id, block in weekly
    ]
    if rows:
        tx.execute(_ADD_WEEKLY, rows)


def add_day_off(tx: Transaction, clinician_id: str, off: DayOff) -> None:
    """Keep days off."""
    tx.execute(
        _ADD_OFF,
        {
            "id": off.id,
            "clinician_id": clinician_id,
            "first_date": off.first_date,
            "last_date": off.last_date,
        },
    )


def add_extra(tx: Transaction, clinician_id: str, extra: ExtraHours) -> None:
    """Keep extra hours."""
    tx.execute(
        _ADD_EXTRA,
        {
            "id": extra.id,
            "clinician_id": clinician_id,
            "date": extra.date,
            "starts": extra.starts,
            "ends": extra.ends,
        },
    )


def remove(tx: Transaction, clinician_id: str, rule_id: str) -> None:
    """Take away the clinician's days off or extra hours with this id.

    Raises:
        NotFound: there are none, or they are somebody else's.
    """
    for table in (days_off, extra_hours):
        gone = delete(table).where(table.c.id == rule_id, table.c.clinician_id == clinician_id)
        if tx.execute(gone).rowcount:
            return
    raise NotFound("hours")


@lru_cache(maxsize=1_024)
def _hours(clinician_id: str, zone: str, rows: tuple[Row[Any], ...]) -> Hours:
    """Return rows as hours. Remembered, so that what is worked out of the same hours is found at once."""
    weekly = [WeeklyHours(row.weekday, row.starts, row.ends) for row in rows if row.rule == "weekly"]
    off = [DayOff(row.first_date, row.last_date, row.id) for row in rows if row.rule == "off"]
    extra = [ExtraHours(row.first_date, row.starts, row.ends, row.id) for row in rows if row.rule == "extra"]
    return Hours(
        clinician_id,
        zone,
        tuple(sorted(weekly, key=lambda block: (block.weekday, block.starts, block.ends))),
        tuple(sorted(off, key=lambda days: (days.first_date, days.last_date, days.id))),
        tuple(sorted(extra, key=lambda block: (block.date, block.starts, block.ends, block.id))),
    )
