"""The clockwork: it goes on whatever one job does, and stops cleanly."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from scheduler.actions import clock as clock_action
from scheduler.domain.clock import Reading
from scheduler.domain.errors import Unavailable
from scheduler.jobs import JOBS, Job, clockwork, do_once
from scheduler.services import Services
from scheduler.storage import checkpoints
from scheduler.storage.tables import audit_entries


async def events(services: Services) -> list[tuple[str, str]]:
    rows = await services.database.read(
        lambda tx: tx.execute(select(audit_entries.c.event, audit_entries.c.outcome)).all()
    )
    return [(row.event, row.outcome) for row in rows]


async def broken(services: Services) -> None:
    raise ZeroDivisionError("of Rosa Rivera")


async def unavailable(services: Services) -> None:
    raise Unavailable("disk full")


async def test_a_job_that_breaks_leaves_an_entry_and_the_rest_go_on(services: Services) -> None:
    rounds = asyncio.Semaphore(0)

    async def good(services: Services) -> None:
        rounds.release()

    async with clockwork(services, [Job("broken", 60, broken), Job("good", 0, good)], at_end=[]):
        for _ in range(3):
            await rounds.acquire()
    assert ("error.unhandled", "failure") in await events(services)


async def test_a_database_that_cannot_be_written_stops_no_clockwork(services: Services) -> None:
    assert not await do_once(services, Job("full", 1, unavailable))
    assert await events(services) == []


async def test_at_shutdown_running_jobs_finish_and_those_of_the_end_are_done_last(services: Services) -> None:
    seen: list[str] = []
    started = asyncio.Event()

    async def slow(services: Services) -> None:
        started.set()
        await asyncio.sleep(0)
        seen.append("slow")

    async def last(services: Services) -> None:
        seen.append("last")

    async with clockwork(services, [Job("slow", 60, slow)], at_end=[Job("last", 0, last)]):
        await started.wait()
    assert seen == ["slow", "last"]


async def test_at_shutdown_the_log_is_signed_to_its_end(services: Services) -> None:
    began = asyncio.Event()

    async def fail(services: Services) -> None:
        began.set()
        await broken(services)

    async with clockwork(services, [Job("fail", 60, fail)]):
        await began.wait()
    size = len(await events(services))
    kept = await services.database.read(checkpoints.last)
    assert kept is not None
    assert kept.size == size


async def test_a_job_that_begins_later_is_not_done_at_the_start(services: Services) -> None:
    seen: list[str] = []

    async def later(services: Services) -> None:
        seen.append("later")

    async with clockwork(services, [Job("later", 60, later, after=60)], at_end=[]):
        pass
    assert seen == []


async def test_a_clock_that_was_set_is_an_entry(services: Services) -> None:
    earlier = Reading(services.now(), 100.0)
    await clock_action.note_step(services, earlier, Reading(services.now() + timedelta(hours=2), 110.0))
    await clock_action.note_step(services, earlier, Reading(services.now() + timedelta(seconds=10), 110.0))
    assert await events(services) == [("clock.stepped", "success")]


async def test_the_whole_clockwork_runs_on_an_empty_house(services: Services) -> None:
    for job in JOBS:
        assert await do_once(services, job), job.name
