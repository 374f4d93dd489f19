"""Notes, checkpoints and keys: one spelling each, and a signature by the wanted key or none."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scheduler.domain.checkpoints import (
    Checkpoint,
    Malformed,
    Note,
    NotSigned,
    Signature,
    VerifierKey,
    sign,
)
from scheduler.storage.signer import verify_signature

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey("hearth.test/audit", PRIVATE.public_key().public_bytes_raw())
CHECKPOINT = Checkpoint("hearth.test/audit", 41_873, bytes(range(32)))

# The example of golang.org/x/mod/sumdb/note: another program's key and signature.
PETER = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETERS_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcE"
    "lZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_by_another_program_is_read_and_fits() -> None:
    Note.parse(PETERS_NOTE).check(PETER, verify_signature)
    assert PETER.key_id.hex() == "c74f20a3"


def test_a_key_is_read_as_it_was_written() -> None:
    assert VerifierKey.parse(str(KEY)) == KEY


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    assert Checkpoint.parse(str(CHECKPOINT)) == CHECKPOINT
    assert str(CHECKPOINT).splitlines()[1] == "41873"


def test_a_signed_checkpoint_is_read_as_it_was_written_and_fits() -> None:
    note = sign(str(CHECKPOINT), KEY, PRIVATE.sign)
    Note.parse(str(note)).check(KEY, verify_signature)
    assert Note.parse(str(note)) == note


def test_any_changed_byte_of_a_signed_checkpoint_is_seen() -> None:
    note = str(sign(str(CHECKPOINT), KEY, PRIVATE.sign)).encode()
    for at in range(len(note)):
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(note)
            changed[at] ^= flip
            with pytest.raises((Malformed, NotSigned, UnicodeDecodeError)):
                Note.parse(changed.decode()).check(KEY, verify_signature)


def test_a_note_of_somebody_else_is_not_ours() -> None:
    with pytest.raises(NotSigned, match="no signature"):
        Note.parse(PETERS_NOTE).check(KEY, verify_signature)


def test_a_signature_that_stands_twice_counts_as_none() -> None:
    once = sign(str(CHECKPOINT), KEY, PRIVATE.sign)
    twice = Note(once.text, once.signatures * 2)
    with pytest.raises(NotSigned):
        twice.check(KEY, verify_signature)


def test_signatures_of_others_beside_ours_do_no_harm() -> None:
    ours = sign(str(CHECKPOINT), KEY, PRIVATE.sign)
    witness = Signature("records.test/witness", b"\x01\x02\x03\x04", bytes(72))
    Note.parse(str(Note(ours.text, (*ours.signatures, witness)))).check(KEY, verify_signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hearth.test/audit",
        str(KEY)[:-1],
        str(KEY).replace("+", "-"),
        str(KEY).upper(),
        "two words" + str(KEY)[len(KEY.name) :],
        KEY.name + "+00000000+" + base64.b64encode(b"\x01" + KEY.public).decode(),
        KEY.name + "+00000000+" + base64.b64encode(b"\x02" + KEY.public).decode(),
    ],
)
def test_a_garbled_key_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "log\n01\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "log\n٣\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "log\n" + "9" * 5000 + "\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "log\n-1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "log\n1\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "log\n1\n" + base64.b64encode(bytes(32)).decode() + "\nmore\n",
        "log\n1\n" + base64.b64encode(bytes(32)).decode(),
    ],
)
def test_a_garbled_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(text)


def test_base64_in_another_spelling_is_refused() -> None:
    note = str(sign(str(CHECKPOINT), KEY, PRIVATE.sign))
    assert note.endswith("=\n")
    last = note[-3]
    other = chr(ord(last) + 1)  # the same bytes, for the last bits of the last letter carry nothing
    assert base64.b64decode(last.rjust(3, "A") + "=") == base64.b64decode(other.rjust(3, "A") + "=")
    with pytest.raises(Malformed, match="canonical"):
        Note.parse(note[:-3] + other + "=\n")


@pytest.mark.parametrize("note", ["", "text", "text\n\n", "text\n\n— log\n", "text\n\n- log AAAAAA==\n"])
def test_a_text_without_good_signature_lines_is_no_note(note: str) -> None:
    with pytest.raises(Malformed):
        Note.parse(note)
