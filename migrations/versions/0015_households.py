"""Who of a family is kept apart, who is a guardian, and who must take part in a kind of session.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of those apart; nobody is a guardian, and no kind has a quorum, until staff says so."""
    op.create_table(
        "apart",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.person_id"], name=op.f("fk_apart_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["other_id"], ["people.id"], name=op.f("fk_apart_other_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_apart_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_apart")),
    )
    op.create_index(op.f("ix_apart_client_id"), "apart", ["client_id"], unique=False)
    op.add_column(
        "family_members", sa.Column("is_guardian", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "kinds", sa.Column("needs_guardian", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("kinds", sa.Column("client_part", sa.Text(), server_default="may", nullable=False))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("kinds", "client_part")
    op.drop_column("kinds", "needs_guardian")
    op.drop_column("family_members", "is_guardian")
    op.drop_index(op.f("ix_apart_client_id"), table_name="apart")
    op.drop_table("apart")
