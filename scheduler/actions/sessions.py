"""Sessions as their people see them: a family's own, and one in detail. Looking leaves an entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from scheduler.actions import proposals
from scheduler.actions.booking import search_to_move
from scheduler.actions.cancelling import is_broken_without
from scheduler.actions.households import Relative
from scheduler.actions.members import fellows
from scheduler.actions.own_times import with_own_times
from scheduler.actions.perform import perform
from scheduler.actions.places import booked, leads
from scheduler.actions.proposals import ProposalSeen
from scheduler.actions.slot_page import SlotPage, page_of
from scheduler.actions.slots import client_of, free_slots, offer_sought
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.booking import Booking, Session, SessionSeen
from scheduler.domain.errors import NotFound
from scheduler.domain.groups import TIMES_SHOWN, GroupSeen
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.program import Program, Progress, Step, StepProgress, progress_of
from scheduler.services import Services
from scheduler.storage import audit, bookings, consent, groups, programs, sessions, waitlist
from scheduler.storage.database import Transaction
from scheduler.storage.waitlist import WaitSeen

T = TypeVar("T", SessionSeen, WaitSeen)


@dataclass(frozen=True, slots=True)
class Course:
    """A program with the reader's progress through its steps, and coming ``groups`` of the open ones.

    ``goes_on`` is False where the family takes part no more: what the reader has done, and booked, stays.
    """

    program: Program
    steps: tuple[StepProgress, ...]
    groups: tuple[GroupSeen, ...] = ()
    goes_on: bool = True

    @property
    def done(self) -> int:
        """Return how many steps are done."""
        return sum(one.progress is Progress.DONE for one in self.steps)

    @property
    def is_done(self) -> bool:
        """Tell whether every step is done, so that there is a certificate."""
        return bool(self.steps) and self.done == len(self.steps)

    @property
    def next_step(self) -> Step | None:
        """Return the step to be taken next, None where one is booked already or none can be taken."""
        if not self.goes_on:
            return None
        return next((one.step for one in self.steps if one.is_next and one.progress is Progress.OPEN), None)

    def times_of(self, step: Step) -> tuple[GroupSeen, ...]:
        """Return the next times of a step with room, and the full ones before, for which one can wait."""
        every = [one for one in self.groups if one.session.kind_id == step.id]
        roomy = [one for one in every if not one.is_full][:TIMES_SHOWN]
        return tuple(every[: every.index(roomy[-1]) + 1] if roomy else every[:TIMES_SHOWN])


@dataclass(frozen=True, slots=True)
class MySessions:
    """A family member's first page. ``is_released`` is False while no release in force names them.

    ``has_to_sign`` says that a release waits for the client's signature; told to the client alone.
    """

    ahead: tuple[SessionSeen, ...]
    earlier: tuple[SessionSeen, ...]
    courses: tuple[Course, ...]
    is_released: bool
    waits: tuple[WaitSeen, ...] = ()
    proposals: tuple[ProposalSeen, ...] = ()
    has_to_sign: bool = False

    @property
    def done(self) -> frozenset[str]:
        """Return the ids of the steps that are done, also where the reader has a place in one to come."""
        steps = (one for course in self.courses for one in course.steps)
        return frozenset(one.step.id for one in steps if one.progress is Progress.DONE)


@dataclass(frozen=True, slots=True)
class MoveSeen:
    """A session with the times to which it can be moved."""

    seen: SessionSeen
    page: SlotPage


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """One session with the reader's own words about it, None where somebody else booked it.

    ``fellows`` are those of the family who take part as well. ``leads`` says that the reader decides who they
    are, ``is_broken_alone`` that the session is off for all when the reader gives up their place.
    ``again`` says where its step can be made up, None where there is nothing to make up; ``is_done`` that the
    reader has credit for it.
    """

    seen: SessionSeen
    booking: Booking | None
    fellows: tuple[Relative, ...]
    leads: bool
    is_broken_alone: bool
    again: "Again | None" = None
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """A step that the reader has a session of behind them and has not done, with its next ``times``."""

    step: Step
    times: tuple[GroupSeen, ...]


async def my_sessions(services: Services, actor: Actor) -> MySessions:
    """Return the actor's sessions ahead and earlier, and their program.

    Sessions that tell something about the client are left out while no release in force names the actor.

    Raises:
        Denied: not of a family.
    """
    trail, client_id = services.trail(actor), client_of(actor)

    def work(tx: Transaction) -> MySessions:
        released = _is_released(tx, actor, client_id, trail.at)
        booked = _told(sessions.ahead_of(tx, actor, now=trail.at), released=released)
        earlier = _told(sessions.earlier_of(tx, actor, now=trail.at), released=released)
        mine = MySessions(
            ahead=tuple(one for one in booked if not one.is_over),
            earlier=(*(one for one in booked if one.is_over), *earlier),
            courses=courses_of(tx, actor, trail.at),
            is_released=released,
            waits=_told(waitlist.seen_by(tx, actor, now=trail.at), released=released),
            proposals=proposals.open_to(tx, actor, trail.at),
            has_to_sign=actor.person_id == client_id and consent.waits_for(tx, client_id, trail.at),
        )
        proposals.note_shown(tx, trail, mine.proposals)
        _note(tx, trail, client_id, [one.session for one in (*mine.ahead, *mine.earlier)])
        return mine

    return await perform(services, actor, Event.SESSION_READ, work, client_id=client_id)


async def my_program(services: Services, actor: Actor) -> tuple[Course, ...]:
    """Return the programs of the actor's family, with how far it has come.

    Raises:
        Denied: not of a family.
    """
    require(actor, Task.PROGRAM, Subject(own=actor.is_family))
    trail, client_id = services.trail(actor), client_of(actor)

    def work(tx: Transaction) -> tuple[Course, ...]:
        _note(tx, trail, client_id, [])
        return courses_of(tx, actor, trail.at)

    return await perform(services, actor, Event.SESSION_READ, work, client_id=client_id)


async def see_session(services: Services, actor: Actor, session_id: str) -> SessionDetail:
    """Return one of the actor's own sessions in detail.

    Raises:
        NotFound: there is none, it is not theirs, or no release in force names them.
        Denied: not of a family.
    """
    trail, client_id = services.trail(actor), client_of(actor)

    def work(tx: Transaction) -> SessionDetail:
        seen = _seen(tx, actor, session_id, client_id, trail.at)
        mine = [one for one in bookings.of_session(tx, actor, session_id) if one.booked_by == actor.person_id]
        seats = bookings.places_of(tx, session_id)
        shown = fellows(tx, seen, seats, trail.at)
        _note(tx, trail, client_id, [seen.session], shown)
        return SessionDetail(
            seen,
            _own_words(seen, mine),
            shown,
            leads=leads(tx, actor, session_id),
            is_broken_alone=is_broken_without(tx, seen.session, booked(seats), seen.place),
            again=_again(tx, actor, seen, trail.at),
            is_done=programs.is_done(tx, seen.session.kind_id, actor.person_id or ""),
        )

    return await perform(services, actor, Event.SESSION_READ, work, client_id=client_id)


async def see_move(
    services: Services, actor: Actor, session_id: str, *, zone: str, since: date | None = None
) -> MoveSeen:
    """Return a session with a week of times to which its reader may move it.

    Raises:
        SessionOver: it was cancelled or has begun.
        SessionFixed: several families share it.
        NotFound: there is none, it is not theirs, or no release in force names them.
        Denied: not of a family.
    """
    trail, client_id = services.trail(actor), client_of(actor)

    def work(tx: Transaction) -> MoveSeen:
        seen = _seen(tx, actor, session_id, client_id, trail.at)
        search, _ = search_to_move(tx, actor, seen.session, trail.at)
        offer = offer_sought(tx, search)
        found = free_slots(tx, offer, search, trail.at).without(seen.session.starts_at)
        _note(tx, trail, client_id, [seen.session])
        return MoveSeen(seen, page_of(offer, found, duty="", zone=zone, since=since))

    return await perform(services, actor, Event.SESSION_READ, work, client_id=client_id)


def _seen(tx: Transaction, actor: Actor, session_id: str, client_id: str, now: datetime) -> SessionSeen:
    seen = sessions.seen(tx, actor, session_id)
    if seen.needs_release and not _is_released(tx, actor, client_id, now):
        raise NotFound("session")
    return seen


def _is_released(tx: Transaction, actor: Actor, client_id: str, now: datetime) -> bool:
    person_id = actor.person_id or ""
    return person_id == client_id or consent.active(tx, client_id, person_id, now) is not None


def _open_groups(course: Course, coming: Iterable[GroupSeen]) -> tuple[GroupSeen, ...]:
    """Return the groups of the steps of a course that the reader can take, and has not done or booked yet."""
    wanted = {one.step.id for one in course.steps if one.progress is Progress.OPEN and not one.waits_for}
    return tuple(one for one in coming if one.session.kind_id in wanted)


def _own_words(seen: SessionSeen, mine: Sequence[Booking]) -> Booking | None:
    """Return the reader's booking; why it was changed is told to those only who still take part."""
    if not mine or seen.place.left is None:
        return next(iter(mine), None)
    return replace(mine[0], reason="")


