"""The Merkle tree against RFC 6962's known values, another implementation, and its own proofs."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from scheduler.domain import merkle
from scheduler.domain.merkle import Peaks

# The leaves and roots of the reference implementation of Certificate Transparency (merkletree tests).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]

leaves_of_a_tree = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def range_hash(hashes: list[bytes]) -> merkle.RangeHash:
    return lambda start, end: merkle.root(hashes[start:end])


def test_the_root_of_no_leaves_is_the_hash_of_nothing() -> None:
    assert merkle.root([]) == merkle.root_of_bytes(b"") == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference_implementation(size: int) -> None:
    assert merkle.root(LEAF_HASHES[:size]).hex() == ROOTS[size - 1]


def test_the_audit_path_is_the_reference_implementations() -> None:
    path = merkle.inclusion_proof(5, 8, range_hash(LEAF_HASHES))
    assert [step.hex()[:16] for step in path] == ["bc1a0643b12e4d2d", "ca854ea128ed050b", "d37ee418976dd957"]


def test_the_consistency_proof_is_the_reference_implementations() -> None:
    path = merkle.consistency_proof(6, 8, range_hash(LEAF_HASHES))
    assert [step.hex()[:16] for step in path] == ["0ebc5d3437fbe2db", "ca854ea128ed050b", "d37ee418976dd957"]


@given(leaves_of_a_tree)
def test_roots_are_those_of_pymerkle(leaves: list[bytes]) -> None:
    oracle = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        oracle.append_entry(leaf)
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    assert merkle.root(hashes) == merkle.root_of_bytes(b"".join(hashes)) == oracle.get_root()


@given(leaves_of_a_tree, st.data())
def test_a_tree_grown_in_steps_is_the_tree_grown_at_once(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    cut = data.draw(st.integers(0, len(hashes)))
    grown = Peaks().extended(hashes[:cut]).extended(hashes[cut:])
    assert grown == Peaks().extended(hashes)
    assert Peaks.read(grown.size, grown.data) == grown


def test_a_tree_larger_than_one_helping_has_the_same_root() -> None:
    hashes = [merkle.leaf_hash(bytes([n % 251])) for n in range(merkle.AT_ONCE + 37)]
    one_by_one = Peaks()
    for leaf in hashes:
        one_by_one = one_by_one.extended([leaf])
    assert one_by_one == Peaks().extended(hashes)


@given(leaves_of_a_tree, st.data())
def test_every_leaf_can_be_proved_and_no_other_in_its_place(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    size, root = len(hashes), merkle.root(hashes)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, range_hash(hashes))
    assert merkle.includes(hashes[index], index, size, proof, root)
    assert not merkle.includes(merkle.leaf_hash(b"something else"), index, size, proof, root)
    assert not merkle.includes(hashes[index], index, size, [*proof, root], root)
    assert not merkle.includes(hashes[index], size, size, proof, root)
    if proof:
        assert not merkle.includes(hashes[index], index, size, proof[:-1], root)


@given(leaves_of_a_tree, st.data())
def test_every_earlier_tree_can_be_proved_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    size, root = len(hashes), merkle.root(hashes)
    earlier = data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(earlier, size, range_hash(hashes))
    earlier_root = merkle.root(hashes[:earlier])
    assert merkle.extends(earlier, size, proof, earlier_root, root)
    assert not merkle.extends(earlier, size, proof, merkle.EMPTY_ROOT, root)
    assert not merkle.extends(earlier, size, proof, earlier_root, merkle.EMPTY_ROOT)
    assert not merkle.extends(earlier, size, [*proof, root], earlier_root, root)
    assert not merkle.extends(size + 1, size, proof, earlier_root, root)


def test_there_is_no_proof_of_what_is_not_in_the_tree() -> None:
    with pytest.raises(ValueError, match="not in the tree"):
        merkle.inclusion_proof(8, 8, range_hash(LEAF_HASHES))
    with pytest.raises(ValueError, match="not part"):
        merkle.consistency_proof(9, 8, range_hash(LEAF_HASHES))


def test_no_step_at_all_proves_no_earlier_tree() -> None:
    assert not merkle.extends(3, 8, [], merkle.root(LEAF_HASHES[:3]), merkle.root(LEAF_HASHES))


@pytest.mark.parametrize(("size", "data"), [(3, bytes(32)), (1, bytes(31)), (-1, b""), (0, bytes(32))])
def test_peaks_that_do_not_fit_their_size_are_refused(size: int, data: bytes) -> None:
    with pytest.raises(ValueError, match="peak"):
        Peaks.read(size, data)
