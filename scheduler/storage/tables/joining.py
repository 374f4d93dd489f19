"""Join links, one-time codes, rooms and who is present in them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

join_links = Table(  # keyed on SHA-256 of the token's jti, never on the token's spelling
    "join_links",
    METADATA,
    Column("jti_hash", LargeBinary, primary_key=True),
    reference("session_id", "sessions.id"),
    reference("person_id", "people.id"),
    Column("jti_sealed", LargeBinary, nullable=False),  # so that a resend gives the same link
    Column("created_at", UtcDateTime, nullable=False),
    Column("viewed_at", UtcDateTime),
    Column("device_hash", LargeBinary, unique=True),  # the browser that proved last; a second takes its place
    Column("proof", Text),
    Column("proved_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    UniqueConstraint("session_id", "person_id"),
    Index(None, "person_id"),
)

codes = Table(  # eight-digit e-mail codes, for sign-in and for joining
    "codes",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("person_id", "people.id", optional=True),  # null: a decoy for an address that nobody has
    Column("purpose", Text, nullable=False),  # sign_in, join
    Column("target_hash", LargeBinary, nullable=False),  # what it opens: the join link, or the sign-in page
    Column("browser_hash", LargeBinary, nullable=False),  # the browser that asked
    Column("code_hash", LargeBinary, nullable=False),
    Column("tries_left", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    CheckConstraint("tries_left >= 0", name="tries"),
    Index(None, "person_id", "purpose"),
    Index(None, "browser_hash"),
    Index(None, "expires_at"),
)

rooms = Table(
    "rooms",
    METADATA,
    reference("session_id", "sessions.id", key=True),
    Column("status", Text, nullable=False),  # closed, open, ended
    Column("is_locked", Boolean, nullable=False, server_default=false()),
    reference("opened_by", "people.id", optional=True),
    Column("opened_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index(None, "opened_by", "status"),
)

presences = Table(
    "presences",
    METADATA,
    reference("session_id", "sessions.id", key=True),
    reference("person_id", "people.id", key=True),
    Column("status", Text, nullable=False),  # preparing, waiting, admitted, turned_away, removed, left
    Column("proof", Text, nullable=False),
    Column("full_name_sealed", LargeBinary),
    Column("location_sealed", LargeBinary),  # shown to the care team for emergencies, never to family
    Column("call_back_sealed", LargeBinary),
    Column("arrived_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("admitted_at", UtcDateTime),
    reference("admitted_by", "people.id", optional=True),
    Column("left_at", UtcDateTime),
)
