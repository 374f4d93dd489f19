"""The two doors of the database, on both engines."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text

from scheduler.domain.errors import Denied, Taken, Unavailable
from scheduler.domain.people import Person, Role
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.database import Transaction, Work
from scheduler.storage.tables import people as people_table

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def somebody(number: int) -> Person:
    return Person(f"p{number}", Role.CLINICIAN, f"Person {number}", f"p{number}@people.test", "UTC")


def adding(number: int) -> Work[int]:
    def work(tx: Transaction) -> int:
        people.add(tx, somebody(number), created_at=NOW)
        return number

    return work


def count(tx: Transaction) -> int:
    return int(tx.execute(select(func.count()).select_from(people_table)).scalar_one())


async def test_of_many_writes_at_once_each_caller_gets_its_own_result(services: Services) -> None:
    results = await asyncio.gather(*(services.database.write(adding(number)) for number in range(40)))

    assert results == list(range(40))
    assert await services.database.read(count) == 40


async def test_a_refused_write_leaves_nothing_and_its_neighbours_stay(services: Services) -> None:
    def refused(tx: Transaction) -> None:
        people.add(tx, somebody(99), created_at=NOW)
        raise Denied("no")

    outcomes = await asyncio.gather(
        services.database.write(adding(1)),
        services.database.write(refused),
        services.database.write(adding(2)),
        return_exceptions=True,
    )

    assert outcomes[0] == 1
    assert isinstance(outcomes[1], Denied)
    assert outcomes[2] == 2
    assert await services.database.read(count) == 2


async def test_two_people_who_want_one_address_at_once_one_gets_it(services: Services) -> None:
    def work(tx: Transaction) -> None:
        people.add(tx, somebody(1), created_at=NOW)

    outcomes = await asyncio.gather(
        *(services.database.write(work) for _ in range(2)), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes].count(type(None)) == 1
    assert await services.database.read(count) == 1


async def test_an_address_is_found_whatever_its_spelling_and_is_not_kept_in_the_clear(
    services: Services,
) -> None:
    await services.database.write(adding(7))

    found = await services.database.read(lambda tx: people.find_by_email(tx, " P7@People.Test "))
    stored = await services.database.read(lambda tx: tx.execute(select(people_table)).one())

    assert found == somebody(7)
    assert b"people.test" not in b"".join(value for value in stored if isinstance(value, bytes))


async def test_an_address_that_somebody_has_is_refused(services: Services) -> None:
    await services.database.write(adding(7))

    with pytest.raises(Taken):
        await services.database.write(adding(7))


async def test_a_reader_cannot_write(services: Services) -> None:
    with pytest.raises(Unavailable):
        await services.database.read(adding(1))

    assert await services.database.read(count) == 0


async def test_a_caller_who_leaves_before_the_commit_takes_nobody_along(services: Services) -> None:
    leaving = asyncio.ensure_future(services.database.write(adding(1)))
    staying = asyncio.ensure_future(services.database.write(adding(2)))
    await asyncio.sleep(0)
    leaving.cancel()

    assert await staying == 2


async def test_a_fault_in_one_write_flies_to_its_caller_alone(services: Services) -> None:
    def faulty(tx: Transaction) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await services.database.write(faulty)

    assert await services.database.write(adding(3)) == 3


async def test_a_fault_in_one_read_flies_to_its_caller_alone(services: Services) -> None:
    def faulty(tx: Transaction) -> None:
        raise ZeroDivisionError

    def broken(tx: Transaction) -> None:
        tx.execute(text("SELECT nothing FROM nowhere"))

    await services.database.write(adding(1))
    outcomes = await asyncio.gather(
        *(services.database.read(work) for work in (count, faulty, broken, count)), return_exceptions=True
    )

    assert (outcomes[0], outcomes[3]) == (1, 1)
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert isinstance(outcomes[2], Exception)


async def test_a_caller_who_leaves_before_a_read_takes_nobody_along(services: Services) -> None:
    leaving = asyncio.ensure_future(services.database.read(count))
    staying = asyncio.ensure_future(services.database.read(count))
    await asyncio.sleep(0)
    leaving.cancel()

    assert await staying == 0


async def test_a_reader_sees_one_moment_while_others_write(services: Services) -> None:
    await services.database.write(adding(1))

    def twice(tx: Transaction) -> tuple[int, int]:
        return count(tx), count(tx)

    first, second = (await asyncio.gather(services.database.read(twice), services.database.write(adding(2))))[
        0
    ]

    assert first == second


async def test_a_moment_without_a_zone_is_refused(services: Services) -> None:
    def naive(tx: Transaction) -> None:
        people.add(tx, somebody(1), created_at=datetime(2026, 11, 2))  # noqa: DTZ001 - the point of the test

    with pytest.raises(Exception, match="zone"):
        await services.database.write(naive)


async def test_foreign_keys_are_held(services: Services) -> None:
    def orphan(tx: Transaction) -> None:
        tx.execute(text("INSERT INTO care_team (client_id, person_id) VALUES ('nobody', 'nothing')"))

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await services.database.write(orphan)
