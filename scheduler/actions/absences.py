"""Absences: a clinician's sessions while they are away, with who could take each, and when else it could be.

Clinicians cover their own absence; coordinators and supervisors that of others. They act on times and hosts;
families are counted, and named only where the client is assigned to whoever asks (docs/decisions/0013).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from scheduler.actions.naming import may_name, note_named
from scheduler.actions.perform import perform
from scheduler.actions.places import booked
from scheduler.actions.slots import COUNTED_TICKS, RULES_KEPT
from scheduler.domain.absences import Absence
from scheduler.domain.audit import Event
from scheduler.domain.availability import Hours, Kind
from scheduler.domain.booking import Place, Session
from scheduler.domain.coverage import (
    LEAVE,
    LOAD_TICKS,
    MOST_SESSIONS,
    Affected,
    Begun,
    Choice,
    Colleague,
    Plan,
    Situation,
    TakenBy,
)
from scheduler.domain.coverage_change import change_of
from scheduler.domain.coverage_plan import Preset, faults, suggested
from scheduler.domain.errors import Invalid, NotFound, NotNow
from scheduler.domain.inquiries import FIRST_CONVERSATION
from scheduler.domain.people import Actor, Person, Role
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.slots import Window
from scheduler.domain.times import Interval, tick_of
from scheduler.services import Services
from scheduler.storage import bookings, consent, hours, inquiries, kinds, people, sessions, slots
from scheduler.storage.database import Transaction

HOSTS = frozenset({Role.CLINICIAN, Role.SUPERVISOR})
NEW_HERE = "This was booked since you looked. Please choose what happens to it."
CHANGED = "This was moved since you looked. Please choose again."


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose absence, when; what is to be filled in for all sessions, or the ``plan`` that was chosen.

    ``to_date`` is the day to which `Preset.DAY` moves.
    """

    clinician_id: str
    absence: Absence | None = None
    preset: Preset = Preset.REASSIGN
    to_date: date | None = None
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One affected session with its choices. ``who`` names its people, empty where they are not the reader's.

    ``beyond`` could stand in too, though it would be more than they asked for. ``fault`` says what is wrong
    with the choice, if anything; ``told`` how many people it is told to.
    """

    one: Affected
    who: tuple[str, ...]
    stand_ins: tuple[Colleague, ...]
    times: tuple[Choice, ...]
    choice: Choice
    fault: str = ""
    told: int = 0
    beyond: tuple[Colleague, ...] = ()


@dataclass(frozen=True, slots=True)
class AbsenceSeen:
    """An absence with its sessions, or without them while none is asked for.

    ``clinicians`` may be away, and stand in; ``vanished`` counts sessions of the plan that are not here now.
    """

    clinicians: tuple[Person, ...]
    situation: Situation | None = None
    rows: tuple[Row, ...] = ()
    vanished: int = 0
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Tell whether what was chosen can be done as it is."""
        return not self.vanished and not any(row.fault for row in self.rows)


def require_coverage(actor: Actor, clinician_id: str) -> None:
    """Return when the actor may cover for this clinician, who may be themselves.

    Raises:
        Denied: they may not.
    """
    if clinician_id == actor.person_id:
        require(actor, Task.HOURS_OWN, Subject(own=True))
    else:
        require(actor, Task.HOURS_OTHERS)


