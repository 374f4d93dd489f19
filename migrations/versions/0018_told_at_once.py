"""What one act owes its staff is told in one mail.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let notices say by which act they are owed."""
    op.add_column("notices", sa.Column("act_id", sa.Text(), nullable=True))
    op.create_index(op.f("ix_notices_act_id"), "notices", ["act_id"], unique=False)


def downgrade() -> None:
    """Forget it."""
    op.drop_index(op.f("ix_notices_act_id"), table_name="notices")
    op.drop_column("notices", "act_id")
