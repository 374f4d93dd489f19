"""Consent: a client's written release that names one family member (42 CFR 2.31), and when it is in force.

A release must hold nine elements; a deficient, expired or revoked one is never acted upon (2.31(c))::

    written ──signed──▶ in force ──revoked──▶ over
                           └──its date or event──▶ over

Each release names one person, so that revoking one leaves those of the others in force.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Element(StrEnum):
    """The nine elements of 42 CFR 2.31(a), in the rule's order; each is a field of `Release`."""

    CLIENT_NAME = "client_name"
    DISCLOSER = "discloser"
    SCOPE = "scope"
    RECIPIENT_NAME = "recipient_name"
    PURPOSE = "purpose"
    REVOCATION_TEXT = "revocation_text"
    EXPIRY = "expiry"
    SIGNATURE = "signature"
    SIGNED_AT = "signed_at"


@dataclass(frozen=True, slots=True)
class Release:
    """One client's consent that one person may be told something.

    ``discloser`` says who may tell, ``scope`` what exactly, ``purpose`` what for, ``revocation_text`` how the
    client can revoke it. It ends at ``expires_at`` (aware UTC), or upon ``expiry_event`` (words), whichever
    is given. ``signature`` is what the client signed with, opened personal data like both names.
    """

    id: str
    client_id: str
    person_id: str
    client_name: str
    recipient_name: str
    discloser: str
    scope: str
    purpose: str
    revocation_text: str
    expires_at: datetime | None = None
    expiry_event: str = ""
    signature: str = ""
    signed_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def missing_elements(self) -> tuple[Element, ...]:
        """The elements of 42 CFR 2.31(a) that it lacks, in the rule's order; none when it is complete."""
        has = {
            Element.CLIENT_NAME: self.client_name.strip(),
            Element.DISCLOSER: self.discloser.strip(),
            Element.SCOPE: self.scope.strip(),
            Element.RECIPIENT_NAME: self.recipient_name.strip(),
            Element.PURPOSE: self.purpose.strip(),
            Element.REVOCATION_TEXT: self.revocation_text.strip(),
            Element.EXPIRY: self.expires_at or self.expiry_event.strip(),
            Element.SIGNATURE: self.signature.strip(),
            Element.SIGNED_AT: self.signed_at,
        }
        return tuple(element for element in Element if not has[element])

    def is_active(self, now: datetime) -> bool:
        """Tell whether it may be acted upon at ``now`` (aware UTC)."""
        if self.missing_elements or self.signed_at is None or now < self.signed_at:
            return False
        if self.revoked_at is not None and self.revoked_at <= now:
            return False
        return self.expires_at is None or now < self.expires_at

    def signed(self, signature: str, at: datetime) -> "Release":
        """Return it with the client's signature."""
        return replace(self, signature=signature, signed_at=at)

    def revoked(self, at: datetime) -> "Release":
        """Return it revoked from ``at`` on; an earlier revocation stands."""
        return self if self.revoked_at is not None else replace(self, revoked_at=at)
