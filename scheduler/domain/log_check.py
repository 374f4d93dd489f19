"""Checking the kept log from its first entry to its last: what ``hearth audit fsck`` does.

Everything kept is held against the entries' bytes: their numbers, their hashes, the columns by which they are
found, the details sealed beside them, every checkpoint ever signed, and the signer's own memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from scheduler.domain.audit_entry import Entry, Said
from scheduler.domain.checkpoints import Checkpoint, Malformed, Note, NotSigned, VerifierKey, Verify
from scheduler.domain.merkle import Peaks


class LogBroken(Exception):
    """The kept log is not what was written. ``seq`` is the number of the entry at fault, where it is one."""

    def __init__(self, fault: str, seq: int | None = None) -> None:
        super().__init__(fault if seq is None else f"entry {seq}: {fault}")
        self.seq = seq


@dataclass(frozen=True, slots=True)
class Columns:
    """What is kept beside an entry's bytes so that it is found."""

    id: str
    at: datetime
    event: str
    outcome: str
    actor_id: str | None
    client_id: str | None
    session_id: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with everything kept about it; a detail that was shredded is None."""

    entry: Entry
    columns: Columns
    sealed_detail: bytes | None


class Signed(Protocol):
    """A kept checkpoint."""

    @property
    def tree(self) -> Peaks:
        """The tree as kept."""

    @property
    def root(self) -> bytes:
        """The root as kept."""

    @property
    def note(self) -> str:
        """The signed note."""


@dataclass(slots=True)
class LogCheck:
    """A check under way: give it the log page by page, then ask whether it ends where it must.

    ``remembered`` is the tree that the signer signed last.
    """

    key: VerifierKey
    verify: Verify
    remembered: Peaks
    tree: Peaks = field(default_factory=Peaks)

    def add(self, rows: Sequence[Row], checkpoints: Sequence[Signed]) -> None:
        """Check the next entries, and the checkpoints that fall among them.

        Raises:
            LogBroken: the first thing found wrong.
        """
        for seq, row in enumerate(rows, self.tree.size + 1):
            _check_row(row, seq)
        hashes, start = [row.entry.leaf_hash for row in rows], self.tree.size
        signed = {checkpoint.tree.size: checkpoint for checkpoint in checkpoints}
        for size in sorted({*signed, self.remembered.size, start + len(rows)}):
            if start < size <= start + len(rows):
                self.tree = self.tree.extended(hashes[self.tree.size - start : size - start])
                self._check_here(signed.get(size))

    def finish(self, size: int, last_number: int) -> None:
        """Check the end of the log, whose head counts ``size`` entries.

        Raises:
            LogBroken: entries are missing at the end, or nobody counted them.
        """
        if self.tree.size < size:
            raise LogBroken("is missing, and all after it", self.tree.size + 1)
        if last_number > size:
            raise LogBroken("is beyond the head of the log", last_number)
        if self.remembered.size > size:
            raise LogBroken(
                f"{self.remembered.size} entries were signed, there are {size}: the log was cut off"
            )

    def _check_here(self, signed: Signed | None) -> None:
        size = self.tree.size
        if size == self.remembered.size and self.tree != self.remembered:
            raise LogBroken(f"the first {size} entries are not those that the signer remembers")
        if signed is None:
            return
        if (signed.tree, signed.root) != (self.tree, self.tree.root):
            raise LogBroken(f"the checkpoint of {size} entries has another root")
        try:
            note = Note.parse(signed.note)
            note.check(self.key, self.verify)
            checkpoint = Checkpoint.parse(note.text)
        except (Malformed, NotSigned) as wrong:
            raise LogBroken(f"the checkpoint of {size} entries: {wrong}") from wrong
        if checkpoint != Checkpoint(self.key.name, size, self.tree.root):
            raise LogBroken(f"the checkpoint of {size} entries says something else")


def _check_row(row: Row, seq: int) -> None:
    if row.entry.seq != seq:
        raise LogBroken("is missing", seq)
    if not row.entry.is_intact:
        raise LogBroken("its bytes are not those that were hashed", seq)
    try:
        said = row.entry.said
    except ValueError as garbled:
        raise LogBroken("cannot be read", seq) from garbled
    if said.seq != seq:
        raise LogBroken(f"says that it is entry {said.seq}", seq)
    if row.columns != _columns(said):
        raise LogBroken("is filed under what it does not say", seq)
    if row.sealed_detail is not None and sha256(row.sealed_detail).hexdigest() != said.detail_hash:
        raise LogBroken("its sealed detail was changed", seq)


def _columns(said: Said) -> Columns:
    return Columns(said.id, said.at, said.event, said.outcome, said.actor_id, said.client_id, said.session_id)
