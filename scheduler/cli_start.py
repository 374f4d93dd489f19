"""What every command starts with: settings read from the environment, and services that are closed again.

Trouble that an operator can mend becomes one clear sentence and exit status 1, never a traceback.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from dotenv import dotenv_values
from pydantic import ValidationError

from scheduler.domain.errors import Refusal
from scheduler.services import Services, build_services
from scheduler.settings import Settings
from scheduler.storage.keyring import KeysMissing

T = TypeVar("T")


def load_env_file(file: Path) -> None:
    """Put the ``KEY=value`` lines of a file into the environment, over what stands there."""
    os.environ.update({name: value for name, value in dotenv_values(file).items() if value is not None})


def read_settings() -> Settings:
    """Return the settings of the environment.

    Raises:
        ClickException: variables are missing or wrong; the message lists all of them.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # the environment fills it
    except ValidationError as wrong:
        lines = [f"  {_variable(error['loc'])}: {error['msg']}" for error in wrong.errors()]
        raise click.ClickException("these settings are missing or wrong:\n" + "\n".join(lines)) from wrong


def build(settings: Settings) -> Services:
    """Return the services of an installation.

    Raises:
        ClickException: its keys are missing.
    """
    try:
        return build_services(settings)
    except KeysMissing as missing:
        raise click.ClickException(f"{missing}; make keys with: hearth keys new") from missing


def with_services(work: Callable[[Services], Awaitable[T]]) -> T:
    """Run ``work`` on the services of the environment's settings and return its result.

    Raises:
        ClickException: settings or keys are missing, or the work was refused.
    """
    services = build(read_settings())

    async def run() -> T:
        try:
            return await work(services)
        finally:
            await services.database.close()

    try:
        return asyncio.run(run())
    except Refusal as refusal:
        raise click.ClickException(f"{type(refusal).__name__}: {refusal}") from refusal


def _variable(location: tuple[int | str, ...]) -> str:
    return "HEARTH_" + str(location[0]).upper() if location else "HEARTH_…"
