"""The first schema.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.tables import METADATA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and the one row of the audit head."""
    METADATA.create_all(op.get_bind())  # frozen into explicit tables before the first release
    op.execute(sa.text("INSERT INTO audit_head (id, size) VALUES (1, 0)"))


def downgrade() -> None:
    """Take everything away."""
    METADATA.drop_all(op.get_bind())
