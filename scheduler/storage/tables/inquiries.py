"""First conversations asked for without an account; tied to a session, and to no person but its host."""

from sqlalchemy import Boolean, Column, LargeBinary, Table, Text, UniqueConstraint

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

inquiries = Table(
    "inquiries",
    METADATA,
    reference("session_id", "sessions.id", key=True),
    Column("token_hash", LargeBinary, nullable=False),  # of the private address; also makes asking twice one
    Column("name_sealed", LargeBinary, nullable=False),  # a name to call them by
    Column("phone_sealed", LargeBinary),
    Column("email_sealed", LargeBinary),
    Column("safe_times_sealed", LargeBinary),  # when and how it is safe to reach them
    Column("topic_sealed", LargeBinary),  # what would help to talk about
    Column("plan_sealed", LargeBinary),  # a health plan's name
    Column("reason_sealed", LargeBinary),  # why staff called it off
    Column("may_leave_message", Boolean, nullable=False),
    Column("mail_is_safe", Boolean, nullable=False),
    Column("zone", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    UniqueConstraint("token_hash"),
)
