"""Who was in a room for how long, and which steps of a program people have done."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

stays = Table(  # one for each time somebody is connected to a room
    "stays",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("session_id", "sessions.id"),
    reference("person_id", "people.id"),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("left_at", UtcDateTime),
    Index(None, "session_id", "person_id"),
)

step_credits = Table(  # a step that a person has done or, where staff took the credit away, has not
    "step_credits",
    METADATA,
    reference("step_id", "steps.id", key=True),
    reference("person_id", "people.id", key=True),
    Column("is_given", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),  # when the session was, or when staff gave it
    Column("minutes", Integer),  # that the person was present, where these gave it
    reference("decided_by", "people.id", optional=True),  # null: the minutes did
    Column("reason_sealed", LargeBinary),
    Index(None, "person_id"),
)
