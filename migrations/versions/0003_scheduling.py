"""Hours, kinds, sessions and who has taken which time.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.create_table(
        "kinds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pause_before", sa.Integer(), nullable=False),
        sa.Column("pause_after", sa.Integer(), nullable=False),
        sa.Column("start_step", sa.Integer(), nullable=False),
        sa.Column("least_notice", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("education_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_bookable", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kinds")),
    )
    op.create_table(
        "days_off",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.CheckConstraint("first_date <= last_date", name=op.f("ck_days_off_order")),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["people.id"], name=op.f("fk_days_off_clinician_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_days_off")),
    )
    op.create_index(op.f("ix_days_off_clinician_id"), "days_off", ["clinician_id"], unique=False)
    op.create_table(
        "extra_hours",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_extra_hours_block")
        ),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["people.id"], name=op.f("fk_extra_hours_clinician_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra_hours")),
    )
    op.create_index(op.f("ix_extra_hours_clinician_id"), "extra_hours", ["clinician_id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.Column("kind_id", sa.Text(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["clinician_id"], ["people.id"], name=op.f("fk_holds_clinician_id_people")),
        sa.ForeignKeyConstraint(["kind_id"], ["kinds.id"], name=op.f("fk_holds_kind_id_kinds")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_holds_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_expires_at"), "holds", ["expires_at"], unique=False)
    op.create_index(op.f("ix_holds_person_id"), "holds", ["person_id"], unique=True)
    op.create_table(
        "kinds_offered",
        sa.Column("kind_id", sa.Text(), nullable=False),
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["people.id"], name=op.f("fk_kinds_offered_clinician_id_people")
        ),
        sa.ForeignKeyConstraint(["kind_id"], ["kinds.id"], name=op.f("fk_kinds_offered_kind_id_kinds")),
        sa.PrimaryKeyConstraint("kind_id", "clinician_id", name=op.f("pk_kinds_offered")),
    )
    op.create_table(
        "weekly_hours",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clinician_id", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_weekly_hours_block")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["people.id"], name=op.f("fk_weekly_hours_clinician_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
    )
    op.create_index(op.f("ix_weekly_hours_clinician_id"), "weekly_hours", ["clinician_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind_id", sa.Text(), nullable=False),
        sa.Column("host_id", sa.Text(), nullable=False),
        sa.Column("offering_id", sa.Text(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("places_taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("room_name", sa.Text(), nullable=False),
        sa.CheckConstraint("places_taken <= capacity", name=op.f("ck_sessions_capacity")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_sessions_order")),
        sa.ForeignKeyConstraint(["host_id"], ["people.id"], name=op.f("fk_sessions_host_id_people")),
        sa.ForeignKeyConstraint(["kind_id"], ["kinds.id"], name=op.f("fk_sessions_kind_id_kinds")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_sessions_offering_id_offerings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("room_name", name=op.f("uq_sessions_room_name")),
    )
    op.create_index(op.f("ix_sessions_host_id_starts_at"), "sessions", ["host_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_sessions_starts_at"), "sessions", ["starts_at"], unique=False)
    op.create_table(
        "bookings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("booked_by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("topic_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["booked_by"], ["people.id"], name=op.f("fk_bookings_booked_by_people")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.person_id"], name=op.f("fk_bookings_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_bookings_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index(op.f("ix_bookings_client_id"), "bookings", ["client_id"], unique=False)
    op.create_index(op.f("ix_bookings_session_id"), "bookings", ["session_id"], unique=False)
    op.create_table(
        "places",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.person_id"], name=op.f("fk_places_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_places_person_id_people")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_places_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_places")),
    )
    op.create_index(
        op.f("ix_places_person_id_session_id"), "places", ["person_id", "session_id"], unique=False
    )
    op.create_table(
        "taken_ticks",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("tick", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("hold_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(session_id IS NULL) <> (hold_id IS NULL)", name=op.f("ck_taken_ticks_one_owner")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_taken_ticks_hold_id_holds")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_taken_ticks_person_id_people")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_taken_ticks_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("person_id", "tick", name=op.f("pk_taken_ticks")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_taken_ticks_hold_id"), "taken_ticks", ["hold_id"], unique=False)
    op.create_index(op.f("ix_taken_ticks_session_id"), "taken_ticks", ["session_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index(op.f("ix_taken_ticks_session_id"), table_name="taken_ticks")
    op.drop_index(op.f("ix_taken_ticks_hold_id"), table_name="taken_ticks")
    op.drop_table("taken_ticks")
    op.drop_index(op.f("ix_places_person_id_session_id"), table_name="places")
    op.drop_table("places")
    op.drop_index(op.f("ix_bookings_session_id"), table_name="bookings")
    op.drop_index(op.f("ix_bookings_client_id"), table_name="bookings")
    op.drop_table("bookings")
    op.drop_index(op.f("ix_sessions_starts_at"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_host_id_starts_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_weekly_hours_clinician_id"), table_name="weekly_hours")
    op.drop_table("weekly_hours")
    op.drop_table("kinds_offered")
    op.drop_index(op.f("ix_holds_person_id"), table_name="holds")
    op.drop_index(op.f("ix_holds_expires_at"), table_name="holds")
    op.drop_table("holds")
    op.drop_index(op.f("ix_extra_hours_clinician_id"), table_name="extra_hours")
    op.drop_table("extra_hours")
    op.drop_index(op.f("ix_days_off_clinician_id"), table_name="days_off")
    op.drop_table("days_off")
    op.drop_table("kinds")
