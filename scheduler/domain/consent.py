"""Consent: a client's written release that names one family member (42 CFR 2.31), and when it is in force.

A release must hold nine elements; a deficient, expired or revoked one is never acted upon (2.31(c))::

    to sign ──the client signs──────────────▶ in force ──revoked──▶ revoked
    to approve (on paper) ──another of staff──▶   └──its date or event──▶ ended
        └──sent back with a reason──▶ sent back

Each release names one person, so that revoking one leaves those of the others in force. What is not in force
yet can be revoked too, and ends on its date.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from scheduler.domain.errors import Invalid
from scheduler.domain.times import day_of, instant_of

LONGEST = timedelta(days=5 * 366)  # later dates are slips of the pen
USUALLY_LASTS = timedelta(days=365)  # what a form begins with
RENEWABLE_BEFORE = timedelta(days=60)


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


WRITTEN = frozenset(Element) - {Element.SIGNATURE, Element.SIGNED_AT}  # what is there before it is signed
BESIDE: Mapping[Element, tuple[str, str]] = MappingProxyType(  # the field, and the words beside it
    {
        Element.CLIENT_NAME: ("client_name", "Please write the name of the client."),
        Element.DISCLOSER: ("discloser", "Please write who may tell it."),
        Element.SCOPE: ("scope", "Please choose what may be told."),
        Element.RECIPIENT_NAME: ("person_id", "Please choose who may be told."),
        Element.PURPOSE: ("purpose", "Please write what it is for."),
        Element.REVOCATION_TEXT: ("revocation_text", "Please write how it can be revoked."),
        Element.EXPIRY: ("expires_on", "Please give a last day, or what ends it."),
        Element.SIGNATURE: ("signature", "Please write the name that it is signed with."),
        Element.SIGNED_AT: ("signed_on", "Please give the day on which it was signed."),
    }
)
PAST_DAY_WORDS = "Please choose a day that lies ahead, within five years."
FUTURE_DAY_WORDS = "This day has not come yet. Please look at it again."


class Scope(StrEnum):
    """What may be told, in three steps; the words of each are in the release's text."""

    ATTENDANCE = "attendance"
    SCHEDULING = "scheduling"
    TREATMENT = "treatment"


class State(StrEnum):
    """Where a release stands; the states of the module's drawing.

    INCOMPLETE: signed, but an element is missing, so that nothing may be told by it.
    """

    TO_SIGN = "to_sign"
    TO_APPROVE = "to_approve"
    SENT_BACK = "sent_back"
    INCOMPLETE = "incomplete"
    IN_FORCE = "in_force"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Release:
    """One client's consent that one person may be told something.

    ``discloser`` says who may tell, ``scope`` what exactly, ``purpose`` what for, ``revocation_text`` how the
    client can revoke it. It ends at ``expires_at`` (aware UTC), or upon ``expiry_event`` (words), whichever
    is given, the earlier of both; ``expired_at`` is when that was noted. ``signature`` is what the client
    signed with. Names, words and signature are opened personal data.

    One recorded from paper (``is_paper``, by ``recorded_by``) is in force once somebody else has approved it.
    ``text_version`` and ``language`` name the text that the client is shown; empty for paper.
    ``renews_id`` is the release whose place it takes.
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
    scope_choice: Scope | None = None
    text_version: str = ""
    language: str = ""
    is_paper: bool = False
    created_at: datetime | None = None
    recorded_by: str | None = None
    approved_at: datetime | None = None
    sent_back_at: datetime | None = None
    expired_at: datetime | None = None
    renews_id: str | None = None

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

    def check(self, elements: Collection[Element] = frozenset(Element)) -> None:
        """Return when it lacks none of these elements.

        Raises:
            Invalid: some are missing; holds the words beside the field of each.
        """
        missing = [element for element in self.missing_elements if element in elements]
        if missing:
            raise Invalid(dict(BESIDE[element] for element in missing))

    def is_active(self, now: datetime) -> bool:
        """Tell whether it may be acted upon at ``now`` (aware UTC)."""
        return self.state(now) is State.IN_FORCE and self.signed_at is not None and self.signed_at <= now

    def state(self, now: datetime) -> State:
        """Return where it stands at ``now`` (aware UTC)."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return State.REVOKED
        if self.expired_at is not None or (self.expires_at is not None and self.expires_at <= now):
            return State.ENDED
        if self.sent_back_at is not None:
            return State.SENT_BACK
        if self.signed_at is None:
            return State.TO_SIGN
        if self.is_paper and self.approved_at is None:
            return State.TO_APPROVE
        return State.INCOMPLETE if self.missing_elements else State.IN_FORCE

    def is_ending(self, now: datetime) -> bool:
        """Tell whether it is in force and ends so soon that it can be renewed."""
        if self.state(now) is not State.IN_FORCE or self.expires_at is None:
            return False
        return self.expires_at - now <= RENEWABLE_BEFORE

    def last_day(self, zone: str) -> date | None:
        """Return the last local day on which it is in force, None where no date ends it."""
        return None if self.expires_at is None else day_of(self.expires_at - timedelta(microseconds=1), zone)

    def ended_on(self, zone: str) -> date | None:
        """Return the local day on which it ended: its last one, or that of its event; None if it has not."""
        last_day, noted = self.last_day(zone), self.expired_at
        if noted is None or (self.expires_at is not None and self.expires_at <= noted):
            return last_day
        return day_of(noted, zone)

    def signed(self, signature: str, at: datetime) -> "Release":
        """Return it with the client's signature."""
        return replace(self, signature=signature, signed_at=at)

    def revoked(self, at: datetime) -> "Release":
        """Return it revoked from ``at`` on; an earlier revocation stands."""
        return self if self.revoked_at is not None else replace(self, revoked_at=at)


def end_of(last_day: date | None, zone: str, *, now: datetime) -> datetime | None:
    """Return the moment after a last local day (aware UTC), None where none is given.

    Raises:
        Invalid: the day is over, or too far ahead.
    """
    if last_day is None:
        return None
    if not day_of(now, zone) <= last_day <= day_of(now + LONGEST, zone):
        raise Invalid({"expires_on": PAST_DAY_WORDS})
    return instant_of(last_day + timedelta(days=1), 0, zone)


def signed_on(day: date | None, zone: str, *, now: datetime) -> datetime | None:
    """Return the beginning of the local day on which paper was signed (aware UTC), None where none is given.

    Raises:
        Invalid: the day has not come yet.
    """
    if day is None:
        return None
    if day > day_of(now, zone):
        raise Invalid({"signed_on": FUTURE_DAY_WORDS})
    return instant_of(day, 0, zone)


def is_same_name(one: str, another: str) -> bool:
    """Tell whether two names are the same but for capitals and spaces."""
    return " ".join(one.split()).casefold() == " ".join(another.split()).casefold()
