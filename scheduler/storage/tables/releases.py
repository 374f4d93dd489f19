"""Releases and the scans of those that were signed on paper."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, Text, false

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

releases = Table(  # the nine elements of 42 CFR 2.31(a); the names are those of the two people referred to
    "releases",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("client_id", "clients.person_id"),
    reference("person_id", "people.id"),
    Column("words_sealed", LargeBinary),  # JSON: discloser, scope, purpose, revocation_text, expiry_event
    Column("discloser", Text, nullable=False, server_default=""),  # this and three more, and `expiry_event`:
    Column("scope", Text, nullable=False, server_default=""),  # only of releases that were kept
    Column("purpose", Text, nullable=False, server_default=""),  # before their words were sealed
    Column("revocation_text", Text, nullable=False, server_default=""),
    Column("signature_sealed", LargeBinary),
    Column("signed_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Column("expiry_event", Text, nullable=False, server_default=""),
    Column("revoked_at", UtcDateTime),
    reference("recorded_by", "people.id", optional=True),
    Column("scope_choice", Text),
    Column("text_version", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=""),
    Column("shown_sealed", LargeBinary),  # JSON: the text that was signed, and its SHA-256
    Column("is_paper", Boolean, nullable=False, server_default=false()),
    Column("created_at", UtcDateTime),
    reference("decided_by", "people.id", optional=True),  # who approved paper, or sent it back
    Column("approved_at", UtcDateTime),
    Column("sent_back_at", UtcDateTime),
    Column("sent_back_reason_sealed", LargeBinary),
    reference("revoked_by", "people.id", optional=True),
    Column("revocation_sealed", LargeBinary),  # JSON: when the client said so, and why
    Column("expired_at", UtcDateTime),  # when its date had passed, or its event was noted
    reference("renews_id", "releases.id", optional=True),
    Index(None, "person_id", "client_id"),
    Index(None, "client_id"),
    Index(None, "expires_at"),
)

release_scans = Table(
    "release_scans",
    METADATA,
    reference("release_id", "releases.id", key=True),
    Column("media_type", Text, nullable=False),  # found in its bytes: PDF, JPEG or PNG
    Column("scan_sealed", LargeBinary, nullable=False),
)
