"""Sign-ins: a signed-in browser, and for how long it counts (45 CFR 164.312(a)(2)(iii)).

::

    signed in ──rest of 15 min (staff; 30 while hosting a room) or 30 min (family)──▶ resting ──▶ over
        ├──signed out, ended from another browser, person ended──────────────────────────────────▲
        └──12 h; 30 days on a family device that is to be remembered─────────────────────────────┘

A *remembered* family device that rests is not over: it shows no page with names, but brings its person to the
door of a session without a new code.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.domain.people import STAFF, Actor, Proof, Role, Source

LASTS = timedelta(hours=12)
REMEMBERED_LASTS = timedelta(days=30)
HOST_RESTS = timedelta(minutes=30)
SEEN_EVERY = timedelta(seconds=60)  # how exactly `seen_at` is kept


class Standing(StrEnum):
    """What a sign-in counts for at a moment."""

    SIGNED_IN = "signed_in"
    REMEMBERED = "remembered"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One signed-in browser. Moments are aware UTC; ``browser`` is "Firefox on Android", never more."""

    id: str
    person_id: str
    proof: Proof
    browser: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_remembered: bool = False
    stepped_up_at: datetime | None = None
    ended_at: datetime | None = None

    def standing(self, now: datetime, rests: timedelta) -> Standing:
        """Return what it counts for, where it may rest for ``rests`` between two requests."""
        if self.ended_at is not None or now >= self.expires_at:
            return Standing.OVER
        if now - self.seen_at < rests:
            return Standing.SIGNED_IN
        return Standing.REMEMBERED if self.is_remembered else Standing.OVER

    def is_to_be_seen(self, now: datetime) -> bool:
        """Tell whether ``seen_at`` is old enough to be written anew."""
        return now - self.seen_at >= SEEN_EVERY


@dataclass(frozen=True, slots=True)
class Found:
    """A sign-in with what is known of its person, as an `Actor` needs it."""

    sign_in: SignIn
    role: Role
    zone: str
    client_ids: frozenset[str]
    is_hosting: bool = False

    def rests(self, *, staff: timedelta, family: timedelta) -> timedelta:
        """Return for how long this person's browser may rest; a host a little longer."""
        if self.role not in STAFF:
            return family
        return max(staff, HOST_RESTS) if self.is_hosting else staff

    def actor(self, source: Source) -> Actor:
        """Return the person as the actor of a request."""
        return Actor(
            person_id=self.sign_in.person_id,
            role=self.role,
            proof=self.sign_in.proof,
            client_ids=self.client_ids,
            stepped_up_at=self.sign_in.stepped_up_at,
            source=source,
            zone=self.zone,
            sign_in_id=self.sign_in.id,
        )

    def remembered_actor(self, source: Source) -> Actor:
        """Return the person as the holder of a link on a remembered device, who sees no page with names."""
        return Actor(
            person_id=self.sign_in.person_id,
            role=Role.LINK_HOLDER,
            proof=Proof.REMEMBERED_DEVICE,
            source=source,
            zone=self.zone,
            sign_in_id=self.sign_in.id,
        )


def expires_at(role: Role, *, is_remembered: bool, now: datetime) -> datetime:
    """Return the latest end of a sign-in made now; staff are never remembered."""
    return now + (REMEMBERED_LASTS if is_remembered and role not in STAFF else LASTS)
