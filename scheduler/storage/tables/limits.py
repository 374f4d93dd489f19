"""What a clinician asks for beside hours: limits of their own, and days in another zone."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text

from scheduler.storage.tables.metadata import METADATA, reference

limits = Table(  # one row a clinician; NULL asks for nothing
    "limits",
    METADATA,
    reference("clinician_id", "people.id", key=True),
    Column("pause_before", Integer),  # minutes
    Column("pause_after", Integer),  # minutes
    Column("least_notice", Integer),  # minutes
    Column("horizon_days", Integer),
    Column("most_a_day", Integer),  # sessions
    Column("most_a_week", Integer),  # sessions, Monday to Sunday
)

travels = Table(
    "travels",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("clinician_id", "people.id"),
    Column("first_date", Date, nullable=False),
    Column("last_date", Date, nullable=False),
    Column("zone", Text, nullable=False),
    CheckConstraint("first_date <= last_date", name="order"),
    Index(None, "clinician_id"),
)
