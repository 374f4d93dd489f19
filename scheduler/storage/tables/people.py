"""People, their ties, their consent and how they sign in."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, false

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

people = Table(
    "people",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("email_sealed", LargeBinary, nullable=False),
    Column("email_hash", LargeBinary, nullable=False, unique=True),
    Column("phone_sealed", LargeBinary),
    Column("code_email_sealed", LargeBinary),  # another address for codes, where the person gave one
    Column("zone", Text, nullable=False),
    Column("language", Text, nullable=False, server_default="en"),
    Column("duty", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

clients = Table(
    "clients",
    METADATA,
    reference("person_id", "people.id", key=True),
    Column("care_level", Text, nullable=False),
    Column("is_minor", Boolean, nullable=False, server_default=false()),
    Column("privilege_holder", Text, nullable=False, server_default="self"),
)

family_members = Table(
    "family_members",
    METADATA,
    reference("person_id", "people.id", key=True),
    reference("client_id", "clients.person_id"),
    Column("relation", Text, nullable=False),
    Column("household", Text, nullable=False, server_default=""),
    Column("is_guardian", Boolean, nullable=False, server_default=false()),
    Index(None, "client_id"),
)

care_team = Table(
    "care_team",
    METADATA,
    reference("client_id", "clients.person_id", key=True),
    reference("person_id", "people.id", key=True),
    Index(None, "person_id"),
)

telehealth_consents = Table(  # Cal. B&P 2290.5
    "telehealth_consents",
    METADATA,
    reference("client_id", "clients.person_id", key=True),
    Column("consented_at", UtcDateTime, nullable=False),
    reference("recorded_by", "people.id", optional=True),
)

challenges = Table(  # what a passkey is asked to sign: bound to a browser, for minutes, once
    "challenges",
    METADATA,
    Column("browser_hash", LargeBinary, primary_key=True),
    Column("challenge", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),  # add, enrol, sign_in, step_up
    reference("person_id", "people.id", optional=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    Index(None, "person_id"),
)

sign_ins = Table(
    "sign_ins",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    reference("person_id", "people.id"),
    Column("proof", Text, nullable=False),
    Column("browser", Text, nullable=False, server_default=""),  # "Firefox on Android", never the full header
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("is_remembered", Boolean, nullable=False, server_default=false()),  # a family device, for 30 days
    Column("stepped_up_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index(None, "person_id"),
)

passkeys = Table(
    "passkeys",
    METADATA,
    Column("credential_id", LargeBinary, primary_key=True),
    reference("person_id", "people.id"),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Index(None, "person_id"),
)

enrolments = Table(  # one-time links with which staff enrol their first passkey
    "enrolments",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    reference("person_id", "people.id"),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Index(None, "person_id"),
)
