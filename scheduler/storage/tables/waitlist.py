"""Who waits for a place in a group session.

A row of ``waiting_people`` stands only while its wait does, so that its key lets nobody wait twice.
"""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint

from scheduler.storage.columns import UtcDateTime
from scheduler.storage.tables.metadata import METADATA, reference

waitlist = Table(
    "waitlist",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("session_id", "sessions.id"),
    reference("client_id", "clients.person_id"),
    reference("asked_by", "people.id"),
    Column("seats", Integer, nullable=False),
    Column("position", Integer, nullable=False),  # counts from 1 in its session
    Column("asked_at", UtcDateTime, nullable=False),
    Column("status", Text, nullable=False),  # waiting, offered, taken, declined, lapsed, left, closed
    Column("offered_until", UtcDateTime),
    CheckConstraint("seats > 0", name="seats"),
    UniqueConstraint("session_id", "position"),
    Index(None, "client_id"),
    Index(None, "status"),
)

waiting_people = Table(
    "waiting_people",
    METADATA,
    reference("session_id", "sessions.id", key=True),
    reference("person_id", "people.id", key=True),
    reference("wait_id", "waitlist.id"),
    Index(None, "wait_id"),
)
