"""The two doors of the database: ``read(work)`` and ``write(work)``, on both engines.

``work`` is a plain function of an open `Transaction`. It may be run again (a serialisation failure, a
deadlock), so it has no effect but on its transaction; time, ids and randomness are drawn before it.
The result is handed out only after the commit is durable.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Executable

from scheduler.storage.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open unit of work: the connection, and the vault that opens what its rows keep sealed.

    ``sqlite`` is the driver's own connection, in the same transaction; None on PostgreSQL.
    """

    connection: Connection
    vault: Vault
    sqlite: sqlite3.Connection | None = None

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run one statement; a list of parameter mappings runs it for each."""
        return self.connection.execute(statement, parameters)

    def seal(self, column: str, row_id: str, text: str) -> bytes:
        """Return ``text`` sealed for "table.column" of the row with this id."""
        return self.vault.seal(column, row_id, text)

    def open(self, column: str, row_id: str, sealed: bytes) -> str:
        """Return the text sealed for "table.column" of the row with this id.

        Raises:
            SealBroken: altered, moved, or under a key that is gone.
        """
        return self.vault.open(column, row_id, sealed)

    def lookup_hash(self, kind: str, text: str) -> bytes:
        """Return the keyed hash under which ``text`` is looked up; ``kind`` keeps different things apart."""
        return self.vault.lookup_hash(kind, text)


Work = Callable[[Transaction], T]


class Database(Protocol):
    """What both engines offer."""

    @property
    def engine_name(self) -> str:
        """Return ``sqlite`` or ``postgresql``."""

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on a consistent snapshot that cannot be written to, and return its result.

        Raises:
            Unavailable: the database cannot be read now.
        """

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` and commit; return its result after the durable commit.

        Raises:
            Unavailable: the database cannot be written now; nothing of ``work`` was kept.
            Refusal: whatever ``work`` raised; nothing of it was kept.
        """

    async def close(self) -> None:
        """Finish what waits and let go of all connections."""
