"""The log as the privacy officer reads it, on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.actions import audit as audit_actions
from scheduler.actions import audit_export
from scheduler.actions.audit_check import check_log, write_checkpoint
from scheduler.domain import merkle
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.audit_filter import EVERYTHING, Filter
from scheduler.domain.errors import Denied, NotFound, StepUpNeeded
from scheduler.domain.people import SYSTEM, Actor, Role
from scheduler.services import Services
from tests.audit_logs import append
from tests.builders import actor, add_person, stepped_up
from tests.conftest import Clock
from tests.log import events, written


@pytest.fixture
async def officer(services: Services) -> Actor:
    """A privacy officer who has just stepped up."""
    return stepped_up(services, actor(await add_person(services, "Pia Olsen", Role.PRIVACY_OFFICER)))


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


async def test_opening_an_entry_about_a_client_is_an_entry_about_that_client(
    services: Services, officer: Actor
) -> None:
    await append(services, 1, client_id="client1")
    await audit_actions.explain(services, officer, 1)
    found = await audit_actions.search(services, officer, Filter(client_id="client1"))
    assert [entry.event for entry in found.entries] == [Event.AUDIT_SEARCHED, Event.CLIENT_READ]


async def test_an_entry_that_is_not_there_is_not_found(services: Services, officer: Actor) -> None:
    with pytest.raises(NotFound):
        await audit_actions.explain(services, officer, 99)


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
