"""First conversations that are asked for without an account, and messages owed to whoever asked.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a notice needs no person any more."""
    op.create_table(
        "inquiries",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("safe_times_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("topic_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("plan_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("may_leave_message", sa.Boolean(), nullable=False),
        sa.Column("mail_is_safe", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_inquiries_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_inquiries")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_inquiries_token_hash")),
    )
    with op.batch_alter_table("notices") as notices:
        notices.alter_column("person_id", existing_type=sa.Text(), nullable=True)


def downgrade() -> None:
    """Drop the table, and what is owed to whoever asked."""
    op.execute("DELETE FROM notices WHERE person_id IS NULL")
    with op.batch_alter_table("notices") as notices:
        notices.alter_column("person_id", existing_type=sa.Text(), nullable=False)
    op.drop_table("inquiries")
