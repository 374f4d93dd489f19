"""Passkeys: how people of staff prove who they are (45 CFR 164.312(d)), and the one-time link to the first.

::

    enrolment link ──48 h, or a newer link──▶ over
        └──first passkey made──▶ used
    challenge ──5 min──▶ over
        └──answered, rightly or not──▶ used

A passkey signs a challenge that this browser was given, for this site only, after the device has verified
its person (WebAuthn level 3, sections 7.1 and 7.2). Its counter never goes back: that would be a copy.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ENROLMENT_LASTS = timedelta(hours=48)
CHALLENGE_LASTS = timedelta(minutes=5)
LONGEST_LABEL = 60


class Purpose(StrEnum):
    """What a challenge is answered for; an answer for one never counts for another."""

    ADD = "add"
    ENROL = "enrol"
    SIGN_IN = "sign_in"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A person's key: the public half, and how often it was used as far as it tells (0: it does not)."""

    credential_id: bytes
    person_id: str
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a browser was asked to have signed; ``person_id`` is None where anybody may answer."""

    challenge: bytes
    purpose: Purpose
    person_id: str | None
    expires_at: datetime


class PasskeyRefused(Exception):
    """A passkey's answer does not prove anything; the message says why, for the log, and names nobody."""
