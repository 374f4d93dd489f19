"""How many statements an act runs: what is known and what is not must cost the database the same."""

from collections.abc import Awaitable, Callable

from sqlalchemy import event

from scheduler.services import Services
from scheduler.storage.database import Transaction


async def statements_of(services: Services, act: Callable[[], Awaitable[object]]) -> int:
    """Return how many statements the act runs."""
    count = 0

    def counting(*_: object) -> None:
        nonlocal count
        count += 1

    def listen(tx: Transaction) -> None:
        if tx.sqlite is None:
            event.listen(tx.connection.engine, "before_cursor_execute", counting)
        else:
            tx.sqlite.set_trace_callback(counting)

    def unlisten(tx: Transaction) -> None:
        if tx.sqlite is None:
            event.remove(tx.connection.engine, "before_cursor_execute", counting)
        else:
            tx.sqlite.set_trace_callback(None)

    await services.database.write(listen)
    await act()
    await services.database.write(unlisten)
    return count
