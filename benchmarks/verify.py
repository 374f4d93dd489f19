"""Checking an exported bundle against bare SHA-256 over the same bytes.

Ours is `bundle_check.check`, all of it: container, signatures, tree, every entry. The ceilings are one
``hashlib.sha256`` per entry over the same lines, already cut, and one over all their bytes at once.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.entries import make_entries
from benchmarks.ratio import Ratio
from scheduler.domain.audit_entry import Entry
from scheduler.domain.audit_filter import EVERYTHING
from scheduler.domain.bundle_check import check
from scheduler.domain.merkle import Peaks, leaf_hash
from scheduler.storage.bundles import BundleWriter, Order
from scheduler.storage.signer import load_signer, new_signer_key, verify_signature

ENTRIES = 50_000
TRIES = 25


def run() -> Iterable[Ratio]:
    """Return entries per second, checked against hashed."""
    lines = list(make_entries(ENTRIES))
    with tempfile.TemporaryDirectory() as folder:
        bundle = memoryview(_bundle(Path(folder), lines))
    joined = b"\n".join(lines)
    ours = each = at_once = 0.0
    for _ in range(TRIES):  # by turns, so that a busy moment of the machine harms all alike
        ours = max(ours, _speed(lambda: check(bundle, verify_signature)))
        each = max(each, _speed(lambda: [hashlib.sha256(line).digest() for line in lines]))
        at_once = max(at_once, _speed(lambda: hashlib.sha256(joined).digest()))
    yield Ratio("verify", ours, each, "entries/s", 0.3, "one SHA-256 per entry")
    yield Ratio("verify, against one pass", ours, at_once, "entries/s", 0.08, "one SHA-256 over all bytes")


def _speed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return ENTRIES / (time.perf_counter() - started)


def _bundle(folder: Path, lines: list[bytes]) -> bytes:
    new_signer_key(folder)
    signer = load_signer(folder, "hearth.test/audit")
    hashes = [leaf_hash(line) for line in lines]
    note = signer.sign_tree(Peaks().extended(hashes), lambda start, end: hashes[start:end])
    with BundleWriter(folder / "export.zip") as writer:
        for start in range(0, ENTRIES, 10_000):
            end = start + 10_000
            chosen = [Entry(seq + 1, lines[seq], hashes[seq]) for seq in range(start, end)]
            writer.add(hashes[start:end], chosen)
        writer.finish(note, Order(EVERYTHING, "benchmark", "", ""), signer)
    return (folder / "export.zip").read_bytes()
