"""The program: a course of steps, each offered every week, and how far one family has come.

A step is held as sessions of a kind of its own, with the step's id. It is *done* once the person has
credit for it (``credits.py``), *booked* while one lies ahead or waits to be settled, else *open*. A step may
need others of the program, earlier ones, to be done before it. Next comes the booked step whose session is
soonest; where none is booked, the first open one that may be taken. What was once used is ended, never
deleted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from scheduler.domain.availability import Kind
from scheduler.domain.booking import Session
from scheduler.domain.errors import Invalid
from scheduler.domain.rooms import room_for
from scheduler.domain.times import DAY_MINUTES, TICK_MINUTES, Interval, day_of, instant_of

PAUSE = 5  # minutes before and after, in which the hosts are kept free
LEAST_NOTICE = 60  # minutes
HORIZON_DAYS = 42
SETTLED_WITHIN = timedelta(days=1)  # of its start: who was there is known by then

LONGEST_TITLE = 120  # characters
LONGEST_GOALS = 1_000  # characters
LONGEST_HANDOUT = 10_000  # characters
SHORTEST, LONGEST = 15, 180  # minutes of a step
MOST_SEATS = 30


@dataclass(frozen=True, slots=True)
class Program:
    """A course of family sessions."""

    id: str
    name: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a program: ``position`` counts from 1, ``handout`` is Markdown.

    ``needs`` are the ids of the steps that must be done before it. Whoever was present for ``least_minutes``
    has done it; where none are named, for two thirds of its minutes.
    """

    id: str
    program_id: str
    position: int
    title: str
    minutes: int
    is_group: bool
    goals: str = ""
    handout: str = ""
    education_only: bool = False
    needs: tuple[str, ...] = ()
    ended_at: datetime | None = None
    least_minutes: int | None = None

    @property
    def enough_minutes(self) -> int:
        """Return for how many minutes somebody must have been present."""
        return -(-self.minutes * 2 // 3) if self.least_minutes is None else self.least_minutes

    def __post_init__(self) -> None:
        """Refuse a length that no session can have, and minutes that nobody could be present."""
        if self.least_minutes is not None and not 1 <= self.least_minutes <= self.minutes:
            raise ValueError("credit is given for some of a step's minutes")
        if not SHORTEST <= self.minutes <= LONGEST or self.minutes % TICK_MINUTES:
            raise ValueError("a step lasts some five minutes")


@dataclass(frozen=True, slots=True)
class Offering:
    """A step held every week on ``weekday`` (0 is Monday), ``starts`` minutes after midnight in ``zone``.

    From ``first_date`` up to and including ``last_date``, or without end, but not on its ``exceptions``;
    ``capacity`` counts seats of family members. ``is_beyond_limits`` says that its hosts agree to hold it
    where it is more than they asked for.
    """

    id: str
    step_id: str
    host_id: str
    weekday: int
    starts: int
    zone: str
    capacity: int
    first_date: date
    last_date: date | None = None
    co_host_ids: tuple[str, ...] = ()
    exceptions: frozenset[date] = frozenset()
    ended_at: datetime | None = None
    is_beyond_limits: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no time of a week."""
        if not (0 <= self.weekday <= 6 and 0 <= self.starts < DAY_MINUTES):
            raise ValueError("an offering has a weekday and a wall time")
        if not 1 <= self.capacity <= MOST_SEATS:
            raise ValueError("an offering has room for somebody, and not for a crowd")
        if self.host_id in self.co_host_ids:
            raise ValueError("nobody hosts a session twice")

    @property
    def host_ids(self) -> tuple[str, ...]:
        """Return who holds it, the host first."""
        return (self.host_id, *self.co_host_ids)

    def dates(self, first: date, days: int) -> Iterator[date]:
        """Yield the dates on which it is held among ``days`` days from ``first`` on."""
        for number in range(days):
            day = first + timedelta(days=number)
            if day.weekday() == self.weekday and self._is_held_by(day):
                yield day

    def starts_on(self, day: date) -> datetime:
        """Return the start on that date, aware UTC; a skipped wall time moves to the clock change."""
        return instant_of(day, self.starts, self.zone)

    def ahead(self, *, weeks: int, now: datetime) -> Iterator[date]:
        """Yield the dates of the coming weeks on which a session of it is still to begin."""
        if self.ended_at is None:
            for day in self.dates(day_of(now, self.zone), weeks * 7):
                if self.starts_on(day) > now:
                    yield day

    def interval_on(self, day: date, minutes: int) -> Interval:
        """Return when it is held on that date, lasting so long."""
        return Interval.lasting(self.starts_on(day), minutes=minutes)

    def _is_held_by(self, day: date) -> bool:
        is_within = self.first_date <= day and (self.last_date is None or day <= self.last_date)
        return is_within and day not in self.exceptions


@dataclass(frozen=True, slots=True)
class Cohort:
    """A coming session of an offering: who holds it, and how many of its places are taken."""

    session: Session
    host_ids: tuple[str, ...]
    taken: int

    @property
    def room_for(self) -> int:
        """Return how many family members the video room takes beside those who hold it."""
        return room_for(len(self.host_ids))

    def follows(self, offering: Offering, minutes: int) -> bool:
        """Tell whether it is held when, for how long and by whom the offering says."""
        day = self.session.offering_date
        return (
            day is not None
            and offering.ended_at is None
            and day in offering.dates(day, 1)
            and self.session.interval == offering.interval_on(day, minutes)
            and set(self.host_ids) == set(offering.host_ids)
            and self.session.host_id == offering.host_id
        )


class Progress(StrEnum):
    """How far a family is with one step."""

    DONE = "done"
    BOOKED = "booked"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class StepSession:
    """A session of a step that the reader has a place in, until it is settled, or that gave them credit."""

    step_id: str
    starts_at: datetime
    is_credited: bool


@dataclass(frozen=True, slots=True)
class StepProgress:
    """A step with how far the family is, and the session that shows it, where there is one."""

    step: Step
    progress: Progress
    session_at: datetime | None = None
    is_next: bool = False
    waits_for: tuple[str, ...] = ()  # titles of the steps that come before it and are not done


def kind_of(step: Step) -> Kind:
    """Return the kind that a step is held as: a group is entered by taking a place, never by its time."""
    return Kind(
        id=step.id,
        name=step.title,
        minutes=step.minutes,
        pause_before=PAUSE,
        pause_after=PAUSE,
        least_notice=LEAST_NOTICE,
        horizon_days=HORIZON_DAYS,
        start_step=step.minutes,
        education_only=step.education_only,
        is_bookable=not step.is_group,
    )


def check_needs(step: Step, steps: Sequence[Step]) -> None:
    """Return when all that a step needs comes before it in the program, so that no circle can be.

    Raises:
        Invalid: it does not.
    """
    earlier = {one.id for one in steps if one.position < step.position and one.ended_at is None}
    if not set(step.needs) <= earlier:
        raise Invalid({"needs": "Only steps that stand before this one can be needed for it."})


def shifted(steps: Sequence[Step], step_id: str, *, up: bool) -> list[Step]:
    """Return the steps in a new order: one is a place further up or down, unless it is at the end already.

    Raises:
        Invalid: then a step would stand before one that it needs.
    """
    order = sorted(steps, key=lambda one: one.position)
    place = next(number for number, one in enumerate(order) if one.id == step_id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return order
    first, second = order[min(place, other)], order[max(place, other)]
    if first.id in second.needs:
        raise Invalid(
            {"form": f"“{first.title}” must be done before “{second.title}”, so it stays above it."}
        )
    order[place], order[other] = order[other], order[place]
    return [replace(one, position=number) for number, one in enumerate(order, start=1)]


def progress_of(
    steps: Sequence[Step], sessions: Iterable[StepSession], *, now: datetime
) -> list[StepProgress]:
    """Return the steps in their order with the family's progress; an ended one only where it is not open."""
    credited: dict[str, datetime] = {}
    ahead: dict[str, datetime] = {}
    for session in sorted(sessions, key=lambda one: one.starts_at, reverse=True):
        if session.is_credited:
            credited[session.step_id] = session.starts_at
        elif session.starts_at > now - SETTLED_WITHIN:
            ahead[session.step_id] = session.starts_at
    titles = {step.id: step.title for step in steps}
    found = []
    for step in sorted(steps, key=lambda one: one.position):
        one = _progress(step, credited.get(step.id), ahead.get(step.id))
        waits_for = tuple(titles[needed] for needed in step.needs if needed not in credited)
        if step.ended_at is None or one.progress is not Progress.OPEN:
            found.append(replace(one, waits_for=waits_for if one.progress is Progress.OPEN else ()))
    next_one = _next(found)
    return [replace(one, is_next=one is next_one) for one in found]


def _progress(step: Step, credited_at: datetime | None, ahead_at: datetime | None) -> StepProgress:
    if credited_at is not None:
        return StepProgress(step, Progress.DONE, credited_at)
    if ahead_at is not None:
        return StepProgress(step, Progress.BOOKED, ahead_at)
    return StepProgress(step, Progress.OPEN)


def _next(steps: Sequence[StepProgress]) -> StepProgress | None:
    booked = [(one.session_at, one) for one in steps if one.progress is Progress.BOOKED and one.session_at]
    if booked:
        return min(booked, key=lambda dated: dated[0])[1]
    return next((one for one in steps if one.progress is Progress.OPEN and not one.waits_for), None)
