"""The export bundle: what an outsider gets, so that they can check the log without us.

====================  ==================================================================================
``entries.jsonl``     the wanted entries, a line each: the very bytes that were hashed
``events.csv``        the same for a spreadsheet (RFC 4180), formula characters defused
``leafhashes.bin``    the hashes of *all* entries, 32 bytes each, so that the root can be worked out
``checkpoint``        the signed root (C2SP tlog-checkpoint)
``vkeys.txt``         the public key of the log
``VERIFY.md``         how to check this without Hearth
``manifest.json``     what was asked for, and the SHA-256 of every file above but the first (JCS)
``manifest.note``     the signed SHA-256 of the manifest (C2SP signed-note)
====================  ==================================================================================

The first is bound by the tree: a line's hash stands in ``leafhashes.bin`` at its number. Which lines there
are is bound by ``selection`` in the manifest, the SHA-256 of their hashes in order.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from scheduler.domain import audit_entry
from scheduler.domain.audit import Disclosure, canonical, moment_text
from scheduler.domain.audit_entry import Said
from scheduler.domain.audit_filter import Filter
from scheduler.domain.bundle_zip import CHECKPOINT, EVENTS, EXPLANATION, LEAF_HASHES, VKEYS
from scheduler.domain.spreadsheets import csv_bytes, defused

VERSION = 1
HASHED = (CHECKPOINT, EVENTS, EXPLANATION, LEAF_HASHES, VKEYS)
COLUMNS = (
    "seq",
    "at",
    "event",
    "action",
    "outcome",
    "reason",
    "actor_role",
    "actor_id",
    "actor_proof",
    "client",
    "entities",
    "purpose",
    "release",
    "disclosed_to",
    "disclosed_what",
    "disclosed_for",
    "ip",
    "request",
    "id",
)


class BadManifest(ValueError):
    """A manifest is not written as it must be."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself. ``first`` and ``last`` are numbers of entries, None when there are none.

    ``files`` maps names to SHA-256 in hex; the purpose, which may hold names, is there as its hash alone.
    """

    origin: str
    size: int
    root: bytes
    wanted: Filter
    purpose_hash: bytes
    made_at: str
    count: int
    first: int | None
    last: int | None
    selection: bytes
    files: Mapping[str, str]

    def __bytes__(self) -> bytes:
        return canonical(
            {
                "count": self.count,
                "files": dict(self.files),
                "filter": self.wanted.terms(),
                "first": self.first,
                "last": self.last,
                "made_at": self.made_at,
                "origin": self.origin,
                "purpose_hash": self.purpose_hash.hex(),
                "root": self.root.hex(),
                "selection": self.selection.hex(),
                "size": self.size,
                "v": VERSION,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> "Manifest":
        """Return the manifest.

        Raises:
            BadManifest: it is none, or not in canonical form.
        """
        try:
            said = json.loads(data)
            manifest = cls(
                origin=said["origin"],
                size=said["size"],
                root=bytes.fromhex(said["root"]),
                wanted=Filter.parse(json.dumps(said["filter"])),
                purpose_hash=bytes.fromhex(said["purpose_hash"]),
                made_at=said["made_at"],
                count=said["count"],
                first=said["first"],
                last=said["last"],
                selection=bytes.fromhex(said["selection"]),
                files=said["files"],
            )
        except (KeyError, RecursionError, TypeError, ValueError) as wrong:
            raise BadManifest(f"the manifest cannot be read: {wrong}") from wrong
        if bytes(manifest) != data or set(manifest.files) != set(HASHED):
            raise BadManifest("the manifest is not in canonical form")
        return manifest


def statement(origin: str, manifest: bytes) -> str:
    """Return the text that is signed for a manifest; it cannot be taken for a checkpoint."""
    return f"{origin}\nexport manifest\n{b64encode(sha256(manifest).digest()).decode()}\n"


def csv_head() -> bytes:
    """Return the first line of ``events.csv``."""
    return csv_bytes([COLUMNS])


def csv_lines(leaves: Iterable[bytes]) -> bytes:
    """Return the lines of ``events.csv`` for some entries."""
    return csv_bytes(_cells(audit_entry.parse(leaf)) for leaf in leaves)


def _cells(entry: Said) -> list[str | int]:
    disclosure = entry.disclosure or Disclosure("", "", "")
    texts = (
        moment_text(entry.at),
        entry.event,
        entry.action,
        entry.outcome,
        entry.reason,
        entry.role,
        entry.actor_id,
        entry.proof,
        entry.client_id,
        " ".join(f"{entity.kind}:{entity.id}" for entity in entry.entities),
        entry.purpose,
        entry.release_id,
        disclosure.recipient,
        disclosure.what,
        disclosure.purpose,
        entry.ip,
        entry.request_id,
        entry.id,
    )
    return [entry.seq, *map(defused, texts)]
