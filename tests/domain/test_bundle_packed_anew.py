"""Bundles that somebody unpacked and packed again: not the exported file, but checked all the same."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler.domain.audit import Event, Trail, entry_bytes
from scheduler.domain.bundle_entries import Faulty
from scheduler.domain.bundle_zip import ENTRIES, MANIFEST, NAMES, packed
from scheduler.storage.signer import Signer
from tests.bundles import (
    AT,
    CLINICIAN,
    checked,
    contents,
    leaves,
    new_signer,
    packed_by_another_program,
    write_bundle,
)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module", params=["whole", "chosen"])
def files(
    request: pytest.FixtureRequest, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """The files of a bundle of all entries, and of one of some."""
    path = tmp_path_factory.mktemp("bundle") / "export.zip"
    numbers = None if request.param == "whole" else [1, 3, 5]
    return contents(write_bundle(path, signer, leaves(6), numbers=numbers))


@pytest.mark.parametrize("folder", ["", "export/"])
def test_a_bundle_that_another_program_packed_anew_is_not_the_file_but_is_said_to_hold_its_entries(
    files: dict[str, bytes], folder: str, signer: Signer
) -> None:
    with pytest.raises(Faulty, match=r"not the exported file byte by byte.*files in it are those") as found:
        checked(packed_by_another_program(files, folder=folder), pinned=signer.vkey)

    assert found.value.seq is None


def test_a_fault_in_a_bundle_packed_anew_is_named_all_the_same(
    files: dict[str, bytes],
) -> None:
    lines = files[ENTRIES].splitlines(keepends=True)
    numbers = [json.loads(line)["seq"] for line in lines]
    tampered = {
        numbers[1]: [lines[0], lines[1].replace(b"success", b"failure"), *lines[2:]],
        numbers[0]: [lines[1], lines[0], *lines[2:]],
        numbers[2]: [*lines[:2], *lines[3:]],
    }

    for number, change in tampered.items():
        with pytest.raises(Faulty, match="not the exported file byte by byte") as found:
            checked(packed_by_another_program(files | {ENTRIES: b"".join(change)}))
        assert found.value.seq == number


def test_an_entry_put_into_a_bundle_packed_anew_is_named(files: dict[str, bytes]) -> None:
    made_up = entry_bytes(Trail(CLINICIAN, AT, bytes(16)), 7, Event.BACKUP_MADE) + b"\n"

    with pytest.raises(Faulty, match=r"entry 7: .*; the container is not"):
        checked(packed_by_another_program(files | {ENTRIES: files[ENTRIES] + made_up}))


def test_a_bundle_packed_anew_by_one_with_another_key_is_refused_by_the_pinned_one(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    with pytest.raises(Faulty, match="another key"):
        checked(packed_by_another_program(files), pinned=new_signer(tmp_path / "others").vkey)


@pytest.mark.parametrize("mistyped", ["rubbish", "", "hearth.test/audit+00000000+AAAA"])
def test_a_pinned_key_that_is_none_is_said_to_be_none(files: dict[str, bytes], mistyped: str) -> None:
    with pytest.raises(Faulty, match="no verifier key, or is mistyped"):
        checked(packed(files), pinned=mistyped)


def test_a_pinned_key_with_one_letter_wrong_is_said_to_be_mistyped(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    vkey = new_signer(tmp_path / "others").vkey
    wrong = vkey[:-2] + ("A" if vkey[-2] != "A" else "B") + vkey[-1]

    with pytest.raises(Faulty, match="mistyped"):
        checked(packed(files), pinned=wrong)


def test_a_zip_that_lacks_a_file_holds_one_twice_or_is_a_trap_is_no_bundle(files: dict[str, bytes]) -> None:
    lacking = packed_by_another_program({name: files[name] for name in NAMES[1:]})
    twice = packed_by_another_program(files | {f"copy/{ENTRIES}": b""})
    trap = packed_by_another_program(files | {ENTRIES: bytes(50_000_000)})

    for data, words in ((lacking, "is missing"), (twice, "is there twice"), (trap, "far too large")):
        with pytest.raises(Faulty, match=words):
            checked(data)


def test_a_manifest_nested_deeper_than_json_is_read_is_a_fault(files: dict[str, bytes]) -> None:
    nested = packed(files | {MANIFEST: b"[" * 30_000})

    for data in (nested, nested + b"more"):
        with pytest.raises(Faulty):
            checked(data)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_is_done_to_the_bytes_of_one_packed_anew_is_a_fault_and_never_a_crash(
    files: dict[str, bytes], data: st.DataObject
) -> None:
    bundle = packed_by_another_program(files)
    start = data.draw(st.integers(0, len(bundle)))
    end = data.draw(st.integers(start, min(len(bundle), start + 600)))
    changed = bundle[:start] + data.draw(st.binary(max_size=40)) + bundle[end:]
    assume(changed != bundle)
    with pytest.raises(Faulty):
        checked(changed)
