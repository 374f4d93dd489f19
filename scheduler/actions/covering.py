"""Covering: everything that was planned for an absence, done at once or not at all.

One transaction takes the sessions as they are now, holds the plan against them again, and keeps new hosts,
times and cancellations with few statements, however many sessions there are. Who gets a time is decided by
the primary key of the taken ticks, as in booking. A plan that is sent twice is done once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions import inquiries, waitlist
from scheduler.actions.absences import require_coverage, situation_of
from scheduler.actions.availability import changed_hours
from scheduler.actions.inquiry_plans import tell_askers
from scheduler.actions.perform import perform
from scheduler.actions.places import booked, noted, owe
from scheduler.domain.absences import Absence
from scheduler.domain.audit import Event, Noted
from scheduler.domain.availability import DayOff
from scheduler.domain.booking import Place, Session, Status
from scheduler.domain.coverage import Act, Colleague, Plan, Planned, Situation
from scheduler.domain.coverage_change import Change, change_of, ticks_of
from scheduler.domain.coverage_plan import faults, is_of_now
from scheduler.domain.errors import NotNow
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.storage import audit, bookings, hours, join_links, sessions, slots
from scheduler.storage.database import Transaction

EVENTS: Mapping[Act, Event] = {
    Act.CANCEL: Event.SESSION_CANCELLED,
    Act.MOVE: Event.SESSION_MOVED,
    Act.REASSIGN: Event.SESSION_REASSIGNED,
}


@dataclass(frozen=True, slots=True)
class Cover:
    """Whose absence is covered, and how; ``closes_days`` takes its whole days off as well."""

    clinician_id: str
    absence: Absence
    plan: Plan
    closes_days: bool = True


async def cover(services: Services, actor: Actor, wanted: Cover) -> int:
    """Do what was planned for an absence and tell everybody once; return how many sessions changed.

    A plan that was done already is returned as done.

    Raises:
        NotNow: the sessions, or who is free, are not as they were planned with; nothing was changed.
        SlotTaken: somebody took one of the times in this very moment; nothing was changed.
        Denied: the actor may not cover for this clinician.
        NotFound: there is no such clinician.
        Invalid: the absence is over or cannot be.
    """
    trail = services.trail(actor)
    days = (wanted.absence.last_date - wanted.absence.first_date).days
    off_ids = [services.new_id() for _ in range(max(days, 0) + 1)] if wanted.closes_days else []

    def work(tx: Transaction) -> list[str]:
        require_coverage(actor, wanted.clinician_id)
        situation = situation_of(tx, wanted.clinician_id, wanted.absence, trail.at, locked=True)
        changes = _changes(tx, situation, wanted)
        _keep(tx, situation, changes)
        written = [entry for change in changes for entry in _entries(change)]
        written += _closed(tx, situation.away, wanted.absence, off_ids)
        if written:
            audit.append_all(tx, trail, written)
        for change in changes:
            if change.act is Act.CANCEL and change.session.is_group:
                waitlist.close(tx, trail, change.session)
        return [change.session.id for change in changes]

    changed = await perform(services, actor, Event.SESSION_REASSIGNED, work)
    for session_id in changed:
        services.video.changed(session_id)  # whoever waits, or is in its room, is told
    return len(changed)


def _changes(tx: Transaction, situation: Situation, wanted: Cover) -> list[Change]:
    """Return what is to be changed, nothing where it was done before.

    Raises:
        NotNow: the plan is not of now.
    """
    plan = wanted.plan
    if not is_of_now(situation, plan):
        if _is_done(tx, situation, plan):
            return []
        raise NotNow("other sessions are affected now")
    choices = {session_id: planned.choice for session_id, planned in plan.items()}
    if faults(situation, choices):
        raise NotNow("somebody is not free any more")
    found = [
        change_of(one, choices[one.session.id], situation.away.id, now=situation.now)
        for one in situation.affected
    ]
    return [change for change in found if change is not None]


def _is_done(tx: Transaction, situation: Situation, plan: Plan) -> bool:
    """Tell whether every session of a plan is as it was to become, and no other is affected now."""
    left = {one.session.id for one in situation.affected}
    changed = {session_id: one for session_id, one in plan.items() if one.choice.act is not Act.LEAVE}
    if not changed or left - (plan.keys() - changed.keys()):
        return False
    found, places = sessions.get_many(tx, changed), bookings.places_of_many(tx, changed)
    return all(
        session_id in found and _has_become(found[session_id], places[session_id], one, situation.away.id)
        for session_id, one in changed.items()
    )


def _has_become(session: Session, seats: Sequence[Place], planned: Planned, away_id: str) -> bool:
    choice, hosts = planned.choice, {seat.person_id for seat in booked(seats) if seat.client_id is None}
    if not any(seat.person_id == away_id for seat in seats):
        return False
    if choice.act is Act.CANCEL:
        return session.status is Status.CANCELLED
    starts_at = choice.starts_at or planned.seen_at
    return session.status is Status.BOOKED and session.starts_at == starts_at and choice.clinician_id in hosts


def _keep(tx: Transaction, situation: Situation, changes: Sequence[Change]) -> None:
    """Keep all changes, a few statements for each table."""
    if not changes:
        return
    now = situation.now
    off = [change.session.id for change in changes if change.act is Act.CANCEL]
    _keep_ticks(tx, situation, changes)
    sessions.keep(tx, [change.session for change in changes])
    bookings.change_places(tx, [seat for change in changes for seat in change.seats])
    bookings.add_places(tx, [change.new_seat for change in changes if change.new_seat is not None])
    if off:
        bookings.cancel_all(tx, off, now=now)
        join_links.revoke_all(tx, off, now=now)
    _tell(tx, changes, now)


def _keep_ticks(tx: Transaction, situation: Situation, changes: Sequence[Change]) -> None:
    """Free the time of what is off or moves, and of whoever is replaced, and take the new times."""
    leaving = [change.session.id for change in changes if change.act is not Act.REASSIGN]
    handed = [change.session.id for change in changes if change.act is Act.REASSIGN]
    if leaving:
        slots.give_back_all(tx, leaving)
    if handed:
        slots.give_back_all(tx, handed, person_id=situation.away.id)
    taken = [one for change in changes for one in ticks_of(situation, change)]
    slots.make_room(tx, ((person_id, span) for person_id, _, span in taken), now=situation.now)
    slots.take_all(tx, taken)


def _tell(tx: Transaction, changes: Sequence[Change], now: datetime) -> None:
    by_rule: dict[Rule, list[Place]] = {}
    for change in changes:
        for seat, rule in change.told:
            by_rule.setdefault(rule, []).append(seat)
    for rule, seats in by_rule.items():
        owe(tx, seats, rule, now)
    tell_askers(tx, [change for change in changes if change.one.is_inquiry], now)


def _entries(change: Change) -> list[Noted]:
    """Return an entry for each client whose session changed, or one for a session without any."""
    before = change.one.session
    if change.one.is_inquiry:
        is_off = change.act is Act.CANCEL
        event = Event.INQUIRY_CANCELLED if is_off else Event.INQUIRY_MOVED
        return [inquiries.noted(event, change.session, before=None if is_off else before)]
    clients: Sequence[str | None] = sorted(change.one.client_ids) or (None,)
    event = EVENTS[change.act]
    return [noted(event, change.session, client_id, before=before) for client_id in clients]


def _closed(tx: Transaction, away: Colleague, absence: Absence, off_ids: Sequence[str]) -> list[Noted]:
    """Take the whole days of an absence off, and return the entry; none where they are off already."""
    stretches = absence.days_to_close(away.hours.days_off) if off_ids else []
    added = [DayOff(first, last, off_id) for (first, last), off_id in zip(stretches, off_ids, strict=False)]
    for off in added:
        hours.add_day_off(tx, away.id, off)
    after = replace(away.hours, days_off=(*away.hours.days_off, *added))
    return [changed_hours(away.hours, after)] if added else []
