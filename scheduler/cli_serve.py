"""``hearth serve``, ``hearth jobs`` and ``hearth migrate``: running an installation.

``serve`` would rather not start than start wrongly: each objection is one sentence that says what to do.
"""

import asyncio
import ipaddress
import signal
from collections.abc import Iterator
from pathlib import Path

import click

from scheduler.cli_start import (
    present_revision,
    read_settings,
    schema_objection,
    with_any_schema,
    with_services,
)
from scheduler.services import SQLITE_PREFIX, Services, build_services
from scheduler.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on."
)
@click.option("--workers", default=1, show_default=True, help="Serving processes; only one for now.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the application; on SQLite the clockwork runs inside."""
    import uvicorn

    from scheduler.app import create_app
    from scheduler.serving import config

    settings = read_settings()
    refuse_if_any(objections(settings, host=host, workers=workers))
    refuse_if_any(schema_objections())
    services = build_services(settings)
    runs_jobs = services.database.engine_name == "sqlite"
    click.echo(f"Serving {settings.base_url} on {host}:{port}; stop with Ctrl+C.")
    uvicorn.Server(config(create_app(services, jobs=runs_jobs), host=host, port=port)).run()


@click.command()
def jobs() -> None:
    """Run the clockwork alone: mail, reminders, checkpoints. With PostgreSQL, beside `serve`."""
    from scheduler.jobs import clockwork

    settings = read_settings()
    if settings.database_url.startswith("sqlite"):
        raise click.ClickException("on SQLite `hearth serve` runs the clockwork itself; nothing was started")
    refuse_if_any(schema_objections())

    async def run(services: Services) -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with clockwork(services):
            click.echo("The clockwork runs; stop it with Ctrl+C.")
            await stopped.wait()

    with_services(run)


@click.command()
@click.option("--check", is_flag=True, help="Only say whether the schema is at head; exit 1 if not.")
def migrate(check: bool) -> None:
    """Bring the database's schema to head."""
    from scheduler.actions.schema import note_migration
    from scheduler.storage.schema import migrate_to_head, newest_revision

    make_folder(read_settings())
    head, present = newest_revision(), with_any_schema(present_revision)
    if present == head:
        click.echo(f"The schema is at head ({head}).")
    elif check:
        raise click.ClickException(with_any_schema(schema_objection))
    else:
        migrate_to_head(read_settings().database_url)
        with_services(lambda services: note_migration(services, since=present, to=head))
        click.echo(f"The schema went from {present or 'nothing'} to {head}.")


def objections(settings: Settings, *, host: str, workers: int) -> Iterator[str]:
    """Yield what speaks against serving with these settings, one sentence each."""
    if workers != 1:
        yield _against_workers(settings)
    listens_to_all = not is_loopback(host)
    if not settings.is_https and not (is_loopback(settings.host) and not listens_to_all):
        yield "HEARTH_BASE_URL is plain http; people need https. Put a proxy with TLS in front"
    if is_loopback(settings.host) and listens_to_all:
        yield "HEARTH_BASE_URL names this machine only; mailed links need the public address"
    if listens_to_all and not settings.trusted_proxies:
        yield (
            "plain http would be open to the network: listen on 127.0.0.1, or name the proxy with TLS"
            " in HEARTH_TRUSTED_PROXIES"
        )
    if settings.turn_urls and not settings.turn_secret:
        yield "HEARTH_TURN_URLS needs HEARTH_TURN_SECRET"
    if settings.is_demo:
        yield "HEARTH_IS_DEMO opens sign-ins to everyone; only `hearth demo` may set it"


def schema_objections() -> Iterator[str]:
    """Yield what speaks against serving the database of the environment."""
    if objection := with_any_schema(schema_objection):
        yield objection


def refuse_if_any(found: Iterator[str]) -> None:
    """Return when there is no objection.

    Raises:
        ClickException: there is; the message holds them all.
    """
    reasons = list(found)
    if reasons:
        raise click.ClickException("will not serve:\n" + "\n".join(f"  {reason}." for reason in reasons))


def make_folder(settings: Settings) -> None:
    """Make the folder of a SQLite file; a PostgreSQL database has none."""
    if settings.database_url.startswith(SQLITE_PREFIX):
        Path(settings.database_url.removeprefix(SQLITE_PREFIX)).parent.mkdir(parents=True, exist_ok=True)


def is_loopback(host: str) -> bool:
    """Tell whether a host can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _against_workers(settings: Settings) -> str:
    if settings.database_url.startswith("sqlite"):
        return "SQLite is served by one process; several workers need PostgreSQL"
    return "a room's signalling needs all its people in one process, so only one worker can serve for now"
