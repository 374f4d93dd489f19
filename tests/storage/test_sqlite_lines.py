"""A glance answers what is short, breaks off what is long, and changes nothing."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from scheduler.domain.errors import Unavailable
from scheduler.storage.database import Transaction, Work
from scheduler.storage.keyring import load_keyring, new_master_key
from scheduler.storage.sqlite import READER_PRAGMAS, SqliteDatabase
from scheduler.storage.sqlite_lines import Glance, TooLong
from scheduler.storage.vault import Vault

COUNT_TO = text(
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"
    " SELECT count(*) FROM numbers"
)
MANY = 200_000


def counting(last: int, tx: Transaction) -> int:
    return int(tx.execute(COUNT_TO, {"last": last}).scalar_one())


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """An empty database with one table."""
    new_master_key(tmp_path / "keys", datetime(2026, 11, 2, tzinfo=UTC))
    opened = SqliteDatabase(tmp_path / "lines.db", Vault(load_keyring(tmp_path / "keys")))
    await opened.write(lambda tx: tx.execute(text("CREATE TABLE notes (body TEXT)")).close())
    yield opened
    await opened.close()


@pytest.fixture
def glance(database: SqliteDatabase, tmp_path: Path) -> Iterator[Glance]:
    """A glance at it."""
    opened = Glance(tmp_path / "lines.db", READER_PRAGMAS, Vault(load_keyring(tmp_path / "keys")))
    yield opened
    opened.close()


def test_what_is_short_is_answered_at_once(glance: Glance) -> None:
    assert glance.run(lambda tx: counting(10, tx)) == 10


def test_what_is_long_is_broken_off_and_the_next_is_answered(glance: Glance) -> None:
    with pytest.raises(TooLong):
        glance.run(lambda tx: counting(MANY, tx))

    assert glance.run(lambda tx: counting(10, tx)) == 10


def test_many_short_steps_are_long_together(glance: Glance) -> None:
    with pytest.raises(TooLong):
        glance.run(lambda tx: [counting(1_000, tx) for _ in range(200)])


def test_an_error_that_is_not_of_length_flies_as_it_is(glance: Glance) -> None:
    with pytest.raises(OperationalError):
        glance.run(lambda tx: tx.execute(text("SELECT nothing FROM nowhere")))


def test_a_glance_cannot_write(glance: Glance) -> None:
    with pytest.raises(OperationalError):
        glance.run(lambda tx: tx.execute(text("INSERT INTO notes VALUES ('a')")))


async def test_however_many_reads_are_broken_off_the_next_is_answered(database: SqliteDatabase) -> None:
    for _ in range(400):  # the steps of one ROLLBACK after the other count, too, until one is broken off
        assert await database.read(lambda tx: counting(4_000, tx)) == 4_000

    assert await database.read(lambda tx: counting(10, tx)) == 10


async def test_a_read_that_is_broken_off_is_answered_by_a_reader(database: SqliteDatabase) -> None:
    started = 0

    def work(tx: Transaction) -> int:
        nonlocal started
        started += 1
        return counting(MANY, tx)

    assert await database.read(work) == MANY
    assert started == 2
    assert await database.read(lambda tx: counting(10, tx)) == 10


async def test_a_write_that_is_broken_off_is_done_in_the_writers_thread_and_spoils_no_other(
    database: SqliteDatabase,
) -> None:
    ran_in = defaultdict(set)

    def noting(last: int) -> Work[int]:
        def work(tx: Transaction) -> int:
            ran_in[last].add(threading.current_thread() is threading.main_thread())
            tx.execute(text("INSERT INTO notes VALUES ('a')"))
            return counting(last, tx)

        return work

    outcomes = await asyncio.gather(*(database.write(noting(last)) for last in (1, MANY, 2)))

    assert outcomes == [1, MANY, 2]
    assert await database.read(lambda tx: tx.execute(text("SELECT count(*) FROM notes")).scalar()) == 3
    assert ran_in == {1: {True, False}, MANY: {True, False}, 2: {True}}


def test_a_file_that_is_none_is_a_clear_refusal(database: SqliteDatabase, tmp_path: Path) -> None:
    vault = Vault(load_keyring(tmp_path / "keys"))

    with pytest.raises(Unavailable):
        Glance(tmp_path / "no folder" / "lines.db", READER_PRAGMAS, vault)
