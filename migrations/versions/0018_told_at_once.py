"""What one act owes its staff is told in one mail; weekly times that go beyond the limits of their hosts.

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
    """Let notices say by which act they are owed, and weekly times that their hosts agree to one more."""
    op.add_column(
        "offerings", sa.Column("is_beyond_limits", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("notices", sa.Column("act_id", sa.Text(), nullable=True))
    op.create_index(op.f("ix_notices_act_id"), "notices", ["act_id"], unique=False)


def downgrade() -> None:
    """Forget it."""
    op.drop_index(op.f("ix_notices_act_id"), table_name="notices")
    op.drop_column("notices", "act_id")
    op.drop_column("offerings", "is_beyond_limits")
