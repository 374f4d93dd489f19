"""The schema goes up and down on each engine, and the data of every table goes along."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.engines import empty_postgresql_url, sqlite_url_of
from tests.migrations import schema

STEPS = list(zip(schema.revisions(), schema.revisions()[1:], strict=False))


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, on each engine."""
    if request.param == "sqlite":
        yield sqlite_url_of(tmp_path / "empty.db")
    else:
        with empty_postgresql_url() as url:
            yield url


def test_the_history_has_one_head() -> None:
    files = list((Path(__file__).parent.parent.parent / "migrations" / "versions").glob("*.py"))

    assert len(schema.revisions()) == len(files)
    assert schema.heads() == [schema.revisions()[-1]]


def test_the_newest_schema_is_what_the_code_says(database_url: str) -> None:
    schema.check(database_url)


@pytest.mark.parametrize(("before", "after"), STEPS, ids=[after for _, after in STEPS])
def test_a_step_up_and_down_keeps_all_data(empty_url: str, before: str, after: str) -> None:
    schema.upgrade(empty_url, before)
    schema.on(empty_url, schema.fill)
    kept = schema.on(empty_url, schema.rows)

    schema.upgrade(empty_url, after)
    above = schema.on(empty_url, schema.rows)
    schema.downgrade(empty_url, before)

    assert {name: len(above[name]) for name in kept} == {name: len(found) for name, found in kept.items()}
    assert schema.on(empty_url, schema.rows) == kept


def test_a_full_database_can_be_taken_down_to_nothing_and_up_again(database_url: str) -> None:
    schema.on(database_url, schema.fill)
    names = schema.on(database_url, schema.table_names)

    schema.downgrade(database_url, "base")
    left = schema.on(database_url, schema.table_names)
    schema.upgrade(database_url, "head")

    assert left == set()
    assert schema.on(database_url, schema.table_names) == names
