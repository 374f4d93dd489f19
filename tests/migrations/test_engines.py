"""The databases that tests are lent are fresh, also those that were lent before."""

from sqlalchemy import text

from tests.engines import postgresql_url
from tests.migrations import schema


def test_a_database_lent_again_is_like_a_fresh_one() -> None:
    with postgresql_url() as first:
        fresh = schema.on(first, schema.rows)
        schema.on(first, schema.fill)
        schema.on(first, lambda tx: tx.execute(text("UPDATE audit_head SET size = 7")))

    with postgresql_url() as again:
        assert again == first
        assert schema.on(again, schema.rows) == fresh


def test_a_database_whose_schema_was_changed_is_not_lent_again() -> None:
    with postgresql_url() as first:
        schema.on(first, lambda tx: tx.execute(text("ALTER TABLE people ADD COLUMN shoe_size integer")))

    with postgresql_url() as other:
        assert other != first


def test_two_databases_lent_at_once_are_two() -> None:
    with postgresql_url() as one, postgresql_url() as other:
        assert one != other
