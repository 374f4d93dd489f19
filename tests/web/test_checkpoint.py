"""The newest checkpoint, for a witness elsewhere."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from scheduler.actions.audit_check import write_checkpoint
from scheduler.app import create_app
from scheduler.domain.checkpoints import Checkpoint, Note
from scheduler.services import Services
from scheduler.storage.signer import verify_signature
from tests.audit_logs import append
from tests.conftest import new_browser

TOKEN = "a-token-for-the-witness"


@pytest.fixture
async def witness(services: Services) -> AsyncIterator[httpx2.AsyncClient]:
    """A program that holds the witness's token."""
    settings = services.settings.model_copy(update={"witness_token": TOKEN})
    async with new_browser(create_app(replace(services, settings=settings))) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


async def test_a_witness_gets_the_newest_checkpoint_as_it_was_signed(
    services: Services, witness: httpx2.AsyncClient
) -> None:
    await append(services, 3)
    await write_checkpoint(services)
    answer = await witness.get("/audit/checkpoint")
    note = Note.parse(answer.text)
    note.check(services.signer.verifier_key, verify_signature)
    assert Checkpoint.parse(note.text).size == 3
    assert answer.headers["content-type"].startswith("text/plain")


async def test_before_the_first_checkpoint_there_is_nothing_to_witness(witness: httpx2.AsyncClient) -> None:
    assert (await witness.get("/audit/checkpoint")).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer another", "Basic a-token-for-the-witness"])
async def test_without_the_token_there_is_nothing_at_all(
    services: Services, witness: httpx2.AsyncClient, browser: httpx2.AsyncClient, given: str
) -> None:
    await append(services)
    await write_checkpoint(services)
    answers = [
        await client.get("/audit/checkpoint", headers={"Authorization": given})
        for client in (witness, browser)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
