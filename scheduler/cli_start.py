"""What every command starts with: settings read from the environment, and services that are closed again.

Trouble that an operator can mend becomes one clear sentence and exit status 1, never a traceback.
"""

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
from dotenv import dotenv_values
from pydantic import ValidationError

from scheduler.domain.errors import Refusal, Unavailable
from scheduler.services import Services, opened
from scheduler.settings import Settings
from scheduler.storage import schema
from scheduler.storage.bundles import LogNotWhole
from scheduler.storage.keyring import KeysMissing
from scheduler.storage.schema import SchemaStuck
from scheduler.storage.signer import LogForked

T = TypeVar("T")


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Turn trouble that an operator can mend into one sentence.

    Raises:
        ClickException: there was such trouble.
    """
    try:
        yield
    except Unavailable as unavailable:
        raise click.ClickException(f"the database cannot be used: {unavailable}") from unavailable
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.reason}: {refusal}") from refusal
    except (KeysMissing, LogForked, LogNotWhole, SchemaStuck) as trouble:
        raise click.ClickException(str(trouble)) from trouble
    except OSError as failed:
        if failed.errno == errno.EPIPE:  # whoever read the output left: click ends quietly
            raise
        where = f"{failed.filename}: " if failed.filename else ""
        raise click.ClickException(f"{where}{failed.strerror or failed}") from failed


def load_env_file(file: Path) -> None:
    """Put the ``KEY=value`` lines of a file into the environment, over what stands there.

    Raises:
        ClickException: it is no file of text.
    """
    try:
        values = dotenv_values(file)
    except UnicodeDecodeError as garbled:
        raise click.ClickException(f"{file} is no file of KEY=value lines") from garbled
    os.environ.update({name: value for name, value in values.items() if value is not None})


def read_settings() -> Settings:
    """Return the settings of the environment.

    Raises:
        ClickException: variables are missing or wrong; the message lists all of them.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # the environment fills it
    except ValidationError as wrong:
        lines = [
            f"  {_variable(error['loc'])}: {error['msg'].removeprefix('Value error, ')}"
            for error in wrong.errors()
        ]
        raise click.ClickException("these settings are missing or wrong:\n" + "\n".join(lines)) from wrong


def with_services(work: Callable[[Services], Awaitable[T]]) -> T:
    """Run ``work`` on the services of the environment's settings and return its result.

    Raises:
        ClickException: settings are missing or wrong, or the schema is not the one of this code.
    """

    async def checked(services: Services) -> T:
        if objection := await schema_objection(services):
            raise click.ClickException(objection)
        return await work(services)

    return with_any_schema(checked)


def with_any_schema(work: Callable[[Services], Awaitable[T]]) -> T:
    """Run ``work`` as `with_services` does, whatever the database's schema.

    Raises:
        ClickException: settings are missing or wrong.
    """
    settings = read_settings()

    async def run() -> T:
        async with opened(settings) as services:
            return await work(services)

    return asyncio.run(run())


async def present_revision(services: Services) -> str | None:
    """Return the revision of the database, None where it is empty."""
    return await services.database.read(lambda tx: schema.current_revision(tx.connection))


async def schema_objection(services: Services) -> str:
    """Return what speaks against using the database, "" when its schema is the one of this code."""
    present, head = await present_revision(services), schema.newest_revision()
    if present == head:
        return ""
    if present is not None and not schema.is_known(present):
        return f"the schema is at {present}, the code at {head}: the database is of a newer hearth"
    return f"the schema is at {present or 'nothing'}, the code at {head}: run hearth migrate"


def _variable(location: tuple[int | str, ...]) -> str:
    return "HEARTH_" + str(location[0]).upper() if location else "HEARTH_…"
