"""Other calendars of clinicians, and when these say that they are busy: spans of ticks, nothing else."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

outside_calendars = Table(
    "outside_calendars",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("clinician_id", "people.id"),
    Column("address_sealed", LargeBinary, nullable=False),  # whoever has it can read the calendar
    Column("address_hash", LargeBinary, nullable=False),  # keyed, so that one address is added once
    Column("label_sealed", LargeBinary),  # what the clinician calls it
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("fault", Text, nullable=False),  # empty while all is well
    Column("created_at", UtcDateTime, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),  # when the last good copy was found to be in force
    Column("read_at", UtcDateTime, nullable=False),  # when it was read whole
    Column("tried_at", UtcDateTime, nullable=False),
    Column("next_try_at", UtcDateTime, nullable=False),
    UniqueConstraint("clinician_id", "address_hash"),
    Index(None, "next_try_at"),
)

outside_busy = Table(
    "outside_busy",
    METADATA,
    reference("calendar_id", "outside_calendars.id", key=True),
    Column("first_tick", Integer, primary_key=True, autoincrement=False),
    Column("end_tick", Integer, nullable=False),
    reference("clinician_id", "people.id"),
    CheckConstraint("first_tick < end_tick", name="order"),
    Index(None, "clinician_id", "first_tick"),
)
