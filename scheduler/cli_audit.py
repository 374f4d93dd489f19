"""``hearth audit``: export the log, check an export offline, check the kept log."""

import mmap
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from scheduler.actions.audit_check import check_log
from scheduler.actions.audit_export import export_from_console
from scheduler.cli_start import with_services
from scheduler.domain.audit import Event
from scheduler.domain.audit_filter import Filter
from scheduler.domain.bundle_check import Verdict, check
from scheduler.domain.bundle_entries import Faulty
from scheduler.domain.errors import NotFound
from scheduler.domain.people import SYSTEM
from scheduler.storage.bundles import LogNotWhole
from scheduler.storage.signer import LogForked, verify_signature

EVENTS = [str(event) for event in Event]


@click.group()
def audit() -> None:
    """Export the audit log, and check that nobody changed it."""


class Moment(click.ParamType[datetime]):
    """A date or a moment of ISO 8601; without a zone it is UTC."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment, aware."""
        try:
            moment = datetime.fromisoformat(str(value))
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (OverflowError, ValueError):
            self.fail(f"{value!r} is no date; write 2026-11-03 or 2026-11-03T14:00-08:00", param, ctx)


@audit.command("export")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
@click.option("--since", type=Moment(), help="Entries from this moment on.")
@click.option("--until", type=Moment(), help="Entries before this moment.")
@click.option("--client", "client_id", help="Entries about this client (an id).")
@click.option(
    "--event", type=click.Choice(EVENTS), metavar="EVENT", help="Entries of this event, as client.read."
)
@click.option("--actor", "actor_id", help="Entries of what this person did (an id).")
@click.option("--purpose", required=True, help="What the export is for; kept sealed with its entry.")
def export(
    *,
    out: Path,
    since: datetime | None,
    until: datetime | None,
    client_id: str | None,
    event: str | None,
    actor_id: str | None,
    purpose: str,
) -> None:
    """Write the log, or the entries asked for, as a bundle that an outsider can check."""
    named = None if event is None else Event(event)  # type: ignore[call-arg]
    wanted = Filter(since, until, named, actor_id, client_id)
    if out.exists():
        raise click.ClickException(f"{out} is there already")
    if not out.parent.is_dir():
        raise click.ClickException(f"{out.parent} is no folder; make it first")
    if since is not None and until is not None and until <= since:
        raise click.BadParameter("is not after --since", param_hint="--until")
    if not purpose.strip():
        raise click.ClickException("an export needs a purpose")
    try:
        count = with_services(
            lambda services: export_from_console(services, wanted, purpose=purpose, path=out, tell=_tell)
        )
    except (LogForked, LogNotWhole, OSError):
        _end_line()
        raise
    except NotFound as nobody:
        raise click.ClickException(f"{nobody}; nothing was exported") from nobody
    click.echo(f"Wrote {count:,} entries to {out}.")


@audit.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", help="The log's public key, as known from elsewhere.")
@click.option(
    "--earlier",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint kept from an earlier export; the log must begin with it.",
)
def verify(file: Path, vkey: str | None, earlier: Path | None) -> None:
    """Check an exported bundle offline; needs no settings and no database.

    Exit status 0 and "OK <n> entries, root <hex>", or 1 and the first thing found wrong; remarks go to the
    error stream.
    """
    try:
        kept = None if earlier is None else earlier.read_text(encoding="utf-8")
        verdict = _check_file(file, vkey=None if vkey is None else vkey.strip(), earlier=kept)
    except (Faulty, UnicodeDecodeError) as wrong:
        click.echo(f"FAULT {wrong}")
        raise SystemExit(1) from wrong
    click.echo(f"OK {verdict.count} entries, root {verdict.root.hex()}")
    if not verdict.is_complete:
        click.echo(f"These are {verdict.count} of the {verdict.size} entries of the log.", err=True)
    if not verdict.is_pinned:
        click.echo(f"The key is the bundle's own; compare it with one you trust: {verdict.vkey}", err=True)


@audit.command("fsck")
def fsck() -> None:
    """Check the kept log, entry by entry, with its checkpoints and the signer's memory."""
    checked = with_services(lambda services: check_log(services, SYSTEM))
    if checked.fault is not None:
        click.echo(f"FAULT {checked.fault}")
        raise SystemExit(1)
    click.echo(f"OK {checked.size} entries, root {checked.root.hex()}")


async def _tell(done: int, total: int) -> None:
    """Say how far an export is, on the error stream, so that the output stays clean."""
    if _is_watched():
        click.echo(f"\r{done:,} of {total:,} entries", nl=done == total, err=True)


def _is_watched() -> bool:
    """Tell whether somebody looks at the error stream; a log has no use for a line written over and over."""
    return sys.stderr.isatty()


def _end_line() -> None:
    if _is_watched():
        click.echo(err=True)


def _check_file(file: Path, *, vkey: str | None, earlier: str | None) -> Verdict:
    if file.stat().st_size == 0:
        raise Faulty("the file is empty")
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    return check(memoryview(mapped), verify_signature, pinned=vkey, earlier=earlier)
