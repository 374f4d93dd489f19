"""The log as the privacy officer, the clockwork and an outsider see it, on both engines."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.actions import audit as audit_actions
from scheduler.actions import audit_check, audit_export
from scheduler.actions.audit_check import check_log, write_checkpoint, write_checkpoint_when_due
from scheduler.domain import merkle
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.audit_filter import EVERYTHING, Filter
from scheduler.domain.bundle_check import check
from scheduler.domain.checkpoints import Checkpoint, Note
from scheduler.domain.errors import Denied, NoLonger, NotFound, StepUpNeeded
from scheduler.domain.log_check import LogBroken
from scheduler.domain.merkle import Peaks
from scheduler.domain.people import SYSTEM, Actor, Role
from scheduler.services import Services
from scheduler.storage import audit, checkpoints
from scheduler.storage.bundles import LogNotWhole
from scheduler.storage.exports import ExportStatus
from scheduler.storage.signer import LogForked, load_signer, verify_signature
from tests.builders import actor, add_person, stepped_up
from tests.bundles import contents
from tests.conftest import Clock
from tests.log import events, written


@pytest.fixture
async def officer(services: Services) -> Actor:
    """A privacy officer who has just stepped up."""
    return stepped_up(services, actor(await add_person(services, "Pia Olsen", Role.PRIVACY_OFFICER)))


async def append(services: Services, count: int = 1, *, client_id: str | None = None) -> None:
    trail = services.trail(SYSTEM)

    def work(tx: object) -> None:
        for _ in range(count):
            audit.append(tx, trail, Event.CLIENT_READ, client_id=client_id, detail="a note")  # type: ignore[arg-type]

    await services.database.write(work)


async def tamper(services: Services, statement: str) -> None:
    """Change the kept log as somebody could who owns the database."""
    tables = ("audit_entries", "audit_checkpoints", "audit_details", "audit_head")

    def work(tx: object) -> None:
        for table in tables:
            for trigger in _triggers(services, table):
                tx.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))  # type: ignore[attr-defined]
        tx.execute(text(statement))  # type: ignore[attr-defined]

    await services.database.write(work)


def _triggers(services: Services, table: str) -> list[str]:
    if services.database.engine_name == "postgresql":
        return [f"{table}_only_grows ON {table}", "audit_head_never_shrinks ON audit_head"]
    return [
        *(f"{table}_is_never_{word}" for word in ("changed", "deleted", "replaced")),
        "audit_head_never_shrinks",
    ]


# ------------------------------------------------------------------------------------------------ search


async def test_a_search_shows_entries_newest_first_and_is_itself_an_entry(
    services: Services, officer: Actor
) -> None:
    await append(services, 3, client_id="client1")
    found = await audit_actions.search(services, officer, Filter(client_id="client1"))
    assert [entry.seq for entry in found.entries] == [3, 2, 1]
    assert (await events(services))[-1] is Event.AUDIT_SEARCHED


async def test_a_search_goes_on_page_by_page(services: Services, officer: Actor) -> None:
    await append(services, 60, client_id="client1")
    first = await audit_actions.search(services, officer, Filter(client_id="client1"))
    assert (len(first.entries), first.next_before) == (50, 11)
    rest = await audit_actions.search(
        services, officer, Filter(client_id="client1"), before=first.next_before
    )
    assert ([entry.seq for entry in rest.entries], rest.next_before) == (list(range(10, 0, -1)), None)


async def test_nobody_but_the_privacy_officer_searches_or_exports(services: Services) -> None:
    others = [
        stepped_up(services, Actor("someone", role)) for role in Role if role is not Role.PRIVACY_OFFICER
    ]
    for somebody in others:
        with pytest.raises(Denied):
            await audit_actions.search(services, somebody, EVERYTHING)
        with pytest.raises(Denied):
            await audit_actions.explain(services, somebody, 1)
        with pytest.raises(Denied):
            await audit_export.request_export(services, somebody, EVERYTHING, purpose="curiosity")
    denied = [Event.AUDIT_SEARCHED, Event.AUDIT_SEARCHED, Event.AUDIT_EXPORTED] * len(others)
    assert await written(services) == [(event, Outcome.DENIED, "Denied") for event in denied]


async def test_search_and_export_need_a_fresh_proof(services: Services, officer: Actor) -> None:
    tired = replace(officer, stepped_up_at=services.now() - timedelta(minutes=6))
    with pytest.raises(StepUpNeeded):
        await audit_actions.search(services, tired, EVERYTHING)
    with pytest.raises(StepUpNeeded):
        await audit_actions.explain(services, tired, 1)
    with pytest.raises(StepUpNeeded):
        await audit_export.request_export(services, tired, EVERYTHING, purpose="review")


async def test_an_entry_is_explained_with_its_detail_and_a_proof_that_holds(
    services: Services, officer: Actor
) -> None:
    await append(services, 7)
    assert (await audit_actions.explain(services, officer, 3)).proof is None  # nothing is signed yet
    kept = await write_checkpoint(services)
    explained = await audit_actions.explain(services, officer, 3)
    assert kept is not None
    assert explained.detail == '{"note": "a note"}'
    assert explained.proof is not None
    leaf_hash, proof = merkle.leaf_hash(explained.entry.leaf), explained.proof
    assert merkle.includes(leaf_hash, proof.index, kept.size, proof.path, kept.root)


async def test_an_entry_that_is_not_there_is_not_found(services: Services, officer: Actor) -> None:
    with pytest.raises(NotFound):
        await audit_actions.explain(services, officer, 99)


# ------------------------------------------------------------------------------------------- checkpoints


async def test_a_checkpoint_covers_all_entries_and_is_signed(services: Services) -> None:
    await append(services, 5)
    kept = await write_checkpoint(services)
    assert kept is not None
    note = Note.parse(kept.note)
    note.check(services.signer.verifier_key, verify_signature)
    hashes = await services.database.read(lambda tx: audit.leaf_hashes(tx, 0, 5))
    assert Checkpoint.parse(note.text) == Checkpoint("hearth.test/audit", 5, merkle.root(hashes))


async def test_an_empty_log_has_no_checkpoint(services: Services) -> None:
    assert await write_checkpoint(services) is None


async def test_a_log_that_did_not_grow_keeps_its_checkpoint(services: Services, clock: Clock) -> None:
    await append(services)
    first = await write_checkpoint(services)
    clock.move(minutes=5)
    assert await write_checkpoint(services) == first


async def test_a_checkpoint_is_written_after_256_entries_or_a_minute(
    services: Services, clock: Clock
) -> None:
    async def newest() -> int:
        kept = await services.database.read(checkpoints.last)
        return 0 if kept is None else kept.size

    await append(services)
    await write_checkpoint_when_due(services)
    assert await newest() == 1
    await append(services, 255)
    await write_checkpoint_when_due(services)
    assert await newest() == 1
    await append(services)
    await write_checkpoint_when_due(services)
    assert await newest() == 257
    await append(services)
    clock.move(seconds=60)
    await write_checkpoint_when_due(services)
    assert await newest() == 258


async def test_many_who_write_checkpoints_at_once_do_no_harm(services: Services) -> None:
    async def grow_and_sign() -> None:
        await append(services)
        await write_checkpoint(services)

    await asyncio.gather(*(grow_and_sign() for _ in range(12)))
    assert services.signer.last_signed.size == 12
    assert (await check_log(services, SYSTEM)).fault is None


async def test_a_checkpoint_lost_after_signing_is_made_again(services: Services) -> None:
    await append(services, 3)
    kept = await write_checkpoint(services)
    await tamper(services, "DELETE FROM audit_checkpoints")
    again = await write_checkpoint(services)
    assert kept is not None
    assert again is not None
    assert again.note == kept.note


async def test_much_that_is_new_is_signed_in_steps(services: Services) -> None:
    await append(services, 10)
    kept = await write_checkpoint(services, step=4)
    assert kept is not None
    assert kept.size == 10
    sizes = await services.database.read(lambda tx: [one.size for one in checkpoints.between(tx, 0, 10)])
    assert sizes == [4, 8, 10]


async def test_a_log_that_was_cut_off_is_not_signed(services: Services) -> None:
    await append(services, 5)
    await write_checkpoint(services)
    await tamper(services, "DELETE FROM audit_checkpoints")
    await tamper(services, "DELETE FROM audit_entries WHERE seq > 3")
    await tamper(services, "UPDATE audit_head SET size = 3")
    with pytest.raises(LogForked):
        await write_checkpoint(services)


async def test_a_signer_that_lost_its_memory_starts_from_the_first_entry(services: Services) -> None:
    await append(services, 5)
    await write_checkpoint(services)
    (services.settings.keys_dir / "signer.state").unlink()
    await append(services, 2)
    kept = await write_checkpoint(services)
    assert kept is not None
    assert kept.size == 7
    assert (await check_log(services, SYSTEM)).fault is None


# ------------------------------------------------------------------------------------------- the whole log


async def test_a_whole_log_is_whole_and_the_check_is_an_entry(services: Services) -> None:
    await append(services, 5)
    await write_checkpoint(services)
    await append(services, 2)
    checked = await check_log(services, SYSTEM)
    assert (checked.size, checked.fault) == (7, None)
    assert (await written(services))[-1] == (Event.AUDIT_VERIFIED, Outcome.SUCCESS, None)


async def test_a_log_of_several_pages_is_whole(services: Services) -> None:
    for _ in range(3):
        await append(services, 3)
        await write_checkpoint(services)
    assert (await check_log(services, SYSTEM, page=3)).size == 9


async def test_a_log_with_a_shredded_detail_is_whole(services: Services) -> None:
    await append(services, 2)
    await services.database.write(lambda tx: tx.execute(text("DELETE FROM audit_details")))
    assert (await check_log(services, SYSTEM)).fault is None


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_entries SET leaf = leaf_hash WHERE seq = 3", "entry 3: its bytes"),
        ("UPDATE audit_entries SET event = 'session.read' WHERE seq = 3", "entry 3: is filed under"),
        ("UPDATE audit_entries SET client_id = 'other' WHERE seq = 3", "entry 3: is filed under"),
        ("DELETE FROM audit_entries WHERE seq = 3", "entry 3: is missing"),
        ("DELETE FROM audit_entries WHERE seq = 7", "entry 7: is missing"),
        ("UPDATE audit_head SET size = 6", "entry 7: is beyond the head"),
        (
            "UPDATE audit_details SET detail_sealed = (SELECT root FROM audit_checkpoints)",
            "entry 1: its sealed",
        ),
        ("UPDATE audit_checkpoints SET root = peaks", "the checkpoint of 5 entries has another root"),
        ("UPDATE audit_checkpoints SET note = 'rubbish'", "the checkpoint of 5 entries: "),
    ],
)
async def test_what_somebody_changed_in_the_database_is_found(
    services: Services, statement: str, fault: str
) -> None:
    await append(services, 5)
    await write_checkpoint(services)
    await append(services, 2)
    await tamper(services, statement)
    checked = await check_log(services, SYSTEM)
    assert checked.fault is not None
    assert checked.fault.startswith(fault)


async def test_entries_rewritten_with_their_hashes_are_found_by_the_checkpoint(services: Services) -> None:
    await append(services, 5)
    await write_checkpoint(services)
    entry = await services.database.read(lambda tx: audit.find(tx, 3))
    leaf = entry.leaf.replace(b'"nonce":"', b'"nonce":"0')
    rewritten = f"leaf = {_literal(services, leaf)}, leaf_hash = {_literal(services, merkle.leaf_hash(leaf))}"
    await tamper(services, f"UPDATE audit_entries SET {rewritten} WHERE seq = 3")
    checked = await check_log(services, SYSTEM)
    assert checked.fault == "the first 5 entries are not those that the signer remembers"


def _literal(services: Services, data: bytes) -> str:
    return f"x'{data.hex()}'" if services.database.engine_name == "sqlite" else f"'\\x{data.hex()}'::bytea"


async def test_a_log_cut_off_behind_the_signers_back_is_found(services: Services) -> None:
    await append(services, 5)
    await write_checkpoint(services)
    await tamper(services, "DELETE FROM audit_checkpoints")
    await tamper(services, "DELETE FROM audit_entries WHERE seq > 3")
    await tamper(services, "UPDATE audit_head SET size = 3")
    checked = await check_log(services, SYSTEM)
    assert checked.fault == "5 entries were signed, there are 3: the log was cut off"


async def test_a_fault_found_by_the_clockwork_is_an_alarm(services: Services) -> None:
    await append(services, 3)
    await tamper(services, "DELETE FROM audit_entries WHERE seq = 2")
    with pytest.raises(LogBroken, match="entry 2: is missing"):
        await audit_check.check_by_itself(services, SYSTEM)


async def test_only_its_keepers_check_the_log(services: Services) -> None:
    for role in set(Role) - {Role.PRIVACY_OFFICER, Role.ADMINISTRATOR, Role.SYSTEM}:
        with pytest.raises(Denied):
            await check_log(services, Actor("someone", role))
        with pytest.raises(Denied):
            await audit_actions.overview(services, Actor("someone", role))


async def test_the_overview_tells_how_the_log_stands(
    services: Services, officer: Actor, clock: Clock
) -> None:
    await append(services, 4)
    await write_checkpoint(services)
    await check_log(services, SYSTEM)
    state = await audit_actions.overview(services, officer)
    assert state.size == 5
    assert state.checkpoint is not None
    assert state.checkpoint.size == 4
    assert state.last_check is not None
    assert state.last_check.outcome == Outcome.SUCCESS
    assert state.reads == [(clock(), Outcome.SUCCESS)] * 4


# ------------------------------------------------------------------------------------------------ exports


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
