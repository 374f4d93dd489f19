"""Sealed columns: AES-256-GCM (NIST SP 800-38D), each value bound to its table, column and row.

A value moved to another row, column or table does not open. Layout of the bytes: version (1), length of
the kid (1), kid, nonce (12), ciphertext with its 16-byte tag.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scheduler.storage.keyring import Keyring

VERSION = 1
NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value does not open: altered, moved from its row, or its key was shredded."""


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


class Vault:
    """Seals and opens personal fields with the keyring's "vault" keys."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def seal(self, column: str, row_id: str, text: str) -> bytes:
        """Return ``text`` sealed for ``column`` ("table.column") of the row with this id."""
        return self.seal_bytes(column, row_id, text.encode())

    def seal_bytes(self, column: str, row_id: str, data: bytes) -> bytes:
        """Return ``data`` sealed for ``column`` ("table.column") of the row with this id."""
        kid, key = self._keyring.newest("vault")
        nonce = os.urandom(NONCE_BYTES)
        header = bytes((VERSION, len(kid))) + kid.encode()
        return header + nonce + _cipher(key).encrypt(nonce, data, _bound_to(column, row_id))

    def open(self, column: str, row_id: str, sealed: bytes) -> str:
        """Return the text sealed for that column and row.

        Raises:
            SealBroken: altered, moved, or under a key that is gone.
        """
        return self.open_bytes(column, row_id, sealed).decode()

    def open_bytes(self, column: str, row_id: str, sealed: bytes) -> bytes:
        """Return the bytes sealed for that column and row.

        Raises:
            SealBroken: altered, moved, or under a key that is gone.
        """
        if len(sealed) < 2 or sealed[0] != VERSION:
            raise SealBroken(f"unknown seal in {column}")
        kid_ends = 2 + sealed[1]
        key = self._keyring.find("vault", sealed[2:kid_ends].decode("ascii", "replace"))
        if key is None:
            raise SealBroken(f"the key of {column} is gone")
        nonce, body = sealed[kid_ends : kid_ends + NONCE_BYTES], sealed[kid_ends + NONCE_BYTES :]
        try:
            return _cipher(key).decrypt(nonce, body, _bound_to(column, row_id))
        except (InvalidTag, ValueError) as broken:
            raise SealBroken(f"the seal of {column} is broken") from broken

    def lookup_hash(self, kind: str, text: str) -> bytes:
        """Return the keyed hash under which ``text`` is looked up."""
        return self._keyring.lookup_hash(kind, text)


def _bound_to(column: str, row_id: str) -> bytes:
    return f"{column}:{row_id}".encode()
