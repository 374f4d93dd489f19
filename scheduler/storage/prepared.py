"""Statements without a result, worked out once: for the few that run many times in every booking.

SQLAlchemy's bookkeeping for one run of an INSERT costs three times the INSERT itself. Here the statement is
compiled once for each engine and set of columns; a run only turns values into what the driver takes, by the
same column types, and hands them to it in the same transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Insert

from scheduler.storage.database import Transaction

Bind = tuple[str, Callable[[Any], Any] | None]


class Prepared:
    """An INSERT that is run often. All rows of a run have the same columns."""

    def __init__(self, statement: Insert) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, ...], tuple[str, list[Bind]]] = {}

    def run(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows; none at all is nothing to do.

        Raises:
            IntegrityError: a key is there already, or refers to nothing.
        """
        if not rows:
            return
        text, binds = self._for(tx.connection.dialect, rows[0])
        values = [
            tuple([row[name] if turn is None else turn(row[name]) for name, turn in binds]) for row in rows
        ]
        tx.connection.exec_driver_sql(text, values[0] if len(values) == 1 else values)

    def _for(self, dialect: Dialect, row: Mapping[str, Any]) -> tuple[str, list[Bind]]:
        key = (dialect.name, *row)
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = _compiled(self._statement, dialect, list(row))
        return found


def _compiled(statement: Insert, dialect: Dialect, columns: list[str]) -> tuple[str, list[Bind]]:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    names: list[str] = compiled.positiontup or []
    binds = compiled.binds
    return str(compiled), [
        (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
    ]
