"""Offerings create their sessions ahead, one a date; a step may need others; nothing used is deleted.

Revision ID: 0012
Revises: 0011
"""

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ENDING = ("programs", "steps", "offerings", "enrolled_families")
_KEY = "ix_sessions_offering_id_offering_date"


def upgrade() -> None:
    """Make the tables and columns, and say of each session for which date of its offering it is."""
    for table in _ENDING:
        op.add_column(table, sa.Column("ended_at", UtcDateTime()))
    op.add_column("sessions", sa.Column("offering_date", sa.Date()))
    _date_sessions(op.get_bind())
    op.create_index(op.f(_KEY), "sessions", ["offering_id", "offering_date"], unique=True)
    _make("step_needs", ("step_id", "steps.id"), ("needed_id", "steps.id"))
    _make("co_hosts", ("offering_id", "offerings.id"), ("person_id", "people.id"))
    _make("offering_exceptions", ("offering_id", "offerings.id"), ("date", ""))


def downgrade() -> None:
    """Take them away."""
    for table in ("offering_exceptions", "co_hosts", "step_needs"):
        op.drop_table(table)
    op.drop_index(op.f(_KEY), table_name="sessions")
    op.drop_column("sessions", "offering_date")
    for table in reversed(_ENDING):
        op.drop_column(table, "ended_at")


def _make(table: str, *pairs: tuple[str, str]) -> None:
    """Make a table of two columns, both its key; one that refers to nothing is a date."""
    keys = [
        sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}_{target.partition('.')[0]}"))
        for name, target in pairs
        if target
    ]
    op.create_table(
        table,
        *(sa.Column(name, sa.Text() if target else sa.Date(), nullable=False) for name, target in pairs),
        *keys,
        sa.PrimaryKeyConstraint(*(name for name, _ in pairs), name=op.f(f"pk_{table}")),
    )


def _date_sessions(connection: sa.Connection) -> None:
    """Give each session of an offering its date in the offering's zone; of two on one date, the earlier."""
    sessions = sa.table(
        "sessions",
        sa.column("id", sa.Text()),
        sa.column("offering_id", sa.Text()),
        sa.column("starts_at", UtcDateTime()),
        sa.column("offering_date", sa.Date()),
    )
    offerings = sa.table("offerings", sa.column("id", sa.Text()), sa.column("zone", sa.Text()))
    found = connection.execute(
        sa.select(sessions.c.id, sessions.c.offering_id, sessions.c.starts_at, offerings.c.zone)
        .join_from(sessions, offerings, offerings.c.id == sessions.c.offering_id)
        .order_by(sessions.c.starts_at, sessions.c.id)
    ).all()
    dated: set[tuple[str, object]] = set()
    for row in found:
        day = row.starts_at.astimezone(ZoneInfo(row.zone)).date()
        if (row.offering_id, day) not in dated:
            dated.add((row.offering_id, day))
            change = sessions.update().where(sessions.c.id == row.id).values(offering_date=day)
            connection.execute(change)
