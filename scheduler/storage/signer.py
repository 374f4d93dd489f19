"""The audit signer: an Ed25519 key (RFC 8032) in the key folder, under the log's name."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scheduler.storage.keyring import KeysMissing, write_secret

KEY_FILE = "signer.key"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs checkpoints under ``name``, the log's origin."""

    name: str
    key: Ed25519PrivateKey
    folder: Path


def new_signer_key(folder: Path) -> None:
    """Write a new signer's key, mode 0600.

    Raises:
        FileExistsError: there is one already.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_secret(folder / KEY_FILE, Ed25519PrivateKey.generate().private_bytes_raw().hex())


def load_signer(folder: Path, name: str) -> Signer:
    """Read the signer's key.

    Raises:
        KeysMissing: there is none, or it is garbled.
    """
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex((folder / KEY_FILE).read_text().strip()))
    except FileNotFoundError as absent:
        raise KeysMissing(f"{folder / KEY_FILE} is missing") from absent
    except ValueError as garbled:
        raise KeysMissing(f"{folder / KEY_FILE} is not a key") from garbled
    return Signer(name, key, folder)
