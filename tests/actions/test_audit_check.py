"""Checkpoints, and what a check of the whole log finds, on both engines."""

import asyncio

import pytest
from sqlalchemy import text

from scheduler.actions import audit as audit_actions
from scheduler.actions import audit_check
from scheduler.actions.audit_check import check_log, write_checkpoint, write_checkpoint_when_due
from scheduler.domain import merkle
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.checkpoints import Checkpoint, Note
from scheduler.domain.errors import Denied
from scheduler.domain.log_check import LogBroken
from scheduler.domain.people import SYSTEM, Actor, Role
from scheduler.services import Services
from scheduler.storage import audit, checkpoints
from scheduler.storage.signer import LogForked, verify_signature
from tests.audit_logs import append, tamper
from tests.conftest import Clock
from tests.log import written


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
        assert (await written(services))[-2:] == [
            (Event.AUDIT_VERIFIED, Outcome.DENIED, "Denied"),
            (Event.ACCESS_DENIED, Outcome.DENIED, "Denied"),
        ]
