"""Writing an export bundle to a file, helping by helping, in flat memory.

Entries go straight to their place in the file; what else grows with the log waits in unnamed files beside it.
The file has mode 0600 and gets its name only when it is whole and durable.
"""

import os
import shutil
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

from scheduler.domain import bundle, bundle_zip
from scheduler.domain.audit_entry import Entry
from scheduler.domain.audit_filter import Filter
from scheduler.domain.bundle import Manifest
from scheduler.domain.bundle_zip import Member
from scheduler.domain.checkpoints import Checkpoint, Note
from scheduler.domain.merkle import Peaks
from scheduler.storage.signer import Signer, sync_folder

COPY_BYTES = 1 << 20


class LogNotWhole(Exception):
    """The entries that were read do not lead to the checkpoint's root."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a bundle is to say of itself. ``made_at`` is a moment as text, ``explanation`` its VERIFY.md."""

    wanted: Filter
    purpose: str
    made_at: str
    explanation: str


class _Stream:
    """A file that knows what was written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.crc, self.size, self.digest = file, 0, 0, sha256()

    def write(self, data: bytes) -> None:
        """Write, and take note."""
        self.file.write(data)
        self.crc = zlib.crc32(data, self.crc)
        self.size += len(data)
        self.digest.update(data)


class BundleWriter:
    """Writes one bundle; a context manager that leaves nothing behind when it is not finished."""

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._peaks, self._selection = Peaks(), sha256()
        self._count, self._first, self._last = 0, 0, 0
        self._members: dict[str, Member] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._out = self._stack.enter_context(_open_for_owner_alone(self._part))
        self._out.seek(bundle_zip.header_bytes(bundle_zip.ENTRIES))
        self._entries = _Stream(self._out)
        self._events = _Stream(self._stack.enter_context(TemporaryFile(dir=self._path.parent)))
        self._hashes = _Stream(self._stack.enter_context(TemporaryFile(dir=self._path.parent)))
        self._events.write(bundle.csv_head())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, reason: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        self._part.unlink(missing_ok=True)

    def add(self, leaf_hashes: Sequence[bytes], chosen: Sequence[Entry]) -> None:
        """Add the hashes of the next entries of the log, and those of these entries that are wanted.

        Raises:
            LogNotWhole: an entry's bytes are not those that were hashed.
        """
        if broken := next((entry for entry in chosen if not entry.is_intact), None):
            raise LogNotWhole(f"entry {broken.seq}: its bytes are not those that were hashed")
        self._hashes.write(b"".join(leaf_hashes))
        self._peaks = self._peaks.extended(leaf_hashes)
        if not chosen:
            return
        self._entries.write(b"".join(entry.leaf + b"\n" for entry in chosen))
        self._events.write(bundle.csv_lines(entry.leaf for entry in chosen))
        self._selection.update(b"".join(entry.leaf_hash for entry in chosen))
        self._count += len(chosen)
        self._first, self._last = self._first or chosen[0].seq, chosen[-1].seq

    def finish(self, note: str, order: Order, signer: Signer) -> int:
        """Write the rest, sign the manifest, name the file; return how many entries are in it.

        Raises:
            LogNotWhole: what was added does not lead to the root in ``note``, the signed checkpoint.
        """
        checkpoint = Checkpoint.parse(Note.parse(note).text)
        if (self._peaks.size, self._peaks.root) != (checkpoint.size, checkpoint.root):
            raise LogNotWhole(f"{self._peaks.size} entries do not lead to the root of {checkpoint.size}")
        self._close_entries()
        files = self._add_files(note, order, signer)
        self._add_manifest(self._manifest(checkpoint, order, files), signer)
        self._out.write(bundle_zip.directory(self._members))
        self._out.flush()
        os.fsync(self._out.fileno())
        self._part.replace(self._path)
        sync_folder(self._path.parent)
        return self._count

    def _close_entries(self) -> None:
        entries = self._entries
        self._out.seek(0)
        self._out.write(bundle_zip.header(bundle_zip.ENTRIES, entries.crc, entries.size))
        member = Member(entries.crc, entries.size, self._out.tell())
        self._members[bundle_zip.ENTRIES] = member
        self._out.seek(member.end)

    def _add_files(self, note: str, order: Order, signer: Signer) -> dict[str, str]:
        digests = {
            bundle_zip.EVENTS: self._add_stream(bundle_zip.EVENTS, self._events),
            bundle_zip.LEAF_HASHES: self._add_stream(bundle_zip.LEAF_HASHES, self._hashes),
        }
        texts = {
            bundle_zip.CHECKPOINT: note,
            bundle_zip.VKEYS: signer.vkey + "\n",
            bundle_zip.EXPLANATION: order.explanation,
        }
        return digests | {name: self._add_bytes(name, text.encode()) for name, text in texts.items()}

    def _add_manifest(self, manifest: Manifest, signer: Signer) -> None:
        written = bytes(manifest)
        self._add_bytes(bundle_zip.MANIFEST, written)
        note = signer.sign(bundle.statement(signer.name, written))
        self._add_bytes(bundle_zip.MANIFEST_NOTE, note.encode())

    def _manifest(self, checkpoint: Checkpoint, order: Order, files: dict[str, str]) -> Manifest:
        return Manifest(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root,
            wanted=order.wanted,
            purpose_hash=sha256(order.purpose.encode()).digest(),
            made_at=order.made_at,
            count=self._count,
            first=self._first or None,
            last=self._last or None,
            selection=self._selection.digest(),
            files=files,
        )

    def _add_stream(self, name: str, stream: _Stream) -> str:
        self._out.write(bundle_zip.header(name, stream.crc, stream.size))
        self._members[name] = Member(stream.crc, stream.size, self._out.tell())
        stream.file.seek(0)
        shutil.copyfileobj(stream.file, self._out, COPY_BYTES)
        return stream.digest.hexdigest()

    def _add_bytes(self, name: str, data: bytes) -> str:
        crc = zlib.crc32(data)
        self._out.write(bundle_zip.header(name, crc, len(data)))
        self._members[name] = Member(crc, len(data), self._out.tell())
        self._out.write(data)
        return sha256(data).hexdigest()


def _open_for_owner_alone(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