async def see_absence(services: Services, actor: Actor, asked: Asked) -> AbsenceSeen:
    """Return what an absence affects, with a choice for each session: as planned, or as suggested.

    Each client whose people are named is an entry of its own.

    Raises:
        Denied: the actor may not cover for this clinician.
        NotFound: there is no such clinician.
        Invalid: the absence is over or cannot be, or affects too many sessions at once.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> AbsenceSeen:
        require_coverage(actor, asked.clinician_id)
        clinicians = _clinicians(tx, asked.clinician_id)
        if asked.absence is None:
            return AbsenceSeen(tuple(clinicians))
        situation = situation_of(tx, asked.clinician_id, asked.absence, trail.at, clinicians=clinicians)
        named = _named(tx, actor, situation)
        note_named(
            tx,
            trail,
            [one.session for one in situation.affected if named[one.session.id]],
            {one.session.id: one.seats for one in situation.affected},
        )
        return _seen(clinicians, situation, asked, named)

    return await perform(services, actor, Event.SESSION_READ, work)


def situation_of(
    tx: Transaction,
    clinician_id: str,
    absence: Absence,
    now: datetime,
    *,
    clinicians: Sequence[Person] = (),
    locked: bool = False,
) -> Situation:
    """Return all that decides who can take the sessions of an absence; ``locked`` for a change.

    Raises:
        NotFound: there is no such clinician.
        NotNow: somebody changed in this very moment where they are then.
        Invalid: the absence is over or cannot be, or affects too many sessions at once.
    """
    everybody = clinicians or _clinicians(tx, clinician_id)
    away = next((one for one in everybody if one.id == clinician_id), None)
    if away is None:
        raise NotFound("clinician")
    gone = absence.check(hours.of(tx, away.id, since=now.date() - RULES_KEPT), now=now)
    hosted = sessions.to_cover(tx, away.id, gone, now=now, locked=locked)
    if len(hosted) > MOST_SESSIONS:
        raise Invalid(
            {"last_date": f"More than {MOST_SESSIONS} sessions. Please enter fewer days at a time."}
        )
    affected = _affected(tx, away.id, hosted, now)
    own, *colleagues = every = _colleagues(tx, away, everybody, affected, now, locked=locked)
    if absence.interval(own.hours) != gone:
        raise NotNow("they are in another zone then by now")
    limited = [one.id for one in every if one.hours.limits.counts]
    until = _until(affected, gone, now)
    taken, begun = _taken(tx, affected, every, until, now), _begun(tx, limited, until, now)
    return Situation(own, gone, affected, tuple(colleagues), taken, now, begun)


def _clinicians(tx: Transaction, away_id: str) -> list[Person]:
    """Return who works here, and whoever is away, also where they have left with sessions still theirs."""
    former = [one for one in people.get_many(tx, [away_id]).values() if one.ended_at is not None]
    return [one for one in (*people.staff(tx), *former) if one.role in HOSTS]


def _affected(
    tx: Transaction, away_id: str, hosted: Sequence[Session], now: datetime
) -> tuple[Affected, ...]:
    places = bookings.places_of_many(tx, [one.id for one in hosted])
    kind_of = {kind_id: kinds.get(tx, kind_id) for kind_id in {one.kind_id for one in hosted}}
    members = [seat for seats in places.values() for seat in seats if seat.client_id is not None]
    released = consent.in_force(tx, [seat.person_id for seat in members], now) if members else frozenset()
    found = []
    for session in hosted:
        seats = tuple(booked(places[session.id]))
        if any(seat.person_id == away_id for seat in seats):  # on PostgreSQL others may have been first
            given_up = tuple(seat for seat in places[session.id] if seat not in seats)
            kind = kind_of[session.kind_id]
            is_released = all(_is_released(kind, seat, released) for seat in seats)
            found.append(Affected(session, kind, seats, given_up, is_released))
    return tuple(found)


def _is_released(kind: Kind, seat: Place, released: Collection[tuple[str, str]]) -> bool:
    if seat.client_id in (None, seat.person_id) or kind.education_only:
        return True
    return (seat.client_id, seat.person_id) in released


def _colleagues(
    tx: Transaction,
    away: Person,
    everybody: Sequence[Person],
    affected: Sequence[Affected],
    now: datetime,
    *,
    locked: bool,
) -> list[Colleague]:
    """Return whoever is away, and then those who might take one of the sessions.

    ``locked`` keeps their hours, and the counts of those with limits, from changing until the transaction is
    over: after the sessions, as whoever moves one does, so that no two wait for each other.
    """
    offered = kinds.offerers_of(tx, [one.kind.id for one in affected])
    if any(one.is_inquiry for one in affected):
        held_by = inquiries.offered(tx).offerers
        offered |= {(FIRST_CONVERSATION.id, one.clinician_id) for one in held_by}
    teams = people.care_teams_of(tx, [client_id for one in affected for client_id in one.client_ids])
    offerers = {clinician_id for _, clinician_id in offered}
    asked = [away, *_others(away, everybody, affected, offerers)]
    if locked:
        hours.lock(tx, (one.id for one in asked))
    every = hours.of_all(tx, {one.id: one.zone for one in asked}, since=now.date() - RULES_KEPT)
    if away.ended_at is not None:
        every[0] = Hours(away.id, away.zone)  # whoever has left has no time to move to
    return [
        Colleague(
            person.duty,
            own,
            frozenset(kind_id for kind_id, clinician_id in offered if clinician_id == person.id),
            frozenset(client_id for client_id, person_id in teams if person_id == person.id),
        )
        for person, own in zip(asked, every, strict=True)
    ]


def _others(
    away: Person, everybody: Sequence[Person], affected: Sequence[Affected], offerers: Collection[str]
) -> list[Person]:
    """Return who else hosts one of the sessions, or might: everybody where it is a group."""
    hosting = {seat.person_id for one in affected for seat in one.staff}
    has_group = any(one.session.is_group for one in affected)
    return [
        one
        for one in everybody
        if one.id != away.id
        if has_group or one.id in hosting or (one.duty and (one.duty == away.duty or one.id in offerers))
    ]


def _until(affected: Sequence[Affected], gone: Interval, now: datetime) -> int:
    """Return the last tick to which a session could move."""
    windows = [Window.of(one.kind, now=now) for one in affected]
    return max([tick_of(gone.ends_at), *(window.base + window.size for window in windows)])


def _begun(
    tx: Transaction, limited: Sequence[str], until: int, now: datetime
) -> Mapping[str, Sequence[Begun]]:
    found: defaultdict[str, list[Begun]] = defaultdict(list)
    if limited:
        ticks = range(tick_of(now) - COUNTED_TICKS, until + COUNTED_TICKS)
        for person_id, session_id, starts_at in slots.counted(tx, limited, ticks, now=now):
            found[person_id].append(Begun(starts_at, session_id))
    return found


def _taken(
    tx: Transaction,
    affected: Sequence[Affected],
    hosts: Iterable[Colleague],
    until: int,
    now: datetime,
) -> Mapping[str, Sequence[TakenBy]]:
    wanted = {seat.person_id for one in affected for seat in one.family} | {one.id for one in hosts}
    found: defaultdict[str, list[TakenBy]] = defaultdict(list)
    for one in slots.taken(tx, wanted, first=tick_of(now) - LOAD_TICKS, end=until + 2 * LOAD_TICKS):
        if one.counts(for_person_id=None, now=now):
            found[one.person_id].append(TakenBy(one.span, one.session_id))
    return found


def _named(tx: Transaction, actor: Actor, situation: Situation) -> dict[str, tuple[str, ...]]:
    """Return the names of each session's family members that the actor may read."""
    seats = {
        one.session.id: [seat for seat in one.family if may_name(actor, seat)] for one in situation.affected
    }
    known = people.get_many(tx, {seat.person_id for theirs in seats.values() for seat in theirs})
    return {
        session_id: tuple(known[seat.person_id].name for seat in theirs)
        for session_id, theirs in seats.items()
    }


