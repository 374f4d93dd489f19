"""Durable bookings per second through HTTP against raw durable commits of the same disk.

Ours: 32 family members book at once, each a time of their own, through a real uvicorn server. Every answer is
a session with its places, ticks, booking, join link, notices and log entry, committed with
``synchronous=FULL``. The ceiling: one writer, one small row, one durable commit at a time.

What holds it back is one interpreter, not the disk: 1.8 ms of CPU a booking, half in the work (fifteen
statements and their values, the choice of the clinician, the release, the entry), half for the request
(sign-in, form, shields, access log). The commit is shared by all that came meanwhile.
"""

import sqlite3
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import house, load
from benchmarks.ratio import Ratio
from scheduler.domain.times import iso

CLIENTS = 32
BOOKINGS_EACH = 2_000
SECONDS = 4.0
WARM_UP_EACH = 20
ROUNDS = 3


def run() -> Iterable[Ratio]:
    """Return bookings per second against raw commits per second, the best of each of three rounds."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        home = house.build(Path(folder), families=CLIENTS)
        requests = [_requests(home, cookie) for cookie in home.cookies]
        ours = raw = 0.0
        with house.serving(home.environment) as port:
            done = WARM_UP_EACH
            load.put(load.Plan(port, 30, [texts[:done] for texts in requests]))
            for _ in range(ROUNDS):
                raw = max(raw, raw_commits(Path(folder)))
                result = load.put(load.Plan(port, SECONDS, [texts[done:] for texts in requests]))
                assert set(result.statuses) == {"303"}, result.statuses
                ours = max(ours, result.rate(303))
                done += 2 * sum(result.statuses.values()) // CLIENTS
    yield Ratio("booking", ours, raw, "per second", 0.1, "raw durable commits, one writer")


def raw_commits(folder: Path) -> float:
    """Return how many single-row durable commits a second the bare library makes there."""
    line = sqlite3.connect(folder / "raw.db", isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("PRAGMA synchronous=FULL")
    line.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, text TEXT)")
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS / 2:
        line.execute("INSERT INTO rows (text) VALUES (?)", ("a small row of text",))
        count += 1
    rate = count / (time.perf_counter() - started)
    line.close()
    return rate


def _requests(home: house.House, cookie: str) -> list[str]:
    return [
        load.request(
            "POST",
            "/family/book",
            cookie=cookie,
            body=urlencode(
                {
                    "kind_id": house.CHECK_IN.id,
                    "starts_at": iso(starts_at),
                    "topic": "How the weekend at home went, and what we could try next time.",
                }
            ),
        )
        for starts_at in home.starts(BOOKINGS_EACH)
    ]
