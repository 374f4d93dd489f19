"""Messages we owe somebody at a time, and personal calendar feeds."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

notices = Table(
    "notices",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("person_id", "people.id", optional=True),  # none: whoever asked for the session, an inquiry
    reference("session_id", "sessions.id", optional=True),
    Column("rule", Text, nullable=False),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("act_id", Text),  # what one act owes its staff is told in one mail
    Column("detail_sealed", LargeBinary),  # a code, for example; emptied once sent
    Column("due_at", UtcDateTime, nullable=False),  # when it was owed
    Column("next_attempt_at", UtcDateTime, nullable=False),  # when it is tried next; grows after each delay
    Column("status", Text, nullable=False),  # queued, sending, sent, failed, dropped
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("fault", Text, nullable=False, server_default=""),  # the mail server's code, never an address
    UniqueConstraint("person_id", "session_id", "rule", "sequence"),
    Index(None, "status", "next_attempt_at"),
    Index(None, "session_id"),
    Index(None, "act_id"),
)

feeds = Table(  # a person's own calendar address
    "feeds",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    reference("person_id", "people.id"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index(None, "person_id"),
)
