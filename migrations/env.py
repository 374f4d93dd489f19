"""Alembic's entry: one history for both engines, run through the synchronous face of each driver."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from scheduler.settings import Settings
from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables import METADATA


def _rendered(kind: str, value: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our own column types by name into new migrations."""
    if kind == "type" and isinstance(value, UtcDateTime):
        autogen_context.imports.add("from scheduler.storage.columns import UtcDateTime")
        return "UtcDateTime()"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_item=_rendered,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _online(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


def _url() -> str:
    chosen = context.config.get_main_option("sqlalchemy.url")
    return chosen or Settings().database_url  # type: ignore[call-arg]  # the environment fills it


if (existing := context.config.attributes.get("connection")) is not None:
    _migrate(existing)
else:
    asyncio.run(_online(_url()))
