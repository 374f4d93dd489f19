"""The log, read by those who must: how it stands, searches, one entry with its proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from scheduler.actions.perform import look, perform
from scheduler.domain import merkle
from scheduler.domain.audit import Entity, Event, Outcome, Purpose, Trail
from scheduler.domain.audit_entry import Entry, Said
from scheduler.domain.audit_filter import Filter
from scheduler.domain.merkle import Peaks
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Task, require
from scheduler.services import Services
from scheduler.storage import audit, checkpoints
from scheduler.storage.checkpoints import KeptCheckpoint
from scheduler.storage.database import Transaction

PAGE = 50
HASHES_AT_ONCE = 20_000
READS = (Event.CLIENT_READ, Event.PERSON_READ, Event.SESSION_READ)
WEEKS_SHOWN = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class LogState:
    """How the log stands: its size, the newest checkpoint, since when entries wait for the next one, the
    newest check, and the reads of four weeks.
    """

    size: int
    checkpoint: KeptCheckpoint | None
    waiting_since: datetime | None
    last_check: Said | None
    reads: Sequence[tuple[datetime, Outcome]]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, newest first; ``next_before`` leads to the next page, None on the last."""

    entries: Sequence[Said]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in a signed tree: the hashes beside its way to the root (RFC 6962, section 2.1.1)."""

    index: int
    path: Sequence[bytes]
    checkpoint: KeptCheckpoint


@dataclass(frozen=True, slots=True)
class Explained:
    """One entry: what it says, its bytes, what was sealed beside it, and the proof, if there is one yet."""

    entry: Entry
    detail: str | None
    proof: Proof | None

    @property
    def said(self) -> Said:
        """What the entry says."""
        return self.entry.said


async def overview(services: Services, actor: Actor) -> LogState:
    """Return how the log stands; counts only, no entry.

    Raises:
        Denied: not for this actor.
    """
    now = services.now()

    def work(tx: Transaction) -> LogState:
        require(actor, Task.LOG_VERIFY, now=now)
        return _state(tx, since=now - WEEKS_SHOWN)

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def search(services: Services, actor: Actor, wanted: Filter, *, before: int | None = None) -> Found:
    """Return a page of the wanted entries, newest first, from below the number ``before``.

    Raises:
        Denied: not for this actor.
        StepUpNeeded: the fresh proof is missing.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Found:
        require(actor, Task.AUDIT_SEARCH, now=trail.at)
        entries = audit.newest(tx, wanted, limit=PAGE + 1, before=before)
        terms = {name: value for name, value in wanted.terms().items() if value is not None}
        _log_search(tx, trail, detail=terms | ({"before": str(before)} if before else {}))
        shown = [entry.said for entry in entries[:PAGE]]
        return Found(shown, shown[-1].seq if len(entries) > PAGE else None)

    return await perform(services, actor, Event.AUDIT_SEARCHED, work)


async def explain(services: Services, actor: Actor, seq: int) -> Explained:
    """Return one entry with what was sealed beside it and its proof.

    Raises:
        Denied: not for this actor.
        StepUpNeeded: the fresh proof is missing.
        NotFound: there is no such entry.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Explained:
        require(actor, Task.AUDIT_SEARCH, now=trail.at)
        entry = audit.find(tx, seq)
        sealed = audit.sealed_detail(tx, entry.said.id)
        detail = None if sealed is None else tx.open(audit.DETAIL, entry.said.id, sealed)
        touched = (Entity("entry", entry.said.id, seq),)
        _log_search(tx, trail, entities=touched, client_id=entry.said.client_id)
        return Explained(entry, detail, None)

    explained = await perform(services, actor, Event.AUDIT_SEARCHED, work)
    proof = await services.database.read(lambda tx: _prove(tx, seq))
    return Explained(explained.entry, explained.detail, proof)


def _state(tx: Transaction, *, since: datetime) -> LogState:
    checks = audit.newest(tx, Filter(event=Event.AUDIT_VERIFIED), limit=1)
    size, checkpoint = audit.size(tx), checkpoints.last(tx)
    signed = 0 if checkpoint is None else checkpoint.size
    waiting = audit.between(tx, signed, signed + 1)
    return LogState(
        size=size,
        checkpoint=checkpoint,
        waiting_since=waiting[0].said.at if waiting else None,
        last_check=checks[0].said if checks else None,
        reads=audit.outcomes(tx, READS, since=since),
    )


def _log_search(
    tx: Transaction,
    trail: Trail,
    *,
    entities: Sequence[Entity] = (),
    client_id: str | None = None,
    detail: dict[str, str] | None = None,
) -> None:
    audit.append(
        tx,
        trail,
        Event.AUDIT_SEARCHED,
        client_id=client_id,
        entities=entities,
        purpose=Purpose.SECURITY,
        detail=detail or None,
    )


def _prove(tx: Transaction, seq: int) -> Proof | None:
    checkpoint = checkpoints.last(tx)
    if checkpoint is None or checkpoint.size < seq:
        return None
    path = merkle.inclusion_proof(seq - 1, checkpoint.size, partial(_range_hash, tx))
    return Proof(seq - 1, path, checkpoint)


def _range_hash(tx: Transaction, start: int, end: int) -> bytes:
    tree = Peaks()
    for at in range(start, end, HASHES_AT_ONCE):
        tree = tree.extended(audit.leaf_hashes(tx, at, min(at + HASHES_AT_ONCE, end)))
    return tree.root
