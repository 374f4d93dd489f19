"""The kept log only grows, has no gaps, and is found by what it says."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from scheduler.domain.audit import Entity, Event, Facts, Noted, Outcome
from scheduler.domain.audit_entry import Entry
from scheduler.domain.audit_filter import EVERYTHING, Filter
from scheduler.domain.errors import NotFound, Unavailable
from scheduler.domain.merkle import Peaks
from scheduler.domain.people import SYSTEM, Actor, Proof, Role
from scheduler.services import Services
from scheduler.storage import audit, checkpoints
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_checkpoints, audit_details, audit_entries, audit_head
from tests.conftest import Clock

CLINICIAN = Actor("person7", Role.CLINICIAN, Proof.PASSKEY)


async def append(
    services: Services, event: Event = Event.BACKUP_MADE, *, actor: Actor = SYSTEM, **facts: object
) -> int:
    trail = services.trail(actor)
    return await services.database.write(lambda tx: audit.append(tx, trail, event, **facts))  # type: ignore[arg-type]


async def everything(services: Services) -> list[Entry]:
    return await services.database.read(lambda tx: audit.between(tx, 0, audit.size(tx)))


async def test_entries_are_numbered_from_one_and_kept_as_they_were_hashed(services: Services) -> None:
    assert [await append(services) for _ in range(3)] == [1, 2, 3]
    kept = await everything(services)
    assert [entry.said.seq for entry in kept] == [1, 2, 3]
    assert all(entry.is_intact for entry in kept)


async def test_fifty_at_once_get_fifty_places_without_a_gap(services: Services) -> None:
    places = await asyncio.gather(*(append(services) for _ in range(50)))
    assert sorted(places) == list(range(1, 51))
    assert [entry.seq for entry in await everything(services)] == list(range(1, 51))


async def test_a_work_that_is_refused_gives_its_place_back(services: Services) -> None:
    async def refused() -> None:
        trail = services.trail(SYSTEM)

        def work(tx: Transaction) -> None:
            audit.append(tx, trail, Event.BACKUP_MADE)
            raise NotFound

        with pytest.raises(NotFound):
            await services.database.write(work)

    await asyncio.gather(*(refused() if n % 3 == 0 else append(services) for n in range(30)))
    assert [entry.seq for entry in await everything(services)] == list(range(1, 21))


async def test_a_work_may_write_several_entries(services: Services) -> None:
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> list[int]:
        return [audit.append(tx, trail, Event.SESSION_CANCELLED) for _ in range(3)]

    assert await services.database.write(work) == [1, 2, 3]
    assert len({entry.said.id for entry in await everything(services)}) == 3


async def test_a_detail_is_sealed_and_the_entry_holds_the_hash_of_the_seal(services: Services) -> None:
    await append(services, detail={"before": "Rosa", "after": "Rose"})
    entry = (await everything(services))[0]
    assert b"Rosa" not in entry.leaf
    sealed = await services.database.read(lambda tx: audit.sealed_detail(tx, entry.said.id))
    assert sealed is not None
    assert b"Rosa" not in sealed
    assert json.loads(services.vault.open(audit.DETAIL, entry.said.id, sealed)) == {
        "before": "Rosa",
        "after": "Rose",
    }


async def test_when_the_log_cannot_be_written_nothing_is_done(services: Services) -> None:
    await services.database.write(lambda tx: tx.execute(text("DROP TABLE audit_entries")))
    with pytest.raises(Unavailable):
        await append(services)
    assert await services.database.read(audit.size) == 0


async def test_when_the_head_is_missing_the_log_is_unavailable(services: Services) -> None:
    def lose_the_head(tx: Transaction) -> None:
        for trigger in ("audit_head_is_never_deleted",) if services.database.engine_name == "sqlite" else ():
            tx.execute(text(f"DROP TRIGGER {trigger}"))
        if services.database.engine_name == "postgresql":
            tx.execute(text("DROP TRIGGER audit_head_only_grows ON audit_head"))
        tx.execute(delete(audit_head))

    await services.database.write(lose_the_head)
    with pytest.raises(Unavailable):
        await append(services)
    with pytest.raises(Unavailable):
        await services.database.read(audit.size)


async def test_when_an_entry_stands_in_the_place_the_log_is_unavailable(services: Services) -> None:
    await append(services)

    def reach_ahead(tx: Transaction) -> None:
        tx.execute(
            text(
                "INSERT INTO audit_entries (seq, id, leaf, leaf_hash, at, event, outcome) "
                "SELECT 2, 'made up', leaf, leaf_hash, at, event, outcome FROM audit_entries"
            )
        )

    await services.database.write(reach_ahead)
    with pytest.raises(Unavailable, match="cannot be written"):
        await append(services)
    assert await services.database.read(audit.size) == 1


CHANGES: dict[str, Callable[[Transaction], object]] = {
    "an entry changed": lambda tx: tx.execute(update(audit_entries).values(event="nothing.happened")),
    "an entry deleted": lambda tx: tx.execute(delete(audit_entries)),
    "a detail changed": lambda tx: tx.execute(update(audit_details).values(detail_sealed=b"")),
    "a checkpoint changed": lambda tx: tx.execute(update(audit_checkpoints).values(note="")),
    "a checkpoint deleted": lambda tx: tx.execute(delete(audit_checkpoints)),
    "the head turned back": lambda tx: tx.execute(update(audit_head).values(size=0)),
    "the head deleted": lambda tx: tx.execute(delete(audit_head)),
    "an entry replaced": lambda tx: tx.execute(
        text("INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries")
        if tx.connection.dialect.name == "sqlite"
        else text("TRUNCATE audit_entries")
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_the_database_itself_refuses_changes(services: Services, change: str) -> None:
    await append(services, detail="a note")
    entry = (await everything(services))[0]
    tree = Peaks().extended([entry.leaf_hash])
    await services.database.write(lambda tx: checkpoints.keep(tx, tree, "note", signed_at=services.now()))
    with pytest.raises(DBAPIError, match="only grows"):
        await services.database.write(CHANGES[change])
    assert await everything(services) == [entry]


async def test_a_detail_can_be_shredded(services: Services) -> None:
    await append(services, detail="a note")
    await services.database.write(lambda tx: tx.execute(delete(audit_details)))
    entry = (await everything(services))[0]
    assert entry.said.detail_hash is not None
    assert await services.database.read(lambda tx: audit.sealed_detail(tx, entry.said.id)) is None


async def test_entries_are_found_by_each_thing_asked_for(services: Services, clock: Clock) -> None:
    await append(services)
    clock.move(hours=1)
    about = {"client_id": "client1", "entities": (Entity("session", "s1"),)}
    await append(services, Event.CLIENT_READ, actor=CLINICIAN, **about)
    clock.move(hours=1)
    await append(services, Event.CLIENT_READ, actor=CLINICIAN, client_id="client2", outcome=Outcome.DENIED)
    now = services.now()

    async def found(wanted: Filter) -> list[int]:
        chosen = await services.database.read(lambda tx: audit.between(tx, 0, 3, wanted))
        newest = await services.database.read(lambda tx: audit.newest(tx, wanted, limit=9))
        assert newest == chosen[::-1]
        return [entry.seq for entry in chosen]

    assert await found(EVERYTHING) == [1, 2, 3]
    assert await found(Filter(event=Event.CLIENT_READ)) == [2, 3]
    assert await found(Filter(actor_id="person7")) == [2, 3]
    assert await found(Filter(client_id="client1")) == [2]
    assert await found(Filter(outcome=Outcome.DENIED)) == [3]
    assert await found(Filter(since=now - timedelta(hours=1))) == [2, 3]
    assert await found(Filter(until=now - timedelta(hours=1))) == [1]
    assert await found(Filter(event=Event.CLIENT_READ, client_id="client3")) == []


async def test_a_search_goes_on_where_it_ended(services: Services) -> None:
    for _ in range(5):
        await append(services)
    first = await services.database.read(lambda tx: audit.newest(tx, EVERYTHING, limit=2))
    rest = await services.database.read(
        lambda tx: audit.newest(tx, EVERYTHING, limit=9, before=first[-1].seq)
    )
    assert [entry.seq for entry in (*first, *rest)] == [5, 4, 3, 2, 1]


async def test_an_entry_that_is_not_there_is_not_found(services: Services) -> None:
    with pytest.raises(NotFound):
        await services.database.read(lambda tx: audit.find(tx, 1))


async def test_several_entries_of_one_act_follow_each_other(services: Services) -> None:
    await append(services)
    trail, clients = services.trail(CLINICIAN), ["client1", "client2", "client3"]
    noted = [Noted(Event.SESSION_CANCELLED, Facts(client_id=one), f"about {one}") for one in clients]

    last = await services.database.write(lambda tx: audit.append_all(tx, trail, noted))

    kept = await everything(services)
    assert [entry.seq for entry in kept] == [1, 2, 3, 4]
    assert last == 4
    assert [json.loads(entry.leaf)["client"] for entry in kept] == [None, *clients]
    assert len({json.loads(entry.leaf)["id"] for entry in kept}) == 4
    sealed = await services.database.read(
        lambda tx: [audit.sealed_detail(tx, json.loads(entry.leaf)["id"]) for entry in kept]
    )
    assert [one is not None for one in sealed] == [False, True, True, True]
