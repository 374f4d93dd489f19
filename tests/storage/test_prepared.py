"""Statements worked out once give what SQLAlchemy gives, on both engines."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.domain.people import Person, Role
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Prepared, Query
from scheduler.storage.tables import audit_head, care_team
from scheduler.storage.tables import people as table

NOW = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)
AMONG = (
    select(table.c.id, table.c.role, table.c.zone, table.c.created_at, table.c.ended_at)
    .where(table.c.id.in_(bindparam("ids", expanding=True)), table.c.zone == "UTC")
    .order_by(table.c.id)
)
QUERY = Query(AMONG)


@pytest.fixture
async def somebody(services: Services) -> Services:
    """Three people."""

    def work(tx: Transaction) -> None:
        for name in "abc":
            person = Person(name, Role.CLINICIAN, name.upper(), f"{name}@people.test", "UTC")
            people.add(tx, person, created_at=NOW)

    await services.database.write(work)
    return services


@pytest.mark.parametrize("ids", [[], ["a"], ["c", "a"], ["a", "b", "c", "nobody"]])
async def test_a_query_finds_the_same_values_of_the_same_types(somebody: Services, ids: list[str]) -> None:
    def work(tx: Transaction) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        return [tuple(row) for row in QUERY.all(tx, {"ids": ids})], [
            tuple(row) for row in tx.execute(AMONG, {"ids": ids})
        ]

    ours, theirs = await somebody.database.read(work)

    assert ours == theirs
    assert [row[0] for row in ours] == sorted(set(ids) - {"nobody"})
    assert all(row[3] == NOW for row in ours)


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        (table.c.id.in_(["a", "c"]), {}),
        (table.c.id.in_(["a", "c"]) & (table.c.zone == bindparam("zone")), {"zone": "UTC"}),
        (
            table.c.id.in_(["a", "c"]) & table.c.zone.in_(bindparam("zones", expanding=True)),
            {"zones": ["UTC"]},
        ),
        (table.c.id.in_(bindparam("ids", ["a", "c"], expanding=True)), {}),
        (table.c.id.in_(bindparam("ids", ["b"], expanding=True)), {"ids": ("a", "c")}),
        (table.c.id.in_([]) | table.c.id.not_in(["b"]), {}),
    ],
)
async def test_values_may_stand_in_the_statement_itself(
    somebody: Services, condition: ColumnElement[bool], values: dict[str, object]
) -> None:
    query = Query(select(table.c.id).where(condition).order_by(table.c.id))

    for _ in range(2):
        found = await somebody.database.read(lambda tx: query.all(tx, values))
        assert [row.id for row in found] == ["a", "c"]


async def test_columns_are_attributes(somebody: Services) -> None:
    row = await somebody.database.read(lambda tx: QUERY.first(tx, {"ids": ["b"]}))

    assert (row.id, row.role, row.created_at, row.ended_at) == ("b", "clinician", NOW, None)


async def test_nothing_found_is_none(somebody: Services) -> None:
    assert await somebody.database.read(lambda tx: QUERY.first(tx, {"ids": ["nobody"]})) is None


async def test_an_update_returns_what_it_wrote(services: Services) -> None:
    grow = Query(
        update(audit_head).values(size=audit_head.c.size + bindparam("by")).returning(audit_head.c.size)
    )

    sizes = await services.database.write(
        lambda tx: [grow.first(tx, {"by": 2}).size, grow.first(tx, {"by": 3}).size]
    )

    assert sizes[1] == sizes[0] + 3


async def test_a_key_that_refers_to_nothing_is_an_integrity_error(services: Services) -> None:
    add = Prepared(insert(care_team))

    with pytest.raises(IntegrityError):
        await services.database.write(
            lambda tx: add.run(tx, [{"client_id": "nobody", "person_id": "nobody"}])
        )
