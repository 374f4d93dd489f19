"""People, their roles, and the actor: who is doing this, how proved, from where.

A person has one id for ever (45 CFR 164.312(a)(2)(i)). Names and addresses are personal data and are
sealed at rest; entries of the audit log hold ids only.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the program; the columns of the permission table (``permissions.py``)."""

    ANONYMOUS = "anonymous"
    LINK_HOLDER = "link_holder"
    FAMILY_MEMBER = "family_member"
    CLIENT = "client"
    CLINICIAN = "clinician"
    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


FAMILY = frozenset({Role.FAMILY_MEMBER, Role.CLIENT})
STAFF = frozenset(
    {Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}
)


class Proof(StrEnum):
    """How the actor proved who they are, weakest first."""

    NONE = "none"
    LINK = "link"
    EMAIL_CODE = "email_code"
    REMEMBERED_DEVICE = "remembered_device"
    DEMO = "demo"
    PASSKEY = "passkey"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from: the peer's address and the reference of the request."""

    ip: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is doing this, in which role.

    ``client_ids`` are the clients the actor belongs to: their own family's client, or, for care staff,
    the clients of whose care team they are. ``zone`` is an IANA name. ``sign_in_id`` names the signed-in
    browser, where there is one.
    """

    person_id: str | None
    role: Role
    proof: Proof = Proof.NONE
    client_ids: frozenset[str] = frozenset()
    stepped_up_at: datetime | None = None
    source: Source = field(default_factory=Source)
    zone: str = "UTC"
    sign_in_id: str | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for the program."""
        return self.role in STAFF

    @property
    def is_family(self) -> bool:
        """Whether the actor is a family member or a client."""
        return self.role in FAMILY


SYSTEM = Actor(person_id=None, role=Role.SYSTEM, proof=Proof.SYSTEM)


@dataclass(frozen=True, slots=True)
class Person:
    """One human. ``name``, ``email``, ``phone`` are opened personal data; ``zone`` is an IANA name.

    ``duty`` is what a clinician does ("family therapist"), empty for everyone else.
    """

    id: str
    role: Role
    name: str
    email: str
    zone: str
    language: str = "en"
    phone: str = ""
    duty: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """A person related to one client: ``relation`` in plain words ("mother"), ``household`` a label.

    ``is_guardian`` says that they decide for the client, or with them (see `households.Quorum`).
    """

    person_id: str
    client_id: str
    relation: str
    household: str = ""
    is_guardian: bool = False


class CareLevel(StrEnum):
    """How much care a client has at present; never shown to families."""

    PHP = "php"
    IOP = "iop"
    OUTPATIENT = "outpatient"
    ALUMNI = "alumni"


@dataclass(frozen=True, slots=True)
class Client:
    """The person in treatment. ``care_level`` is one of `CareLevel`.

    ``privilege_holder`` says who decides for a minor: "self" or "guardian" (Cal. Fam. Code 6924).
    """

    person_id: str
    care_level: str
    is_minor: bool = False
    privilege_holder: str = "self"

    @property
    def signs_releases(self) -> bool:
        """Whether they sign releases themselves; for some minors a guardian does."""
        return not self.is_minor or self.privilege_holder == "self"
