"""Plans for an absence: what is suggested for each session, and what is wrong with what was chosen.

A plan is worked through session by session in a `Diary`, in which those that leave have made room and each
one that is placed takes its time, so that no two of a plan want the same person at the same time.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from scheduler.domain.cells import Span, is_clear
from scheduler.domain.closed import is_full
from scheduler.domain.coverage import (
    CANCEL,
    LEAVE,
    Act,
    Affected,
    Choice,
    Colleague,
    Plan,
    Planned,
    Situation,
    can_host,
)
from scheduler.domain.slots import Window
from scheduler.domain.times import Interval, instant_of, local

NOT_MOVABLE = "This cannot be moved. Please choose something else."
NOT_THEIRS = "They cannot take this one. Please choose somebody else."
TIME_GONE = "This time is not free any more. Please choose another."
TOO_FAR = "This time is too soon, or too far ahead. Please choose another."
TAKEN_THEN = "They are not free then, or take another of these sessions. Please choose again."
FULL_THEN = (
    "They have as many sessions then as they asked for. Choose them once more if they agree to this one."
)
FULL_THERE = "That is one more than they asked for, that day or that week. Please choose another time."
FAMILY_ELSEWHERE = "The family has something else then. Please choose another time."
TEAM_ELSEWHERE = "Not everybody of the team is free then. Please choose another time."


class Preset(StrEnum):
    """What is filled in for all sessions at once; what nobody can take stays as it is, or is cancelled."""

    CANCEL = "cancel"
    DAY = "day"
    LEAVE = "leave"
    MOVE = "move"
    REASSIGN = "reassign"
    REASSIGN_OR_CANCEL = "reassign_or_cancel"


@dataclass(slots=True)
class Diary:
    """Everybody's taken spans while a plan is worked through: ``leaving`` sessions have made room."""

    situation: Situation
    leaving: Collection[str]
    placed: dict[str, list[Span]] = field(default_factory=dict)
    begun: dict[str, list[datetime]] = field(default_factory=dict)

    def spans(self, person_id: str) -> list[Span]:
        """Return a person's taken spans as they are by now."""
        return self.situation.spans(person_id, without=self.leaving) + self.placed.get(person_id, [])

    def is_full(self, colleague: Colleague, moment: datetime) -> bool:
        """Tell whether one more session then would be more than somebody asked for."""
        counted = self.situation.starts(colleague.id, without=self.leaving)
        return is_full(colleague.hours, counted + self.begun.get(colleague.id, []), moment)

    def place(self, one: Affected, colleague: Colleague, interval: Interval) -> None:
        """Keep that a session takes a clinician's time there."""
        kept = colleague.kept_free(one, interval)
        self.placed.setdefault(colleague.id, []).append((kept.start, kept.stop))
        self.begun.setdefault(colleague.id, []).append(interval.starts_at)

    def place_others(self, one: Affected, interval: Interval) -> None:
        """Keep that a session that moves takes its family's time there, and that of its other hosts."""
        bare = interval.ticks
        for seat in one.family:
            self.placed.setdefault(seat.person_id, []).append((bare.start, bare.stop))
        for other in self.situation.others(one):
            if other is not None:
                self.place(one, other, interval)

    def is_open(self, colleague: Colleague | None, one: Affected, interval: Interval) -> bool:
        """Tell whether somebody can host a session there, and it is not more than they asked for."""
        if colleague is None or not can_host(colleague, one, self.spans(colleague.id), interval):
            return False
        return not self.is_full(colleague, interval.starts_at)


def faults(situation: Situation, plan: Mapping[str, Choice]) -> dict[str, str]:
    """Return by session what cannot be, in words; nothing where the plan can be done as it is."""
    leaving = [session_id for session_id, choice in plan.items() if choice.act in (Act.CANCEL, Act.MOVE)]
    diary, found = Diary(situation, leaving), {}
    for one in situation.affected:
        choice = plan.get(one.session.id, LEAVE)
        words = _fault(diary, one, choice)
        if words:
            found[one.session.id] = words
    return found


def suggested(situation: Situation, preset: Preset, *, to_date: date | None = None) -> dict[str, Choice]:
    """Return a choice for each session; with `Preset.DAY` the same wall time on ``to_date``."""
    if preset in (Preset.CANCEL, Preset.LEAVE):
        return {one.session.id: CANCEL if preset is Preset.CANCEL else LEAVE for one in situation.affected}
    diary = Diary(situation, leaving=())
    return {one.session.id: _suggestion(diary, one, preset, to_date) for one in situation.affected}


