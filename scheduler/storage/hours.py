"""Hours as a collection: weekly hours, days off, extra hours, travel and limits of clinicians."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Row,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    union_all,
    update,
)

from scheduler.domain.availability import DayOff, ExtraHours, Hours, WeeklyHours
from scheduler.domain.errors import NotFound
from scheduler.domain.limits import NO_LIMITS, Limits
from scheduler.domain.travel import Travel
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import days_off, extra_hours, limits, people, travels, weekly_hours

_IDS: BindParameter[Any] = bindparam("clinician_ids", expanding=True)
_NO_DATE, _NO_NUMBER, _NO_TEXT = cast(null(), Date), cast(null(), Integer), cast(null(), Text)
_NUMBERS: list[ColumnElement[str]] = [
    func.coalesce(cast(limits.c[name], Text), "") for name in Limits.__slots__
]
_LIMITS_IN_ONE = reduce(lambda packed, number: packed + "," + number, _NUMBERS)  # "10,,60,,5,"
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
            _NO_TEXT.label("more"),
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
            _NO_TEXT,
        ).where(days_off.c.clinician_id.in_(_IDS), days_off.c.last_date >= bindparam("since")),
        select(
            case((extra_hours.c.instead, "instead"), else_="extra"),
            extra_hours.c.id,
            extra_hours.c.clinician_id,
            _NO_NUMBER,
            extra_hours.c.date,
            extra_hours.c.date,
            extra_hours.c.starts,
            extra_hours.c.ends,
            _NO_TEXT,
        ).where(extra_hours.c.clinician_id.in_(_IDS), extra_hours.c.date >= bindparam("since")),
        select(
            literal_column("'travel'"),
            travels.c.id,
            travels.c.clinician_id,
            _NO_NUMBER,
            travels.c.first_date,
            travels.c.last_date,
            _NO_NUMBER,
            _NO_NUMBER,
            travels.c.zone,
        ).where(travels.c.clinician_id.in_(_IDS), travels.c.last_date >= bindparam("since")),
        select(
            literal_column("'limits'"),
            limits.c.clinician_id,
            limits.c.clinician_id,
            _NO_NUMBER,
            _NO_DATE,
            _NO_DATE,
            _NO_NUMBER,
            _NO_NUMBER,
            _LIMITS_IN_ONE,
        ).where(limits.c.clinician_id.in_(_IDS)),
    )
)
_ZONE = select(people.c.zone).where(people.c.id == bindparam("clinician_id"))
_LOCK = (
    select(people.c.id)
    .where(people.c.id.in_(_IDS))
    .order_by(people.c.id)  # in one order for everybody, so that two cannot wait for each other
    .with_for_update(key_share=True)
)
_CLEAR_WEEK = delete(weekly_hours).where(weekly_hours.c.clinician_id == bindparam("of_clinician"))
_CLEAR_DAY = delete(extra_hours).where(
    extra_hours.c.clinician_id == bindparam("of_clinician"), extra_hours.c.date == bindparam("on_date")
)
_SET_LIMITS = update(limits).where(limits.c.clinician_id == bindparam("of_clinician"))
_ADD_WEEKLY, _ADD_OFF, _ADD_EXTRA = insert(weekly_hours), insert(days_off), insert(extra_hours)
_ADD_TRAVEL, _ADD_LIMITS = insert(travels), insert(limits)


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


def lock(tx: Transaction, clinician_ids: Iterable[str]) -> None:
    """Let whoever counts these clinicians' sessions, or changes their hours, queue up until the commit.

    On SQLite there is one writer anyway.
    """
    tx.execute(_LOCK, {"clinician_ids": sorted(clinician_ids)})


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
    """Keep extra hours, beside the weekly ones or instead of them."""
    tx.execute(
        _ADD_EXTRA,
        {
            "id": extra.id,
            "clinician_id": clinician_id,
            "date": extra.date,
            "starts": extra.starts,
            "ends": extra.ends,
            "instead": extra.instead,
        },
    )


def clear_day(tx: Transaction, clinician_id: str, day: date) -> None:
    """Take away all extra hours of one date."""
    tx.execute(_CLEAR_DAY, {"of_clinician": clinician_id, "on_date": day})


def add_travel(tx: Transaction, clinician_id: str, travel: Travel) -> None:
    """Keep days in another zone."""
    tx.execute(
        _ADD_TRAVEL,
        {
            "id": travel.id,
            "clinician_id": clinician_id,
            "first_date": travel.first_date,
            "last_date": travel.last_date,
            "zone": travel.zone,
        },
    )


def set_limits(tx: Transaction, clinician_id: str, wanted: Limits) -> None:
    """Keep a clinician's limits in place of those before."""
    values = {name: getattr(wanted, name) for name in Limits.__slots__}
    if not tx.execute(_SET_LIMITS.values(values), {"of_clinician": clinician_id}).rowcount:
        tx.execute(_ADD_LIMITS, {"clinician_id": clinician_id, **values})


def remove(tx: Transaction, clinician_id: str, rule_id: str) -> None:
    """Take away the clinician's days off, extra hours or travel with this id.

    Raises:
        NotFound: there are none, or they are somebody else's.
    """
    for table in (days_off, extra_hours, travels):
        gone = delete(table).where(table.c.id == rule_id, table.c.clinician_id == clinician_id)
        if tx.execute(gone).rowcount:
            return
    raise NotFound("hours")


@lru_cache(maxsize=1_024)
def _hours(clinician_id: str, zone: str, rows: tuple[Row[Any], ...]) -> Hours:
    """Return rows as hours. Remembered, so that what is worked out of the same hours is found at once."""
    weekly = [WeeklyHours(row.weekday, row.starts, row.ends) for row in rows if row.rule == "weekly"]
    off = [DayOff(row.first_date, row.last_date, row.id) for row in rows if row.rule == "off"]
    extra = [
        ExtraHours(row.first_date, row.starts, row.ends, row.id, instead=row.rule == "instead")
        for row in rows
        if row.rule in ("extra", "instead")
    ]
    travel = [Travel(row.first_date, row.last_date, row.more, row.id) for row in rows if row.rule == "travel"]
    own = [_limits(row.more) for row in rows if row.rule == "limits"]
    return Hours(
        clinician_id,
        zone,
        tuple(sorted(weekly, key=lambda block: (block.weekday, block.starts, block.ends))),
        tuple(sorted(off, key=lambda days: (days.first_date, days.last_date, days.id))),
        tuple(sorted(extra, key=lambda block: (block.date, block.starts, block.ends, block.id))),
        tuple(sorted(travel, key=lambda days: (days.first_date, days.id))),
        own[0] if own else NO_LIMITS,
    )


def _limits(packed: str) -> Limits:
    return Limits(*(int(number) if number else None for number in packed.split(",")))
