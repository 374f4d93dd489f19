"""Other calendars of clinicians, and when these say that they are busy.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.create_table(
        "outside_calendars",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("label_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["people.id"], name=op.f("fk_outside_calendars_clinician_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_calendars")),
        sa.UniqueConstraint(
            "clinician_id", "address_hash", name=op.f("uq_outside_calendars_clinician_id_address_hash")
        ),
    )
    op.create_index(op.f("ix_outside_calendars_next_try_at"), "outside_calendars", ["next_try_at"])
    op.create_table(
        "outside_busy",
        sa.Column("calendar_id", sa.Text(), nullable=False),
        sa.Column("first_tick", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("end_tick", sa.Integer(), nullable=False),
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.CheckConstraint("first_tick < end_tick", name=op.f("ck_outside_busy_order")),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["outside_calendars.id"],
            name=op.f("fk_outside_busy_calendar_id_outside_calendars"),
        ),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["people.id"], name=op.f("fk_outside_busy_clinician_id_people")
        ),
        sa.PrimaryKeyConstraint("calendar_id", "first_tick", name=op.f("pk_outside_busy")),
    )
    op.create_index(
        op.f("ix_outside_busy_clinician_id_first_tick"), "outside_busy", ["clinician_id", "first_tick"]
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("outside_busy")
    op.drop_table("outside_calendars")
