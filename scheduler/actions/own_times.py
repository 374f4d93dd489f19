"""What somebody has at other times than those of a group: sessions then, and places in the same step."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.actions.cancelling import leave
from scheduler.actions.places import booked
from scheduler.domain.audit import Trail
from scheduler.domain.booking import Session
from scheduler.domain.errors import Invalid
from scheduler.domain.groups import GroupSeen
from scheduler.domain.people import Actor
from scheduler.storage import bookings, groups, slots
from scheduler.storage.database import Transaction

INSTEAD_WORDS = "You have a place at another time of this step. Please say whether you change to this one."
HELD_WORDS = (
    "Somebody you chose has a place at another time of this step. They can change to this one themselves."
)


def with_own_times(tx: Transaction, actor: Actor, found: Sequence[GroupSeen]) -> list[GroupSeen]:
    """Return groups, each with whether the actor has another session then; one read for all of them."""
    if not found:
        return []
    ticks = [one.session.interval.ticks for one in found]
    first, end = min(one.start for one in ticks), max(one.stop for one in ticks)
    own = slots.taken(tx, [actor.person_id or ""], first=first, end=end)
    return [
        replace(one, is_elsewhere=not one.has_place and any(taken.touches(span) for taken in own))
        for one, span in zip(found, ticks, strict=True)
    ]


def other_of_step(tx: Transaction, session: Session, person_id: str, now: datetime) -> Session | None:
    """Return another coming group of the same step in which a person has a place."""
    return next(iter(groups.held_of_step(tx, session, [person_id], now=now).values()), None)


def leave_other(
    tx: Transaction,
    trail: Trail,
    session: Session,
    missing: Collection[str],
    instead_of: str,
    *,
    lasts: timedelta,
) -> None:
    """Give up the actor's place at another time of the step, as they asked; nobody has two.

    Raises:
        Invalid: they have not asked for it, or somebody else of them has such a place.
    """
    held = groups.held_of_step(tx, session, missing, now=trail.at)
    own_id = trail.actor.person_id or ""
    if set(held) - {own_id}:
        raise Invalid({"members": HELD_WORDS})
    if own_id not in held:
        return
    if held[own_id].id != instead_of:
        raise Invalid({"instead_of": INSTEAD_WORDS})
    both = {one: groups.locked(tx, one) for one in sorted((session.id, instead_of))}
    for seat in booked(bookings.places_of(tx, instead_of)):
        if seat.person_id == own_id:
            leave(tx, trail, both[instead_of], seat, lasts=lasts)
