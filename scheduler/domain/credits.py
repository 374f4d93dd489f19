"""Credit for a step: from the minutes a person was present, by the server's clock, or given by staff.

Being connected twice at once counts once; what was before the session's start does not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Stay:
    """One person in the room of a session, from the moment they were connected; None while they still are."""

    person_id: str
    entered_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """A person's credit for a step, or that staff took it away.

    ``minutes`` are those that gave it; ``decided_by`` and ``reason`` are of staff who did.
    """

    step_id: str
    person_id: str
    is_given: bool
    at: datetime
    minutes: int | None = None
    decided_by: str | None = None
    reason: str = ""


def minutes_present(stays: Iterable[Stay], *, since: datetime, until: datetime) -> int:
    """Return for how many whole minutes between two moments at least one of one person's stays lasted."""
    total, counted_to = timedelta(), since
    for stay in sorted(stays, key=lambda one: one.entered_at):
        begins, ends = max(stay.entered_at, counted_to), min(stay.left_at or until, until)
        if ends > begins:
            total += ends - begins
            counted_to = ends
    return total // timedelta(minutes=1)
