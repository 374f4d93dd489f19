"""Backup and restore: everything back, on either engine, with a log that verifies; never a key."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.actions import backup
from scheduler.actions.audit_check import check_log, write_checkpoint
from scheduler.actions.notices import send_due
from scheduler.domain.notices import Rule
from scheduler.domain.people import SYSTEM
from scheduler.services import Services, open_database
from scheduler.storage import copies, people
from scheduler.storage.database import Transaction
from tests.conftest import ENGINES, FakeMail
from tests.engines import postgresql_url, sqlite_url
from tests.owed import add_world, entries, owe


@contextmanager
def empty_house(engine: str, folder: Path) -> Iterator[str]:
    """Lend another, empty database of an engine."""
    if engine == "sqlite":
        folder.mkdir()
        yield sqlite_url(folder)
    else:
        with postgresql_url() as url:
            yield url


async def everything(services: Services) -> dict[str, list[copies.Row]]:
    """Return all rows of all tables."""

    def work(tx: Transaction) -> dict[str, list[copies.Row]]:
        return {table.name: list(copies.rows_of(tx, table)) for table in copies.tables()}

    return await services.database.read(work)


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_backup_restores_into_either_engine_with_a_log_that_verifies(
    services: Services, tmp_path: Path, engine: str
) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED)
    await send_due(services)
    await write_checkpoint(services)
    before = await everything(services)
    await backup.make_backup(services, tmp_path / "house.zip")
    with empty_house(engine, tmp_path / "other") as url:
        other = replace(services, database=open_database(url, services.vault))
        manifest = await backup.restore_backup(other, tmp_path / "house.zip")
        after = await everything(other)
        assert (await check_log(other, SYSTEM)).fault is None
        name = (await other.database.read(lambda tx: people.get(tx, world.mother.id))).name
        await other.database.close()
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"audit_details", "audit_entries", "audit_head"}  # by the entry of the restore
    assert name == world.mother.name
    assert manifest.entries == len(before["audit_entries"])


async def test_a_backup_holds_no_key_and_no_name(services: Services, tmp_path: Path) -> None:
    world = await add_world(services)
    await backup.make_backup(services, tmp_path / "house.zip")
    keys = [file.read_text().strip() for file in services.settings.keys_dir.glob("*.key")]
    with zipfile.ZipFile(tmp_path / "house.zip") as archive:
        words = "".join(archive.read(name).decode() for name in archive.namelist())
    assert not any(key in words for key in keys)
    assert world.mother.name not in words
    assert (tmp_path / "house.zip").stat().st_mode & 0o077 == 0


async def test_backup_and_restore_are_entries(services: Services, tmp_path: Path) -> None:
    await backup.make_backup(services, tmp_path / "house.zip")
    assert [entry["event"] for entry in await entries(services)] == ["backup.made"]


async def test_an_earlier_backup_is_never_overwritten(services: Services, tmp_path: Path) -> None:
    (tmp_path / "house.zip").write_text("precious")
    with pytest.raises(FileExistsError):
        await backup.make_backup(services, tmp_path / "house.zip")
    assert (tmp_path / "house.zip").read_text() == "precious"


async def test_a_database_in_use_is_left_alone(services: Services, tmp_path: Path) -> None:
    await add_world(services)
    await backup.make_backup(services, tmp_path / "house.zip")
    before = await everything(services)
    with pytest.raises(backup.DatabaseInUse):
        await backup.restore_backup(services, tmp_path / "house.zip")
    assert await everything(services) == before


async def test_after_a_return_to_an_earlier_backup_the_log_goes_on_and_verifies(
    services: Services, tmp_path: Path, mail: FakeMail
) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED)
    await send_due(services)
    await backup.make_backup(services, tmp_path / "house.zip")
    for number in range(3):
        await owe(services, world, Rule.FRESH_LINK, sequence=number)
    await send_due(services)
    await write_checkpoint(services)
    with empty_house("sqlite", tmp_path / "other") as url:
        other = replace(services, database=open_database(url, services.vault))
        await backup.restore_backup(other, tmp_path / "house.zip")
        await write_checkpoint(other)
        assert (await check_log(other, SYSTEM)).fault is None
        await other.database.close()


async def spoiled(services: Services, tmp_path: Path, change: dict[str, bytes]) -> Path:
    """Return a backup in which files were replaced."""
    await add_world(services)
    await backup.make_backup(services, tmp_path / "whole.zip")
    with (
        zipfile.ZipFile(tmp_path / "whole.zip") as whole,
        zipfile.ZipFile(tmp_path / "spoiled.zip", "w") as out,
    ):
        for name in whole.namelist():
            out.writestr(name, change.get(name, whole.read(name)))
    return tmp_path / "spoiled.zip"


async def test_a_changed_row_is_noticed_before_anything_is_touched(
    services: Services, tmp_path: Path
) -> None:
    file = await spoiled(services, tmp_path, {"tables/people.jsonl": b"[]\n"})
    with pytest.raises(backup.BackupUnusable, match="people"):
        backup.check_file(file)


async def test_a_byte_changed_anywhere_is_no_whole_backup_or_none_that_matters(
    services: Services, tmp_path: Path
) -> None:
    await add_world(services)
    written = await backup.make_backup(services, tmp_path / "house.zip")
    data = (tmp_path / "house.zip").read_bytes()
    refused = 0
    for at in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[at] ^= (0x01, 0x20, 0xFF)[at % 3]
        (tmp_path / "damaged.zip").write_bytes(damaged)
        try:
            assert backup.check_file(tmp_path / "damaged.zip") == written
        except backup.BackupUnusable:
            refused += 1

    assert refused > len(data) // 14


async def test_a_backup_of_another_schema_is_refused_with_its_version(
    services: Services, tmp_path: Path
) -> None:
    await backup.make_backup(services, tmp_path / "whole.zip")
    with zipfile.ZipFile(tmp_path / "whole.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    (tmp_path / "again").mkdir()
    changed = json.dumps(manifest | {"revision": "9999"}).encode()
    file = await spoiled(services, tmp_path / "again", {"manifest.json": changed})
    with pytest.raises(backup.BackupUnusable, match="9999"):
        backup.check_file(file)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04half"])
def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(backup.BackupUnusable):
        backup.check_file(tmp_path / "file")
