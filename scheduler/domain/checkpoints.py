"""Checkpoints: what an outsider keeps of the log, in the forms of the transparency-log community.

* C2SP signed-note: a text, an empty line, and lines ``— <name> <base64(key id ‖ signature)>``. The key id
  is the first four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ public key); algorithm 0x01 is Ed25519.
* C2SP tlog-checkpoint: the text is origin, size and base64 root, a line each.
* vkey: ``<name>+<key id as hex>+<base64(algorithm ‖ public key)>``.

Everything that is read is written again and must be the same, letter by letter: base64 has several spellings
of one value, and a changed byte that still "means" the same is a changed byte. Signing and checking are
handed in, for the domain does no cryptography beyond hashing.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

ED25519 = b"\x01"
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64
KEY_ID_BYTES = 4
ROOT_BYTES = 32
LONGEST_SIZE = 19  # digits, as of the largest 64-bit number
DASH = "\N{EM DASH} "

Verify = Callable[[bytes, bytes, bytes], bool]  # (public key, signature, message) -> does it fit?


class Malformed(ValueError):
    """A note, a checkpoint or a key is not written as it must be."""


class NotSigned(Exception):
    """No good signature of the wanted key stands under a note."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public Ed25519 key with the name of whom it belongs to."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Hold the shape.

        Raises:
            Malformed: the name is empty or holds a space or plus; the key is not 32 bytes.
        """
        if not self.name or "+" in self.name or any(letter.isspace() for letter in self.name):
            raise Malformed("a key's name has no space and no plus")
        if len(self.public) != PUBLIC_BYTES:
            raise Malformed("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature names this key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Return the key written as a vkey.

        Raises:
            Malformed: it is not one, or not spelled canonically.
        """
        name, _, rest = text.partition("+")
        _, _, encoded = rest.partition("+")
        data = _from_base64(encoded)
        if data[:1] != ED25519:
            raise Malformed("the key is not Ed25519")
        key = cls(name, data[1:])
        if str(key) != text:
            raise Malformed("the vkey is not spelled canonically")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    data: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {_base64(self.key_id + self.data)}\n"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Return the signature on a line, which ends without a newline.

        Raises:
            Malformed: it is none.
        """
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        data = _from_base64(encoded)
        signature = cls(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])
        if not signature.data or not name or str(signature) != line + "\n":
            raise Malformed("a signature line is not spelled canonically")
        return signature


@dataclass(frozen=True, slots=True)
class Note:
    """A signed text; ``text`` ends with a newline."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(str(signature) for signature in self.signatures)

    @classmethod
    def parse(cls, note: str) -> "Note":
        """Return the note.

        Raises:
            Malformed: it is none, or not spelled canonically.
        """
        text, _, lines = note.rpartition("\n\n")
        if not lines.endswith("\n"):
            raise Malformed("a note ends with signature lines")
        parsed = cls(text + "\n", tuple(Signature.parse(line) for line in lines[:-1].split("\n")))
        if str(parsed) != note:
            raise Malformed("the note is not spelled canonically")
        return parsed

    def check(self, key: VerifierKey, verify: Verify) -> None:
        """Return when exactly one signature names the key, and it fits.

        Raises:
            NotSigned: there is none, or it does not fit.
        """
        ours = [sig for sig in self.signatures if (sig.name, sig.key_id) == (key.name, key.key_id)]
        if len(ours) != 1:
            raise NotSigned(f"there is no signature of {key.name}")
        if not verify(key.public, ours[0].data, self.text.encode()):
            raise NotSigned(f"the signature of {key.name} does not fit")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log named ``origin`` had ``size`` entries and this root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Return the checkpoint written in a note's text.

        Raises:
            Malformed: it is none, has further lines, or is not spelled canonically.
        """
        lines = text.split("\n")
        if len(lines) != 4 or not lines[1].isdecimal() or len(lines[1]) > LONGEST_SIZE:
            raise Malformed("a checkpoint is origin, size and root")
        checkpoint = cls(lines[0], int(lines[1]), _from_base64(lines[2]))
        if len(checkpoint.root) != ROOT_BYTES or not checkpoint.origin or str(checkpoint) != text:
            raise Malformed("the checkpoint is not spelled canonically")
        return checkpoint


def sign(text: str, key: VerifierKey, signed: Callable[[bytes], bytes]) -> Note:
    """Return the text as a note under one signature; ``signed`` makes the 64 bytes of it."""
    return Note(text, (Signature(key.name, key.key_id, signed(text.encode())),))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as garbled:
        raise Malformed("not base64") from garbled
    if _base64(data) != text:
        raise Malformed("not canonical base64")
    return data
