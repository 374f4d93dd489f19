"""The program: a course of steps, each offered every week, and how far one family has come.

A step is held as sessions of a kind of its own, with the step's id. It is *done* once a session of it was
attended, *booked* while one lies ahead, else *open*. Next comes the booked step whose session is soonest;
where none is booked, the first open one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from scheduler.domain.availability import Kind
from scheduler.domain.times import DAY_MINUTES, instant_of

PAUSE = 5  # minutes before and after, in which the host is kept free
LEAST_NOTICE = 60  # minutes
HORIZON_DAYS = 42


@dataclass(frozen=True, slots=True)
class Program:
    """A course of family sessions."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a program: ``position`` counts from 1, ``handout`` is Markdown."""

    id: str
    program_id: str
    position: int
    title: str
    minutes: int
    is_group: bool
    goals: str = ""
    handout: str = ""
    education_only: bool = False


@dataclass(frozen=True, slots=True)
class Offering:
    """A step held every week on ``weekday`` (0 is Monday), ``starts`` minutes after midnight in ``zone``.

    From ``first_date`` up to and including ``last_date``, or without end.
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

    def __post_init__(self) -> None:
        """Refuse what is no time of a week."""
        if not (0 <= self.weekday <= 6 and 0 <= self.starts < DAY_MINUTES):
            raise ValueError("an offering has a weekday and a wall time")
        if self.capacity < 1:
            raise ValueError("an offering has room for somebody")

    def dates(self, first: date, days: int) -> Iterator[date]:
        """Yield the dates on which it is held among ``days`` days from ``first`` on."""
        for number in range(days):
            day = first + timedelta(days=number)
            if day.weekday() == self.weekday and self._is_held_by(day):
                yield day

    def starts_on(self, day: date) -> datetime:
        """Return the start on that date, aware UTC; a skipped wall time moves to the clock change."""
        return instant_of(day, self.starts, self.zone)

    def _is_held_by(self, day: date) -> bool:
        return self.first_date <= day and (self.last_date is None or day <= self.last_date)


class Progress(StrEnum):
    """How far a family is with one step."""

    DONE = "done"
    BOOKED = "booked"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class StepSession:
    """A session of a step that the family has a place in: when, and whether they came."""

    step_id: str
    starts_at: datetime
    is_attended: bool


@dataclass(frozen=True, slots=True)
class StepProgress:
    """A step with how far the family is, and the session that shows it, where there is one."""

    step: Step
    progress: Progress
    session_at: datetime | None = None
    is_next: bool = False


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


def progress_of(
    steps: Sequence[Step], sessions: Iterable[StepSession], *, now: datetime
) -> list[StepProgress]:
    """Return the steps in their order with the family's progress."""
    attended: dict[str, datetime] = {}
    ahead: dict[str, datetime] = {}
    for session in sorted(sessions, key=lambda one: one.starts_at, reverse=True):
        if session.is_attended:
            attended[session.step_id] = session.starts_at
        elif session.starts_at > now:
            ahead[session.step_id] = session.starts_at
    in_order = sorted(steps, key=lambda one: one.position)
    found = [_progress(step, attended.get(step.id), ahead.get(step.id)) for step in in_order]
    next_one = _next(found)
    return [replace(one, is_next=one is next_one) for one in found]


def _progress(step: Step, attended_at: datetime | None, ahead_at: datetime | None) -> StepProgress:
    if attended_at is not None:
        return StepProgress(step, Progress.DONE, attended_at)
    if ahead_at is not None:
        return StepProgress(step, Progress.BOOKED, ahead_at)
    return StepProgress(step, Progress.OPEN)


def _next(steps: Sequence[StepProgress]) -> StepProgress | None:
    booked = [(one.session_at, one) for one in steps if one.progress is Progress.BOOKED and one.session_at]
    if booked:
        return min(booked, key=lambda dated: dated[0])[1]
    return next((one for one in steps if one.progress is Progress.OPEN), None)
