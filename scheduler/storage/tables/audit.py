"""The audit log: entries (the leaves of an RFC 6962 tree), checkpoints, sealed details, exports.

Rows of entries, details' hashes and checkpoints are never changed; triggers refuse UPDATE and DELETE (a
sealed detail may be deleted, which is how personal data is shredded without breaking the tree).
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

audit_entries = Table(
    "audit_entries",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("leaf", LargeBinary, nullable=False),  # the JCS bytes, verbatim
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("actor_id", Text),
    Column("client_id", Text),
    Column("session_id", Text),
    Index(None, "at"),
    Index(None, "event", "seq"),
    Index(None, "actor_id", "seq"),
    Index(None, "client_id", "seq"),
)

audit_details = Table(
    "audit_details",
    METADATA,
    Column("entry_id", Text, primary_key=True),
    Column("detail_sealed", LargeBinary, nullable=False),
)

audit_head = Table(  # one row: how many entries there are; locking it orders the log
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

audit_checkpoints = Table(
    "audit_checkpoints",
    METADATA,
    Column("size", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("peaks", LargeBinary, nullable=False),  # the compact range: 32 bytes a peak, largest first
    Column("note", Text, nullable=False),  # the C2SP signed note
    Column("signed_at", UtcDateTime, nullable=False),
)

exports = Table(
    "exports",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("requested_by", "people.id"),
    Column("purpose_sealed", LargeBinary, nullable=False),
    Column("filters", Text, nullable=False),  # JSON of ids and times, no personal data
    Column("status", Text, nullable=False),  # queued, running, ready, failed, deleted
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("entries", Integer, nullable=False, server_default="0"),  # in the bundle, once it is ready
    Column("requested_at", UtcDateTime, nullable=False),
    Column("touched_at", UtcDateTime, nullable=False),  # when progress was last told
    Column("finished_at", UtcDateTime),
    Index(None, "status"),
)
