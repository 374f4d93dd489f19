"""Small export bundles for tests, written without a database, and tampered with in every way."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.domain.audit import Disclosure, Entity, Event, Facts, Trail, entry_bytes, moment_text
from scheduler.domain.audit_entry import Entry
from scheduler.domain.audit_filter import EVERYTHING, Filter
from scheduler.domain.bundle_check import Verdict, check
from scheduler.domain.merkle import Peaks, leaf_hash
from scheduler.domain.people import SYSTEM, Actor, Proof, Role, Source
from scheduler.storage.bundles import BundleWriter, Order
from scheduler.storage.signer import Signer, load_signer, new_signer_key, verify_signature

AT = datetime(2026, 11, 2, 17, tzinfo=UTC)
CLINICIAN = Actor("person7", Role.CLINICIAN, Proof.PASSKEY, source=Source("192.0.2.7", "r1"))


def leaves(count: int, *, word: str = "client1") -> list[bytes]:
    """Return the bytes of ``count`` entries, numbered from 1, by turns about a client and about none."""
    facts = Facts(
        client_id=word,
        entities=(Entity("session", "s1", 2),),
        disclosure=Disclosure("f1", "session_time", "family_participation"),
    )
    made = []
    for seq in range(1, count + 1):
        is_odd = seq % 2 == 1
        trail = Trail(CLINICIAN if is_odd else SYSTEM, AT + timedelta(minutes=seq), bytes(16))
        event = Event.CLIENT_READ if is_odd else Event.BACKUP_MADE
        made.append(entry_bytes(trail, seq, event, facts if is_odd else Facts()))
    return made


def new_signer(folder: Path) -> Signer:
    """Make a signer's key in a folder and return the signer."""
    new_signer_key(folder)
    return load_signer(folder, "hearth.test/audit")


def checked(data: bytes, *, pinned: str | None = None, earlier: str | None = None) -> Verdict:
    """Return the verdict on a bundle's bytes, or raise what is wrong with them."""
    return check(memoryview(data), verify_signature, pinned=pinned, earlier=earlier)


def write_bundle(
    path: Path,
    signer: Signer,
    log: list[bytes],
    *,
    numbers: list[int] | None = None,
    wanted: Filter = EVERYTHING,
) -> bytes:
    """Write the bundle of a log, or of the entries with these numbers, and return the file's bytes."""
    hashes = [leaf_hash(leaf) for leaf in log]
    note = signer.sign_tree(Peaks().extended(hashes), lambda start, end: hashes[start:end])
    picked = range(1, len(log) + 1) if numbers is None else numbers
    with BundleWriter(path) as writer:
        writer.add(hashes, [Entry(seq, log[seq - 1], hashes[seq - 1]) for seq in picked])
        writer.finish(note, Order(wanted, "yearly review", moment_text(AT), "# How to check this\n"), signer)
    return path.read_bytes()


def contents(data: bytes) -> dict[str, bytes]:
    """Return the files in a bundle."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed_by_another_program(files: Mapping[str, bytes], *, folder: str = "") -> bytes:
    """Return the files as an ordinary program packs them: deflated, by name, with what it leaves beside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(folder + name, files[name])
        archive.writestr(f"__MACOSX/{folder}._{min(files)}", b"trash")
    return out.getvalue()
