"""The audit log's entry: what is written about every act, as bytes that are hashed and kept verbatim.

An entry is one JSON object in the canonical form of RFC 8785 (JCS). It holds pseudonymous ids, codes and
times only; names, free text and before/after values are sealed beside it, and the entry holds the SHA-256 of
that *ciphertext*, so that personal data can be shredded without breaking the tree. Keys, in order::

    action       C, R, U, D or E (45 CFR 164.312(b); FHIR AuditEvent.action)
    actor        id, kind (person, system, nobody), proof, role
    at           aware UTC in microseconds, "2026-11-03T22:00:00.000000Z"
    client       id of the client it is about, or null
    detail_hash  SHA-256 (hex) of the sealed detail, or null
    disclosure   purpose, recipient, what: the fields of 42 CFR 2.25, or null
    entities     what it touched: id, kind, version
    event        noun.verb
    id           20 letters, unique
    nonce        128 bits (hex), so that no entry can be guessed from its hash
    outcome      success, denied or failure
    purpose      purpose of use
    reason       why it was denied or failed: the refusal's name, or null
    release      id of the consent that covers it, or null
    seq          1 for the first entry; its leaf index in the tree is seq - 1
    source       ip, request, software
    v            1

Canonical form needs nothing more than sorted ASCII keys and no spaces here, because the values are strings,
integers below 2**53, null and objects of these. Every act writes one, so its bytes are put together directly.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from json.encoder import encode_basestring as _quoted
from typing import Self

from scheduler import __version__
from scheduler.domain import ids
from scheduler.domain.people import Actor, Role

VERSION = 1
LARGEST_INTEGER = 2**53 - 1

_JCS = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


class Action(StrEnum):
    """What kind of act an event is (FHIR audit-event-action)."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"


