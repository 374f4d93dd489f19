"""The schema's history: bring a database to head, or tell whether it is there."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


class SchemaStuck(Exception):
    """The schema cannot be brought where it should be; the message says why, in one line."""


def alembic_config(url: str | None = None) -> Config:
    """Return Alembic's configuration for a database URL; without one the environment's is used."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if url is not None:
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate_to_head(url: str) -> None:
    """Bring the schema to head; runs an event loop of its own, so never call it from within one.

    Raises:
        SchemaStuck: the database cannot be opened, or what is in it is not what its revision says.
    """
    _run(lambda: command.upgrade(alembic_config(url), "head"))


def empty_schema(url: str) -> None:
    """Take every table and all that is in it away; runs an event loop of its own, as `migrate_to_head`.

    Raises:
        SchemaStuck: as `migrate_to_head`.
    """
    _run(lambda: command.downgrade(alembic_config(url), "base"))


def newest_revision() -> str:
    """Return the revision that this code expects."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None
    return head


def is_known(revision: str) -> bool:
    """Tell whether this code has heard of a revision; it has not of those of newer code."""
    return any(
        known.revision == revision for known in ScriptDirectory.from_config(alembic_config()).walk_revisions()
    )


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the open database, None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def _run(step: Callable[[], None]) -> None:
    try:
        step()
    except (CommandError, DBAPIError, OSError) as failed:
        first = str(getattr(failed, "orig", None) or failed).partition("\n")[0]
        raise SchemaStuck(f"the schema cannot be changed: {first}") from failed
