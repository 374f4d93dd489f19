"""Keys, kept in a folder apart from the database (74 FR 19006), and what is derived from them.

The folder holds::

    master-<kid>.key   32 random bytes as hex; the newest kid (they sort by time) encrypts, all decrypt
    lookup.key         32 random bytes as hex; keyed hashes for look-ups, never rotated
    signer.key         the audit signer's Ed25519 key (``signer.py``)

A purpose ("vault", "join", "cookie") gets a key of its own from each master key by HKDF-SHA256 (RFC 5869).
Every file has mode 0600.
"""

import hmac
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
FROM_COPY = "bring it back from your copy of the keys"


class KeysMissing(Exception):
    """The key folder is absent or lacks a key; the message says which and what to do."""


@lru_cache(maxsize=256)
def _derived(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"hearth/" + purpose.encode()).derive(
        master
    )


class Keyring:
    """The master keys by kid, oldest first, and the look-up key."""

    def __init__(self, masters: Mapping[str, bytes], lookup: bytes) -> None:
        self._masters = dict(sorted(masters.items()))
        self._lookup = lookup

    @property
    def kids(self) -> tuple[str, ...]:
        """The ids of the master keys, oldest first."""
        return tuple(self._masters)

    def newest(self, purpose: str) -> tuple[str, bytes]:
        """Return (kid, 32-byte key) with which to encrypt for a purpose."""
        kid = self.kids[-1]
        return kid, _derived(self._masters[kid], purpose)

    def find(self, purpose: str, kid: str) -> bytes | None:
        """Return the 32-byte key of a purpose under ``kid``, or None when that key was dropped."""
        master = self._masters.get(kid)
        return None if master is None else _derived(master, purpose)

    def lookup_hash(self, kind: str, text: str) -> bytes:
        """Return the 32-byte keyed hash of ``text`` (HMAC-SHA256); ``kind`` keeps different things apart."""
        return hmac.digest(self._lookup, f"{kind}\0{text}".encode(), "sha256")


def load_keyring(folder: Path) -> Keyring:
    """Read the key folder.

    Raises:
        KeysMissing: the folder or a key is absent or malformed.
    """
    masters = {path.stem.removeprefix("master-"): read_key(path) for path in folder.glob("master-*.key")}
    if not masters:
        raise KeysMissing(f"no master key in {folder}; make one with: hearth keys new")
    return Keyring(masters, read_key(folder / "lookup.key"))


def new_master_key(folder: Path, now: datetime) -> str:
    """Write a new master key (and the look-up key, if there is none) and return its kid."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "lookup.key").exists():
        write_secret(folder / "lookup.key", secrets.token_hex(KEY_BYTES))
    kid = f"{now:%Y%m%d%H%M%S%f}{secrets.token_hex(2)}"
    write_secret(folder / f"master-{kid}.key", secrets.token_hex(KEY_BYTES))
    return kid


def write_secret(path: Path, text: str) -> None:
    """Write a new file of mode 0600; an existing one is never overwritten.

    Raises:
        FileExistsError: the file is there already.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_key(path: Path) -> bytes:
    """Return the 32 bytes of a key file.

    Raises:
        KeysMissing: the file is absent or malformed.
    """
    try:
        key = bytes.fromhex(path.read_text().strip())
    except FileNotFoundError as absent:
        raise KeysMissing(f"{path} is missing; {FROM_COPY}") from absent
    except ValueError as garbled:
        raise KeysMissing(f"{path} is not a key; {FROM_COPY}") from garbled
    if len(key) != KEY_BYTES:
        raise KeysMissing(f"{path} is not {KEY_BYTES} bytes; {FROM_COPY}")
    return key
