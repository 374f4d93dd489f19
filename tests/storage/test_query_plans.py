"""How the engines find what free times and lists need: by keys, never by looking through the past."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, text

from benchmarks import house
from benchmarks.past_sessions import TEAM, lay_past
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.storage import cohorts, kinds, lists, sign_ins, slots, waitlist
from scheduler.storage.database import Transaction

PAST = 20_000
EXPLAINED = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
SEATS = (
    "INSERT INTO places (session_id, person_id, duty, status)"
    " SELECT id, host_id, 'host', 'attended' FROM sessions",
    "INSERT INTO places (session_id, person_id, client_id, duty, status)"
    " SELECT sessions.id, family_members.person_id, family_members.client_id, 'member', 'attended'"
    " FROM sessions CROSS JOIN family_members",
    "ANALYZE",
)
BY_KEY = {
    "sqlite": r"SEARCH taken_ticks USING PRIMARY KEY \(person_id=\? AND tick>\? AND tick<\?\)",
    "postgresql": r"Index Cond: \(\(.*person_id = ANY .*tick >= .*tick < ",
}


@pytest.fixture
async def mother(services: Services) -> Actor:
    """A mother whose team of twenty has a past of 20,000 sessions."""
    [found] = await services.database.write(lambda tx: house.add_families(tx, services, ["cookie"], TEAM))
    await lay_past(services, PAST)
    return found


async def plan_of_taken(services: Services, mother: Actor, statement: Select[Any]) -> str:
    """Return the engine's own plan of a search for taken ticks."""
    [client_id] = mother.client_ids

    def work(tx: Transaction) -> str:
        offer = kinds.offers_to(tx, client_id)[0]
        people = [mother.person_id, *(one.clinician_id for one in offer.offerers)]
        values = {"person_ids": people, "first_tick": 6_000_000, "end_tick": 6_008_000}
        counted = {"moved_session": "", "for_person": mother.person_id, "now": services.now()}
        values |= counted if statement is slots.BEGUN else {}
        return explained(services, tx, statement, values)

    return await services.database.read(work)


def explained(services: Services, tx: Transaction, statement: Select[Any], values: dict[str, Any]) -> str:
    """Return the engine's own plan of a statement; of the values it takes what it asks for."""
    names = statement.compile().params
    compiled = statement.params({name: values[name] for name in names if name in values}).compile(
        tx.connection, compile_kwargs={"literal_binds": True, "render_postcompile": True}
    )
    rows = tx.connection.execute(text(EXPLAINED[services.database.engine_name] + str(compiled)))
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("statement", [slots.STRETCHES, slots.BEGUN], ids=["taken", "counted"])
async def test_taken_time_is_found_by_person_and_tick_however_long_the_past(
    services: Services, mother: Actor, statement: Select[Any]
) -> None:
    plan = await plan_of_taken(services, mother, statement)

    assert re.search(BY_KEY[services.database.engine_name], plan), plan
    assert not re.search(r"SCAN (taken_ticks|outside_busy)|Seq Scan on taken_ticks", plan)


LISTS = {
    "next sessions": lists.NEXT_OF,
    "without a host": lists.HOSTS_MISSED,
    "groups": cohorts.AHEAD,
    "waitlists": waitlist.AHEAD,
}


def add_seats(tx: Transaction) -> None:
    """Give every past session a host and a family member."""
    for statement in SEATS:
        tx.connection.execute(text(statement)).close()


@pytest.mark.parametrize("name", LISTS)
async def test_the_desks_lists_are_read_from_now_on_however_long_the_past(
    services: Services, mother: Actor, name: str
) -> None:
    now = services.now()
    await services.database.write(add_seats)
    values = {
        "now": now,
        "client_ids": sorted(mother.client_ids),
        "since": now.date(),
        "earliest": now - timedelta(hours=3),
    }

    plan = await services.database.read(lambda tx: explained(services, tx, LISTS[name], values))

    assert not re.search(r"SCAN (sessions|places)|Seq Scan on (sessions|places)", plan), plan


LOOKED_UP = [
    (sign_ins.FOUND, {"token_hash": b""}, "SEARCH rooms USING INDEX ix_rooms_opened_by_status"),
    (kinds.OFFERS, {"client_id": ""}, "SEARCH kinds_offered USING INDEX ix_kinds_offered_clinician_id"),
]


@pytest.mark.parametrize(("statement", "values", "search"), LOOKED_UP, ids=["sign-in", "offers"])
async def test_neither_all_rooms_nor_all_that_is_offered_is_looked_through(
    services: Services, statement: Select[Any], values: dict[str, Any], search: str
) -> None:
    if services.database.engine_name != "sqlite":
        pytest.skip("PostgreSQL scans what is as small as here, and counts its rows to know better")

    def work(tx: Transaction) -> str:
        compiled = statement.compile(tx.connection)
        filled = compiled.params | values
        explained = tx.connection.exec_driver_sql(
            EXPLAINED["sqlite"] + str(compiled),
            tuple(filled[name] for name in compiled.positiontup or ()),
        )
        return "\n".join(str(row[-1]) for row in explained)

    plan = await services.database.read(work)

    assert search in plan, plan
    assert not re.search(r"SCAN (rooms|kinds_offered)", plan), plan
