"""Limits and travel of clinicians, and hours that stand instead of the weekly ones.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the column of extra hours."""
    op.create_table(
        "limits",
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.Column("pause_before", sa.Integer(), nullable=True),
        sa.Column("pause_after", sa.Integer(), nullable=True),
        sa.Column("least_notice", sa.Integer(), nullable=True),
        sa.Column("horizon_days", sa.Integer(), nullable=True),
        sa.Column("most_a_day", sa.Integer(), nullable=True),
        sa.Column("most_a_week", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["clinician_id"], ["people.id"], name=op.f("fk_limits_clinician_id_people")),
        sa.PrimaryKeyConstraint("clinician_id", name=op.f("pk_limits")),
    )
    op.create_table(
        "travels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.CheckConstraint("first_date <= last_date", name=op.f("ck_travels_order")),
        sa.ForeignKeyConstraint(["clinician_id"], ["people.id"], name=op.f("fk_travels_clinician_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_travels")),
    )
    op.create_index(op.f("ix_travels_clinician_id"), "travels", ["clinician_id"], unique=False)
    op.add_column(
        "extra_hours", sa.Column("instead", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    """Drop them again, and the hours that stood instead, which would open what was closed."""
    op.execute("DELETE FROM extra_hours WHERE instead")
    op.drop_column("extra_hours", "instead")
    op.drop_table("travels")
    op.drop_table("limits")
