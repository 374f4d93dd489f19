"""Checkpoints of the log, and checking all of it: what the clockwork and ``hearth audit fsck`` do."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from scheduler.actions.perform import check_first
from scheduler.domain.audit import Entity, Event, Outcome, Purpose
from scheduler.domain.errors import NotFound, Unavailable
from scheduler.domain.log_check import LogBroken, LogCheck, Row
from scheduler.domain.merkle import Peaks
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Task, require
from scheduler.services import Services
from scheduler.storage import audit, checkpoints
from scheduler.storage.checkpoints import KeptCheckpoint
from scheduler.storage.database import Transaction
from scheduler.storage.signer import LogForked, verify_signature

SIGN_AFTER = 256  # entries
SIGN_EVERY = timedelta(minutes=1)
STEP = 10_000  # entries
PAGE = 2_000  # entries


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of the whole log found: its size and root, and the fault, None when it is whole."""

    size: int
    root: bytes
    fault: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class _Growth:
    """What is new since a checkpoint: the tree with it, the new hashes, and the size of the whole log."""

    base: Peaks
    hashes: Sequence[bytes]
    size: int
    last: KeptCheckpoint | None


async def write_checkpoint(services: Services, *, step: int = STEP) -> KeptCheckpoint | None:
    """Sign the log as it stands; return the newest checkpoint, None of an empty log.

    A checkpoint covers at most ``step`` new entries, so that memory stays flat.

    Raises:
        LogForked: the log is not the one that was signed before. Nothing is signed.
    """
    while True:
        signed = await _last_signed(services)
        growth = await services.database.read(lambda tx, signed=signed: _growth(tx, signed.size, step))  # type: ignore[misc]
        if growth.last is not None and growth.last.size == growth.size == signed.size:
            return growth.last
        if growth.size == signed.size == 0:
            return None
        try:
            kept = await _sign(services, growth)
        except LogForked:
            if await _last_signed(services) == signed:
                raise
            continue  # another process signed more in the meantime
        if kept.size == growth.size:
            return kept


async def write_checkpoint_when_due(services: Services) -> None:
    """Sign the log if more than 256 entries are new, or a minute has passed since the last time.

    Raises:
        LogForked: the log is not the one that was signed before. Nothing is signed.
    """
    size, last = await services.database.read(lambda tx: (audit.size(tx), checkpoints.last(tx)))
    is_new = last is None or size - last.size >= SIGN_AFTER
    if is_new or (last is not None and services.now() - last.signed_at >= SIGN_EVERY):
        await write_checkpoint(services)


async def newest_checkpoint(services: Services) -> str:
    """Return the newest signed checkpoint; it holds a count and a hash, and nothing about anybody.

    Raises:
        NotFound: nothing was signed yet.
    """
    kept = await services.database.read(checkpoints.last)
    if kept is None:
        raise NotFound("nothing was signed yet")
    return kept.note


async def check_log(services: Services, actor: Actor, *, page: int = PAGE) -> Checked:
    """Check the whole kept log, ``page`` entries at a time, in flat memory; the check is itself an entry.

    Raises:
        Denied: not for this actor.
    """
    now = services.now()
    await check_first(services, actor, Event.AUDIT_VERIFIED, lambda: require(actor, Task.LOG_VERIFY, now=now))
    check = LogCheck(services.signer.verifier_key, verify_signature, await _last_signed(services))
    try:
        size, last_number = await _go_through(services, check, page)
        check.finish(size, last_number)
        checked = Checked(size, check.tree.root)
    except LogBroken as broken:
        checked = Checked(check.tree.size, check.tree.root, str(broken), broken.seq)
        with suppress(Unavailable):  # a broken log may refuse even this; the fault is told all the same
            await _log_check(services, actor, checked)
        return checked
    await _log_check(services, actor, checked)
    return checked


async def check_by_itself(services: Services, actor: Actor) -> None:
    """Check the whole log for the clockwork, which tells its keepers when something is wrong.

    Raises:
        LogBroken: the first thing found wrong.
    """
    checked = await check_log(services, actor)
    if checked.fault is not None:
        raise LogBroken(checked.fault)


async def _last_signed(services: Services) -> Peaks:
    return await asyncio.to_thread(lambda: services.signer.last_signed)


def _growth(tx: Transaction, signed: int, step: int) -> _Growth:
    """Return what came after the newest checkpoint that the signer still remembers."""
    size, base = audit.size(tx), checkpoints.at_or_before(tx, signed)
    tree = base.tree if base is not None else Peaks()
    hashes = audit.leaf_hashes(tx, tree.size, min(size, max(signed, tree.size) + step))
    return _Growth(tree, hashes, size, checkpoints.last(tx))


async def _sign(services: Services, growth: _Growth) -> KeptCheckpoint:
    tree, start = growth.base.extended(growth.hashes), growth.base.size
    note = await asyncio.to_thread(
        services.signer.sign_tree, tree, lambda first, end: growth.hashes[first - start : end - start]
    )
    now = services.now()
    await services.database.write(lambda tx: checkpoints.keep(tx, tree, note, signed_at=now))
    return KeptCheckpoint(tree, tree.root, note, now)


async def _go_through(services: Services, check: LogCheck, many: int) -> tuple[int, int]:
    """Give the whole log to the check, page by page; return its size and the number of the last entry."""
    while True:
        start = check.tree.size
        page = await services.database.read(lambda tx, start=start: _page(tx, start, many))  # type: ignore[misc]
        if page.rows:
            await asyncio.to_thread(check.add, page.rows, page.checkpoints)
        if len(page.rows) < many:
            return page.size, page.last_number


@dataclass(frozen=True, slots=True)
class _Page:
    rows: Sequence[Row]
    checkpoints: Sequence[KeptCheckpoint]
    size: int
    last_number: int


def _page(tx: Transaction, start: int, many: int) -> _Page:
    size = audit.size(tx)
    end = min(start + many, size)
    rows = audit.rows_between(tx, start, end)
    return _Page(rows, checkpoints.between(tx, start, end), size, audit.last_number(tx))


async def _log_check(services: Services, actor: Actor, checked: Checked) -> None:
    trail = services.trail(actor)
    outcome = Outcome.SUCCESS if checked.fault is None else Outcome.FAILURE

    def work(tx: Transaction) -> None:
        audit.append(
            tx,
            trail,
            Event.AUDIT_VERIFIED,
            outcome=outcome,
            reason=None if checked.fault is None else "LogBroken",
            entities=(Entity("log", services.signer.name, checked.size),),
            purpose=Purpose.SECURITY,
            detail=None if checked.fault is None else checked.fault,
        )

    await services.database.write(work)
