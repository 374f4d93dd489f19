"""What a full disk, a locked file and a broken group do on SQLite: a clear refusal, nothing half done."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.domain.errors import Unavailable
from scheduler.storage import sqlite
from scheduler.storage.database import Transaction
from scheduler.storage.keyring import load_keyring, new_master_key
from scheduler.storage.sqlite import SqliteDatabase
from scheduler.storage.vault import Vault


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """An empty database with one table."""
    new_master_key(tmp_path / "keys", datetime(2026, 11, 2, tzinfo=UTC))
    opened = SqliteDatabase(tmp_path / "trouble.db", Vault(load_keyring(tmp_path / "keys")))
    await opened.write(
        lambda tx: tx.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, body BLOB)")).close()
    )
    yield opened
    await opened.close()


def small(tx: Transaction) -> None:
    tx.execute(text("INSERT INTO notes (body) VALUES ('small')"))


def large(tx: Transaction) -> None:
    tx.execute(text("INSERT INTO notes (body) VALUES (zeroblob(4000000))"))


def notes(tx: Transaction) -> int:
    return int(tx.execute(text("SELECT count(*) FROM notes")).scalar_one())


def smallest_disk(tx: Transaction) -> None:
    tx.execute(text("PRAGMA max_page_count = 20"))


async def test_when_the_disk_is_full_everyone_in_the_group_is_refused_and_nothing_is_kept(
    database: SqliteDatabase,
) -> None:
    await database.write(small)
    await database._writer.run(smallest_disk)

    outcomes = await asyncio.gather(
        *(database.write(work) for work in (small, large, small)), return_exceptions=True
    )

    assert isinstance(outcomes[1], Unavailable)
    kept = outcomes.count(None)
    assert await database.read(notes) == 1 + kept


async def test_after_a_full_disk_writing_goes_on_when_there_is_room(database: SqliteDatabase) -> None:
    await database._writer.run(smallest_disk)
    with pytest.raises(Unavailable):
        await database.write(large)

    await database.write(small)

    assert await database.read(notes) == 1


async def test_a_file_locked_by_another_program_is_told_as_unavailable(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    await database._writer.run(lambda tx: tx.execute(text("PRAGMA busy_timeout = 1")).close())
    other = sqlite3.connect(tmp_path / "trouble.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable):
        await database.write(small)

    other.execute("ROLLBACK")
    other.close()
    await database.write(small)
    assert await database.read(notes) == 1


async def test_a_file_that_is_no_database_is_told_as_unavailable(tmp_path: Path) -> None:
    (tmp_path / "torn.db").write_bytes(b"this is no database" * 100)
    new_master_key(tmp_path / "keys", datetime(2026, 11, 2, tzinfo=UTC))
    torn = SqliteDatabase(tmp_path / "torn.db", Vault(load_keyring(tmp_path / "keys")))

    with pytest.raises(Unavailable):
        await torn.write(small)
    await torn.close()


async def test_a_long_queue_is_committed_in_groups_and_in_order(database: SqliteDatabase) -> None:
    await asyncio.gather(*(database.write(small) for _ in range(sqlite.LARGEST_GROUP * 2 + 1)))

    assert await database.read(notes) == sqlite.LARGEST_GROUP * 2 + 1


async def test_reads_that_wait_are_answered_before_the_database_closes(database: SqliteDatabase) -> None:
    await database.write(small)
    reads = [asyncio.ensure_future(database.read(notes)) for _ in range(20)]
    await asyncio.sleep(0)
    await database.close()

    assert await asyncio.gather(*reads) == [1] * 20


async def test_a_group_that_is_broken_off_leaves_nothing_open_and_nobody_waiting(
    database: SqliteDatabase,
) -> None:
    begun = asyncio.Event()

    def telling(tx: Transaction) -> None:
        small(tx)
        begun.set()

    writes = [asyncio.ensure_future(database.write(work)) for work in (telling, small, small)]
    await begun.wait()
    assert database._draining is not None
    database._draining.cancel()

    outcomes = await asyncio.gather(*writes, return_exceptions=True)

    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    await database.write(small)
    assert await database.read(notes) == 1


async def test_a_work_that_lets_an_iteration_end_spoils_no_other(database: SqliteDatabase) -> None:
    outcomes = await asyncio.gather(
        database.write(small), database.write(lambda tx: next(iter(()))), return_exceptions=True
    )

    assert outcomes[0] is None
    assert isinstance(outcomes[1], RuntimeError)


async def test_a_write_beside_the_closing_is_answered(database: SqliteDatabase) -> None:
    closing = asyncio.ensure_future(database.close())
    writes = [asyncio.ensure_future(database.write(small)) for _ in range(3)]
    await closing

    assert await asyncio.gather(*writes) == [None] * 3
    assert await database.read(notes) == 3
