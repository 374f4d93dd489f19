"""The audit signer: an Ed25519 key (RFC 8032) that remembers what it signed.

The key folder holds ``signer.key`` (32 bytes as hex, mode 0600) and ``signer.state`` (size and peaks of the
last tree signed). The signer signs a tree only if that tree is its last one with further leaves, which it
works out itself from its own peaks and the new leaf hashes. So whoever owns the database, but not the key
folder, cannot have another history signed.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from scheduler.domain import checkpoints
from scheduler.domain.checkpoints import Checkpoint, Note, VerifierKey
from scheduler.domain.merkle import Peaks
from scheduler.storage.keyring import FROM_COPY, KEY_BYTES, KeysMissing, read_key, write_secret

KEY_FILE = "signer.key"
STATE_FILE = "signer.state"

LeafHashes = Callable[[int, int], Sequence[bytes]]  # of leaves [start, end)


class LogForked(Exception):
    """The log is not the one signed before: entries were changed, or cut off. Nothing is signed.

    This is an alarm. After a deliberate return to a backup, see `Signer.accept_shorter_log`.
    """


class Signer:
    """Signs checkpoints of the one log it is named after, and manifests of its exports."""

    def __init__(self, key: Ed25519PrivateKey, name: str, folder: Path) -> None:
        self._key, self._folder = key, folder
        self._vkey = VerifierKey(name, key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        """The log's name: the origin line of its checkpoints."""
        return self._vkey.name

    @property
    def vkey(self) -> str:
        """The public key as outsiders keep it."""
        return str(self._vkey)

    @property
    def verifier_key(self) -> VerifierKey:
        """The public key."""
        return self._vkey

    @property
    def last_signed(self) -> Peaks:
        """The tree that was signed last; an empty one at first.

        Raises:
            KeysMissing: the signer's memory is garbled.
        """
        file = self._folder / STATE_FILE
        try:
            state = json.loads(file.read_text())
            return Peaks.read(state["size"], bytes.fromhex(state["peaks"]))
        except FileNotFoundError:
            return Peaks()
        except (KeyError, TypeError, ValueError) as garbled:
            raise KeysMissing(f"{file} is garbled; {FROM_COPY}") from garbled

    def sign(self, text: str) -> str:
        """Return a text that ends with a newline as a signed note; never a checkpoint.

        Raises:
            ValueError: the text reads as a checkpoint, which `sign_tree` alone may sign.
        """
        try:
            Checkpoint.parse(text)
        except checkpoints.Malformed:
            return str(self._signed(text))
        raise ValueError("a checkpoint is signed by sign_tree alone")

    def sign_tree(self, tree: Peaks, leaf_hashes: LeafHashes) -> str:
        """Return the signed checkpoint of a tree that extends the last one signed, and remember it.

        Raises:
            LogForked: the tree is shorter, or its first leaves are not those signed before.
        """
        with self._alone():
            last = self.last_signed
            if tree.size < last.size:
                raise LogForked(f"the log has {tree.size} entries, {last.size} were signed")
            if last.extended(leaf_hashes(last.size, tree.size)) != tree:
                raise LogForked(f"the first {last.size} entries are not those that were signed")
            note = self._signed(str(Checkpoint(self.name, tree.size, tree.root)))
            if tree.size > last.size:
                self._remember(tree)
        return str(note)

    def accept_shorter_log(self, tree: Peaks) -> None:
        """Forget what was signed beyond ``tree``; only for the return to a backup; the caller logs it."""
        with self._alone():
            self._remember(tree)

    def _signed(self, text: str) -> Note:
        return checkpoints.sign(text, self._vkey, self._key.sign)

    def _remember(self, tree: Peaks) -> None:
        fresh = self._folder / f"{STATE_FILE}.{secrets.token_hex(4)}"
        write_secret(fresh, json.dumps({"size": tree.size, "peaks": tree.data.hex()}))
        fresh.replace(self._folder / STATE_FILE)
        sync_folder(self._folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes that share the key folder out (flock(2))."""
        descriptor = os.open(self._folder / f"{STATE_FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def verify_signature(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether an Ed25519 signature fits; what `checkpoints.Note.check` asks for."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def new_signer_key(folder: Path) -> None:
    """Write a new signer's key of mode 0600.

    Raises:
        FileExistsError: there is one already; another key would be another log.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_secret(folder / KEY_FILE, secrets.token_hex(KEY_BYTES))


def load_signer(folder: Path, name: str) -> Signer:
    """Return the signer of a key folder, for the log of this name.

    Raises:
        KeysMissing: there is no key, or it is malformed.
    """
    return Signer(Ed25519PrivateKey.from_private_bytes(read_key(folder / KEY_FILE)), name, folder)


def sync_folder(folder: Path) -> None:
    """Make a rename within a folder durable (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
