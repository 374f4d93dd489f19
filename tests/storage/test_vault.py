"""Sealed columns and the keys behind them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.storage.keyring import Keyring, KeysMissing, load_keyring, new_master_key
from scheduler.storage.vault import SealBroken, Vault

NOW = datetime(2026, 11, 2, tzinfo=UTC)
VAULT = Vault(Keyring({"a": b"a" * 32}, b"l" * 32))


@given(st.text())
def test_whatever_was_sealed_opens_again(words: str) -> None:
    assert VAULT.open("people.name", "p1", VAULT.seal("people.name", "p1", words)) == words


@pytest.mark.parametrize(
    ("column", "row_id"), [("people.name", "p2"), ("people.email", "p1"), ("bookings.topic", "p1")]
)
def test_a_seal_moved_to_another_row_column_or_table_does_not_open(column: str, row_id: str) -> None:
    sealed = VAULT.seal("people.name", "p1", "Rosa")

    with pytest.raises(SealBroken):
        VAULT.open(column, row_id, sealed)


def test_a_seal_with_any_byte_changed_does_not_open() -> None:
    sealed = VAULT.seal("people.name", "p1", "Rosa")

    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SealBroken):
            VAULT.open("people.name", "p1", changed)


def test_the_same_words_never_look_the_same_twice() -> None:
    assert VAULT.seal("people.name", "p1", "Rosa") != VAULT.seal("people.name", "p1", "Rosa")


def test_after_a_new_master_key_old_seals_open_and_new_ones_use_it(tmp_path: Path) -> None:
    new_master_key(tmp_path, NOW)
    old = Vault(load_keyring(tmp_path)).seal("people.name", "p1", "Rosa")
    kid = new_master_key(tmp_path, NOW + timedelta(days=1))
    vault = Vault(load_keyring(tmp_path))

    assert vault.open("people.name", "p1", old) == "Rosa"
    assert kid.encode() in vault.seal("people.name", "p1", "Rosa")


def test_without_its_key_a_seal_stays_shut() -> None:
    sealed = Vault(Keyring({"gone": b"g" * 32}, b"l" * 32)).seal("people.name", "p1", "Rosa")

    with pytest.raises(SealBroken):
        VAULT.open("people.name", "p1", sealed)


def test_key_files_are_for_their_owner_only(tmp_path: Path) -> None:
    new_master_key(tmp_path, NOW)

    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}


@pytest.mark.parametrize("content", ["", "short", "zz" * 32])
def test_a_garbled_key_is_told_by_its_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "master-1.key").write_text(content)

    with pytest.raises(KeysMissing, match=r"master-1\.key"):
        load_keyring(tmp_path)


def test_a_folder_without_keys_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match="hearth keys new"):
        load_keyring(tmp_path)


def test_different_things_with_the_same_words_have_different_hashes() -> None:
    assert VAULT.lookup_hash("email", "a") != VAULT.lookup_hash("phone", "a")
