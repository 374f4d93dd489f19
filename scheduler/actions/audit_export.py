"""Exports of the log: asked for, made by the clockwork, fetched, and forgotten after a day."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from scheduler.actions.audit_check import write_checkpoint
from scheduler.actions.perform import look, perform
from scheduler.domain.audit import Entity, Event, Purpose, Trail, moment_text
from scheduler.domain.audit_entry import Entry
from scheduler.domain.audit_filter import Filter
from scheduler.domain.errors import NoLonger, NotFound, Unavailable
from scheduler.domain.people import SYSTEM, Actor
from scheduler.domain.permissions import Task, require
from scheduler.services import Services
from scheduler.storage import audit, exports, people
from scheduler.storage.bundles import BundleWriter, LogNotWhole, Order
from scheduler.storage.database import Transaction
from scheduler.storage.exports import Export, ExportStatus
from scheduler.storage.signer import LogForked

PAGE = 1_000  # entries
TELL_EVERY = 10  # pages
STALE_AFTER = timedelta(minutes=2)
KEPT_FOR = timedelta(days=1)
SHOWN = 50
EXPLANATION = Path(__file__).parent.parent / "templates" / "compliance" / "VERIFY.md"

Tell = Callable[[int, int], Awaitable[None]]  # (entries gone through, entries in all)


async def request_export(services: Services, actor: Actor, wanted: Filter, *, purpose: str) -> str:
    """Queue an export and return its id.

    Raises:
        Denied: not for this actor.
        StepUpNeeded: the fresh proof is missing.
    """
    trail, export_id = services.trail(actor), services.new_id()

    def work(tx: Transaction) -> str:
        require(actor, Task.AUDIT_EXPORT, now=trail.at)
        assert actor.person_id is not None
        export = Export(export_id, actor.person_id, wanted, ExportStatus.QUEUED, trail.at)
        exports.add(tx, export, purpose=purpose)
        _log_export(tx, trail, export_id, wanted, purpose)
        return export_id

    return await perform(services, actor, Event.AUDIT_EXPORTED, work)


async def list_exports(services: Services, actor: Actor) -> Sequence[Export]:
    """Return the newest exports first.

    Raises:
        Denied: not for this actor.
    """
    now = services.now()

    def work(tx: Transaction) -> Sequence[Export]:
        require(actor, Task.LOG_VERIFY, now=now)
        return exports.newest(tx, limit=SHOWN)

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def find_export(services: Services, actor: Actor, export_id: str) -> Export:
    """Return an export with its progress.

    Raises:
        Denied: not for this actor.
        NotFound: there is none.
    """
    now = services.now()

    def work(tx: Transaction) -> Export:
        require(actor, Task.LOG_VERIFY, now=now)
        return exports.find(tx, export_id)

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def fetch_export(services: Services, actor: Actor, export_id: str) -> Path:
    """Return the file of an export that is ready; fetching it is an entry.

    Raises:
        Denied: not for this actor.
        StepUpNeeded: the fresh proof is missing.
        NotFound: there is none.
        NoLonger: it is not ready, or was deleted.
    """
    trail, path = services.trail(actor), _path(services, export_id)
    is_there = await asyncio.to_thread(path.is_file)

    def work(tx: Transaction) -> Path:
        require(actor, Task.AUDIT_EXPORT, now=trail.at)
        if exports.find(tx, export_id).status is not ExportStatus.READY or not is_there:
            raise NoLonger("the export is not there")
        audit.append(
            tx,
            trail,
            Event.EXPORT_READ,
            entities=(Entity("export", export_id),),
            purpose=Purpose.LEGAL,
        )
        return path

    return await perform(services, actor, Event.EXPORT_READ, work)


async def make_exports(services: Services, *, page: int = PAGE) -> None:
    """Make every export that waits, one after the other, ``page`` entries at a time.

    Raises:
        LogForked, LogNotWhole: the log is not what was signed; the export is marked as failed.
        OSError: the file cannot be written; the export is marked as failed.
    """
    while export := await _claim(services):
        await _make(services, export, page)


async def forget_old_exports(services: Services) -> None:
    """Delete the files of exports that have been ready for a day."""
    trail = services.trail(SYSTEM)
    old = await services.database.read(lambda tx: exports.ready_before(tx, trail.at - KEPT_FOR))
    for export in old:
        await asyncio.to_thread(_path(services, export.id).unlink, missing_ok=True)
        await services.database.write(lambda tx, export=export: _forget(tx, services.trail(SYSTEM), export))  # type: ignore[misc]


async def export_from_console(
    services: Services, wanted: Filter, *, purpose: str, path: Path, tell: Tell
) -> int:
    """Write an export straight to a file, for who holds the keys; return how many entries are in it.

    Raises:
        LogForked, LogNotWhole: the log is not what was signed.
        NotFound: a client or person is asked for of whom neither the program nor the log has heard.
        OSError: the file cannot be written.
    """
    trail, export_id = services.trail(SYSTEM), services.new_id()

    def work(tx: Transaction) -> None:
        _require_known(tx, "client", wanted.client_id, Filter(client_id=wanted.client_id))
        _require_known(tx, "person", wanted.actor_id, Filter(actor_id=wanted.actor_id))
        _log_export(tx, trail, export_id, wanted, purpose)

    await services.database.write(work)
    return await _write(services, path, _Job(wanted, purpose, tell))


async def _claim(services: Services) -> Export | None:
    now = services.now()
    return await services.database.write(
        lambda tx: exports.claim(tx, now=now, stale_before=now - STALE_AFTER)
    )


async def _make(services: Services, export: Export, page: int) -> None:
    async def tell(done: int, total: int) -> None:
        now = services.now()
        await services.database.write(lambda tx: exports.tell(tx, export.id, now=now, done=done, total=total))

    try:
        purpose = await services.database.read(lambda tx: exports.purpose_of(tx, export.id))
        entries = await _write(services, _path(services, export.id), _Job(export.wanted, purpose, tell, page))
    except (LogForked, LogNotWhole, OSError, Unavailable):
        await _finish(services, export, ExportStatus.FAILED)
        raise
    await _finish(services, export, ExportStatus.READY, entries=entries)


async def _finish(services: Services, export: Export, status: ExportStatus, *, entries: int = 0) -> None:
    now = services.now()
    await services.database.write(
        lambda tx: exports.finish(tx, export.id, now=now, status=status, entries=entries)
    )


@dataclass(frozen=True, slots=True)
class _Job:
    wanted: Filter
    purpose: str
    tell: Tell
    page: int = PAGE


async def _write(services: Services, path: Path, job: _Job) -> int:
    """Write the bundle page by page; the slow parts run beside the event loop, in one thread."""
    checkpoint = await write_checkpoint(services)
    assert checkpoint is not None, "the export is itself an entry"
    explanation = await asyncio.to_thread(_explanation)
    order = Order(job.wanted, job.purpose, moment_text(services.now()), explanation)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1) as beside, BundleWriter(path) as writer:
        for number, start in enumerate(range(0, checkpoint.size, job.page)):
            if number % TELL_EVERY == 0:
                await job.tell(start, checkpoint.size)
            end = min(start + job.page, checkpoint.size)
            page = await services.database.read(lambda tx, a=start, b=end: _page(tx, a, b, job.wanted))  # type: ignore[misc]
            await loop.run_in_executor(beside, writer.add, page.hashes, page.entries)
        await job.tell(checkpoint.size, checkpoint.size)
        return await loop.run_in_executor(beside, writer.finish, checkpoint.note, order, services.signer)


@dataclass(frozen=True, slots=True)
class _Page:
    hashes: Sequence[bytes]
    entries: Sequence[Entry]


def _page(tx: Transaction, start: int, end: int, wanted: Filter) -> _Page:
    entries = audit.between(tx, start, end, wanted)
    if wanted.is_everything:
        return _Page([entry.leaf_hash for entry in entries], entries)
    return _Page(audit.leaf_hashes(tx, start, end), entries)


def _forget(tx: Transaction, trail: Trail, export: Export) -> None:
    if exports.mark_deleted(tx, export.id, now=trail.at):
        audit.append(tx, trail, Event.EXPORT_DELETED, entities=(Entity("export", export.id),))


def _require_known(tx: Transaction, what: str, person_id: str | None, of_theirs: Filter) -> None:
    """Return when there is such a person, or was: the log remembers ids for longer than the program does."""
    if person_id is None or people.get_many(tx, [person_id]) or audit.newest(tx, of_theirs, limit=1):
        return
    raise NotFound(f"there is no {what} {person_id}, and no entry of one")


def _log_export(tx: Transaction, trail: Trail, export_id: str, wanted: Filter, purpose: str) -> None:
    audit.append(
        tx,
        trail,
        Event.AUDIT_EXPORTED,
        entities=(Entity("export", export_id),),
        purpose=Purpose.LEGAL,
        detail={"purpose": purpose, "filter": wanted.terms()},
    )


def _path(services: Services, export_id: str) -> Path:
    return services.settings.exports_dir / f"{export_id}.zip"


@cache
def _explanation() -> str:
    return EXPLANATION.read_text(encoding="utf-8")