class Event(StrEnum):
    """What happened, as ``noun.verb``; each value knows its `Action`. Add one at its alphabetical place."""

    action: Action

    def __new__(cls, value: str, action: Action) -> Self:
        """Return the member: a string that also carries its action."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.action = action
        return member

    ACCESS_DENIED = "access.denied", Action.EXECUTE
    ACCOUNTING_PRODUCED = "accounting.produced", Action.READ
    AUDIT_EXPORTED = "audit.exported", Action.READ
    AUDIT_SEARCHED = "audit.searched", Action.READ
    AUDIT_VERIFIED = "audit.verified", Action.EXECUTE
    BACKUP_MADE = "backup.made", Action.EXECUTE
    BACKUP_RESTORED = "backup.restored", Action.EXECUTE
    BREAK_GLASS_STARTED = "break_glass.started", Action.EXECUTE
    CARE_LEVEL_CHANGED = "care_level.changed", Action.UPDATE
    CERTIFICATE_MADE = "certificate.made", Action.READ
    CLIENT_READ = "client.read", Action.READ
    CLOCK_STEPPED = "clock.stepped", Action.EXECUTE
    CODE_SENT = "code.sent", Action.CREATE
    CREDIT_CORRECTED = "credit.corrected", Action.UPDATE
    CREDIT_GIVEN = "credit.given", Action.CREATE
    ENROLMENT_CREATED = "enrolment.created", Action.CREATE
    ENROLMENT_USED = "enrolment.used", Action.UPDATE
    ERROR_UNHANDLED = "error.unhandled", Action.EXECUTE
    EXPORT_DELETED = "export.deleted", Action.DELETE
    EXPORT_READ = "export.read", Action.READ
    FACTOR_ADDED = "factor.added", Action.CREATE
    FACTOR_REMOVED = "factor.removed", Action.DELETE
    FAMILY_ENROLLED = "family.enrolled", Action.CREATE
    FAMILY_WITHDRAWN = "family.withdrawn", Action.UPDATE
    FEED_CREATED = "feed.created", Action.CREATE
    FEED_READ = "feed.read", Action.READ
    FEED_REVOKED = "feed.revoked", Action.DELETE
    HOLD_MADE = "hold.made", Action.CREATE
    HOLD_RELEASED = "hold.released", Action.DELETE
    HOURS_CHANGED = "hours.changed", Action.UPDATE
    HOUSEHOLD_CHANGED = "household.changed", Action.UPDATE
    INQUIRY_CANCELLED = "inquiry.cancelled", Action.UPDATE
    INQUIRY_FORGOTTEN = "inquiry.forgotten", Action.DELETE
    INQUIRY_MADE = "inquiry.made", Action.CREATE
    INQUIRY_MISSED = "inquiry.missed", Action.UPDATE
    INQUIRY_MOVED = "inquiry.moved", Action.UPDATE
    INQUIRY_REACHED = "inquiry.reached", Action.UPDATE
    INQUIRY_READ = "inquiry.read", Action.READ
    INVITE_BOUNCED = "invite.bounced", Action.EXECUTE
    INVITE_REVOKED = "invite.revoked", Action.EXECUTE
    INVITE_SENT = "invite.sent", Action.EXECUTE
    KEY_ROTATED = "key.rotated", Action.UPDATE
    LINK_REVOKED = "link.revoked", Action.DELETE
    LINK_SENT = "link.sent", Action.CREATE
    LINK_VIEWED = "link.viewed", Action.READ
    LIST_EXPORTED = "list.exported", Action.READ
    LIST_SEARCHED = "list.searched", Action.READ
    NOTICE_SENT = "notice.sent", Action.EXECUTE
    OUTSIDE_CALENDAR_ADDED = "outside_calendar.added", Action.CREATE
    OUTSIDE_CALENDAR_REFRESHED = "outside_calendar.refreshed", Action.UPDATE
    OUTSIDE_CALENDAR_REMOVED = "outside_calendar.removed", Action.DELETE
    PERSON_ADDED = "person.added", Action.CREATE
    PERSON_ADMITTED = "person.admitted", Action.EXECUTE
    PERSON_ENDED = "person.ended", Action.UPDATE
    PERSON_LEFT = "person.left", Action.EXECUTE
    PERSON_LET_BACK = "person.let_back", Action.EXECUTE
    PERSON_PREPARED = "person.prepared", Action.UPDATE
    PERSON_READ = "person.read", Action.READ
    PERSON_REMOVED = "person.removed", Action.EXECUTE
    PERSON_TURNED_AWAY = "person.turned_away", Action.EXECUTE
    PERSON_WAITING = "person.waiting", Action.EXECUTE
    PLACE_ADDED = "place.added", Action.CREATE
    PLACE_DECLINED = "place.declined", Action.UPDATE
    PLACE_GIVEN_UP = "place.given_up", Action.UPDATE
    PLACE_LAPSED = "place.lapsed", Action.UPDATE
    PLACE_OFFERED = "place.offered", Action.UPDATE
    PROGRAM_ADDED = "program.added", Action.CREATE
    PROGRAM_CHANGED = "program.changed", Action.UPDATE
    PROOF_FAILED = "proof.failed", Action.EXECUTE
    PROOF_SUCCEEDED = "proof.succeeded", Action.EXECUTE
    PROPOSAL_ANSWERED = "proposal.answered", Action.UPDATE
    PROPOSAL_LAPSED = "proposal.lapsed", Action.UPDATE
    PROPOSAL_MADE = "proposal.made", Action.CREATE
    PROPOSAL_READ = "proposal.read", Action.READ
    PROPOSAL_WITHDRAWN = "proposal.withdrawn", Action.UPDATE
    RELEASE_CREATED = "release.created", Action.CREATE
    RELEASE_EXPIRED = "release.expired", Action.UPDATE
    RELEASE_REVOKED = "release.revoked", Action.UPDATE
    RELEASE_SENT_BACK = "release.sent_back", Action.UPDATE
    RELEASE_SIGNED = "release.signed", Action.UPDATE
    ROLE_CHANGED = "role.changed", Action.UPDATE
    ROOM_ENDED = "room.ended", Action.UPDATE
    ROOM_ENTERED = "room.entered", Action.EXECUTE
    ROOM_LOCKED = "room.locked", Action.UPDATE
    ROOM_OPENED = "room.opened", Action.UPDATE
    ROOM_UNLOCKED = "room.unlocked", Action.UPDATE
    SCHEMA_MIGRATED = "schema.migrated", Action.EXECUTE
    SESSION_ATTENDED = "session.attended", Action.UPDATE
    SESSION_BOOKED = "session.booked", Action.CREATE
    SESSION_CANCELLED = "session.cancelled", Action.UPDATE
    SESSION_MISSED = "session.missed", Action.UPDATE
    SESSION_MOVED = "session.moved", Action.UPDATE
    SESSION_OFFERED = "session.offered", Action.CREATE
    SESSION_READ = "session.read", Action.READ
    SESSION_REASSIGNED = "session.reassigned", Action.UPDATE
    SETTINGS_CHANGED = "settings.changed", Action.UPDATE
    SIGN_IN_ENDED = "sign_in.ended", Action.EXECUTE
    SIGN_IN_FAILED = "sign_in.failed", Action.EXECUTE
    SIGN_IN_LOCKED = "sign_in.locked", Action.EXECUTE
    SIGN_IN_SUCCEEDED = "sign_in.succeeded", Action.EXECUTE
    TELEHEALTH_CONSENTED = "telehealth.consented", Action.CREATE
    WAITLIST_CLOSED = "waitlist.closed", Action.UPDATE
    WAITLIST_JOINED = "waitlist.joined", Action.CREATE
    WAITLIST_LEFT = "waitlist.left", Action.DELETE
    WAITLIST_READ = "waitlist.read", Action.READ


class Outcome(StrEnum):
    """How it went."""

    SUCCESS = "success"
    DENIED = "denied"
    FAILURE = "failure"


class Purpose(StrEnum):
    """For what it was done (purpose of use, 45 CFR 164.506 and 164.512)."""

    TREATMENT = "treatment"
    OPERATIONS = "operations"
    SECURITY = "security"
    LEGAL = "legal"
    PATIENT_REQUEST = "patient_request"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that the act touched: ``kind`` is a word of the house ("session"); some have versions."""

    kind: str
    id: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What 42 CFR 2.25 makes accountable: to whom (an id), what (a code, no free text), for what purpose."""

    recipient: str
    what: str
    purpose: str


Detail = Mapping[str, object] | str


def detail_text(detail: Detail) -> str:
    """Return what is sealed beside an entry as JSON; a plain text becomes its ``note``."""
    return json.dumps({"note": detail} if isinstance(detail, str) else dict(detail), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Trail:
    """What an action carries to write its entries: who, when (aware UTC), and 16 random bytes.

    Drawn before the transaction, so that running the work again has the same effect.
    """

    actor: Actor
    at: datetime
    seed: bytes

    @property
    def act_id(self) -> str:
        """Return an id of the act, of which nothing in its entries can be guessed."""
        return ids.spelled(hashlib.sha256(b"act\0" + self.seed).digest())


@dataclass(frozen=True, slots=True)
class Facts:
    """What one entry says beside its trail, place and event."""

    outcome: Outcome = Outcome.SUCCESS
    reason: str | None = None
    client_id: str | None = None
    entities: Sequence[Entity] = ()
    purpose: Purpose = Purpose.OPERATIONS
    release_id: str | None = None
    disclosure: Disclosure | None = None


NO_MORE = Facts()


@dataclass(frozen=True, slots=True)
class Noted:
    """What one entry is made of: the event, its facts, and the detail that is sealed beside it, if any."""

    event: Event
    facts: Facts = NO_MORE
    detail: Detail | None = None


def entry_id(trail: Trail, seq: int) -> str:
    """Return the entry's id: 20 letters, five bits each, of SHA-256 over seed and place."""
    return ids.spelled(_drawn(trail, seq, b"id"))


