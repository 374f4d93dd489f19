"""Checking the entries of a bundle, line by line, against the hashes of the whole log.

A line's bytes are hashed and compared; that is all the time it takes. What stands in a line is read only in
bundles of chosen entries, for their numbers, and to name a fault.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice, zip_longest

from scheduler.domain.bundle import Manifest
from scheduler.domain.bundle_zip import ENTRIES, EVENTS, LEAF_HASHES, Member
from scheduler.domain.merkle import HASH_BYTES, LEAF, leaf_hash

AT_ONCE = 1 << 17  # small enough to stay in the processor's cache
NEWLINE = 0x0A
CHANGED = "its bytes are not those that were hashed"
_NUMBER = re.compile(
    rb',"seq":([1-9][0-9]{0,15}),"source":'
)  # quotes within texts are escaped, so this is it


class Faulty(Exception):
    """The bundle is not what the signer let go. ``seq`` is the number of the entry at fault, if it is one."""

    def __init__(self, fault: str, seq: int | None = None) -> None:
        super().__init__(fault if seq is None else f"entry {seq}: {fault}")
        self.fault, self.seq = fault, seq


def check_entries(data: memoryview, members: Mapping[str, Member], manifest: Manifest) -> None:
    """Return when the entries are those that were let go, each as it was hashed.

    Raises:
        Faulty: one is not; says which.
    """
    entries, events, hashes = (
        data[members[name].start : members[name].end] for name in (ENTRIES, EVENTS, LEAF_HASHES)
    )
    if manifest.count == manifest.size:
        _check_all(entries, hashes)
    else:
        _check_chosen(entries, _Chosen(hashes, events, manifest))


def _check_all(entries: memoryview, hashes: memoryview) -> None:
    done, hashed = 0, sha256
    for block in _blocks(entries):
        leaves = (LEAF + block.replace(b"\n", b"\n" + LEAF)).split(
            b"\n"
        )  # what RFC 6962 hashes, without joining
        digests = b"".join([hashed(leaf).digest() for leaf in leaves])
        if digests != hashes[done * HASH_BYTES : (done + len(leaves)) * HASH_BYTES]:
            _name_fault(block.split(b"\n"), hashes, done)
        done += len(leaves)
    if done * HASH_BYTES < len(hashes):
        raise Faulty("is missing, and all after it: the entries were cut off", done + 1)
    if entries and entries[-1] != NEWLINE:
        raise Faulty("its line was cut off", done)


def _name_fault(lines: list[bytes], hashes: memoryview, done: int) -> None:
    for seq, line in enumerate(lines, done + 1):
        if seq * HASH_BYTES > len(hashes):
            raise Faulty("there is no such entry in the log", seq)
        if _is(line, hashes, seq):
            continue
        stated = _number(line)
        if stated is not None and _is(line, hashes, stated):
            raise Faulty(f"entry {stated} stands in its place", seq)
        raise Faulty(CHANGED, seq)


def _is(line: bytes, hashes: memoryview, seq: int) -> bool:
    return hashes[(seq - 1) * HASH_BYTES : seq * HASH_BYTES] == leaf_hash(line)


def _number(line: bytes) -> int | None:
    found = _NUMBER.search(line)
    return int(found[1]) if found else None


@dataclass(slots=True)
class _Chosen:
    """What is known of a bundle that holds some entries only."""

    hashes: memoryview
    events: memoryview
    manifest: Manifest
    numbers: list[int] = field(default_factory=list)

    def let_go(self) -> Iterator[int]:
        """Return the numbers that ``events.csv`` tells, in order; only to name a fault."""
        rows = csv.reader(io.StringIO(bytes(self.events).decode(errors="replace"), newline=""))
        return (int(row[0]) for row in islice(rows, 1, None) if row and row[0].isdecimal())

    def number_of_line(self, index: int) -> int | None:
        """Return the number that belongs to a line."""
        return next(islice(self.let_go(), index, None), None)


def _check_chosen(entries: memoryview, chosen: _Chosen) -> None:
    selection = sha256()
    for block in _blocks(entries):
        for line in block.split(b"\n"):
            seq = _number(line)
            if seq is None or not _is(line, chosen.hashes, seq):
                raise Faulty(CHANGED, chosen.number_of_line(len(chosen.numbers)) or seq)
            chosen.numbers.append(seq)
            selection.update(leaf_hash(line))
    numbers, manifest = chosen.numbers, chosen.manifest
    if len(numbers) != manifest.count or selection.digest() != manifest.selection:
        _name_difference(chosen)
        raise Faulty("these are not the entries that were let go")
    if (*numbers[:1], *numbers[-1:]) != tuple(end for end in (manifest.first, manifest.last) if end):
        raise Faulty("the manifest tells other entries")
    if entries and entries[-1] != NEWLINE:
        raise Faulty("its line was cut off", numbers[-1])


def _name_difference(chosen: _Chosen) -> None:
    for was, there in zip_longest(chosen.let_go(), chosen.numbers):
        if was is None:
            raise Faulty("was not let go with this bundle", there)
        if was != there:
            raise Faulty("is missing" if there is None else f"entry {there} stands in its place", was)


def _blocks(entries: memoryview) -> Iterator[bytes]:
    """Return helpings of whole lines, each without its last newline."""
    start, helping = 0, AT_ONCE
    while start < len(entries):
        block = bytes(entries[start : start + helping])
        whole = len(block) if start + len(block) == len(entries) else block.rfind(b"\n") + 1
        if not whole:
            helping *= 2
            continue
        yield block[:whole].removesuffix(b"\n")
        start += whole
