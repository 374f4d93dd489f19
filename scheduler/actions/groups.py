"""Groups: sessions that stand before anybody books. Families take places in them, or wait for one.

A place is taken by one UPDATE under the session's capacity (``groups.take_room``), never by looking first.
A family sees of a group what is its own, and whether there is room.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions import waitlist as waiting
from scheduler.actions.households import Relative, known_to, relatives, require_members
from scheduler.actions.members import choices
from scheduler.actions.next_steps import require_steps_before
from scheduler.actions.own_times import leave_other, other_of_step, with_own_times
from scheduler.actions.perform import check_first, perform
from scheduler.actions.places import booked, note, owe
from scheduler.actions.slots import client_of, is_barred, require_booking
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.booking import Booking, Duty, Place, Session
from scheduler.domain.consent import Release
from scheduler.domain.errors import (
    ElsewhereThen,
    GroupFull,
    Invalid,
    NotNow,
    SessionOver,
    SlotTaken,
)
from scheduler.domain.groups import MOST_SEATS, TIMES_SHOWN, GroupSeen
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.domain.waitlist import Wait, offer_until
from scheduler.services import Services
from scheduler.storage import (
    audit,
    bookings,
    groups,
    households,
    join_links,
    kinds,
    programs,
    slots,
    waitlist,
)
from scheduler.storage.database import Transaction

MOST_WORDS = f"Please choose at most {MOST_SEATS} people."


@dataclass(frozen=True, slots=True)
class GroupDetail:
    """A group with the next other times of its step.

    ``is_barred`` says that it needs a release in force, and there is none; ``may_wait`` that a place which
    becomes free could still be offered; ``waits_for`` are the titles of the steps that come first. ``people``
    are those of the family whom the reader may take places for; ``waiting_too`` those with whom or for whom
    the reader waits. ``instead_of`` is another session of the step, in which the reader has a place.
    """

    group: GroupSeen
    others: tuple[GroupSeen, ...]
    is_barred: bool
    may_wait: bool
    waits_for: tuple[str, ...] = ()
    people: tuple[Relative, ...] = ()
    waiting_too: tuple[Relative, ...] = ()
    instead_of: Session | None = None


async def see_group(services: Services, actor: Actor, session_id: str) -> GroupDetail:
    """Return a group as the actor's family may know it.

    Raises:
        NotFound: there is none, or the family is not enrolled in its program.
        Denied: not of a family.
    """
    trail = services.trail(actor)
    client_id = await check_first(services, actor, Event.SESSION_READ, lambda: client_of(actor))

    def work(tx: Transaction) -> GroupDetail:
        detail = _seen(tx, services, trail, session_id)
        if detail.group.session.is_ahead(trail.at) and not detail.is_barred:
            detail = _with_family(tx, trail, detail, client_id)
        audit.append(
            tx,
            trail,
            Event.SESSION_READ,
            client_id=client_id,
            entities=[Entity("session", session_id)],
            purpose=Purpose.TREATMENT,
        )
        return detail

    return await perform(services, actor, Event.SESSION_READ, work, client_id=client_id)


def _seen(tx: Transaction, services: Services, trail: Trail, session_id: str) -> GroupDetail:
    actor, own_id, now = trail.actor, trail.actor.person_id or "", trail.at
    (group,) = with_own_times(tx, actor, [groups.visible(tx, actor, session_id)])
    session, kind = group.session, kinds.get(tx, group.session.kind_id)
    coming = groups.coming(tx, actor, now=now, most=TIMES_SHOWN + 1)
    others = [one for one in coming if one.session.kind_id == kind.id and one.session.id != session.id]
    return GroupDetail(
        replace(group, wait=waitlist.of_actor(tx, actor, session_id)),
        tuple(with_own_times(tx, actor, others)[:TIMES_SHOWN]),
        is_barred=is_barred(tx, kind, client_of(actor), own_id, now),
        may_wait=offer_until(session, kind, now=now, lasts=waiting.lasts_of(services)) is not None,
        waits_for=programs.missing_before(tx, kind.id, own_id),
        instead_of=other_of_step(tx, session, own_id, now),
    )


def _with_family(tx: Transaction, trail: Trail, detail: GroupDetail, client_id: str) -> GroupDetail:
    """Return a group with those of the reader's family whom it concerns, as far as they may be told."""
    session, wait, own_id = detail.group.session, detail.group.wait, trail.actor.person_id or ""
    waits = waitlist.standing(tx, session.id)
    placed = {seat.person_id for seat in booked(bookings.places_of(tx, session.id))}
    placed |= {person_id for one in waits for person_id in one.people}
    kind = kinds.get(tx, session.kind_id)
    family = households.family(tx, client_id)
    told = set(known_to(tx, family, own_id, trail.at)) & set(wait.people if wait else ())
    return replace(
        detail,
        people=choices(tx, trail, kind, client_id, beside=placed),
        waiting_too=relatives(tx, family, told),
    )


