"""Checking a bundle offline: is this, byte by byte, what the log's signer let go?

The order of the checks is chosen so that the first thing found wrong is the most telling one: the container,
the signatures, the manifest, the tree, then every entry. JSON is read only to name a fault. Files that
another program packed again are refused, but their contents are checked first, in a container made anew.
"""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

from scheduler.domain import bundle_zip
from scheduler.domain.bundle import BadManifest, Manifest, statement
from scheduler.domain.bundle_entries import Faulty, check_entries
from scheduler.domain.bundle_zip import (
    CHECKPOINT,
    EVENTS,
    EXPLANATION,
    LEAF_HASHES,
    MANIFEST,
    MANIFEST_NOTE,
    VKEYS,
    ContainerBroken,
    Member,
)
from scheduler.domain.checkpoints import Checkpoint, Malformed, Note, NotSigned, VerifierKey, Verify
from scheduler.domain.merkle import HASH_BYTES, root_of_bytes

PACKED_ANEW = (
    "the container is not the exported file byte by byte: it was changed, or unpacked and packed again"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A whole bundle: ``count`` entries of a log of ``size`` with this root; whose key was taken for good."""

    count: int
    size: int
    root: bytes
    vkey: str
    is_pinned: bool

    @property
    def is_complete(self) -> bool:
        """Whether all entries of the log are in it."""
        return self.count == self.size


def check(
    data: memoryview, verify: Verify, *, pinned: str | None = None, earlier: str | None = None
) -> Verdict:
    """Return the verdict on a whole bundle.

    ``pinned`` is the log's vkey as known from elsewhere; without one the bundle's own is taken. ``earlier``
    is a signed checkpoint of the same log that was kept.

    Raises:
        Faulty: the first thing found wrong.
    """
    try:
        members = bundle_zip.read(data)
    except ContainerBroken as broken:
        raise _fault_of_broken(data, broken, verify, pinned=pinned, earlier=earlier) from broken
    return _check_contents(data, members, verify, pinned=pinned, earlier=earlier)


def _check_contents(
    data: memoryview, members: dict[str, Member], verify: Verify, *, pinned: str | None, earlier: str | None
) -> Verdict:
    key = _key(_text(data, members[VKEYS], VKEYS), pinned)
    checkpoint = _checkpoint(_text(data, members[CHECKPOINT], CHECKPOINT), key, verify, CHECKPOINT)
    manifest = _manifest(data, members, key, verify)
    if (manifest.origin, manifest.size, manifest.root) != (
        checkpoint.origin,
        checkpoint.size,
        checkpoint.root,
    ):
        raise Faulty("the manifest is of another checkpoint")
    with ThreadPoolExecutor(max_workers=1) as beside:  # long hashes and sums let go of the interpreter
        others = beside.submit(_check_others, data, members, manifest)
        _check_log(data, members, manifest)
        if earlier is not None:
            _check_earlier(data, members, _checkpoint(earlier, key, verify, "the earlier checkpoint"))
        check_entries(data, members, manifest)
        others.result()
    return Verdict(manifest.count, checkpoint.size, checkpoint.root, str(key), pinned is not None)


def _fault_of_broken(
    data: memoryview, broken: ContainerBroken, verify: Verify, *, pinned: str | None, earlier: str | None
) -> Faulty:
    """Return what is wrong with a container that is not the exported one; its files are checked too."""
    try:
        files = bundle_zip.unpacked(data)
    except ContainerBroken as unreadable:
        try:
            _name_entry(data, bundle_zip.salvage(data))
        except Faulty as faulty:
            return faulty
        return Faulty(f"{broken}; read as any ZIP file, {unreadable}")
    anew = memoryview(bundle_zip.packed(files))
    try:
        _check_contents(anew, bundle_zip.read(anew), verify, pinned=pinned, earlier=earlier)
    except Faulty as faulty:
        return Faulty(f"{faulty.fault}; {PACKED_ANEW}", faulty.seq)
    return Faulty(
        f"{PACKED_ANEW}. The files in it are those that were exported, every entry as it was hashed"
    )


def _name_entry(data: memoryview, members: dict[str, Member]) -> None:
    if len(members) < len(bundle_zip.NAMES):
        return
    with contextlib.suppress(BadManifest):
        manifest = Manifest.parse(_bytes(data, members[MANIFEST]))
        check_entries(data, members, manifest)


def _bytes(data: memoryview, member: Member) -> bytes:
    return bytes(data[member.start : member.end])


def _text(data: memoryview, member: Member, name: str) -> str:
    try:
        return _bytes(data, member).decode()
    except UnicodeDecodeError as garbled:
        raise Faulty(f"{name} is garbled") from garbled


def _key(vkeys: str, pinned: str | None) -> VerifierKey:
    if pinned is not None:
        _parsed(pinned, "the key to check with is no verifier key, or is mistyped")
        if vkeys != pinned + "\n":
            raise Faulty("the bundle was signed by another key than the one pinned")
    return _parsed(vkeys.removesuffix("\n"), VKEYS)


def _parsed(vkey: str, fault: str) -> VerifierKey:
    try:
        return VerifierKey.parse(vkey)
    except Malformed as wrong:
        raise Faulty(f"{fault}: {wrong}") from wrong


def _checkpoint(note: str, key: VerifierKey, verify: Verify, what: str) -> Checkpoint:
    try:
        parsed = Note.parse(note)
        parsed.check(key, verify)
        checkpoint = Checkpoint.parse(parsed.text)
    except (Malformed, NotSigned) as wrong:
        raise Faulty(f"{what}: {wrong}") from wrong
    if checkpoint.origin != key.name:
        raise Faulty(f"{what} is of another log")
    return checkpoint


def _manifest(data: memoryview, members: dict[str, Member], key: VerifierKey, verify: Verify) -> Manifest:
    written = _bytes(data, members[MANIFEST])
    try:
        note = Note.parse(_text(data, members[MANIFEST_NOTE], MANIFEST_NOTE))
        note.check(key, verify)
        if note.text != statement(key.name, written):
            raise Faulty("the manifest was changed")
        return Manifest.parse(written)
    except (Malformed, NotSigned, BadManifest) as wrong:
        raise Faulty(f"{MANIFEST_NOTE}: {wrong}") from wrong


def _check_log(data: memoryview, members: dict[str, Member], manifest: Manifest) -> None:
    hashes = _bytes(data, members[LEAF_HASHES])
    if sha256(hashes).hexdigest() != manifest.files[LEAF_HASHES]:
        check_entries(data, members, manifest)
        raise Faulty(f"{LEAF_HASHES} was changed")
    if len(hashes) != manifest.size * HASH_BYTES or root_of_bytes(hashes) != manifest.root:
        raise Faulty("the root of the entries is not the one that was signed")


def _check_earlier(data: memoryview, members: dict[str, Member], earlier: Checkpoint) -> None:
    hashes = _bytes(data, members[LEAF_HASHES])
    if earlier.size * HASH_BYTES > len(hashes):
        raise Faulty(f"the earlier checkpoint had {earlier.size} entries: the log was cut off")
    if root_of_bytes(hashes[: earlier.size * HASH_BYTES]) != earlier.root:
        raise Faulty(f"the first {earlier.size} entries are not those of the earlier checkpoint")


def _check_others(data: memoryview, members: dict[str, Member], manifest: Manifest) -> None:
    """Check the files that the tree does not bind, then the sums of all."""
    for name in (CHECKPOINT, EVENTS, EXPLANATION, VKEYS):
        member = members[name]
        if sha256(data[member.start : member.end]).hexdigest() != manifest.files[name]:
            raise Faulty(f"{name} was changed")
    try:
        bundle_zip.check_sums(data, members)
    except ContainerBroken as broken:
        raise Faulty(str(broken)) from broken
