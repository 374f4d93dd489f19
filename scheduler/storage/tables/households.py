"""Who of a family is kept apart from whom."""

from sqlalchemy import Column, Index, Table

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

apart = Table(  # each pair stands here both ways round
    "apart",
    METADATA,
    reference("person_id", "people.id", key=True),
    reference("other_id", "people.id", key=True),
    reference("client_id", "clients.person_id"),
    Column("since", UtcDateTime, nullable=False),
    Index(None, "client_id"),
)
