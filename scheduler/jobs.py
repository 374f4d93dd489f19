"""The clockwork: everything that happens by itself, each job in a loop of its own.

On SQLite it runs inside the one serving process, on PostgreSQL alone as ``hearth jobs``. A job may be run by
two processes at once, or cut off at any point, and does no harm: each is a few transactions that say by
themselves what is left to do. This is the only place that catches every exception: it logs and goes on.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from scheduler.actions import (
    access,
    attendance,
    audit_check,
    audit_export,
    clock,
    holds,
    inquiry_care,
    laying,
    notices,
    outside_calendars,
    proposals,
    release_ends,
    retention,
    rooms,
    waitlist,
)
from scheduler.domain.clock import Reading
from scheduler.domain.errors import Refusal
from scheduler.domain.people import SYSTEM
from scheduler.services import Services

LONGEST_REST = 300.0  # seconds between two tries of a job that keeps failing
GRACE = 10.0  # seconds that running jobs get to finish at shutdown

log = logging.getLogger("hearth.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done again and again: ``every`` so many seconds, the first time ``after`` so many."""

    name: str
    every: float
    work: Callable[[Services], Awaitable[object]]
    after: float = 0


async def empty_outbox(services: Services) -> None:
    """Send all that is due, batch after batch, half of the time at most: people on the pages come first."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while await notices.send_due(services) >= notices.BATCH:
        await asyncio.sleep(clock() - began)
        began = clock()


async def check_log(services: Services) -> None:
    """Check the whole audit log; a fault is an error of this job, logged and an entry."""
    await audit_check.check_by_itself(services, SYSTEM)


JOBS: tuple[Job, ...] = (
    Job("notices", 1, empty_outbox),
    Job("reminders", 15, notices.plan_reminders),
    Job("exports", 2, audit_export.make_exports),
    Job("checkpoint", 5, audit_check.write_checkpoint_when_due),
    Job("rooms", 15, rooms.end_overdue_rooms),
    Job("attendance", 30, attendance.settle_ended),
    Job("holds", 60, holds.clear_lapsed_holds),
    Job("offerings", 180, laying.lay_ahead),
    Job("proposals", 60, proposals.lapse_overdue),
    Job("releases", 10, release_ends.expire_due),
    Job("outside calendars", 30, outside_calendars.refresh_due, after=10),
    Job("waitlists", 60, waitlist.tend_waitlists),
    Job("old notices", 3600, notices.forget_old),
    Job("old exports", 600, audit_export.forget_old_exports),
    Job("retention", 3600, retention.forget_expired),
    Job("old inquiries", 3600, inquiry_care.forget_old),
    Job("check of the log", 86_400, check_log, after=600),
)

AT_END: tuple[Job, ...] = (Job("last checkpoint", 0, audit_check.write_checkpoint),)


@asynccontextmanager
async def clockwork(
    services: Services, jobs: Sequence[Job] = JOBS, *, at_end: Sequence[Job] = AT_END
) -> AsyncIterator[None]:
    """Keep the jobs going while the block runs; at its end let them finish, then do those of the end."""
    stopping = asyncio.Event()
    running = [asyncio.create_task(_keep_doing(services, job, stopping)) for job in jobs]
    running.append(asyncio.create_task(_keep_doing(services, _clock_watch(services), stopping)))
    try:
        yield
    finally:
        stopping.set()
        _, late = await asyncio.wait(running, timeout=GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for job in at_end:
            await do_once(services, job)


async def do_once(services: Services, job: Job) -> bool:
    """Do a job once; False when it failed, which is logged, with an entry where one can be made."""
    try:
        await job.work(services)
    except Refusal as refusal:
        log.warning("job %s put off: %s %s", job.name, type(refusal).__name__, refusal)
        return False
    except Exception as fault:
        log.error("job %s failed", job.name, exc_info=True)
        with suppress(Refusal):
            await access.log_fault(services, SYSTEM, fault)
        return False
    return True


async def _keep_doing(services: Services, job: Job, stopping: asyncio.Event) -> None:
    rest = job.every
    await _rest(stopping, job.after)
    while not stopping.is_set():
        rest = job.every if await do_once(services, job) else min(max(rest, 1) * 2, LONGEST_REST)
        await _rest(stopping, rest)


async def _rest(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


def _clock_watch(services: Services) -> Job:
    """Return the job that compares the wall clock with the steady one since its last look."""
    last: list[Reading] = []

    async def look(services: Services) -> None:
        reading = Reading(services.now(), asyncio.get_running_loop().time())
        earlier = last.pop() if last else reading
        last.append(reading)
        await clock.note_step(services, earlier, reading)

    return Job("clock", 10, look)
