"""Backup and restore: the whole database in one file, checked, and never a key.

The file is a zip: ``manifest.json``, and ``tables/<name>.jsonl`` with one row a line (``storage/copies.py``).
What is sealed stays sealed. The same file restores on either engine, so it is also the way from SQLite to
PostgreSQL.
"""

import asyncio
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Table

from scheduler import __version__
from scheduler.domain.audit import Event, Purpose
from scheduler.domain.bundle_zip import UNREADABLE
from scheduler.domain.merkle import Peaks
from scheduler.domain.people import SYSTEM
from scheduler.services import Services
from scheduler.storage import audit, checkpoints, copies, schema
from scheduler.storage.database import Transaction

FORMAT = 1
MANIFEST = "manifest.json"


class BackupUnusable(Exception):
    """The file is no backup, is damaged, or belongs to another version; the message says which."""


class DatabaseInUse(Exception):
    """Something is kept in the database already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself: ``rows`` and ``sha256`` by table, ``entries`` the log's size."""

    format: int
    version: str
    revision: str
    made_at: str
    engine: str
    entries: int
    rows: Mapping[str, int]
    sha256: Mapping[str, str]


async def make_backup(services: Services, out: Path) -> Manifest:
    """Write a backup of one consistent moment to a new file of mode 0600, with its entry in the log.

    Raises:
        FileExistsError: the file is there already.
        Unavailable: the database cannot be read.
    """
    if await asyncio.to_thread(out.exists):
        raise FileExistsError(out)
    made_at = services.now()
    manifest = await services.database.read(lambda tx: _write_file(tx, out, services, made_at))
    trail = services.trail(SYSTEM)
    detail = {"entries": manifest.entries, "rows": sum(manifest.rows.values())}
    await services.database.write(
        lambda tx: audit.append(tx, trail, Event.BACKUP_MADE, purpose=Purpose.SECURITY, detail=detail)
    )
    return manifest


async def restore_backup(services: Services, file: Path) -> Manifest:
    """Fill an empty database of the same schema from a backup, with an entry that says so.

    Raises:
        BackupUnusable: no backup, damaged, or of another schema.
        DatabaseInUse: the database is not empty.
    """
    trail = services.trail(SYSTEM)
    with zipfile.ZipFile(file) as archive:
        manifest = read_manifest(archive)

        def work(tx: Transaction) -> None:
            if not copies.is_empty(tx):
                raise DatabaseInUse("the database is not empty")
            for table in copies.tables():
                copies.put_rows(tx, table, _read_rows(archive, table))

        await services.database.write(work)
    await _accept_the_log(services)
    detail = {"made_at": manifest.made_at, "entries": manifest.entries}
    await services.database.write(
        lambda tx: audit.append(tx, trail, Event.BACKUP_RESTORED, purpose=Purpose.SECURITY, detail=detail)
    )
    return manifest


async def _accept_the_log(services: Services) -> None:
    """Let the signer go on from the newest checkpoint restored; what it signed since is no more.

    Deliberate, and the entry of the restore says so; a witness that saw more will notice all the same.
    """
    kept = await services.database.read(checkpoints.last)
    tree = Peaks() if kept is None else kept.tree
    await asyncio.to_thread(services.signer.accept_shorter_log, tree)


def check_file(file: Path) -> Manifest:
    """Return the manifest of a whole and undamaged backup for this version's schema.

    Raises:
        BackupUnusable: no backup, damaged, or of another schema.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = read_manifest(archive)
            for table in copies.tables():
                if _digest(archive, table) != manifest.sha256.get(table.name):
                    raise BackupUnusable(f"{table.name} is not as it was written")
    except (*UNREADABLE, KeyError) as broken:
        raise BackupUnusable(f"{file} is no whole backup") from broken
    return manifest


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Return the manifest of an opened backup.

    Raises:
        BackupUnusable: it is of another format or schema.
    """
    try:
        manifest = Manifest(**json.loads(archive.read(MANIFEST)))
    except (KeyError, RecursionError, TypeError, ValueError) as broken:
        raise BackupUnusable("the manifest cannot be read") from broken
    head = schema.newest_revision()
    if manifest.format != FORMAT or manifest.revision != head:
        raise BackupUnusable(
            f"made with schema {manifest.revision} by Hearth {manifest.version}; this is {head}"
        )
    return manifest


def _write_file(tx: Transaction, out: Path, services: Services, made_at: datetime) -> Manifest:
    """Write beside ``out``, then give it the name; run again, it starts again."""
    part = out.with_name(out.name + ".part")
    part.unlink(missing_ok=True)
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in copies.tables():
            rows[table.name], digests[table.name] = _write_table(tx, archive, table)
        manifest = Manifest(
            format=FORMAT,
            version=__version__,
            revision=schema.newest_revision(),
            made_at=made_at.astimezone(UTC).isoformat(),
            engine=services.database.engine_name,
            entries=audit.size(tx),
            rows=rows,
            sha256=digests,
        )
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    part.rename(out)
    return manifest


def _write_table(tx: Transaction, archive: zipfile.ZipFile, table: Table) -> tuple[int, str]:
    many, digest = 0, hashlib.sha256()
    with archive.open(_name(table), "w", force_zip64=True) as entry:
        for row in copies.rows_of(tx, table):
            line = json.dumps(row, separators=(",", ":")).encode() + b"\n"
            entry.write(line)
            digest.update(line)
            many += 1
    return many, digest.hexdigest()


def _read_rows(archive: zipfile.ZipFile, table: Table) -> Iterator[copies.Row]:
    with archive.open(_name(table)) as entry:
        for line in entry:
            yield json.loads(line)


def _digest(archive: zipfile.ZipFile, table: Table) -> str:
    digest = hashlib.sha256()
    with archive.open(_name(table)) as entry:
        while chunk := entry.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _name(table: Table) -> str:
    return f"tables/{table.name}.jsonl"
