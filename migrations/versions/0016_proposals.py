"""Times that a family member proposes to others, each with a hold.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TICKS_OF_PROPOSALS = """
DELETE FROM taken_ticks WHERE hold_id IN (SELECT id FROM holds WHERE proposal_id IS NOT NULL)
"""
_IS_ALONE, _IS_OPEN = sa.text("proposal_id IS NULL"), sa.text("status = 'open'")


def upgrade() -> None:
    """Make the tables; a person has one hold beside those of the times they propose."""
    _make_proposals()
    _make_times()
    op.drop_index(op.f("ix_holds_person_id"), table_name="holds")
    with op.batch_alter_table("holds") as holds:
        holds.add_column(sa.Column("proposal_id", sa.Text(), nullable=True))
        holds.create_foreign_key(op.f("fk_holds_proposal_id_proposals"), "proposals", ["proposal_id"], ["id"])
    op.create_index(op.f("ix_holds_proposal_id"), "holds", ["proposal_id"])
    op.create_index(
        op.f("ix_holds_person_id"),
        "holds",
        ["person_id"],
        unique=True,
        sqlite_where=_IS_ALONE,
        postgresql_where=_IS_ALONE,
    )


def downgrade() -> None:
    """Let all proposals and their holds go."""
    op.execute(_TICKS_OF_PROPOSALS)
    op.execute("DELETE FROM holds WHERE proposal_id IS NOT NULL")
    op.drop_index(op.f("ix_holds_person_id"), table_name="holds")
    op.drop_index(op.f("ix_holds_proposal_id"), table_name="holds")
    with op.batch_alter_table("holds") as holds:
        holds.drop_constraint(op.f("fk_holds_proposal_id_proposals"), type_="foreignkey")
        holds.drop_column("proposal_id")
    op.create_index(op.f("ix_holds_person_id"), "holds", ["person_id"], unique=True)
    for table in ("proposal_answers", "proposal_times", "proposal_people", "proposals"):
        op.drop_table(table)


def _make_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("kind_id", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("needs_all", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        _reference("proposals", "client_id", "clients.person_id"),
        _reference("proposals", "kind_id", "kinds.id"),
        _reference("proposals", "proposed_by", "people.id"),
        _reference("proposals", "session_id", "sessions.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_client_id"), "proposals", ["client_id"])
    op.create_index(op.f("ix_proposals_expires_at"), "proposals", ["expires_at"])
    op.create_index(
        op.f("ix_proposals_proposed_by"),
        "proposals",
        ["proposed_by"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    op.create_table(
        "proposal_people",
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        _reference("proposal_people", "person_id", "people.id"),
        _reference("proposal_people", "proposal_id", "proposals.id"),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_proposal_people")),
    )
    op.create_index(op.f("ix_proposal_people_person_id"), "proposal_people", ["person_id"])


def _make_times() -> None:
    op.create_table(
        "proposal_times",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        _reference("proposal_times", "proposal_id", "proposals.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_times")),
    )
    op.create_index(op.f("ix_proposal_times_proposal_id"), "proposal_times", ["proposal_id"])
    op.create_table(
        "proposal_answers",
        sa.Column("time_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        _reference("proposal_answers", "person_id", "people.id"),
        _reference("proposal_answers", "time_id", "proposal_times.id"),
        sa.PrimaryKeyConstraint("time_id", "person_id", name=op.f("pk_proposal_answers")),
    )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target.partition('.')[0]}"
    return sa.ForeignKeyConstraint([column], [target], name=op.f(name))
