"""Places are counted in groups only, a seat each; a step is held as sessions of the kind with its id.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SEATS = """
UPDATE sessions SET places_taken = (
    SELECT count(*) FROM places
    WHERE places.session_id = sessions.id AND places.client_id IS NOT NULL AND places.status <> 'cancelled'
) WHERE capacity > 1
"""
_FAMILIES = _SEATS.replace("count(*)", "count(DISTINCT places.client_id)").replace("> 1", "> 0")
_KINDS_OF_STEPS = """
INSERT INTO kinds (id, name, minutes, pause_before, pause_after, start_step, least_notice, horizon_days,
                   education_only, is_bookable)
SELECT id, title, minutes, 5, 5, minutes, 60, 42, education_only, NOT is_group FROM steps
WHERE id NOT IN (SELECT id FROM kinds)
"""
_SESSIONS_OF_STEPS = """
UPDATE sessions SET kind_id = (SELECT step_id FROM offerings WHERE offerings.id = sessions.offering_id)
WHERE offering_id IS NOT NULL
"""
_UNUSED_KINDS_OF_STEPS = """
DELETE FROM kinds WHERE id IN (SELECT id FROM steps)
AND id NOT IN (SELECT kind_id FROM sessions)
AND id NOT IN (SELECT kind_id FROM holds)
AND id NOT IN (SELECT kind_id FROM kinds_offered)
"""


def upgrade() -> None:
    """Count seats, give each step its kind, and tie the two together."""
    op.execute(_SEATS)
    op.execute("UPDATE sessions SET capacity = 0, places_taken = 0 WHERE capacity = 1")
    op.execute(_KINDS_OF_STEPS)
    op.execute(_SESSIONS_OF_STEPS)
    with op.batch_alter_table("steps") as steps:
        steps.create_foreign_key(op.f("fk_steps_id_kinds"), "kinds", ["id"], ["id"])


def downgrade() -> None:
    """Count families again; kinds of steps that sessions use stay."""
    with op.batch_alter_table("steps") as steps:
        steps.drop_constraint(op.f("fk_steps_id_kinds"), type_="foreignkey")
    op.execute(_UNUSED_KINDS_OF_STEPS)
    op.execute(_FAMILIES)
    op.execute("UPDATE sessions SET capacity = 1, places_taken = 1 WHERE capacity = 0")
