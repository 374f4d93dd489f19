"""Statements worked out once: for the few that run many times in every booking and on every page.

SQLAlchemy's bookkeeping for one run of a statement costs three times the statement itself. Here it is
compiled once for each engine; a run only turns values into what the driver takes and back, by the same column
types, and on SQLite hands them to the driver itself, in the same transaction. PostgreSQL's driver has no
plain connection, so that queries go the usual way there.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Dialect, Insert, Select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningUpdate

from scheduler.storage.database import Transaction

Turn = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in an engine's words: its parameters in order, each with what turns it for the driver."""

    text: str
    parameters: tuple[tuple[str, Turn | None], ...]
    constants: Mapping[str, Any]
    is_spread: bool

    @classmethod
    def of(cls, compiled: SQLCompiler, dialect: Dialect, values: Mapping[str, Any]) -> "_Compiled":
        state = compiled.construct_expanded_state(dict(values), escape_names=False)
        kinds: dict[str, Any] = {name: bind.type for name, bind in compiled.binds.items()}
        for name, single_names in state.parameter_expansion.items():
            kinds |= dict.fromkeys(single_names, kinds[name])
        parameters = tuple(
            (name, kinds[name].dialect_impl(dialect).bind_processor(dialect))
            for name in state.positiontup or ()
        )
        constants = _spread({name: bind.value for name, bind in compiled.binds.items() if name not in values})
        return cls(state.statement, parameters, constants, bool(state.parameter_expansion))

    def fill(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the parameters of one run as the driver takes them."""
        known = {**self.constants, **values} if self.constants else values
        return tuple([known[name] if turn is None else turn(known[name]) for name, turn in self.parameters])


class Prepared:
    """An INSERT that is run often. All rows of a run have the same columns."""

    def __init__(self, statement: Insert) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def run(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows; none at all is nothing to do.

        Raises:
            IntegrityError: a key is there already, or refers to nothing.
        """
        if not rows:
            return
        compiled = self._for(tx.connection.dialect, rows[0])
        values = [compiled.fill(row) for row in rows]
        if tx.sqlite is None:
            tx.connection.exec_driver_sql(compiled.text, values[0] if len(values) == 1 else values)
        else:
            _on_sqlite(tx.sqlite.executemany, compiled.text, values)

    def _for(self, dialect: Dialect, row: Mapping[str, Any]) -> _Compiled:
        key = (dialect.name, *row)
        found = self._compiled.get(key)
        if found is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=list(row))
            found = self._compiled[key] = _Compiled.of(compiled, dialect, row)
        return found


class Query:
    """A statement that returns rows and is run often: a SELECT, or an UPDATE with RETURNING."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any] | ReturningUpdate[Any]) -> None:
        self._statement = statement
        names = [str(column.key) for column in statement.exported_columns]
        self._row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        self._turns: list[tuple[int, Turn]] | None = None
        self._compiled: dict[tuple[object, ...], _Compiled] = {}

    def all(self, tx: Transaction, values: Mapping[str, Any]) -> Sequence[Any]:
        """Return the rows, their columns as attributes; a list or tuple among ``values`` fills an expanding
        parameter. Values that stand in the statement itself are those of every run.

        Raises:
            IntegrityError: a trigger refuses the change.
        """
        if tx.sqlite is None:
            return tx.execute(self._statement, values).all()
        dialect = tx.connection.dialect
        compiled = self._for(dialect, values)
        spread = _spread(values) if compiled.is_spread else values
        found = _on_sqlite(tx.sqlite.execute, compiled.text, compiled.fill(spread))
        return [self._row._make(self._turned(row, dialect)) for row in found]

    def first(self, tx: Transaction, values: Mapping[str, Any]) -> Any:
        """Return the first row, or None."""
        return next(iter(self.all(tx, values)), None)

    def _turned(self, row: tuple[Any, ...], dialect: Dialect) -> Iterable[Any]:
        if self._turns is None:
            types = [column.type.dialect_impl(dialect) for column in self._statement.exported_columns]
            turns = [(place, kind.result_processor(dialect, None)) for place, kind in enumerate(types)]
            self._turns = [(place, turn) for place, turn in turns if turn is not None]
        if not self._turns:
            return row
        turned = list(row)
        for place, turn in self._turns:
            turned[place] = turn(turned[place])
        return turned

    def _for(self, dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
        key = (*values, *[len(value) for value in values.values() if isinstance(value, list | tuple)])
        found = self._compiled.get(key)
        if found is None:
            compiled = self._statement.compile(dialect=dialect)
            found = self._compiled[key] = _Compiled.of(compiled, dialect, values)
        return found


def _names(name: str, values: Sequence[Any]) -> list[str]:
    """Return what SQLAlchemy calls the single values of an expanding parameter."""
    return [f"{name}_{number}" for number in range(1, len(values) + 1)]


def _spread(values: Mapping[str, Any]) -> Mapping[str, Any]:
    spread = dict(values)
    for name, value in values.items():
        if isinstance(value, list | tuple):
            spread.update(zip(_names(name, value), value, strict=True))
    return spread


def _on_sqlite(run: Callable[[str, Any], sqlite3.Cursor], text: str, values: Any) -> sqlite3.Cursor:
    try:
        return run(text, values)
    except sqlite3.IntegrityError as refused:
        raise IntegrityError(text, None, refused) from refused
