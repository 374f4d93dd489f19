"""Times that a family member proposes to others; each time's hold (``holds``) has the id of the time."""

from sqlalchemy import Boolean, Column, Index, Table, Text, text

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

_IS_OPEN = text("status = 'open'")

proposals = Table(
    "proposals",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("client_id", "clients.person_id"),
    reference("kind_id", "kinds.id"),
    reference("proposed_by", "people.id"),
    reference("session_id", "sessions.id", optional=True),  # what was booked
    Column("needs_all", Boolean, nullable=False),  # or one of those asked is enough
    Column("status", Text, nullable=False),  # open, booked, lapsed, withdrawn
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "client_id"),
    Index(None, "expires_at"),
    Index(  # one open proposal for each proposer
        None, "proposed_by", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    ),
)

proposal_people = Table(
    "proposal_people",
    METADATA,
    reference("proposal_id", "proposals.id", key=True),
    reference("person_id", "people.id", key=True),  # who is asked
    Index(None, "person_id"),
)

proposal_times = Table(
    "proposal_times",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("proposal_id", "proposals.id"),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Index(None, "proposal_id"),
)

proposal_answers = Table(
    "proposal_answers",
    METADATA,
    reference("time_id", "proposal_times.id", key=True),
    reference("person_id", "people.id", key=True),
    Column("works", Boolean, nullable=False),
)
