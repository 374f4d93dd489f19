"""What is kept at one moment: the rows of all tables that the schedule writes, and the entries since."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, select

from scheduler.storage import tables
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query

WATCHED: tuple[Table, ...] = (
    tables.apart,
    tables.bookings,
    tables.days_off,
    tables.extra_hours,
    tables.holds,
    tables.join_links,
    tables.notices,
    tables.places,
    tables.proposal_answers,
    tables.proposal_people,
    tables.proposal_times,
    tables.proposals,
    tables.sessions,
    tables.taken_ticks,
    tables.waiting_people,
    tables.waitlist,
    tables.weekly_hours,
)
READS = {  # worked out once: they are run after every step
    table.name: Query(select(table).order_by(*table.primary_key)) for table in WATCHED
}
HOURS = (tables.days_off, tables.extra_hours, tables.weekly_hours)
Key = tuple[Any, ...]
Rows = Mapping[Key, Row[Any]]


@dataclass(frozen=True, order=True)
class Said:
    """One entry of the log, as far as it is compared: the event, the client it is about, and the thing."""

    event: str
    client_id: str | None = None
    thing: str = ""
    outcome: str = "success"
    reason: str | None = None


@dataclass(frozen=True)
class Kept:
    """All rows by table and key, as they were ``at`` a moment; ``size`` is that of the log."""

    at: datetime
    rows: Mapping[str, Rows]
    size: int

    def of(self, table: Table) -> Rows:
        """Return the rows of a table, by key."""
        return self.rows[table.name]

    def all(self, table: Table) -> list[Row[Any]]:
        """Return the rows of a table, in the order of their keys."""
        return list(self.of(table).values())

    def seats(self, session_id: str) -> list[Row[Any]]:
        """Return the places of a session that were not given up."""
        found = self.all(tables.places)
        return [row for row in found if row.session_id == session_id and row.status != "cancelled"]

    def hosts(self, session_id: str) -> frozenset[str]:
        """Return who holds a session."""
        return frozenset(row.person_id for row in self.seats(session_id) if row.client_id is None)

    def family_seats(self, session_id: str) -> list[Row[Any]]:
        """Return the places of families in a session that were not given up."""
        return [row for row in self.seats(session_id) if row.client_id is not None]

    def clients(self, session_id: str) -> list[str | None]:
        """Return the clients whose families take part in a session; one None where there is none."""
        return sorted({row.client_id for row in self.family_seats(session_id)}) or [None]

    def live(self) -> list[Row[Any]]:
        """Return the sessions that are not off, past ones too."""
        return [row for row in self.all(tables.sessions) if row.status != "cancelled"]

    def ahead(self, *, groups: bool) -> list[Row[Any]]:
        """Return the groups, or the visits of one family, that have not begun."""
        return [
            row
            for row in self.all(tables.sessions)
            if row.status == "booked" and row.starts_at > self.at and (row.capacity > 0) is groups
        ]

    def standing(self, session_id: str) -> list[Row[Any]]:
        """Return who waits for a group or is offered seats in it, in order."""
        found = [row for row in self.all(tables.waitlist) if row.session_id == session_id]
        waits = [row for row in found if row.status in ("waiting", "offered")]
        return sorted(waits, key=lambda row: int(row.position))

    def people_of_wait(self, wait_id: str) -> list[str]:
        """Return for whom a wait is."""
        return [row.person_id for row in self.all(tables.waiting_people) if row.wait_id == wait_id]

    def are_apart(self, one: Iterable[str], others: Iterable[str]) -> bool:
        """Tell whether any of these people is kept apart from any of the others."""
        pairs, met = self.of(tables.apart), set(others)
        return any((person, other) in pairs for person in one for other in met)


def read(tx: Transaction, now: datetime) -> Kept:
    """Return everything as it is kept."""
    size: int = tx.execute(select(tables.audit_head.c.size)).scalar_one()
    return Kept(now, {table.name: _rows(tx, table) for table in WATCHED}, size)


def said_since(tx: Transaction, size: int) -> list[Said]:
    """Return the entries after the first so many, but for those that say that something was shown."""
    chosen = select(tables.audit_entries.c.leaf).where(tables.audit_entries.c.seq > size)
    leaves = tx.execute(chosen.order_by(tables.audit_entries.c.seq)).scalars()
    found = [_said(json.loads(leaf)) for leaf in leaves]
    return [one for one in found if not one.event.endswith(".read")]


def _rows(tx: Transaction, table: Table) -> Rows:
    places = [number for number, column in enumerate(table.c) if column.primary_key]
    found = READS[table.name].all(tx, {})
    return {tuple(row[place] for place in places): row for row in found}


def _said(entry: dict[str, Any]) -> Said:
    things = {one["kind"]: one["id"] for one in reversed(entry["entities"])}
    first = entry["entities"][0]["id"] if entry["entities"] else ""
    thing = things.get("wait", first)
    return Said(entry["event"], entry["client"], thing, entry["outcome"], entry["reason"])
