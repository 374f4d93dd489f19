"""The course of family sessions: programs, steps, their weekly offerings and who is enrolled."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint, false

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

programs = Table(
    "programs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("ended_at", UtcDateTime),
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
    Column("least_minutes", Integer),  # that give credit; null: two thirds of its minutes
    Column("is_group", Boolean, nullable=False),
    Column("education_only", Boolean, nullable=False, server_default=false()),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("program_id", "position"),
)

step_needs = Table(  # which steps of the same program come before a step
    "step_needs",
    METADATA,
    reference("step_id", "steps.id", key=True),
    reference("needed_id", "steps.id", key=True),
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
    Column("is_beyond_limits", Boolean, nullable=False, server_default=false()),
    Column("ended_at", UtcDateTime),
    Index(None, "step_id"),
)

co_hosts = Table(  # who holds an offering's sessions together with its host
    "co_hosts",
    METADATA,
    reference("offering_id", "offerings.id", key=True),
    reference("person_id", "people.id", key=True),
)

offering_exceptions = Table(  # dates on which an offering is not held
    "offering_exceptions",
    METADATA,
    reference("offering_id", "offerings.id", key=True),
    Column("date", Date, primary_key=True),
)

enrolled_families = Table(
    "enrolled_families",
    METADATA,
    reference("program_id", "programs.id", key=True),
    reference("client_id", "clients.person_id", key=True),
    Column("enrolled_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)
