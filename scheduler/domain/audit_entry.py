"""An entry as kept, and what its bytes say."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.domain.audit import Disclosure, Entity
from scheduler.domain.merkle import leaf_hash


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf of the log: its number (1 for the first), its bytes, and the hash kept beside them."""

    seq: int
    leaf: bytes
    leaf_hash: bytes

    @property
    def is_intact(self) -> bool:
        """Whether the hash is that of the bytes."""
        return leaf_hash(self.leaf) == self.leaf_hash

    @property
    def said(self) -> "Said":
        """What the bytes say."""
        return parse(self.leaf)


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says. Codes stay texts: an entry outlives the code that knew its words."""

    seq: int
    id: str
    at: datetime
    event: str
    action: str
    outcome: str
    reason: str | None
    actor_id: str | None
    actor_kind: str
    role: str
    proof: str
    client_id: str | None
    entities: tuple[Entity, ...]
    purpose: str
    release_id: str | None
    disclosure: Disclosure | None
    ip: str
    request_id: str
    software: str
    detail_hash: str | None

    @property
    def session_id(self) -> str | None:
        """The first session that it touched."""
        return next((entity.id for entity in self.entities if entity.kind == "session"), None)


def parse(leaf: bytes) -> Said:
    """Return what an entry's bytes say.

    Raises:
        ValueError: the bytes are no entry.
    """
    told: dict[str, Any] = json.loads(leaf)
    try:
        return _said(told)
    except (KeyError, TypeError) as missing:
        raise ValueError("not an entry") from missing


def _said(told: dict[str, Any]) -> Said:
    actor, source, disclosure = told["actor"], told["source"], told["disclosure"]
    return Said(
        seq=told["seq"],
        id=told["id"],
        at=datetime.fromisoformat(told["at"]),
        event=told["event"],
        action=told["action"],
        outcome=told["outcome"],
        reason=told["reason"],
        actor_id=actor["id"],
        actor_kind=actor["kind"],
        role=actor["role"],
        proof=actor["proof"],
        client_id=told["client"],
        entities=tuple(Entity(**entity) for entity in told["entities"]),
        purpose=told["purpose"],
        release_id=told["release"],
        disclosure=None if disclosure is None else Disclosure(**disclosure),
        ip=source["ip"],
        request_id=source["request"],
        software=source["software"],
        detail_hash=told["detail_hash"],
    )
