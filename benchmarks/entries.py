"""Believable entries of the audit log, many and fast; no benchmark itself."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from scheduler.domain.audit import Entity, Event, Facts, Purpose, Trail, entry_bytes
from scheduler.domain.people import Actor, Proof, Role, Source

CLIENTS = 300
PEOPLE = 40
FIRST_AT = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = (Event.CLIENT_READ, Event.SESSION_BOOKED, Event.PERSON_ADMITTED, Event.LINK_VIEWED)


def make_entries(count: int) -> Iterator[bytes]:
    """Return the bytes of ``count`` entries, numbered from 1."""
    return (entry(seq) for seq in range(1, count + 1))


def entry(seq: int) -> bytes:
    """Return the bytes of one entry of a clinician about a client's session."""
    actor = Actor(person_id(seq), Role.CLINICIAN, Proof.PASSKEY, source=Source("192.0.2.7", _id("r", seq)))
    facts = Facts(
        client_id=_id("client", seq % CLIENTS),
        entities=(Entity("session", _id("session", seq // 7), 1),),
        purpose=Purpose.TREATMENT,
    )
    trail = Trail(actor, moment(seq), hashlib.md5(seq.to_bytes(8), usedforsecurity=False).digest())
    return entry_bytes(trail, seq, EVENTS[seq % len(EVENTS)], facts)


def moment(seq: int) -> datetime:
    """Return when entry ``seq`` was made: one every thirty seconds."""
    return FIRST_AT + timedelta(seconds=30 * seq)


def person_id(seq: int) -> str:
    """Return who did what entry ``seq`` tells."""
    return _id("person", seq % PEOPLE)


def _id(kind: str, number: int) -> str:
    return hashlib.sha256(f"{kind}{number}".encode()).hexdigest()[:20]
