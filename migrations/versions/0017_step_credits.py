"""Stays in rooms, credits for steps, and how many minutes give one.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WAS_DONE = """
    INSERT INTO step_credits (step_id, person_id, is_given, at)
    SELECT steps.id, places.person_id, TRUE, MIN(sessions.starts_at)
    FROM places
    JOIN sessions ON sessions.id = places.session_id
    JOIN steps ON steps.id = sessions.kind_id
    WHERE places.status = 'attended' AND places.client_id IS NOT NULL
    GROUP BY steps.id, places.person_id
"""


def upgrade() -> None:
    """Make the tables; whoever has come to a step keeps it."""
    op.add_column("steps", sa.Column("least_minutes", sa.Integer(), nullable=True))
    op.create_table(
        "stays",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_stays_session_id_sessions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_stays_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stays")),
    )
    op.create_index(op.f("ix_stays_session_id_person_id"), "stays", ["session_id", "person_id"], unique=False)
    op.create_table(
        "step_credits",
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_step_credits_step_id_steps")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_step_credits_person_id_people")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people.id"], name=op.f("fk_step_credits_decided_by_people")
        ),
        sa.PrimaryKeyConstraint("step_id", "person_id", name=op.f("pk_step_credits")),
    )
    op.create_index(op.f("ix_step_credits_person_id"), "step_credits", ["person_id"], unique=False)
    op.execute(WAS_DONE)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("step_credits")
    op.drop_table("stays")
    op.drop_column("steps", "least_minutes")
