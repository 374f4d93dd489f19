"""Weekly offerings of steps as a collection, with their co-hosts and the dates on which they are not held."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, select, update

from scheduler.domain.errors import NotFound
from scheduler.domain.program import Offering
from scheduler.storage.database import Transaction
from scheduler.storage.tables import co_hosts, offering_exceptions, offerings, steps

_OWN = (
    "id",
    "step_id",
    "host_id",
    "weekday",
    "starts",
    "zone",
    "capacity",
    "first_date",
    "last_date",
    "is_beyond_limits",
)
_ONE = select(offerings).where(offerings.c.id == bindparam("of_offering"))
_ONE_LOCKED = _ONE.with_for_update()
_LIVE = select(offerings).where(offerings.c.ended_at.is_(None)).order_by(offerings.c.id)
_OF_STEP = (
    select(offerings)
    .where(offerings.c.step_id == bindparam("of_step"), offerings.c.ended_at.is_(None))
    .order_by(offerings.c.weekday, offerings.c.starts, offerings.c.id)
)
_OF_STEP_LOCKED = _OF_STEP.with_for_update()
_OF_PROGRAM = (
    select(offerings)
    .join(steps, steps.c.id == offerings.c.step_id)
    .where(steps.c.program_id == bindparam("of_program"), offerings.c.ended_at.is_(None))
    .order_by(offerings.c.weekday, offerings.c.starts, offerings.c.id)
)
_CO_HOSTS = (
    select(co_hosts)
    .where(co_hosts.c.offering_id.in_(bindparam("ids", expanding=True)))
    .order_by(co_hosts.c.person_id)
)
_EXCEPTIONS = select(offering_exceptions).where(
    offering_exceptions.c.offering_id.in_(bindparam("ids", expanding=True))
)


def add(tx: Transaction, offering: Offering) -> None:
    """Keep that a step is offered every week."""
    tx.execute(insert(offerings), {name: getattr(offering, name) for name in _OWN})
    _add_co_hosts(tx, offering)
    for day in sorted(offering.exceptions):
        add_exception(tx, offering.id, day)


def change(tx: Transaction, offering: Offering) -> None:
    """Keep an offering as it is now, but for its exceptions."""
    values = {name: getattr(offering, name) for name in _OWN if name != "id"}
    tx.execute(update(offerings).where(offerings.c.id == offering.id).values(values))
    tx.execute(delete(co_hosts).where(co_hosts.c.offering_id == offering.id))
    _add_co_hosts(tx, offering)


def end(tx: Transaction, offering_id: str, *, ended_at: datetime) -> None:
    """Keep that an offering is held no more."""
    tx.execute(update(offerings).where(offerings.c.id == offering_id).values(ended_at=ended_at))


def add_exception(tx: Transaction, offering_id: str, day: date) -> None:
    """Keep that an offering is not held on a date."""
    tx.execute(insert(offering_exceptions), {"offering_id": offering_id, "date": day})


def remove_exception(tx: Transaction, offering_id: str, day: date) -> None:
    """Keep that an offering is held on a date after all."""
    chosen = offering_exceptions.c.offering_id == offering_id, offering_exceptions.c.date == day
    tx.execute(delete(offering_exceptions).where(*chosen))


def get(tx: Transaction, offering_id: str) -> Offering:
    """Return the offering with this id, ended or not.

    Raises:
        NotFound: there is none.
    """
    return _only(_found(tx, _ONE, {"of_offering": offering_id}))


def locked(tx: Transaction, offering_id: str) -> Offering:
    """Return `get` for a change: on PostgreSQL the row is locked, so that changes queue up.

    Raises:
        NotFound: there is none.
    """
    tx.execute(_ONE_LOCKED, {"of_offering": offering_id}).all()
    return get(tx, offering_id)  # a statement of its own, so that it sees what the lock waited for


def live(tx: Transaction) -> list[Offering]:
    """Return every offering that was not ended."""
    return _found(tx, _LIVE, {})


def of_step(tx: Transaction, step_id: str) -> list[Offering]:
    """Return when a step is offered, in the order of the week; what was ended is left out."""
    return _found(tx, _OF_STEP, {"of_step": step_id})


def of_step_locked(tx: Transaction, step_id: str) -> list[Offering]:
    """Return `of_step` for a change of all of them, as `locked`."""
    tx.execute(_OF_STEP_LOCKED, {"of_step": step_id}).all()
    return of_step(tx, step_id)


def of_program(tx: Transaction, program_id: str) -> list[Offering]:
    """Return when the steps of a program are offered, in the order of the week; ended ones are left out."""
    return _found(tx, _OF_PROGRAM, {"of_program": program_id})


def _add_co_hosts(tx: Transaction, offering: Offering) -> None:
    rows = [{"offering_id": offering.id, "person_id": person_id} for person_id in offering.co_host_ids]
    if rows:
        tx.execute(insert(co_hosts), rows)


def _found(tx: Transaction, query: Select[Any], values: dict[str, object]) -> list[Offering]:
    rows = tx.execute(query, values).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    helpers: defaultdict[str, list[str]] = defaultdict(list)
    for one in tx.execute(_CO_HOSTS, {"ids": ids}):
        helpers[one.offering_id].append(one.person_id)
    skipped: defaultdict[str, set[date]] = defaultdict(set)
    for one in tx.execute(_EXCEPTIONS, {"ids": ids}):
        skipped[one.offering_id].add(one.date)
    return [_offering(row, helpers[row.id], skipped[row.id]) for row in rows]


def _offering(row: Row[Any], helpers: Sequence[str], skipped: set[date]) -> Offering:
    return Offering(
        **{name: getattr(row, name) for name in _OWN},
        co_host_ids=tuple(helpers),
        exceptions=frozenset(skipped),
        ended_at=row.ended_at,
    )


def _only(found: list[Offering]) -> Offering:
    if not found:
        raise NotFound("offering")
    return found[0]