def entry_bytes(
    trail: Trail, seq: int, event: Event, facts: Facts = NO_MORE, *, detail_hash: bytes | None = None
) -> bytes:
    """Return the entry as RFC 8785 bytes; id and nonce follow from (seed, seq) alone.

    Raises:
        ValueError: an integer is not below 2**53, or a text holds a lone surrogate.
    """
    if not 0 < seq <= LARGEST_INTEGER:
        raise ValueError("seq is out of range")
    sealed = None if detail_hash is None else detail_hash.hex()
    nonce = _drawn(trail, seq, b"nonce")[:16].hex()
    return (
        f'{{"action":"{event.action}","actor":{_actor(trail.actor)},"at":"{moment_text(trail.at)}",'
        f'"client":{_text(facts.client_id)},"detail_hash":{_text(sealed)},'
        f'"disclosure":{_disclosure(facts.disclosure)},"entities":[{",".join(map(_entity, facts.entities))}],'
        f'"event":"{event}","id":"{entry_id(trail, seq)}","nonce":"{nonce}",'
        f'"outcome":"{facts.outcome}","purpose":"{facts.purpose}","reason":{_text(facts.reason)},'
        f'"release":{_text(facts.release_id)},"seq":{seq},"source":{_source(trail.actor)},"v":{VERSION}}}'
    ).encode()


def canonical(value: Mapping[str, object]) -> bytes:
    """Return RFC 8785 bytes of an object with ASCII keys and no floats.

    Raises:
        ValueError: a text holds a lone surrogate.
    """
    return _JCS.encode(value).encode()


def moment_text(moment: datetime) -> str:
    """Return an aware moment as UTC text of fixed length, microseconds included."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def _drawn(trail: Trail, seq: int, use: bytes) -> bytes:
    return hashlib.sha256(b"hearth/audit/" + use + b"\0" + trail.seed + seq.to_bytes(8)).digest()


def _text(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


def _actor(actor: Actor) -> str:
    kind = "system" if actor.role is Role.SYSTEM else "person" if actor.person_id else "nobody"
    return f'{{"id":{_text(actor.person_id)},"kind":"{kind}","proof":"{actor.proof}","role":"{actor.role}"}}'


def _entity(entity: Entity) -> str:
    version = entity.version
    if version is not None and abs(version) > LARGEST_INTEGER:
        raise ValueError("version is out of range")
    number = "null" if version is None else str(version)
    return f'{{"id":{_quoted(entity.id)},"kind":{_quoted(entity.kind)},"version":{number}}}'


def _disclosure(disclosure: Disclosure | None) -> str:
    if disclosure is None:
        return "null"
    return (
        f'{{"purpose":{_quoted(disclosure.purpose)},"recipient":{_quoted(disclosure.recipient)},'
        f'"what":{_quoted(disclosure.what)}}}'
    )


def _source(actor: Actor) -> str:
    return (
        f'{{"ip":{_quoted(actor.source.ip)},"request":{_quoted(actor.source.request_id)},'
        f'"software":"{__version__}"}}'
    )