async def take_places(
    services: Services, actor: Actor, session_id: str, chosen: Sequence[str] = (), *, instead_of: str = ""
) -> Session:
    """Take a place for each chosen person of the actor's family; those who have one keep it.

    Without ``chosen``, for those to whom the waitlist offers places, else for the actor alone. Seats that are
    offered are not counted again. ``instead_of`` is the id of another session of the step, in which the actor
    gives their place up in the same act.

    Raises:
        GroupFull: fewer seats are free.
        OfferOver: what was offered was not taken in time.
        ElsewhereThen: one of them has a session of their own then.
        SessionOver: it was called off or has begun.
        Invalid: they are more than one family takes at once, or one of them has a place at another time of
            the step, and it is not said that the actor gives that up.
        NotReleased: no release in force names one of them.
        StepFirst: one of them has not done what comes before this step.
        NotFound: no such group, the family is not enrolled, or somebody chosen is not of it.
        Denied: not of a family.
    """
    trail = services.trail(actor)
    booking_id, jtis = services.new_id(), [services.new_secret() for _ in range(MOST_SEATS)]
    client_id = await check_first(services, actor, Event.SESSION_BOOKED, lambda: client_of(actor))

    def work(tx: Transaction) -> Session:
        group = groups.visible(tx, actor, session_id)
        wanted = chosen or _offered_to(tx, actor, session_id) or (actor.person_id or "",)
        release = _require_open_to(tx, actor, group, wanted, trail.at)
        missing = _without_place(tx, session_id, wanted)
        if not missing:
            return group.session
        leave_other(tx, trail, group.session, missing, instead_of, lasts=waiting.lasts_of(services))
        frees_others = _claim_room(tx, trail, session_id, missing)
        claim = Booking(booking_id, session_id, client_id, actor.person_id or "", trail.at)
        _seat(tx, group.session, claim, dict(zip(missing, jtis, strict=False)))
        note(tx, trail, Event.SESSION_BOOKED, group.session, client_id, release)
        if frees_others:
            waiting.offer_freed(tx, trail, group.session, lasts=waiting.lasts_of(services))
        return group.session

    try:
        return await perform(services, actor, Event.SESSION_BOOKED, work, client_id=client_id)
    except (ElsewhereThen, GroupFull):  # perhaps by the same button, pressed twice
        before = await services.database.read(lambda tx: _taken_before(tx, actor, session_id, chosen))
        if before is None:
            raise
        return before


async def join_waitlist(
    services: Services, actor: Actor, session_id: str, chosen: Sequence[str] = ()
) -> Wait | None:
    """Wait for a place for each chosen person, by default the actor alone; whoever waits already, does so on.

    Those of them who do not wait yet wait together. Where there is room by now, it is offered at once. None
    where everybody chosen has a place already.

    Raises:
        NotNow: nothing that becomes free could be offered any more.
        SessionOver: it was called off or has begun.
        Invalid: they are more than one family takes at once.
        NotReleased: no release in force names one of them.
        StepFirst: one of them has not done what comes before this step.
        NotFound: no such group, the family is not enrolled, or somebody chosen is not of it.
        Denied: not of a family.
    """
    trail, wait_id = services.trail(actor), services.new_id()
    client_id = await check_first(services, actor, Event.WAITLIST_JOINED, lambda: client_of(actor))

    def work(tx: Transaction) -> Wait | None:
        group = groups.visible(tx, actor, session_id)
        wanted = tuple(chosen) or (actor.person_id or "",)
        _require_open_to(tx, actor, group, wanted, trail.at)
        session = groups.locked(tx, session_id)
        _require_time(tx, services, session, trail.at)
        missing = _without_wait(tx, session_id, _without_place(tx, session_id, wanted))
        if not missing:
            return _waits_for(tx, session_id, wanted)
        asked_by = actor.person_id or ""
        made = Wait(wait_id, session_id, client_id, asked_by, missing, len(missing), 0, trail.at)
        wait = waitlist.add(tx, made)
        waiting.note(tx, trail, Event.WAITLIST_JOINED, wait)
        waiting.offer_freed(tx, trail, session, lasts=waiting.lasts_of(services))
        return wait

    return await perform(services, actor, Event.WAITLIST_JOINED, work, client_id=client_id)


