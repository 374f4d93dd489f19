"""Every refusal as one tree; the web maps it to a status and a page in one place (``web/pages.py``).

::

    Refusal
    ├── NotSignedIn         401  nobody is signed in
    ├── Denied              403  the role may not do this (logged)
    │   └── StepUpNeeded    403  may do it after a fresh second proof
    ├── CrossOrigin         403  the request came from another site
    ├── NotFound            404  not there, or not yours: the two look alike (logged)
    ├── Taken               409  somebody else was first
    │   └── SlotTaken       409  the time is gone; carries the nearest free ones
    ├── NoLonger            410  it was, and is over; says the way forward
    │   ├── LinkUnusable    410  unknown, expired, revoked or someone else's: one page for all
    │   ├── HoldLapsed      410  the ten minutes are over
    │   └── SessionOver     410  cancelled or ended
    ├── TooLarge            413
    ├── Invalid             422  carries the words beside each field
    ├── TooManyRequests     429  carries the seconds to wait
    └── Unavailable         503  the database or the audit log cannot be written

Messages in these classes are for developers and hold no names; words for people live in templates.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from scheduler.domain.times import Interval


class Refusal(Exception):
    """An expected "no". ``status`` is the HTTP status, ``page`` the template in ``templates/refusals``."""

    status: ClassVar[int] = 400
    page: ClassVar[str] = "invalid"
    logged: ClassVar[bool] = False  # True: the denial gets an audit entry of its own


class NotSignedIn(Refusal):
    """Nobody is signed in, or the sign-in has ended."""

    status, page = 401, "not_signed_in"


class Denied(Refusal):
    """The actor's role, or relation to the thing, does not allow this."""

    status, page, logged = 403, "denied", True


class StepUpNeeded(Denied):
    """Allowed only within five minutes of a fresh second proof."""

    page = "step_up"


class CrossOrigin(Refusal):
    """A state change was asked for by a page of another origin."""

    status, page = 403, "cross_origin"


class NotFound(Refusal):
    """Not there, or not the actor's: deliberately the same (42 CFR 2.13(c))."""

    status, page, logged = 404, "not_found", True


class Taken(Refusal):
    """Somebody else was first."""

    status, page = 409, "taken"


class SlotTaken(Taken):
    """The wanted time is gone. ``nearest`` holds the nearest free times, soonest first, perhaps none."""

    def __init__(self, message: str = "slot taken", *, nearest: Sequence[Interval] = ()) -> None:
        super().__init__(message)
        self.nearest = tuple(nearest)


class NoLonger(Refusal):
    """It was, and is over."""

    status, page = 410, "gone"


class LinkUnusable(NoLonger):
    """A join link that opens nothing: unknown, expired, revoked or somebody else's, told alike."""

    page = "link_unusable"


class HoldLapsed(NoLonger):
    """The ten minutes of a hold are over and the time is no longer set aside."""


class SessionOver(NoLonger):
    """The session was cancelled or has ended."""


class TooLarge(Refusal):
    """The request's body is over the limit."""

    status, page = 413, "too_large"


class Invalid(Refusal):
    """Something typed cannot be right. ``errors`` maps a field's name to the words shown beside it."""

    status, page = 422, "invalid"

    def __init__(self, errors: Mapping[str, str], *, typed: Mapping[str, str] | None = None) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)
        self.typed = dict(typed or {})


class TooManyRequests(Refusal):
    """Too fast. ``retry_after`` is in seconds."""

    status, page = 429, "too_many"

    def __init__(self, retry_after: int = 60) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Unavailable(Refusal):
    """The database or the audit log cannot be written; nothing was changed and nothing shown."""

    status, page = 503, "unavailable"
    retry_after = 10
