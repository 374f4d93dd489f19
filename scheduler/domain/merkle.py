"""The Merkle tree over the audit log: RFC 6962, section 2.1, with SHA-256.

A tree of n leaves is known by its `Peaks`: the roots of its perfect subtrees, largest first, one for every
bit of n. Peaks grow by new leaves alone, which makes a checkpoint of any log a matter of its newest entries.
Proofs are made by a caller who can tell the hash of any range of leaves, and checked with no tree at all
(RFC 9162, sections 2.1.3.2 and 2.1.4.2, whose trees are the same).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
LEAF = b"\x00"
NODE = b"\x01"
AT_ONCE = 4096

RangeHash = Callable[[int, int], bytes]  # the RFC 6962 hash of leaves [start, end), start < end


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf's bytes."""
    return sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two hashes."""
    return sha256(NODE + left + right).digest()


@dataclass(frozen=True, slots=True)
class Peaks:
    """What a tree of ``size`` leaves boils down to: the hashes of its perfect subtrees, largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Hold the shape.

        Raises:
            ValueError: there is not one hash of 32 bytes for every bit of the size.
        """
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a tree has one peak for every bit of its size")
        if any(len(peak) != HASH_BYTES for peak in self.hashes):
            raise ValueError("a peak has 32 bytes")

    @classmethod
    def read(cls, size: int, data: bytes) -> "Peaks":
        """Return the peaks kept as 32 bytes each.

        Raises:
            ValueError: the bytes do not fit the size.
        """
        return cls(size, tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))

    @property
    def data(self) -> bytes:
        """The peaks as 32 bytes each."""
        return b"".join(self.hashes)

    @property
    def root(self) -> bytes:
        """The tree's root."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for peak in reversed(self.hashes[:-1]):
            root = node_hash(peak, root)
        return root

    def extended(self, leaf_hashes: Iterable[bytes]) -> "Peaks":
        """Return the peaks of the tree with these leaf hashes after its own; memory stays flat."""
        peaks, leaves = self, iter(leaf_hashes)
        while some := list(islice(leaves, AT_ONCE)):
            peaks = peaks._with_level(some)
        return peaks

    def _with_level(self, level: list[bytes]) -> "Peaks":
        """Add a list of leaf hashes as one adds binary numbers: bit by bit, carrying pairs upwards."""
        size, below, kept = self.size, list(self.hashes), list[bytes]()
        count = len(level)
        while level:
            if size & 1:
                level.insert(0, below.pop())
            if len(level) & 1:
                kept.append(level.pop())
            level = above(level)
            size >>= 1
        return Peaks(self.size + count, (*below, *reversed(kept)))


def above(level: Sequence[bytes]) -> list[bytes]:
    """Return the hashes of the nodes above an even number of hashes."""
    hashed, ends = sha256, NODE
    return [hashed(ends + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)]


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes."""
    return Peaks().extended(leaf_hashes).root


def root_of_bytes(data: bytes) -> bytes:
    """Return the root over leaf hashes that stand one after the other, 32 bytes each; the fastest way.

    Pairing level by level, with an odd last one carried up as it is, gives the tree of RFC 6962.
    """
    if not data:
        return EMPTY_ROOT
    hashed, pairs_end = sha256, len(data) - len(data) % (2 * HASH_BYTES)
    level = [
        hashed(NODE + data[at : at + 2 * HASH_BYTES]).digest() for at in range(0, pairs_end, 2 * HASH_BYTES)
    ]
    level += [data[pairs_end:]] if pairs_end < len(data) else []
    while len(level) > 1:
        odd = [level.pop()] if len(level) & 1 else []
        level = above(level) + odd
    return level[0]


def inclusion_proof(index: int, size: int, range_hash: RangeHash) -> list[bytes]:
    """Return the audit path of leaf ``index`` in the tree of ``size`` leaves (RFC 6962, section 2.1.1).

    Raises:
        ValueError: the leaf is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(middle, end))
            end = middle
        else:
            path.append(range_hash(start, middle))
            start = middle
    return path[::-1]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the proof leads from a leaf hash at ``index`` to the root of ``size`` leaves."""
    if not 0 <= index < size:
        return False
    here, last, top = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            top = node_hash(step, top)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            top = node_hash(top, step)
        here, last = here >> 1, last >> 1
    return last == 0 and top == root


def consistency_proof(earlier: int, size: int, range_hash: RangeHash) -> list[bytes]:
    """Return the proof that the tree of ``size`` leaves extends its first ``earlier`` ones (section 2.1.2).

    Raises:
        ValueError: ``earlier`` is not between 1 and ``size``.
    """
    if not 0 < earlier <= size:
        raise ValueError("the earlier tree is not part of this one")
    start, end, path, is_whole = 0, size, list[bytes](), True
    while end != earlier:
        middle = start + _split(end - start)
        if earlier <= middle:
            path.append(range_hash(middle, end))
            end = middle
        else:
            path.append(range_hash(start, middle))
            start, is_whole = middle, False
    if not is_whole:
        path.append(range_hash(start, end))
    return path[::-1]


def extends(earlier: int, size: int, proof: Sequence[bytes], earlier_root: bytes, root: bytes) -> bool:
    """Tell whether the proof shows that the tree of ``size`` leaves begins with the earlier one."""
    if not 0 < earlier <= size:
        return False
    if earlier == size:
        return not proof and earlier_root == root
    steps = [earlier_root, *proof] if earlier.bit_count() == 1 else list(proof)
    if not steps:
        return False
    trailing = (~(earlier - 1) & earlier).bit_length() - 1
    here, last = (earlier - 1) >> trailing, (size - 1) >> trailing
    old, new = steps[0], steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, step)
        here, last = here >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


def _split(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1
