"""``hearth backup`` and ``hearth restore``: the whole database in one file, and back; the log is verified."""

from datetime import datetime
from pathlib import Path

import click

from scheduler.cli_start import read_settings, with_services
from scheduler.services import SQLITE_PREFIX, Services, utc_now
from scheduler.settings import Settings


@click.command()
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
def backup(out: Path) -> None:
    """Write the database into one file, while serving goes on. Keys are never in it: keep those apart."""
    from scheduler.actions.backup import Manifest, make_backup

    if out.exists():
        raise click.ClickException(f"{out} is there already; nothing was overwritten")

    async def work(services: Services) -> tuple[Manifest, str]:
        return await make_backup(services, out), await _verified(services)

    manifest, verified = with_services(work)
    click.echo(f"Wrote {sum(manifest.rows.values())} rows to {out}, schema {manifest.revision}.")
    click.echo(verified)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put what is there aside (SQLite) or delete it (PostgreSQL).")
def restore(file: Path, replace: bool) -> None:
    """Fill the database from a backup; one that holds something is left alone unless --replace is given."""
    from scheduler.actions.backup import BackupUnusable, DatabaseInUse, check_file, restore_backup

    try:
        check_file(file)
        _make_way(read_settings(), replace=replace)

        async def work(services: Services) -> tuple[int, str]:
            manifest = await restore_backup(services, file)
            return sum(manifest.rows.values()), await _verified(services)

        many, verified = with_services(work)
    except DatabaseInUse as used:
        raise click.ClickException(f"{used}; to put it aside: hearth restore --replace") from used
    except BackupUnusable as unusable:
        raise click.ClickException(str(unusable)) from unusable
    click.echo(f"Restored {many} rows from {file}.")
    click.echo(verified)


def _make_way(settings: Settings, *, replace: bool) -> None:
    """Bring an absent or empty database to head; with ``replace`` make room first."""
    from scheduler.storage.schema import empty_schema, migrate_to_head

    if settings.database_url.startswith(SQLITE_PREFIX):
        path = Path(settings.database_url.removeprefix(SQLITE_PREFIX))
        path.parent.mkdir(parents=True, exist_ok=True)
        if replace:
            put_aside(path, utc_now())
    elif replace:
        empty_schema(settings.database_url)
    migrate_to_head(settings.database_url)


def put_aside(path: Path, now: datetime) -> Path | None:
    """Rename a SQLite file and what belongs to it; return its new name, None when there was none."""
    if not path.is_file():
        return None
    aside = path.with_name(f"{path.name}.{now:%Y%m%d%H%M%S}")
    for ending in ("", "-wal", "-shm"):
        old = path.with_name(path.name + ending)
        if old.exists():
            old.rename(aside.with_name(aside.name + ending))
    return aside


async def _verified(services: Services) -> str:
    """Return the line of a verified log.

    Raises:
        ClickException: the log is not whole.
    """
    from scheduler.actions.audit_check import check_log
    from scheduler.domain.people import SYSTEM

    checked = await check_log(services, SYSTEM)
    if checked.fault is not None:
        raise click.ClickException(f"the log is NOT whole: {checked.fault}")
    return f"OK {checked.size} entries, root {checked.root.hex()}"
