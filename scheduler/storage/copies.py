"""Copies of the whole database, row by row, the same for both engines: a copy of one fits the other.

A row is a JSON array in the order of the table's columns: bytes as base64, moments and dates as ISO 8601.
Sealed columns stay sealed: a copy is worth nothing without the key folder, which is never in it.
"""

import base64
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, LargeBinary, Table, func, insert, select, update

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.database import Transaction
from scheduler.storage.tables import METADATA, audit_head

ROWS_AT_ONCE = 500

Row = list[Any]


def tables() -> list[Table]:
    """Return all tables, those that are referred to first."""
    return METADATA.sorted_tables


def rows_of(tx: Transaction, table: Table) -> Iterator[Row]:
    """Yield every row of a table, a few at a time in memory."""
    statement = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS_AT_ONCE)
    writers = [_writer(column) for column in table.columns]
    for row in tx.execute(statement):
        yield [None if value is None else write(value) for write, value in zip(writers, row, strict=True)]


def put_rows(tx: Transaction, table: Table, rows: Iterable[Row]) -> int:
    """Add rows that `rows_of` yielded; return how many."""
    readers = [(column.name, _reader(column)) for column in table.columns]
    many = 0
    group: list[dict[str, Any]] = []
    for row in rows:
        group.append(
            {
                name: None if value is None else read(value)
                for (name, read), value in zip(readers, row, strict=True)
            }
        )
        if len(group) == ROWS_AT_ONCE:
            many += _insert(tx, table, group)
            group = []
    return many + (_insert(tx, table, group) if group else 0)


def is_empty(tx: Transaction) -> bool:
    """Tell whether nothing but the empty audit head is kept."""
    return not any(_count(tx, table) for table in tables() if table is not audit_head)


def _count(tx: Transaction, table: Table) -> int:
    return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def _insert(tx: Transaction, table: Table, group: list[dict[str, Any]]) -> int:
    if table is audit_head:  # every empty database has its one row
        tx.execute(update(audit_head).values(size=group[0]["size"]))
    else:
        tx.execute(insert(table), group)
    return len(group)


def _writer(column: Column[Any]) -> Any:
    if isinstance(column.type, LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    if isinstance(column.type, UtcDateTime | Date):
        return lambda value: value.isoformat()
    return _same


def _reader(column: Column[Any]) -> Any:
    if isinstance(column.type, LargeBinary):
        return base64.b64decode
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat
    return date.fromisoformat if isinstance(column.type, Date) else _same


def _same(value: Any) -> Any:
    return value
