"""Releases with their texts, sealed words, second person and end, and scans of those on paper.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_WORDS = ("discloser", "scope", "purpose", "revocation_text")
_COLUMNS = (
    ("words_sealed", sa.LargeBinary),
    ("scope_choice", sa.Text),
    ("shown_sealed", sa.LargeBinary),
    ("created_at", UtcDateTime),
    ("decided_by", sa.Text),
    ("approved_at", UtcDateTime),
    ("sent_back_at", UtcDateTime),
    ("sent_back_reason_sealed", sa.LargeBinary),
    ("revoked_by", sa.Text),
    ("revocation_sealed", sa.LargeBinary),
    ("expired_at", UtcDateTime),
    ("renews_id", sa.Text),
)
_REFERENCES = (("decided_by", "people"), ("revoked_by", "people"), ("renews_id", "releases"))
_SEALED_ONLY = "DELETE FROM releases WHERE words_sealed IS NOT NULL"


def upgrade() -> None:
    """Add the columns; the words of releases kept before stay where they are."""
    with op.batch_alter_table("releases") as releases:
        for name in _WORDS:
            releases.alter_column(name, existing_type=sa.Text(), existing_nullable=False, server_default="")
        for name, kind in _COLUMNS:
            releases.add_column(sa.Column(name, kind(), nullable=True))
        for name in ("text_version", "language"):
            releases.add_column(sa.Column(name, sa.Text(), server_default="", nullable=False))
        releases.add_column(sa.Column("is_paper", sa.Boolean(), server_default=sa.false(), nullable=False))
        for name, table in _REFERENCES:
            releases.create_foreign_key(op.f(f"fk_releases_{name}_{table}"), table, [name], ["id"])
    op.create_index(op.f("ix_releases_client_id"), "releases", ["client_id"])
    op.create_index(op.f("ix_releases_expires_at"), "releases", ["expires_at"])
    op.create_table(
        "release_scans",
        sa.Column("release_id", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("scan_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_release_scans_release_id_releases")
        ),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_release_scans")),
    )


def downgrade() -> None:
    """Take them away, and the releases whose words are sealed: without these they would lack elements."""
    op.drop_table("release_scans")
    op.drop_index(op.f("ix_releases_expires_at"), table_name="releases")
    op.drop_index(op.f("ix_releases_client_id"), table_name="releases")
    op.execute("UPDATE releases SET renews_id = NULL")
    op.execute(_SEALED_ONLY)
    with op.batch_alter_table("releases") as releases:
        for name, table in _REFERENCES:
            releases.drop_constraint(op.f(f"fk_releases_{name}_{table}"), type_="foreignkey")
        for name in ("is_paper", "language", "text_version", *(name for name, _ in _COLUMNS)):
            releases.drop_column(name)
        for name in _WORDS:
            releases.alter_column(name, existing_type=sa.Text(), existing_nullable=False, server_default=None)
