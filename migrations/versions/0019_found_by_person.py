"""Rooms found by who opened them, and offered kinds by who offers them.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes that every sign-in and every page of free times use."""
    op.create_index(op.f("ix_rooms_opened_by_status"), "rooms", ["opened_by", "status"], unique=False)
    op.create_index(op.f("ix_kinds_offered_clinician_id"), "kinds_offered", ["clinician_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_kinds_offered_clinician_id"), table_name="kinds_offered")
    op.drop_index(op.f("ix_rooms_opened_by_status"), table_name="rooms")