def is_of_now(situation: Situation, plan: Plan) -> bool:
    """Tell whether a plan was made for the very sessions that are affected now, at their times."""
    seen = {session_id: planned.seen_at for session_id, planned in plan.items()}
    return seen == {one.session.id: one.session.starts_at for one in situation.affected}


def planned(situation: Situation, choices: Mapping[str, Choice]) -> dict[str, Planned]:
    """Return choices as the plan that a form carries."""
    return {
        one.session.id: Planned(one.session.starts_at, choices.get(one.session.id, LEAVE))
        for one in situation.affected
    }


def same_wall_time(situation: Situation, one: Affected, day: date) -> datetime:
    """Return when a session would start on another day, at the same time on the clock where its host is."""
    wall = local(one.session.starts_at, situation.zone)
    return instant_of(day, wall.hour * 60 + wall.minute, situation.away.hours.zone_on(day))


def moved_to(one: Affected, choice: Choice) -> Interval:
    """Return the interval of a session where it moves to, or where it is."""
    if choice.act is not Act.MOVE or choice.starts_at is None:
        return one.session.interval
    return Interval.lasting(choice.starts_at, minutes=one.session.interval.minutes)


def _suggestion(diary: Diary, one: Affected, preset: Preset, to_date: date | None) -> Choice:
    for choice in _options(diary, one, preset, to_date):
        if not _fault(diary, one, choice):
            return choice
    return CANCEL if preset is Preset.REASSIGN_OR_CANCEL else LEAVE


def _options(diary: Diary, one: Affected, preset: Preset, to_date: date | None) -> list[Choice]:
    """Return what a suggestion tries, best first."""
    situation = diary.situation
    if preset in (Preset.DAY, Preset.MOVE) and not one.is_movable:
        return []
    if preset is Preset.DAY:
        if to_date is None:
            return []
        return [Choice(Act.MOVE, situation.away.id, same_wall_time(situation, one, to_date))]
    if preset is Preset.MOVE:
        free = situation.free_with(situation.away, one)
        starts = [slot.interval.starts_at for slot in free]
        return [Choice(Act.MOVE, situation.away.id, at) for at in starts if at >= situation.gone.ends_at]
    alike = [colleague for colleague in situation.stand_ins(one) if colleague.duty == situation.away.duty]
    alike.sort(key=lambda colleague: situation.rank(colleague, diary.spans(colleague.id), one))
    return [Choice(Act.REASSIGN, colleague.id) for colleague in alike]


def _fault(diary: Diary, one: Affected, choice: Choice) -> str:
    """Return what is wrong with a choice, or keep what it takes in the diary."""
    situation = diary.situation
    if choice.act in (Act.CANCEL, Act.LEAVE):
        return ""
    colleague = situation.colleague(choice.clinician_id)
    is_same = choice.act is Act.MOVE and choice.clinician_id == situation.away.id
    if colleague is None or not (is_same or situation.may_take(colleague, one)):
        return NOT_THEIRS
    words = _fault_of_move(diary, one, choice) if choice.act is Act.MOVE else ""
    if words:
        return words
    interval = moved_to(one, choice)
    if not can_host(colleague, one, diary.spans(colleague.id), interval):
        return TIME_GONE if is_same else TAKEN_THEN
    if diary.is_full(colleague, interval.starts_at) and not choice.is_beyond:
        return FULL_THERE if choice.act is Act.MOVE else FULL_THEN
    diary.place(one, colleague, interval)
    if choice.act is Act.MOVE:
        diary.place_others(one, interval)
    return ""


def _fault_of_move(diary: Diary, one: Affected, choice: Choice) -> str:
    if not one.is_movable:
        return NOT_MOVABLE
    window = Window.of(one.kind, now=diary.situation.now)
    if choice.starts_at is None or not window.covers(choice.starts_at):
        return TOO_FAR
    interval = moved_to(one, choice)
    if not all(is_clear(diary.spans(seat.person_id), interval.ticks) for seat in one.family):
        return FAMILY_ELSEWHERE
    if not all(diary.is_open(other, one, interval) for other in diary.situation.others(one)):
        return TEAM_ELSEWHERE
    return ""