def _require_open_to(
    tx: Transaction, actor: Actor, group: GroupSeen, wanted: Collection[str], now: datetime
) -> Release | None:
    """Return the release that covers the actor's own part; None where none is needed.

    Raises:
        SessionOver: the group was called off or has begun.
        Invalid: they are more than one family takes at once, or two of them are kept apart.
        NotReleased: no release in force names one of those who are wanted.
        StepFirst: one of them has not done what comes before this step.
        NotFound: the actor may not bring one of them.
    """
    if not group.session.is_ahead(now):
        raise SessionOver
    client_id, kind = client_of(actor), kinds.get(tx, group.session.kind_id)
    if len(set(wanted)) > MOST_SEATS:
        raise Invalid({"members": MOST_WORDS})
    own_id = actor.person_id or ""
    households.lock(tx, client_id)
    require_members(tx, kind, client_id, own_id, set(wanted) - {own_id}, now)
    releases = {one: require_booking(tx, actor, kind, client_id, one, now) for one in wanted}
    require_steps_before(tx, kind.id, wanted)
    return releases.get(actor.person_id or "") or next(iter(releases.values()))


def _require_time(tx: Transaction, services: Services, session: Session, now: datetime) -> None:
    if not session.is_ahead(now):
        raise SessionOver
    kind = kinds.get(tx, session.kind_id)
    if offer_until(session, kind, now=now, lasts=waiting.lasts_of(services)) is None:
        raise NotNow("nothing could be offered any more")


def _claim_room(tx: Transaction, trail: Trail, session_id: str, missing: tuple[str, ...]) -> bool:
    """Take so many free seats, or else those that are offered to these people; tell whether others are freed.

    Raises:
        GroupFull: fewer seats are free, or somebody is there who is kept apart from one of these people.
        OfferOver: what was offered was not taken in time.
        SessionOver: the group was called off or has begun.
    """
    if households.closed_to(tx, missing, [session_id]):
        raise GroupFull
    if groups.take_room(tx, session_id, len(missing), now=trail.at):
        return waiting.settle(tx, trail, session_id, missing)
    if not groups.locked(tx, session_id).is_ahead(trail.at):
        raise SessionOver
    wait = _waits_for(tx, session_id, missing)
    if wait is None or not wait.is_offered or not set(missing) <= set(wait.people):
        raise GroupFull
    taken, remains = wait.taken(trail.at), wait.for_others_than(missing)
    if remains is None:
        waitlist.change(tx, taken)
    else:
        waitlist.shrink(tx, remains)
    return False


def _seat(
    tx: Transaction,
    session: Session,
    claim: Booking,
    jtis: Mapping[str, str],
) -> None:
    """Keep ticks, places, the booking, join links and notices; ``jtis`` has one for each who gets a place.

    Raises:
        ElsewhereThen: one of them has a session of their own then.
    """
    try:
        slots.take(tx, dict.fromkeys(jtis, session.interval.ticks), session_id=session.id)
    except SlotTaken as taken:
        raise ElsewhereThen from taken
    now = claim.booked_at
    before = {seat.person_id: seat for seat in bookings.places_of(tx, session.id)}
    again = [before[one].taken_again() for one in jtis if one in before]
    fresh = [Place(session.id, one, Duty.MEMBER, claim.client_id) for one in jtis if one not in before]
    bookings.change_places(tx, again)
    bookings.add_places(tx, fresh)
    bookings.add(tx, claim)
    for person_id, jti in jtis.items():
        join_links.open_for(tx, session_id=session.id, person_id=person_id, jti=jti, now=now)
    owe(tx, [*again, *fresh], Rule.BOOKED, now)


def _offered_to(tx: Transaction, actor: Actor, session_id: str) -> tuple[str, ...]:
    wait = waitlist.of_actor(tx, actor, session_id)
    return wait.people if wait is not None and wait.is_offered else ()


def _waits_for(tx: Transaction, session_id: str, wanted: Collection[str]) -> Wait | None:
    """Return the standing wait in which any of these people are."""
    found = waitlist.standing(tx, session_id)
    return next((wait for wait in found if not set(wanted).isdisjoint(wait.people)), None)


def _without_wait(tx: Transaction, session_id: str, wanted: Iterable[str]) -> tuple[str, ...]:
    waiting_now = {person_id for wait in waitlist.standing(tx, session_id) for person_id in wait.people}
    return tuple(one for one in wanted if one not in waiting_now)


def _without_place(tx: Transaction, session_id: str, wanted: Collection[str]) -> tuple[str, ...]:
    seated = {seat.person_id for seat in booked(bookings.places_of(tx, session_id))}
    return tuple(one for one in dict.fromkeys(wanted) if one not in seated)


def _taken_before(tx: Transaction, actor: Actor, session_id: str, chosen: Collection[str]) -> Session | None:
    """Return the group if everybody has a place in it by now."""
    wanted = chosen or (actor.person_id or "",)
    if _without_place(tx, session_id, wanted):
        return None
    return groups.visible(tx, actor, session_id).session
