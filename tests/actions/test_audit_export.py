"""Exports: asked for, made, fetched and forgotten, on both engines."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.actions import audit as audit_actions
from scheduler.actions import audit_export
from scheduler.domain.audit import Event
from scheduler.domain.audit_filter import EVERYTHING, Filter
from scheduler.domain.bundle_check import check
from scheduler.domain.errors import Denied, NoLonger, NotFound
from scheduler.domain.merkle import Peaks
from scheduler.domain.people import Actor, Role
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.bundles import LogNotWhole
from scheduler.storage.exports import ExportStatus
from scheduler.storage.signer import load_signer, verify_signature
from tests.audit_logs import append, tamper
from tests.builders import actor, add_person, stepped_up
from tests.bundles import contents
from tests.conftest import Clock
from tests.log import events


@pytest.fixture
async def officer(services: Services) -> Actor:
    """A privacy officer who has just stepped up."""
    return stepped_up(services, actor(await add_person(services, "Pia Olsen", Role.PRIVACY_OFFICER)))


async def test_an_export_is_made_fetched_and_checked_by_an_outsider(
    services: Services, officer: Actor
) -> None:
    await append(services, 9, client_id="client1")
    export_id = await audit_export.request_export(services, officer, EVERYTHING, purpose="yearly review")
    await audit_export.make_exports(services)
    export = await audit_export.find_export(services, officer, export_id)
    assert (export.status, export.entries, export.percent) == (ExportStatus.READY, 10, 100)
    path = await audit_export.fetch_export(services, officer, export_id)
    verdict = check(memoryview(path.read_bytes()), verify_signature, pinned=services.signer.vkey)
    assert (verdict.count, verdict.size) == (10, 10)
    assert (await events(services))[-2:] == [Event.AUDIT_EXPORTED, Event.EXPORT_READ]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_an_export_of_some_entries_holds_only_these(services: Services, officer: Actor) -> None:
    await append(services, 4, client_id="client1")
    await append(services, 4, client_id="client2")
    export_id = await audit_export.request_export(
        services, officer, Filter(client_id="client2"), purpose="request"
    )
    await audit_export.make_exports(services, page=3)
    path = await audit_export.fetch_export(services, officer, export_id)
    assert check(memoryview(path.read_bytes()), verify_signature).count == 4
    lines = contents(path.read_bytes())["entries.jsonl"].splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [5, 6, 7, 8]


async def test_the_purpose_of_an_export_is_sealed(services: Services, officer: Actor) -> None:
    await audit_export.request_export(services, officer, EVERYTHING, purpose="because Rosa asked")
    entry = await services.database.read(lambda tx: audit.find(tx, 1))
    assert b"Rosa" not in entry.leaf
    explained = await audit_actions.explain(services, officer, 1)
    assert explained.detail is not None
    assert json.loads(explained.detail)["purpose"] == "because Rosa asked"


async def test_an_export_that_is_not_ready_cannot_be_fetched(services: Services, officer: Actor) -> None:
    export_id = await audit_export.request_export(services, officer, EVERYTHING, purpose="review")
    with pytest.raises(NoLonger):
        await audit_export.fetch_export(services, officer, export_id)
    with pytest.raises(NotFound):
        await audit_export.fetch_export(services, officer, "unknown")


async def test_an_export_is_forgotten_after_a_day(services: Services, officer: Actor, clock: Clock) -> None:
    export_id = await audit_export.request_export(services, officer, EVERYTHING, purpose="review")
    await audit_export.make_exports(services)
    clock.move(hours=23)
    await audit_export.forget_old_exports(services)
    assert len(list(services.settings.exports_dir.iterdir())) == 1
    clock.move(hours=2)
    await audit_export.forget_old_exports(services)
    assert list(services.settings.exports_dir.iterdir()) == []
    assert (await events(services))[-1] is Event.EXPORT_DELETED
    with pytest.raises(NoLonger):
        await audit_export.fetch_export(services, stepped_up(services, officer), export_id)


async def test_an_export_left_behind_by_a_process_that_ended_is_made_again(
    services: Services, officer: Actor, clock: Clock
) -> None:
    export_id = await audit_export.request_export(services, officer, EVERYTHING, purpose="review")
    await services.database.write(lambda tx: tx.execute(text("UPDATE exports SET status = 'running'")))
    await audit_export.make_exports(services)
    assert (await audit_export.find_export(services, officer, export_id)).status is ExportStatus.RUNNING
    clock.move(minutes=3)
    await audit_export.make_exports(services)
    assert (await audit_export.find_export(services, officer, export_id)).status is ExportStatus.READY


async def test_an_entry_that_was_changed_is_not_exported(services: Services, officer: Actor) -> None:
    await append(services, 3)
    export_id = await audit_export.request_export(services, officer, EVERYTHING, purpose="review")
    await tamper(services, "UPDATE audit_entries SET leaf = leaf_hash WHERE seq = 3")
    with pytest.raises(LogNotWhole, match="entry 3"):
        await audit_export.make_exports(services)
    assert (await audit_export.find_export(services, officer, export_id)).status is ExportStatus.FAILED
    assert list(services.settings.exports_dir.iterdir()) == []


async def test_an_export_that_cannot_be_written_is_marked_as_failed(
    services: Services, officer: Actor
) -> None:
    services.settings.exports_dir.write_text("a file where a folder should be")
    export_id = await audit_export.request_export(services, officer, EVERYTHING, purpose="review")
    with pytest.raises(OSError, match="exists"):
        await audit_export.make_exports(services)
    assert (await audit_export.find_export(services, officer, export_id)).status is ExportStatus.FAILED


async def test_exports_are_listed_newest_first_for_their_keepers(
    services: Services, officer: Actor, clock: Clock
) -> None:
    first = await audit_export.request_export(services, officer, EVERYTHING, purpose="review")
    clock.move(minutes=1)
    second = await audit_export.request_export(services, officer, EVERYTHING, purpose="review")
    assert [export.id for export in await audit_export.list_exports(services, officer)] == [second, first]
    with pytest.raises(Denied):
        await audit_export.list_exports(services, Actor("someone", Role.COORDINATOR))
    with pytest.raises(Denied):
        await audit_export.find_export(services, Actor("someone", Role.COORDINATOR), first)


async def test_an_export_from_the_console_tells_its_progress_and_is_an_entry(
    services: Services, tmp_path: Path
) -> None:
    await append(services, 3)
    told: list[tuple[int, int]] = []

    async def tell(done: int, total: int) -> None:
        told.append((done, total))

    path = tmp_path / "export.zip"
    count = await audit_export.export_from_console(
        services, EVERYTHING, purpose="drill", path=path, tell=tell
    )
    assert count == 4
    assert told == [(0, 4), (4, 4)]
    assert (await events(services))[-1] is Event.AUDIT_EXPORTED
    again = load_signer(services.settings.keys_dir, services.settings.audit_origin)
    assert again.last_signed == Peaks(4, again.last_signed.hashes)
    assert check(memoryview(path.read_bytes()), verify_signature, pinned=again.vkey).count == 4
