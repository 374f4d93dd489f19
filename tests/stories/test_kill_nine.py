"""kill -9 in the middle of bookings: what was acknowledged is there, once, with its entry; nothing is half.

``HEARTH_TEST_KILLS`` says how many times (default 4; 100 before a release, some minutes).
"""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from scheduler.actions.audit_check import check_log
from scheduler.domain.availability import Kind, WeeklyHours
from scheduler.domain.people import SYSTEM
from scheduler.services import Services, build_services
from scheduler.storage import hours, kinds
from scheduler.storage.database import Transaction
from scheduler.storage.keyring import new_master_key
from scheduler.storage.signer import new_signer_key
from tests.builders import add_family, add_release
from tests.engines import sqlite_url
from tests.owed import KIND
from tests.stories.booking_load import settings_of

KILLS = int(os.environ.get("HEARTH_TEST_KILLS", "4"))
FAMILIES = 8
MOST_BOOKED = 60


def test_whatever_was_acknowledged_before_a_kill_is_kept_once_and_the_log_is_whole(tmp_path: Path) -> None:
    asyncio.run(open_house(tmp_path))
    chance = random.Random(20261123)
    acknowledged: list[str] = []
    for number in range(KILLS):
        acknowledged += booked_until_killed(tmp_path, number, enough=chance.randint(1, MOST_BOOKED))
    assert len(acknowledged) >= KILLS
    assert half_kept(tmp_path / "hearth.db", acknowledged) == []
    asyncio.run(assert_log_is_whole(tmp_path))


async def open_house(folder: Path) -> None:
    """Lay keys, a database, and families who may book at any time of the coming years."""
    sqlite_url(folder)
    new_master_key(folder / "keys", datetime.now(UTC))  # the real clock, as the killed process has
    new_signer_key(folder / "keys")
    services = build_services(settings_of(folder))
    await fill(services)
    await services.database.close()


async def fill(services: Services) -> None:
    """Add families whose clinicians work day and night."""
    found = [await add_family(services, f"Rivera {number}") for number in range(FAMILIES)]
    for family in found:
        await add_release(services, family.client, family.mother)
    always = [(f"{day}", WeeklyHours(day, 0, 24 * 60)) for day in range(7)]

    def work(tx: Transaction) -> None:
        kinds.add(
            tx, Kind(KIND, "Check-in", 5, 0, 0, 5, 3_000, 5), offered_by=[one.clinician.id for one in found]
        )
        for family in found:
            own = [(f"{family.clinician.id}-{name}", block) for name, block in always]
            hours.set_weekly(tx, family.clinician.id, own)

    await services.database.write(work)


def booked_until_killed(folder: Path, number: int, *, enough: int) -> list[str]:
    """Let a process book until it has acknowledged enough, kill it, and return all it acknowledged."""
    command = [sys.executable, "-m", "tests.stories.booking_load", str(folder), str(number)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as lines:
        heard = [next(lines).strip() for _ in range(enough)]
        process.send_signal(signal.SIGKILL)
        heard += [line.strip() for line in lines if line.endswith("\n")]
    assert process.wait() == -signal.SIGKILL
    return heard


def half_kept(file: Path, acknowledged: list[str]) -> list[str]:
    """Return what is wrong with the database: acknowledged bookings lost or doubled, and half rows."""
    database = sqlite3.connect(file)
    try:
        kept = rows(database, "SELECT id, 1 FROM sessions")
        claims = rows(database, "SELECT session_id, count(*) FROM bookings GROUP BY 1")
        seats = rows(database, "SELECT session_id, count(*) FROM places GROUP BY 1")
        owed = rows(database, "SELECT session_id, count(*) FROM notices WHERE rule = 'booked' GROUP BY 1")
        logged = rows(
            database,
            "SELECT session_id, count(*) FROM audit_entries WHERE event = 'session.booked' GROUP BY 1",
        )
        wrong = [f"lost {session_id}" for session_id in acknowledged if session_id not in kept]
        wrong += [f"acknowledged twice {one}" for one in acknowledged if acknowledged.count(one) > 1]
        for session_id in kept:
            found = (
                claims.get(session_id),
                seats.get(session_id),
                owed.get(session_id),
                logged.get(session_id),
            )
            if found != (1, 2, 2, 1):
                wrong.append(f"half of {session_id}: {found}")
        wrong += [f"no session {one}" for one in {*claims, *seats, *owed, *logged} - {*kept}]
        return wrong
    finally:
        database.close()


def rows(database: sqlite3.Connection, query: str) -> dict[str, int]:
    return dict(database.execute(query).fetchall())


async def assert_log_is_whole(folder: Path) -> None:
    """Assert that the log verifies against its checkpoints."""
    services = build_services(settings_of(folder))
    try:
        assert (await check_log(services, SYSTEM)).fault is None
    finally:
        await services.database.close()