def _seen(
    clinicians: Sequence[Person], situation: Situation, asked: Asked, named: Mapping[str, tuple[str, ...]]
) -> AbsenceSeen:
    if asked.plan is None:
        wrong: dict[str, str] = {}
        choices = suggested(situation, asked.preset, to_date=asked.to_date)
    else:
        choices = {session_id: planned.choice for session_id, planned in asked.plan.items()}
        wrong = faults(situation, choices) | _outdated(situation, asked.plan)
    here = {one.session.id for one in situation.affected}
    return AbsenceSeen(
        tuple(clinicians),
        situation,
        tuple(
            _row(situation, one, named[one.session.id], choices.get(one.session.id, LEAVE), wrong)
            for one in situation.affected
        ),
        vanished=len(set(asked.plan or ()) - here),
        names={person.id: person.name for person in clinicians},
    )


def _row(
    situation: Situation, one: Affected, who: tuple[str, ...], choice: Choice, wrong: Mapping[str, str]
) -> Row:
    times = situation.times(one)
    fault = wrong.get(one.session.id, "")
    if choice.starts_at is not None and choice not in times and not fault:
        times = [choice, *times]
    change = None if fault else change_of(one, choice, situation.away.id, now=situation.now)
    told = len(change.told) if change else 0
    stand_ins, beyond = situation.stand_ins(one), situation.stand_ins(one, is_beyond=True)
    return Row(one, who, tuple(stand_ins), tuple(times), choice, fault, told, tuple(beyond))


def _outdated(situation: Situation, plan: Plan) -> dict[str, str]:
    """Return by session what has changed since the plan was made, in words."""
    found = {}
    for one in situation.affected:
        planned = plan.get(one.session.id)
        if planned is None:
            found[one.session.id] = NEW_HERE
        elif planned.seen_at != one.session.starts_at:
            found[one.session.id] = CHANGED
    return found
