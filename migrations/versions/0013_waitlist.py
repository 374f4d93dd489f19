"""The waitlist of group sessions.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.create_table(
        "waitlist",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("offered_until", UtcDateTime(), nullable=True),
        sa.CheckConstraint("seats > 0", name=op.f("ck_waitlist_seats")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_waitlist_session_id_sessions")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.person_id"], name=op.f("fk_waitlist_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_waitlist_asked_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist")),
        sa.UniqueConstraint("session_id", "position", name=op.f("uq_waitlist_session_id_position")),
    )
    op.create_index(op.f("ix_waitlist_client_id"), "waitlist", ["client_id"], unique=False)
    op.create_index(op.f("ix_waitlist_status"), "waitlist", ["status"], unique=False)
    op.create_table(
        "waiting_people",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("wait_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_waiting_people_session_id_sessions")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_waiting_people_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["wait_id"], ["waitlist.id"], name=op.f("fk_waiting_people_wait_id_waitlist")
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_waiting_people")),
    )
    op.create_index(op.f("ix_waiting_people_wait_id"), "waiting_people", ["wait_id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("waiting_people")
    op.drop_table("waitlist")
