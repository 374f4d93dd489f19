"""The time of a session as it was when somebody left it.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_LEFT = """
    UPDATE places SET
        left_starts_at = (SELECT starts_at FROM sessions WHERE sessions.id = places.session_id),
        left_ends_at = (SELECT ends_at FROM sessions WHERE sessions.id = places.session_id)
    WHERE status = 'cancelled' AND client_id IS NOT NULL
      AND (SELECT status FROM sessions WHERE sessions.id = places.session_id) <> 'cancelled'
"""


def upgrade() -> None:
    """Make the columns; of places left before, the present time is taken."""
    op.add_column("places", sa.Column("left_starts_at", UtcDateTime(), nullable=True))
    op.add_column("places", sa.Column("left_ends_at", UtcDateTime(), nullable=True))
    op.execute(_LEFT)


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("places", "left_ends_at")
    op.drop_column("places", "left_starts_at")
