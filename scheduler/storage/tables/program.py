"""The course of family sessions: programs, steps, their weekly offerings and who is enrolled."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint, false

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

programs = Table(
    "programs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

steps = Table(
    "steps",
    METADATA,
    reference("id", "kinds.id", key=True),  # a step is held as sessions of the kind with its id
    reference("program_id", "programs.id"),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("goals", Text, nullable=False, server_default=""),
    Column("handout", Text, nullable=False, server_default=""),  # Markdown
    Column("minutes", Integer, nullable=False),
    Column("is_group", Boolean, nullable=False),
    Column("education_only", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("program_id", "position"),
)

offerings = Table(  # a step offered every week, in a zone, until the last date
    "offerings",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("step_id", "steps.id"),
    reference("host_id", "people.id"),
    Column("weekday", Integer, nullable=False),
    Column("starts", Integer, nullable=False),  # minutes of the wall day
    Column("zone", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("first_date", Date, nullable=False),
    Column("last_date", Date),
    Index(None, "step_id"),
)

enrolled_families = Table(
    "enrolled_families",
    METADATA,
    reference("program_id", "programs.id", key=True),
    reference("client_id", "clients.person_id", key=True),
    Column("enrolled_at", UtcDateTime, nullable=False),
)
