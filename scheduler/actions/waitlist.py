"""The waitlist: what happens to free seats of a group, and to those who wait for them.

Every function of an open transaction here wants the session's lock to be held (``groups.locked``, or a change
of its row), so that two who free, take or offer seats never cross. Whoever frees seats calls `offer_freed` in
the same transaction; the clockwork, once a minute, ends offers that were not taken and finds what was missed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.actions.perform import check_first, perform
from scheduler.actions.places import booked
from scheduler.actions.slots import client_of, is_barred
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Session
from scheduler.domain.households import Pair, would_meet
from scheduler.domain.notices import Rule, reminder_id
from scheduler.domain.people import SYSTEM, Actor
from scheduler.domain.permissions import Subject, Task, allows
from scheduler.domain.waitlist import Wait, WaitStatus, offer_until
from scheduler.services import Services
from scheduler.storage import audit, bookings, groups, households, kinds, notices, people, waitlist
from scheduler.storage.database import Transaction
from scheduler.storage.notices import Owed


async def leave_waitlist(services: Services, actor: Actor, session_id: str) -> bool:
    """Go off the waitlist, or decline what was offered; False where the actor's family does not wait.

    Raises:
        NotFound: there is no such group, or the family is not enrolled.
        Denied: not of a family.
    """
    trail = services.trail(actor)
    client_id = await check_first(services, actor, Event.WAITLIST_LEFT, lambda: client_of(actor))

    def work(tx: Transaction) -> bool:
        groups.visible(tx, actor, session_id)
        session = groups.locked(tx, session_id)
        wait = waitlist.of_actor(tx, actor, session_id)
        if wait is None:
            return False
        end(tx, wait, wait.withdrawn().status)
        note(tx, trail, Event.PLACE_DECLINED if wait.is_offered else Event.WAITLIST_LEFT, wait)
        offer_freed(tx, trail, session, lasts=lasts_of(services))
        return True

    return await perform(services, actor, Event.WAITLIST_LEFT, work, client_id=client_id)


async def tend_waitlists(services: Services) -> int:
    """End what is over and offer what is free, session by session; return how many were looked at; a job."""
    now = services.now()
    waiting = await services.database.read(lambda tx: waitlist.to_tend(tx, now=now))
    for session_id in waiting:
        await _tend(services, session_id)
    return len(waiting)


async def _tend(services: Services, session_id: str) -> None:
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> None:
        session = groups.locked(tx, session_id)
        if not session.is_ahead(trail.at):
            close(tx, trail, session)
            return
        for wait in waitlist.standing(tx, session_id):
            if wait.is_lapsed(trail.at):
                end(tx, wait, WaitStatus.LAPSED)
                note(tx, trail, Event.PLACE_LAPSED, wait)
        offer_freed(tx, trail, session, lasts=lasts_of(services))

    await services.database.write(work)


@dataclass(frozen=True, slots=True)
class WaitlistShown:
    """A waitlist as staff see it: ``named`` are the waits of their own clients' families, in order, with the
    names of the people; of the ``others`` there is but the number.
    """

    named: tuple[tuple[Wait, str], ...]
    others: int


def shown_to(tx: Transaction, trail: Trail, session_id: str) -> WaitlistShown:
    """Return who waits for a session that the actor may see, as they may know them, with the entries."""
    actor, waits = trail.actor, waitlist.standing(tx, session_id)
    named = [
        wait
        for wait in waits
        if allows(actor, Task.CONTACT_READ, Subject(assigned=wait.client_id in actor.client_ids))
    ]
    names = people.get_many(tx, {person_id for wait in named for person_id in wait.people})
    for wait in named:
        note(tx, trail, Event.WAITLIST_READ, wait)
    shown = tuple((wait, ", ".join(names[one].name for one in wait.people)) for wait in named)
    return WaitlistShown(shown, len(waits) - len(named))


def lasts_of(services: Services) -> timedelta:
    """Return for how long a free place is kept for a family."""
    return timedelta(hours=services.settings.waitlist_hours)


def offer_freed(tx: Transaction, trail: Trail, session: Session, *, lasts: timedelta) -> None:
    """Offer the free seats of a group to the first in order whom they are enough for, each with a notice.

    Whoever could not be told (no release in force, an account that ended), whose family takes part no more,
    or who is kept apart from somebody in the group, or offered a place there, is passed over and waits on.
    Not the actor who frees seats offers them, but the clockwork: the entries name nobody of another family.
    """
    room, waits, now = groups.room(tx, session.id), waitlist.standing(tx, session.id), trail.at
    if room < 1 or not waits:
        return
    kind = kinds.get(tx, session.kind_id)
    until = offer_until(session, kind, now=now, lasts=lasts)
    if until is None:
        return
    families = groups.families_of(tx, session.id)
    apart = households.apart_among(tx, _people_of(waits))
    offered = _people_of(wait for wait in waits if wait.is_offered)
    for wait in waits:
        if wait.is_offered or wait.seats > room or wait.client_id not in families:
            continue
        if would_meet(apart, wait.people, offered) or not _may_have(tx, wait, kind, now):
            continue
        if not groups.take_room(tx, session.id, wait.seats, now=now):
            return
        room -= wait.seats
        offered |= set(wait.people)
        waitlist.change(tx, wait.offered(until))
        _owe(tx, wait, Rule.PLACE_OFFERED, now)
        note(tx, replace(trail, actor=SYSTEM), Event.PLACE_OFFERED, wait)


def close(tx: Transaction, trail: Trail, session: Session) -> None:
    """End a waitlist, because its session is called off or begins; of the former, who waits is told once."""
    is_off = trail.at < session.starts_at
    for wait in waitlist.standing(tx, session.id):
        end(tx, wait, WaitStatus.CLOSED)
        if is_off:
            _owe(tx, wait, Rule.WAITLIST_CLOSED, trail.at)
        note(tx, replace(trail, actor=SYSTEM), Event.WAITLIST_CLOSED, wait)


def settle(tx: Transaction, trail: Trail, session_id: str, seated: Collection[str]) -> bool:
    """Take people who have a place now out of their waits; tell whether seats that were set aside are free.

    Whoever is kept apart from them waits on, also where a place was offered.
    """
    is_freed = False
    for wait in waitlist.standing(tx, session_id):
        if not set(seated).isdisjoint(wait.people):
            shorten(tx, wait, wait.for_others_than(seated), WaitStatus.TAKEN)
            is_freed |= wait.is_offered
    return _put_back_apart(tx, trail, session_id, seated) or is_freed


def part(tx: Transaction, trail: Trail, client_id: str, pair: Pair, *, leaves: str, lasts: timedelta) -> None:
    """Let two people, who are kept apart from now on, wait for nothing together; ``leaves`` is one of them.

    For whoever holds the family's lock. Of two who are offered places in one group, one waits on.
    """
    waits = [wait for one in pair for wait in waitlist.of_person(tx, client_id, one)]
    for session_id in sorted({wait.session_id for wait in waits}):
        session = groups.locked(tx, session_id)
        for wait in waitlist.standing(tx, session_id):
            remains = wait.parted(pair, leaves=leaves)
            if remains != wait:
                shorten(tx, wait, remains, WaitStatus.CLOSED)
                note(tx, trail, Event.WAITLIST_LEFT if remains else Event.WAITLIST_CLOSED, wait)
        _put_back_apart(tx, trail, session_id)
        offer_freed(tx, trail, session, lasts=lasts)


def shorten(tx: Transaction, wait: Wait, remains: Wait | None, status: WaitStatus) -> None:
    """Keep that a wait goes on for fewer people, or ended so; seats set aside for the others are free."""
    if remains is None:
        end(tx, wait, status)
        return
    waitlist.shrink(tx, remains)
    if wait.is_offered:
        bookings.free_room(tx, wait.session_id, wait.seats - remains.seats)


def end(tx: Transaction, wait: Wait, status: WaitStatus) -> None:
    """Keep how a wait ended; seats that were set aside for it and are not taken are free."""
    waitlist.change(tx, wait.ended(status))
    if wait.is_offered:
        bookings.free_room(tx, wait.session_id, wait.seats)


def note(tx: Transaction, trail: Trail, event: Event, wait: Wait) -> None:
    """Append the entry of what became of a wait."""
    audit.append(
        tx,
        trail,
        event,
        client_id=wait.client_id,
        entities=(Entity("session", wait.session_id), Entity("wait", wait.id)),
        purpose=Purpose.TREATMENT,
    )


def _put_back_apart(tx: Transaction, trail: Trail, session_id: str, seated: Iterable[str] = ()) -> bool:
    """Let offers wait on that would bring people together who are kept apart; tell whether there were any."""
    waits = [wait for wait in waitlist.standing(tx, session_id) if wait.is_offered]
    if not waits:
        return False
    there = {*seated, *(seat.person_id for seat in booked(bookings.places_of(tx, session_id)))}
    apart = households.apart_among(tx, there | _people_of(waits))
    gone = []
    for wait in waits:
        if would_meet(apart, wait.people, there):
            gone.append(wait)
        else:
            there |= set(wait.people)
    for wait in gone:
        waitlist.change(tx, wait.put_back())
        bookings.free_room(tx, session_id, wait.seats)
        note(tx, replace(trail, actor=SYSTEM), Event.PLACE_LAPSED, wait)
    return bool(gone)


def _people_of(waits: Iterable[Wait]) -> set[str]:
    return {person_id for wait in waits for person_id in wait.people}


def _may_have(tx: Transaction, wait: Wait, kind: Kind, now: datetime) -> bool:
    if households.closed_to(tx, wait.people, [wait.session_id]):
        return False
    told = people.get_many(tx, {*wait.people, wait.asked_by}).values()
    if any(one.ended_at is not None for one in told):
        return False
    return not any(is_barred(tx, kind, wait.client_id, one.id, now) for one in told)


def _owe(tx: Transaction, wait: Wait, rule: Rule, now: datetime) -> None:
    """Owe whoever asked a message: one of each offer, and one when the list is closed."""
    told = wait.asked_by
    sequence = notices.next_sequence(tx, told, wait.session_id, rule)
    made = reminder_id(person_id=told, session_id=wait.id, rule=rule, sequence=sequence)
    notices.queue_all(tx, [Owed(made, told, wait.session_id, rule, now, sequence)])