def _again(tx: Transaction, actor: Actor, seen: SessionSeen, now: datetime) -> Again | None:
    if seen.is_ahead(now):
        return None
    for course in courses_of(tx, actor, now):
        for one in course.steps if course.goes_on else ():
            if one.step.id != seen.session.kind_id or one.waits_for:
                continue
            if one.progress is Progress.OPEN:
                return Again(one.step, course.times_of(one.step))
            if (
                one.progress is Progress.BOOKED and one.session_at == seen.session.starts_at
            ):  # not settled yet
                coming = groups.coming(tx, actor, now=now, most=2 * TIMES_SHOWN)
                return Again(one.step, replace(course, groups=tuple(coming)).times_of(one.step))
    return None


def _told(seen: Iterable[T], *, released: bool) -> tuple[T, ...]:
    return tuple(one for one in seen if released or not one.needs_release)


def courses_of(tx: Transaction, actor: Actor, now: datetime) -> tuple[Course, ...]:
    """Return the programs of the actor's family, also those it left, and how far the actor has come.

    An entry is for whoever asks.
    """
    found = programs.of_actor(tx, actor)
    if not found:
        return ()
    attended = programs.sessions_of(tx, actor)
    coming = with_own_times(tx, actor, groups.coming(tx, actor, now=now, most=2 * TIMES_SHOWN))
    courses = [
        Course(one, tuple(progress_of(programs.steps_of(tx, one.id), attended, now=now)), goes_on=goes_on)
        for one, goes_on in found
    ]
    return tuple(replace(course, groups=_open_groups(course, coming)) for course in courses)


def _note(
    tx: Transaction, trail: Trail, client_id: str, touched: Iterable[Session], named: Iterable[Relative] = ()
) -> None:
    entities = (
        *(Entity("session", session.id) for session in touched),
        *(Entity("person", one.person_id) for one in named),
    )
    audit.append(
        tx, trail, Event.SESSION_READ, client_id=client_id, entities=entities, purpose=Purpose.TREATMENT
    )
