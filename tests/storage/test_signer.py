"""The signer signs one history only."""

from pathlib import Path

import pytest

from scheduler.domain.checkpoints import Checkpoint, Note, VerifierKey
from scheduler.domain.merkle import Peaks, leaf_hash
from scheduler.storage.keyring import KeysMissing
from scheduler.storage.signer import (
    LogForked,
    Signer,
    load_signer,
    new_signer_key,
    verify_signature,
)

NAME = "hearth.test/audit"
HISTORY = [leaf_hash(bytes([n])) for n in range(20)]


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    new_signer_key(tmp_path)
    return load_signer(tmp_path, NAME)


def checkpoint(signer: Signer, history: list[bytes]) -> Checkpoint:
    note = Note.parse(signer.sign_tree(Peaks().extended(history), lambda start, end: history[start:end]))
    note.check(VerifierKey.parse(signer.vkey), verify_signature)
    return Checkpoint.parse(note.text)


def test_a_growing_log_is_signed_again_and_again(signer: Signer) -> None:
    for size in (0, 1, 1, 7, 8, 20):
        assert checkpoint(signer, HISTORY[:size]) == Checkpoint(
            NAME, size, Peaks().extended(HISTORY[:size]).root
        )


def test_a_shorter_log_is_refused(signer: Signer) -> None:
    checkpoint(signer, HISTORY[:8])
    with pytest.raises(LogForked, match="7 entries, 8 were signed"):
        checkpoint(signer, HISTORY[:7])


@pytest.mark.parametrize("changed", [0, 7])
def test_a_rewritten_log_is_refused_whatever_its_length(signer: Signer, changed: int) -> None:
    checkpoint(signer, HISTORY[:8])
    rewritten = HISTORY.copy()
    rewritten[changed] = leaf_hash(b"another")
    for size in (8, 9, 20):
        with pytest.raises(LogForked):
            checkpoint(signer, rewritten[:size])


def test_what_was_signed_is_remembered_by_the_next_process(signer: Signer, tmp_path: Path) -> None:
    checkpoint(signer, HISTORY[:8])
    with pytest.raises(LogForked):
        checkpoint(load_signer(tmp_path, NAME), HISTORY[:7])


def test_after_a_deliberate_return_to_a_backup_the_shorter_log_is_signed(signer: Signer) -> None:
    checkpoint(signer, HISTORY[:8])
    signer.accept_shorter_log(Peaks().extended(HISTORY[:5]))
    assert checkpoint(signer, HISTORY[:6]).size == 6


def test_a_checkpoint_cannot_be_had_as_a_plain_text(signer: Signer) -> None:
    with pytest.raises(ValueError, match="sign_tree"):
        signer.sign(str(Checkpoint(NAME, 3, bytes(32))))
    Note.parse(signer.sign("a manifest\n")).check(signer.verifier_key, verify_signature)


def test_the_key_and_the_memory_are_for_the_owner_alone(signer: Signer, tmp_path: Path) -> None:
    checkpoint(signer, HISTORY[:8])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_second_key_is_never_written_over_the_first(signer: Signer, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        new_signer_key(tmp_path)


def test_a_missing_key_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"signer\.key"):
        load_signer(tmp_path, NAME)
