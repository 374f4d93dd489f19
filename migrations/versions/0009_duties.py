"""Kinds that take several duties at once.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import Lines

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let kinds say whom they take; so far they take anybody."""
    op.add_column("kinds", sa.Column("duties", Lines(), server_default="", nullable=False))


def downgrade() -> None:
    """Forget whom kinds take."""
    op.drop_column("kinds", "duties")
