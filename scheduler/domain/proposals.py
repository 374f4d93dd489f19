"""Proposals: finding a time together. A family member proposes up to five times, each held for real; the
others mark what works; the first time that is settled books itself, and the rest are free again.

::

    open ──an answer settles a time──▶ booked      the session is there, the other times are free
      ├───nobody settled one in time─▶ lapsed      also when the last of its times was lost
      └───taken back by its proposer─▶ withdrawn

    a time: held ──too soon, or somebody is elsewhere then──▶ lost; the proposal goes on with the others

A time is settled when enough of those asked have said that it works (all or one of them, as the proposer
chose), they may meet, and with the proposer they are who must take part in such a session. A proposal or a
time that has lapsed keeps nothing, even before the job has cleared it. So that nobody holds a whole calendar,
there is one open proposal for each proposer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.domain.availability import Kind
from scheduler.domain.errors import Invalid
from scheduler.domain.households import Family
from scheduler.domain.times import Interval

MOST_TIMES = 5
NO_TIMES_WORDS = "Please choose at least one time."
TOO_MANY_WORDS = "Please choose five times at most."
CANNOT_ASK_WORDS = "We cannot ask all of these people here. Please choose fewer, or call the program."
NOBODY_WORDS = "Please choose whom you want to ask."
ASKED_ALREADY_WORDS = (
    "You have asked about other times already. Take these back first; you find them on your page."
)


class Status(StrEnum):
    """Where a proposal stands; the states of the module's drawing."""

    OPEN = "open"
    BOOKED = "booked"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Time:
    """One of the times: its id is that of its hold, which lasts until ``held_until``, None where it is gone.

    ``answers`` says of each who has answered whether the time works for them.
    """

    id: str
    interval: Interval
    held_until: datetime | None
    answers: Mapping[str, bool] = field(default_factory=dict)

    def is_held(self, now: datetime) -> bool:
        """Tell whether it is still set aside."""
        return self.held_until is not None and now < self.held_until

    def lasts_until(self, kind: Kind, expires_at: datetime) -> datetime:
        """Return when it lapses: with its proposal, or where it becomes too soon for its kind."""
        return min(expires_at, self.interval.starts_at - timedelta(minutes=kind.least_notice))


@dataclass(frozen=True, slots=True)
class Proposal:
    """Times of a kind that ``proposed_by`` asks others of the family about, soonest first.

    ``needs_all`` says that a time has to work for all of those ``asked``; else one of them is enough.
    """

    id: str
    client_id: str
    kind_id: str
    proposed_by: str
    asked: tuple[str, ...]
    times: tuple[Time, ...]
    needs_all: bool
    expires_at: datetime
    status: Status = Status.OPEN
    session_id: str | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Return everyone's ids, the proposer's first."""
        return (self.proposed_by, *self.asked)

    def is_open(self, now: datetime) -> bool:
        """Tell whether it can be answered."""
        return self.status is Status.OPEN and now < self.expires_at

    def held(self, now: datetime) -> tuple[Time, ...]:
        """Return the times that are still set aside."""
        return tuple(one for one in self.times if one.is_held(now))

    def has_answered(self, person_id: str) -> bool:
        """Tell whether the person has marked any of the times."""
        return any(person_id in one.answers for one in self.times)

    def is_same(self, other: "Proposal") -> bool:
        """Tell whether it asks the same people for the same: the button was pressed twice."""
        mine, theirs = (
            (one.kind_id, set(one.asked), one.needs_all, {time.interval for time in one.times})
            for one in (self, other)
        )
        return mine == theirs

    def party(
        self, time: Time, family: Family, kind: Kind, may_come: Collection[str]
    ) -> tuple[str, ...] | None:
        """Return who has the session if the time is settled, the proposer first; None while it is not.

        Of those for whom it works only those ``may_come`` whom the proposer may still invite.
        """
        coming = tuple(one for one in self.asked if time.answers.get(one) and one in may_come)
        party = (self.proposed_by, *coming)
        if len(coming) < (len(self.asked) if self.needs_all else 1) or not family.are_together(party):
            return None
        return party if kind.quorum.lack(family, party) is None else None


def check_times(starts: Sequence[datetime]) -> None:
    """Return when so many times may be proposed at once.

    Raises:
        Invalid: there is none, or more than five.
    """
    if not starts:
        raise Invalid({"times": NO_TIMES_WORDS})
    if len(set(starts)) > MOST_TIMES:
        raise Invalid({"times": TOO_MANY_WORDS})


def expiry(kind: Kind, times: Sequence[Interval], *, now: datetime, lasts: timedelta) -> datetime:
    """Return when a proposal lapses: after so long, or when the last of its times is too soon to book."""
    return min(now + lasts, max(one.starts_at for one in times) - timedelta(minutes=kind.least_notice))
