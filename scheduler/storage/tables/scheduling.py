"""Hours, kinds, sessions and who has taken which time.

``taken_ticks`` is what makes double booking impossible: one row per five minutes of every person's taken
time, pauses included, with (person, tick) as its primary key; a tick is the number of whole five-minute
steps since 1970 in UTC. Holds are rows in the same table.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
    text,
    true,
)

from scheduler.storage.columns import Lines, UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

_IS_ALONE = text("proposal_id IS NULL")

kinds = Table(
    "kinds",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("pause_before", Integer, nullable=False),  # minutes
    Column("pause_after", Integer, nullable=False),  # minutes
    Column("start_step", Integer, nullable=False),  # minutes between possible starts
    Column("least_notice", Integer, nullable=False),  # minutes
    Column("horizon_days", Integer, nullable=False),
    Column("education_only", Boolean, nullable=False, server_default=false()),
    Column("is_bookable", Boolean, nullable=False, server_default=true()),
    Column("duties", Lines, nullable=False, server_default=""),  # whom it takes at once, the host first
    Column("needs_guardian", Boolean, nullable=False, server_default=false()),
    Column("client_part", Text, nullable=False, server_default="may"),  # may, must, must_not
)

kinds_offered = Table(
    "kinds_offered",
    METADATA,
    reference("kind_id", "kinds.id", key=True),
    reference("clinician_id", "people.id", key=True),
    Index(None, "clinician_id"),
)

weekly_hours = Table(
    "weekly_hours",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("clinician_id", "people.id"),
    Column("weekday", Integer, nullable=False),  # 0 is Monday
    Column("starts", Integer, nullable=False),  # minutes of the wall day in the clinician's zone
    Column("ends", Integer, nullable=False),
    CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="block"),
    Index(None, "clinician_id"),
)

days_off = Table(
    "days_off",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("clinician_id", "people.id"),
    Column("first_date", Date, nullable=False),
    Column("last_date", Date, nullable=False),
    CheckConstraint("first_date <= last_date", name="order"),
    Index(None, "clinician_id"),
)

extra_hours = Table(
    "extra_hours",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("clinician_id", "people.id"),
    Column("date", Date, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    Column("instead", Boolean, nullable=False, server_default=false()),  # of the weekly hours of that date
    CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="block"),
    Index(None, "clinician_id"),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("kind_id", "kinds.id"),
    reference("host_id", "people.id"),
    reference("offering_id", "offerings.id", optional=True),
    Column("offering_date", Date),  # which date of the offering it is held for; none where called off by it
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("status", Text, nullable=False),  # booked, cancelled, attended, missed
    Column(
        "capacity", Integer, nullable=False
    ),  # a group's places for family members; 0 for one family alone
    Column("places_taken", Integer, nullable=False, server_default="0"),
    Column("room_name", Text, nullable=False, unique=True),  # unguessable, 128 random bits
    CheckConstraint("starts_at < ends_at", name="order"),
    CheckConstraint("places_taken <= capacity", name="capacity"),
    Index(None, "host_id", "starts_at"),
    Index(None, "offering_id", "offering_date", unique=True),  # one session a date, whoever creates it
    Index(None, "starts_at"),
)

bookings = Table(
    "bookings",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("session_id", "sessions.id"),
    reference("client_id", "clients.person_id"),
    reference("booked_by", "people.id"),
    Column("status", Text, nullable=False),  # booked, cancelled, attended, missed
    Column("topic_sealed", LargeBinary),  # "what would you like to talk about?"
    Column("reason_sealed", LargeBinary),  # why it was moved or cancelled
    Column("booked_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index(None, "session_id"),
    Index(None, "client_id"),
)

places = Table(
    "places",
    METADATA,
    reference("session_id", "sessions.id", key=True),
    reference("person_id", "people.id", key=True),
    reference(
        "client_id", "clients.person_id", optional=True
    ),  # the family the seat belongs to; none for staff
    Column("duty", Text, nullable=False),  # host, co_host, member
    Column("status", Text, nullable=False),  # booked, cancelled, attended, missed
    Column(
        "sequence", Integer, nullable=False, server_default="0"
    ),  # RFC 5545 SEQUENCE of this person's invite
    Column("left_starts_at", UtcDateTime),  # the session's time when its person left a session that went on
    Column("left_ends_at", UtcDateTime),
    Index(None, "person_id", "session_id"),
)

holds = Table(
    "holds",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("person_id", "people.id"),  # who holds
    reference("clinician_id", "people.id"),
    reference("kind_id", "kinds.id"),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    reference("proposal_id", "proposals.id", optional=True),  # one of the times that the person proposes
    Index(  # one hold a person, beside those of a proposal
        None, "person_id", unique=True, sqlite_where=_IS_ALONE, postgresql_where=_IS_ALONE
    ),
    Index(None, "proposal_id"),
    Index(None, "expires_at"),
)

taken_ticks = Table(
    "taken_ticks",
    METADATA,
    reference("person_id", "people.id", key=True),
    Column("tick", Integer, primary_key=True, autoincrement=False),
    reference("session_id", "sessions.id", optional=True),
    reference("hold_id", "holds.id", optional=True),
    CheckConstraint("(session_id IS NULL) <> (hold_id IS NULL)", name="one_owner"),
    Index(None, "session_id"),
    Index(None, "hold_id"),
    sqlite_with_rowid=False,
)
