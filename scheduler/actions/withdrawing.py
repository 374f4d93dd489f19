"""Withdrawing: what the end of a release takes from the family member whom it named (42 CFR 2.31(c)).

In the transaction that ends the release, whoever held it loses their places in sessions to come and in one
that runs, what they wait for, and what they have proposed or are asked. Others keep what they have, as far as
it can go on without that person. What needs no release stays, and so does everything while another release in
force names the same person.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.actions import proposals as proposing
from scheduler.actions import waitlist as waiting
from scheduler.actions.cancelling import leave, take_off
from scheduler.actions.places import booked, others_of
from scheduler.domain import rooms as rules
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.booking import Place, Session
from scheduler.domain.join_links import opens_at
from scheduler.domain.rooms import Move, PresenceStatus
from scheduler.domain.waitlist import Wait, WaitStatus
from scheduler.storage import (
    audit,
    bookings,
    consent,
    groups,
    kinds,
    proposals,
    rooms,
    step_credits,
    waitlist,
)
from scheduler.storage.database import Transaction

REASON = "no_release"  # in the log; what the person is told says no more than that it is off
THERE = frozenset({PresenceStatus.PREPARING, PresenceStatus.WAITING, PresenceStatus.ADMITTED})


def withdraw(
    tx: Transaction, trail: Trail, *, client_id: str, person_id: str, lasts: timedelta
) -> frozenset[str]:
    """Take from a family member what needs a release, where none is in force now; append the entries.

    For whoever has ended the release in this transaction, with the family's lock held before. A free seat of
    a group is kept for ``lasts`` for whoever waits. Returns the ids of the sessions that they had places in:
    whoever follows one of those has to look again, once this is committed.
    """
    if consent.active(tx, client_id, person_id, trail.at) is not None:
        return frozenset()
    acting = replace(trail, actor=replace(trail.actor, client_ids=trail.actor.client_ids | {client_id}))
    _stop_proposals(tx, acting, client_id, person_id)
    for wait in waitlist.of_person(tx, client_id, person_id):
        _stop_waiting(tx, acting, wait, person_id, lasts=lasts)
    held = bookings.needing_release(tx, client_id, person_id, since=trail.at - rules.OVERRUNS)
    return frozenset(one for one in held if _take_place(tx, acting, one, person_id, lasts=lasts))


def _stop_proposals(tx: Transaction, trail: Trail, client_id: str, person_id: str) -> None:
    for proposal in proposals.of_person(tx, client_id, person_id):
        if not kinds.get(tx, proposal.kind_id).education_only:
            proposing.lapse(tx, trail, proposal)


def _stop_waiting(tx: Transaction, trail: Trail, found: Wait, person_id: str, *, lasts: timedelta) -> None:
    """Take a person out of a wait, which goes on for the others of the family, or ends with its last one."""
    session = groups.locked(tx, found.session_id)
    wait = next((one for one in waitlist.standing(tx, session.id) if one.id == found.id), None)
    if wait is None or kinds.get(tx, session.kind_id).education_only:
        return
    remains = wait.without(person_id)
    waiting.shorten(tx, wait, remains, WaitStatus.CLOSED)
    waiting.note(tx, trail, Event.WAITLIST_LEFT if remains else Event.WAITLIST_CLOSED, wait)
    waiting.offer_freed(tx, trail, session, lasts=lasts)


def _take_place(tx: Transaction, trail: Trail, session_id: str, person_id: str, *, lasts: timedelta) -> bool:
    """Take a person's place in a session, if it stands still; put them out where they are at its door."""
    session = groups.locked(tx, session_id)
    seats = booked(bookings.places_of(tx, session_id))
    member = next((seat for seat in seats if seat.person_id == person_id), None)
    if member is None:
        return False
    goes_on = trail.at >= opens_at(session.starts_at) and bool(others_of(seats, member))
    if session.is_ahead(trail.at) and not goes_on:
        leave(tx, trail, session, member, lasts=lasts)
    else:
        take_off(tx, trail, session, member, lasts=lasts)
    _put_out(tx, trail, session, member, trail.at)
    return True


def _put_out(tx: Transaction, trail: Trail, session: Session, member: Place, now: datetime) -> None:
    presence = rooms.presence(tx, session_id=session.id, person_id=member.person_id)
    if presence is None or presence.status not in THERE:
        return
    where = {"session_id": session.id, "person_id": member.person_id}
    rooms.set_status(tx, **where, status=rules.after(presence.status, Move.LEAVE), left_at=now)
    step_credits.leave(tx, **where, now=now)
    audit.append(
        tx,
        trail,
        Event.PERSON_REMOVED,
        reason=REASON,
        client_id=member.client_id,
        entities=[Entity("session", session.id), Entity("person", member.person_id)],
        purpose=Purpose.TREATMENT,
    )
