"""One-time codes sent by mail: eight digits, for signing in and for joining.

::

    sent ──right──▶ used
     ├─wrong, four times at most──▶ sent
     ├─wrong, the fifth time──▶ locked   (no new code for a quarter of an hour; staff are told)
     └─ten minutes, or a newer code for the same browser──▶ gone

A code opens one *target* (a join link, the sign-in page) for one *browser*, and is kept as a keyed hash only.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

DIGITS = 8
TRIES = 5
LASTS = timedelta(minutes=10)
LOCK_LASTS = timedelta(minutes=15)
MOST_SENT = 5  # codes to one person for one purpose while `LOCK_LASTS` passes


class Purpose(StrEnum):
    """What a code is for."""

    JOIN = "join"
    SIGN_IN = "sign_in"
    STEP_UP = "step_up"


class Outcome(StrEnum):
    """How a try went. GONE: too late, used, replaced, or another browser's."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try of a code. ``person_id`` is whose code it was, None when there was none to try."""

    outcome: Outcome
    person_id: str | None = None
    tries_left: int = 0


def digits_of(secret: str) -> str:
    """Return eight decimal digits drawn from a fresh secret (`Services.new_secret`)."""
    number = int.from_bytes(hashlib.sha256(b"code\0" + secret.encode()).digest())
    return f"{number % 10**DIGITS:0{DIGITS}}"
