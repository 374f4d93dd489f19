"""The whole schema, one file per group of terms, on one ``METADATA``; the migrations follow it.

Columns ending in ``_sealed`` hold AES-256-GCM ciphertext bound to their table, column and row; columns
ending in ``_hash`` hold keyed or plain SHA-256 digests for look-ups. Moments end in ``_at`` and are UTC.
"""

from scheduler.storage.tables.audit import (
    audit_checkpoints,
    audit_details,
    audit_entries,
    audit_head,
    exports,
)
from scheduler.storage.tables.households import apart
from scheduler.storage.tables.inquiries import inquiries
from scheduler.storage.tables.joining import codes, join_links, presences, rooms
from scheduler.storage.tables.limits import limits, travels
from scheduler.storage.tables.metadata import METADATA
from scheduler.storage.tables.notices import feeds, notices
from scheduler.storage.tables.outside_calendars import outside_busy, outside_calendars
from scheduler.storage.tables.people import (
    care_team,
    challenges,
    clients,
    enrolments,
    family_members,
    passkeys,
    people,
    sign_ins,
    telehealth_consents,
)
from scheduler.storage.tables.program import (
    co_hosts,
    enrolled_families,
    offering_exceptions,
    offerings,
    programs,
    step_needs,
    steps,
)
from scheduler.storage.tables.proposals import (
    proposal_answers,
    proposal_people,
    proposal_times,
    proposals,
)
from scheduler.storage.tables.releases import release_scans, releases
from scheduler.storage.tables.scheduling import (
    bookings,
    days_off,
    extra_hours,
    holds,
    kinds,
    kinds_offered,
    places,
    sessions,
    taken_ticks,
    weekly_hours,
)
from scheduler.storage.tables.step_credits import stays, step_credits
from scheduler.storage.tables.waitlist import waiting_people, waitlist

__all__ = [
    "METADATA",
    "apart",
    "audit_checkpoints",
    "audit_details",
    "audit_entries",
    "audit_head",
    "bookings",
    "care_team",
    "challenges",
    "clients",
    "co_hosts",
    "codes",
    "days_off",
    "enrolled_families",
    "enrolments",
    "exports",
    "extra_hours",
    "family_members",
    "feeds",
    "holds",
    "inquiries",
    "join_links",
    "kinds",
    "kinds_offered",
    "limits",
    "notices",
    "offering_exceptions",
    "offerings",
    "outside_busy",
    "outside_calendars",
    "passkeys",
    "people",
    "places",
    "presences",
    "programs",
    "proposal_answers",
    "proposal_people",
    "proposal_times",
    "proposals",
    "release_scans",
    "releases",
    "rooms",
    "sessions",
    "sign_ins",
    "stays",
    "step_credits",
    "step_needs",
    "steps",
    "taken_ticks",
    "telehealth_consents",
    "travels",
    "waiting_people",
    "waitlist",
    "weekly_hours",
]
