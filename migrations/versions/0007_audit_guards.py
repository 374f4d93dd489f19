"""The audit log only grows, held by the database itself.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The audit log only grows. An entry is never changed, deleted or replaced (on SQLite, INSERT OR REPLACE would
# pass a DELETE trigger by); a sealed detail is never changed, but may be shredded; the head never shrinks.
SQLITE_GUARDS = (
    *(
        f"CREATE TRIGGER {table}_is_never_{word} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
        for table, act, word in (
            ("audit_entries", "UPDATE", "changed"),
            ("audit_entries", "DELETE", "deleted"),
            ("audit_checkpoints", "UPDATE", "changed"),
            ("audit_checkpoints", "DELETE", "deleted"),
            ("audit_details", "UPDATE", "changed"),
            ("audit_head", "DELETE", "deleted"),
        )
    ),
    *(
        f"CREATE TRIGGER {table}_is_never_replaced BEFORE INSERT ON {table} "  # noqa: S608 (names from here)
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
        for table, key in (
            ("audit_entries", "seq"),
            ("audit_checkpoints", "size"),
            ("audit_details", "entry_id"),
            ("audit_head", "id"),
        )
    ),
    "CREATE TRIGGER audit_head_never_shrinks BEFORE UPDATE ON audit_head "
    "WHEN NEW.size < OLD.size OR NEW.id <> 1 "
    "BEGIN SELECT RAISE(ABORT, 'audit_head only grows'); END",
)
POSTGRESQL_GUARDS = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$",
    *(
        f"CREATE TRIGGER {table}_only_grows BEFORE {acts} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table, acts in (
            ("audit_entries", "UPDATE OR DELETE OR TRUNCATE"),
            ("audit_checkpoints", "UPDATE OR DELETE OR TRUNCATE"),
            ("audit_details", "UPDATE OR TRUNCATE"),
            ("audit_head", "DELETE OR TRUNCATE"),
        )
    ),
    "CREATE TRIGGER audit_head_never_shrinks BEFORE UPDATE ON audit_head FOR EACH ROW "
    "WHEN (NEW.size < OLD.size OR NEW.id <> 1) EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    """Set the guards of this engine."""
    for guard in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(sa.text(guard))


def downgrade() -> None:
    """Take the guards away."""
    if op.get_bind().dialect.name == "sqlite":
        for guard in SQLITE_GUARDS:
            op.execute(sa.text(f"DROP TRIGGER {guard.split()[2]}"))
    else:
        op.execute(sa.text("DROP FUNCTION refuse_change CASCADE"))
