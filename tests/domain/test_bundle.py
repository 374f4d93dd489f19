"""Bundles: a whole one is known as whole, and whatever was done to one is found and named."""

import csv
import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler.domain import bundle
from scheduler.domain.audit import Entity, Event, Facts, Trail, entry_bytes
from scheduler.domain.audit_filter import Filter
from scheduler.domain.bundle_entries import Faulty
from scheduler.domain.bundle_zip import (
    CHECKPOINT,
    ENTRIES,
    EVENTS,
    LEAF_HASHES,
    MANIFEST,
    MANIFEST_NOTE,
    NAMES,
    packed,
)
from scheduler.domain.merkle import Peaks, leaf_hash
from scheduler.storage.bundles import BundleWriter, LogNotWhole, Order
from scheduler.storage.signer import Signer, load_signer
from tests.bundles import AT, CLINICIAN, checked, contents, leaves, new_signer, write_bundle

LOG = leaves(6)
CHOSEN = [1, 3, 5]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def whole(signer: Signer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_bundle(tmp_path_factory.mktemp("whole") / "export.zip", signer, LOG)


@pytest.fixture(scope="module")
def chosen(signer: Signer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("chosen") / "export.zip"
    return write_bundle(path, signer, LOG, numbers=CHOSEN, wanted=Filter(client_id="client1"))


def lines_changed(data: bytes, change: list[bytes]) -> bytes:
    return packed(contents(data) | {ENTRIES: b"".join(line + b"\n" for line in change)})


def test_a_whole_bundle_is_whole(whole: bytes, signer: Signer) -> None:
    verdict = checked(whole, pinned=signer.vkey)
    assert (verdict.count, verdict.size, verdict.is_complete, verdict.is_pinned) == (6, 6, True, True)
    assert verdict.root == Peaks().extended(map(leaf_hash, LOG)).root


def test_a_bundle_of_chosen_entries_still_leads_to_the_root_of_all(chosen: bytes, whole: bytes) -> None:
    verdict = checked(chosen)
    assert (verdict.count, verdict.size, verdict.is_complete, verdict.is_pinned) == (3, 6, False, False)
    assert verdict.root == checked(whole).root
    assert contents(chosen)[ENTRIES].splitlines() == [LOG[number - 1] for number in CHOSEN]


def test_a_bundle_of_an_empty_log_and_of_no_chosen_entry_are_whole(tmp_path: Path) -> None:
    assert checked(write_bundle(tmp_path / "a.zip", new_signer(tmp_path / "keys"), [])).count == 0
    assert (
        checked(write_bundle(tmp_path / "b.zip", new_signer(tmp_path / "others"), LOG, numbers=[])).count == 0
    )


def test_other_programs_open_the_container(whole: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert tuple(archive.namelist()) == NAMES
    assert packed(contents(whole)) == whole


def test_every_flipped_byte_of_a_whole_bundle_is_found(whole: bytes) -> None:
    _every_flip_is_found(whole, list(range(1, 7)))


def test_every_flipped_byte_of_a_bundle_of_chosen_entries_is_found(chosen: bytes) -> None:
    _every_flip_is_found(chosen, CHOSEN)


def _every_flip_is_found(data: bytes, numbers: list[int]) -> None:
    lines = contents(data)[ENTRIES].splitlines(keepends=True)
    start = data.index(lines[0])
    owners = [number for number, line in zip(numbers, lines, strict=True) for _ in line]
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= (0x01, 0x20, 0xFF)[at % 3]
        with pytest.raises(Faulty) as found:
            checked(bytes(changed))
        if start <= at < start + len(owners):
            assert found.value.seq == owners[at - start], (at, str(found.value))


@pytest.mark.parametrize("kind", ["whole", "chosen"])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_removed_entry_is_named(kind: str, index: int, request: pytest.FixtureRequest) -> None:
    data: bytes = request.getfixturevalue(kind)
    lines = contents(data)[ENTRIES].splitlines()
    number = json.loads(lines[index])["seq"]
    with pytest.raises(Faulty, match=rf"entry {number}\b"):
        checked(lines_changed(data, lines[:index] + lines[index + 1 :]))
    with pytest.raises(Faulty, match=rf"entry {number}\b"):  # cut out of the file itself
        checked(data.replace(lines[index] + b"\n", b""))


@pytest.mark.parametrize("kind", ["whole", "chosen"])
def test_entries_that_were_cut_off_are_named(kind: str, request: pytest.FixtureRequest) -> None:
    data: bytes = request.getfixturevalue(kind)
    lines = contents(data)[ENTRIES].splitlines()
    number = json.loads(lines[-1])["seq"]
    with pytest.raises(Faulty, match=f"entry {number}: is missing"):
        checked(lines_changed(data, lines[:-1]))
    with pytest.raises(Faulty, match=f"entry {number}"):
        checked(packed(contents(data) | {ENTRIES: contents(data)[ENTRIES][:-1]}))


@pytest.mark.parametrize("kind", ["whole", "chosen"])
def test_swapped_entries_are_named(kind: str, request: pytest.FixtureRequest) -> None:
    data: bytes = request.getfixturevalue(kind)
    lines = contents(data)[ENTRIES].splitlines()
    third = next(line for line in lines if json.loads(line)["seq"] == 3)
    rest = [line for line in lines if line not in (lines[0], third)]
    with pytest.raises(Faulty, match="entry 1: entry 3 stands in its place"):
        checked(lines_changed(data, [third, *rest, lines[0]]))


def test_an_inserted_entry_is_named(whole: bytes, chosen: bytes) -> None:
    lines = contents(whole)[ENTRIES].splitlines()
    made_up = entry_bytes(Trail(CLINICIAN, AT, bytes(16)), 3, Event.BACKUP_MADE)
    with pytest.raises(Faulty, match="entry 3: its bytes"):
        checked(lines_changed(whole, [*lines[:2], made_up, *lines[2:]]))
    with pytest.raises(Faulty, match="entry 7: there is no such entry"):
        checked(lines_changed(whole, [*lines, made_up]))
    picked = contents(chosen)[ENTRIES].splitlines()
    with pytest.raises(Faulty, match="entry 3: entry 2 stands in its place"):
        checked(lines_changed(chosen, [picked[0], lines[1], *picked[1:]]))
    with pytest.raises(Faulty, match="entry 6: was not let go"):
        checked(lines_changed(chosen, [*picked, lines[5]]))


def test_an_entry_repeated_is_named(whole: bytes) -> None:
    lines = contents(whole)[ENTRIES].splitlines()
    with pytest.raises(Faulty, match="entry 3: entry 2 stands in its place"):
        checked(lines_changed(whole, [*lines[:2], *lines[1:]]))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_is_done_to_the_bytes_is_a_fault_and_never_a_crash(
    whole: bytes, chosen: bytes, data: st.DataObject
) -> None:
    bundle = data.draw(st.sampled_from([whole, chosen]))
    start = data.draw(st.integers(0, len(bundle)))
    end = data.draw(st.integers(start, min(len(bundle), start + 600)))
    changed = bundle[:start] + data.draw(st.binary(max_size=40)) + bundle[end:]
    assume(changed != bundle)
    with pytest.raises(Faulty):
        checked(changed)


@pytest.mark.parametrize("cut", [1, 22, 98, 500, 3000])
def test_a_file_cut_off_is_found(whole: bytes, cut: int) -> None:
    with pytest.raises(Faulty):
        checked(whole[:-cut])


@pytest.mark.parametrize("data", [b"", b"PK", b"not a bundle at all"])
def test_something_else_is_no_bundle(data: bytes) -> None:
    with pytest.raises(Faulty, match=r"header of entries\.jsonl"):
        checked(data)


def test_bytes_after_before_and_between_are_found(whole: bytes) -> None:
    between = whole.index(b"PK\x03\x04", 10)
    for changed in (whole + b"\0", b"\0" + whole, whole[:between] + b"\0" + whole[between:]):
        with pytest.raises(Faulty):
            checked(changed)


def test_history_rewritten_with_its_hashes_does_not_lead_to_the_signed_root(whole: bytes) -> None:
    rewritten = [*LOG[:2], leaves(3, word="client2")[2], *LOG[3:]]
    files = contents(whole)
    files[ENTRIES] = b"".join(leaf + b"\n" for leaf in rewritten)
    files[LEAF_HASHES] = b"".join(map(leaf_hash, rewritten))
    with pytest.raises(Faulty, match=r"leafhashes\.bin was changed"):
        checked(packed(files))


def test_the_checkpoint_of_another_time_is_found(whole: bytes, tmp_path: Path) -> None:
    signer = new_signer(tmp_path / "keys")
    early = write_bundle(tmp_path / "early.zip", signer, LOG[:4])
    late = write_bundle(tmp_path / "late.zip", signer, LOG)
    with pytest.raises(Faulty, match="another checkpoint"):
        checked(packed(contents(late) | {CHECKPOINT: contents(early)[CHECKPOINT]}))
    exchanged = {name: contents(early)[name] for name in (MANIFEST, MANIFEST_NOTE, CHECKPOINT)}
    with pytest.raises(Faulty, match="was changed"):
        checked(packed(contents(late) | exchanged))


def test_a_bundle_signed_anew_with_another_key_is_refused_by_the_pinned_key(
    whole: bytes, signer: Signer, tmp_path: Path
) -> None:
    forged = write_bundle(tmp_path / "forged.zip", new_signer(tmp_path / "keys"), leaves(6, word="client2"))
    assert not checked(forged).is_pinned
    with pytest.raises(Faulty, match="another key"):
        checked(forged, pinned=signer.vkey)


def test_a_log_that_forked_after_an_earlier_checkpoint_is_found(signer: Signer, tmp_path: Path) -> None:
    other_memory = _same_key(signer, tmp_path)
    early = contents(write_bundle(tmp_path / "early.zip", other_memory, LOG[:4]))[CHECKPOINT].decode()
    late = write_bundle(tmp_path / "late.zip", other_memory, LOG)
    assert checked(late, earlier=early).count == 6
    fork = write_bundle(tmp_path / "fork.zip", _same_key(signer, tmp_path), leaves(6, word="client2"))
    with pytest.raises(Faulty, match="first 4 entries are not those"):
        checked(fork, earlier=early)
    short = write_bundle(tmp_path / "short.zip", _same_key(signer, tmp_path), LOG[:3])
    with pytest.raises(Faulty, match="cut off"):
        checked(short, earlier=early)


def _same_key(signer: Signer, tmp_path: Path) -> Signer:
    """Return the signer with its memory lost: what somebody who stole the key could do."""
    folder = tmp_path / f"keys{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    (folder / "signer.key").write_text((signer._folder / "signer.key").read_text())
    return load_signer(folder, signer.name)


def test_an_earlier_checkpoint_of_another_log_or_none_is_refused(whole: bytes, tmp_path: Path) -> None:
    other = contents(write_bundle(tmp_path / "other.zip", new_signer(tmp_path / "keys"), LOG[:4]))[CHECKPOINT]
    for earlier in (other.decode(), "", "rubbish\n\n"):
        with pytest.raises(Faulty, match="the earlier checkpoint"):
            checked(whole, earlier=earlier)


def test_the_manifest_tells_what_was_asked_for_and_hides_why(chosen: bytes) -> None:
    said = json.loads(contents(chosen)[MANIFEST])
    assert said["filter"]["client"] == "client1"
    assert (said["count"], said["first"], said["last"], said["size"]) == (3, 1, 5, 6)
    assert said["purpose_hash"] == sha256(b"yearly review").hexdigest()
    assert b"yearly" not in chosen


def test_a_bundle_is_for_its_owner_alone_and_leaves_nothing_beside_it(signer: Signer, tmp_path: Path) -> None:
    write_bundle(tmp_path / "exports" / "export.zip", signer, LOG)
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["export.zip"]
    assert (tmp_path / "exports" / "export.zip").stat().st_mode & 0o777 == 0o600


def test_entries_that_do_not_lead_to_the_signed_root_are_not_let_go(signer: Signer, tmp_path: Path) -> None:
    hashes = [leaf_hash(leaf) for leaf in LOG]
    note = signer.sign_tree(Peaks().extended(hashes), lambda start, end: hashes[start:end])
    with BundleWriter(tmp_path / "export.zip") as writer:
        writer.add(hashes[:5], [])
        with pytest.raises(LogNotWhole):
            writer.finish(note, Order(Filter(), "", "", ""), signer)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_table_is_a_formula(start: str) -> None:
    facts = Facts(entities=(Entity(start + "cmd()", "x"),), client_id=start + 'HYPERLINK("http://x")')
    line = bundle.csv_lines([entry_bytes(Trail(CLINICIAN, AT, bytes(16)), 1, Event.CLIENT_READ, facts)])
    (cells,) = csv.reader(io.StringIO(line.decode(), newline=""))
    assert len(cells) == len(bundle.COLUMNS)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_the_table_has_a_row_for_every_entry(whole: bytes) -> None:
    rows = list(csv.DictReader(io.StringIO(contents(whole)[EVENTS].decode(), newline="")))
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert rows[0]["event"] == "client.read"
    assert rows[0]["entities"] == "session:s1"
    assert rows[0]["disclosed_to"] == "f1"
    assert contents(whole)[EVENTS].count(b"\r\n") == 7


def test_lines_longer_than_one_helping_are_read(signer: Signer, tmp_path: Path) -> None:
    long = [
        entry_bytes(Trail(CLINICIAN, AT, bytes(16)), seq, Event.CLIENT_READ, Facts(reason="x" * 3_000_000))
        for seq in range(1, 5)
    ]
    folder = tmp_path / "keys"
    assert checked(write_bundle(tmp_path / "export.zip", new_signer(folder), long)).count == 4
