"""Peak memory of an export of 1,000,000 entries, in a process of its own, by the clockwork's own code.

The entries are real bytes with real hashes, put straight into a SQLite file; ``HEARTH_BENCH_ENTRIES`` makes
them fewer or more. The ceiling is 100 MB, the interpreter and all its libraries included.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.entries import CLIENTS, EVENTS, entry, moment, person_id
from benchmarks.export_process import settings
from benchmarks.ratio import Ratio
from scheduler.domain.merkle import leaf_hash
from scheduler.services import utc_now
from scheduler.storage.keyring import new_master_key
from scheduler.storage.schema import migrate_to_head
from scheduler.storage.signer import new_signer_key

ENTRIES = int(os.environ.get("HEARTH_BENCH_ENTRIES", "1000000"))
LIMIT_MB = 100
KEEP = (
    "INSERT INTO audit_entries (seq, id, leaf, leaf_hash, at, event, outcome, actor_id, client_id)"
    " VALUES (?, ?, ?, ?, ?, ?, 'success', ?, ?)"
)


def run() -> Iterable[Ratio]:
    """Return the peak memory of the export in megabytes against 100 MB."""
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder))
        command = [sys.executable, "-m", "benchmarks.export_process", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    megabytes, seconds = (float(word) for word in done.stdout.split())
    name = f"export of {ENTRIES:,} entries"
    against = f"{ENTRIES / seconds:,.0f} entries/s"
    yield Ratio(name, megabytes, LIMIT_MB, "MB", 1, against, at_most=True)


def _fill(folder: Path) -> None:
    """Make an installation whose log has many entries."""
    new_master_key(folder / "keys", utc_now())
    new_signer_key(folder / "keys")
    migrate_to_head(settings(folder).database_url)
    with sqlite3.connect(folder / "hearth.db") as connection:
        connection.executemany(KEEP, _rows())
        connection.execute("UPDATE audit_head SET size = ?", (ENTRIES,))
    connection.close()


def _rows() -> Iterator[tuple[object, ...]]:
    for seq in range(1, ENTRIES + 1):
        leaf = entry(seq)
        at = moment(seq).replace(tzinfo=None).isoformat(" ", timespec="microseconds")
        event = EVENTS[seq % len(EVENTS)].value
        yield seq, f"e{seq}", leaf, leaf_hash(leaf), at, event, person_id(seq), f"client{seq % CLIENTS}"
