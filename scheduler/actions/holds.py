"""Holds: a time set aside for minutes while a form is filled; asking for another time replaces it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from scheduler.actions.households import Relative
from scheduler.actions.members import choices
from scheduler.actions.next_steps import require_turn
from scheduler.actions.perform import check_first, perform
from scheduler.actions.slots import (
    Search,
    choose,
    client_of,
    kept_free,
    nearest_to,
    offer_sought,
    require_booking,
)
from scheduler.domain import booking
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Hold
from scheduler.domain.consent import Release
from scheduler.domain.errors import SlotTaken
from scheduler.domain.offers import Offer
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.services import Services
from scheduler.storage import audit, holds, kinds, slots
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class HoldSeen:
    """A hold with what the form shows about it: the kind, whom it is with (`Offer.with_whom`), and the
    ``people`` whom its holder may invite.
    """

    hold: Hold
    kind: Kind
    with_whom: str
    people: tuple[Relative, ...] = ()


async def hold_slot(
    services: Services, actor: Actor, *, kind_id: str, starts_at: datetime, duty: str = ""
) -> Hold:
    """Set a time aside for ``settings.hold_minutes``, in place of the one the actor held before.

    Whoever holds that very time already keeps it as it is: the button was pressed twice.

    Raises:
        SlotTaken: somebody was first; carries the nearest free times.
        ElsewhereThen: the actor has a session of their own then.
        Invalid: past, too soon, too late, or off the grid.
        Denied: not of a family.
        NotReleased: no release in force names the actor.
        StepFirst: it is a step of the program, and another one comes before it.
        NotFound: nobody of the care team offers such a kind.
    """
    trail, hold_id, lasts = services.trail(actor), services.new_id(), _lasting(services)
    client_id = await check_first(services, actor, Event.HOLD_MADE, lambda: client_of(actor))
    search = Search(kind_id, client_id, actor.person_id or "", duty)

    def work(tx: Transaction) -> Hold:
        offer = kinds.offer_to(tx, search.client_id, search.kind_id)
        release = require_booking(tx, actor, offer.kind, search.client_id, search.person_id, trail.at)
        require_turn(tx, offer, (search.person_id,))
        interval = booking.interval_of(offer.kind, starts_at, now=trail.at)
        earlier = holds.of_person(tx, search.person_id)
        if _is_the_same(earlier, search.narrowed(offer), starts_at, trail.at):
            return earlier
        holds.remove(tx, [earlier.id] if earlier else [])
        hosts = choose(tx, search.narrowed(offer), interval, search, trail.at)
        hold = Hold(hold_id, search.person_id, hosts, kind_id, interval, trail.at + lasts)
        holds.add(tx, hold)
        slots.take(tx, ticks_of(offer, hold), hold_id=hold_id)
        _note_made(tx, trail, hold, client_id, release)
        return hold

    try:
        return await perform(services, actor, Event.HOLD_MADE, work, client_id=search.client_id)
    except SlotTaken as taken:
        before = await services.database.read(lambda tx: _held_before(tx, search, starts_at, trail.at))
        if before is not None:
            return before
        raise type(taken)(nearest=await nearest_to(services, search, starts_at)) from taken


async def see_hold(services: Services, actor: Actor, hold_id: str) -> HoldSeen:
    """Return the actor's own hold while it lasts.

    Raises:
        HoldLapsed: its minutes are over.
        HoldGone: there is none any more, or it is somebody else's.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> HoldSeen:
        require(actor, Task.SEE_SLOTS, Subject(own=actor.is_family))
        client_id = client_of(actor)
        hold = holds.visible(tx, actor, hold_id).checked(trail.at)
        offer = kinds.offer_to(tx, client_id, hold.kind_id)
        people = choices(tx, trail, offer.kind, client_id)
        return HoldSeen(hold, offer.kind, offer.only(*hold.clinician_ids).with_whom, people)

    return await perform(services, actor, Event.ACCESS_DENIED, work)


async def release_hold(services: Services, actor: Actor, hold_id: str) -> Hold:
    """Let the actor's own hold go, lapsed or not.

    Raises:
        HoldGone: there is none any more, or it is somebody else's.
    """
    trail = services.trail(actor)
    client_id = await check_first(services, actor, Event.HOLD_RELEASED, lambda: client_of(actor))

    def work(tx: Transaction) -> Hold:
        hold = holds.visible(tx, actor, hold_id)
        holds.remove(tx, [hold.id])
        touched = (Entity("hold", hold.id),)
        audit.append(tx, trail, Event.HOLD_RELEASED, client_id=client_id, entities=touched)
        return hold

    return await perform(services, actor, Event.HOLD_RELEASED, work, client_id=client_id)


async def clear_lapsed_holds(services: Services) -> int:
    """Delete holds whose minutes are over and return how many; even before this they block nothing."""
    now = services.now()

    def work(tx: Transaction) -> int:
        gone = holds.lapsed(tx, now=now)
        holds.remove(tx, gone)
        return len(gone)

    return await services.database.write(work)


def _lasting(services: Services) -> timedelta:
    return timedelta(minutes=services.settings.hold_minutes)


def _held_before(tx: Transaction, search: Search, starts_at: datetime, now: datetime) -> Hold | None:
    """Return the hold that another press has just made, while this one was refused for it; or None."""
    hold = holds.of_person(tx, search.person_id)
    return hold if _is_the_same(hold, offer_sought(tx, search), starts_at, now) else None


def _is_the_same(hold: Hold | None, offer: Offer, starts_at: datetime, now: datetime) -> TypeGuard[Hold]:
    """Tell whether the hold is in force and keeps that time of that offer."""
    return (
        hold is not None
        and not hold.is_lapsed(now)
        and (hold.kind_id, hold.interval.starts_at) == (offer.kind.id, starts_at)
        and offer.includes(*hold.clinician_ids)
    )


def ticks_of(offer: Offer, hold: Hold) -> dict[str, range]:
    """Return whose ticks a hold takes, each clinician's with their own pauses."""
    return {one: kept_free(offer.kind_with(one), hold.interval) for one in hold.clinician_ids}


def _note_made(tx: Transaction, trail: Trail, hold: Hold, client_id: str, release: Release | None) -> None:
    audit.append(
        tx,
        trail,
        Event.HOLD_MADE,
        client_id=client_id,
        entities=(Entity("hold", hold.id),),
        purpose=Purpose.TREATMENT,
        release_id=release.id if release else None,
    )
