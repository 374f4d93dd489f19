"""Members: whom a family member may invite to a session, and who takes part in one that is booked.

Each has a place, a link and an invite of their own. Whoever books decides who comes, and so does the client.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduler.actions.cancelling import give_up
from scheduler.actions.households import Relative, invitable, known_to, relatives
from scheduler.actions.next_steps import require_steps_before
from scheduler.actions.perform import perform
from scheduler.actions.places import booked, leads, member_of, note, others_of, owe
from scheduler.actions.slots import client_of, require_booking
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Duty, Place, Session, SessionSeen
from scheduler.domain.errors import Denied, MemberElsewhere, NotFound, SlotTaken
from scheduler.domain.households import Family, check_party
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.storage import audit, bookings, households, join_links, kinds, sessions, slots
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Choices:
    """Whom somebody may invite to a session of a kind."""

    kind: Kind
    people: tuple[Relative, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """A session with whom its reader may invite, and the ids of those who take part already."""

    seen: SessionSeen
    kind: Kind
    people: tuple[Relative, ...]
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Change:
    """A session, locked, with the person who changes who takes part in it, and all its places."""

    session: Session
    kind: Kind
    family: Family
    member: Place
    seats: list[Place]


async def see_choices(services: Services, actor: Actor, kind_id: str) -> Choices:
    """Return whom the actor may invite to a session of a kind.

    Raises:
        Denied: not of a family.
        NotFound: nobody of the care team offers such a kind.
    """
    trail, client_id = services.trail(actor), client_of(actor)

    def work(tx: Transaction) -> Choices:
        kind = kinds.offer_to(tx, client_id, kind_id).kind
        return Choices(kind, choices(tx, trail, kind, client_id))

    return await perform(services, actor, Event.PERSON_READ, work, client_id=client_id)


def choices(
    tx: Transaction, trail: Trail, kind: Kind, client_id: str, *, beside: Collection[str] = ()
) -> tuple[Relative, ...]:
    """Return whom the actor may invite to a session of a kind, ``beside`` those who are in it already.

    Appends the entry, where there is anybody.
    """
    family = households.family(tx, client_id)
    open_to = set(invitable(tx, family, kind, trail.actor.person_id or "", trail.at)) - set(beside)
    shown = relatives(tx, family, open_to)
    _note_shown(tx, trail, client_id, shown)
    return shown


async def see_members(services: Services, actor: Actor, session_id: str) -> Members:
    """Return who takes part in a session of the actor's, and whom they may invite.

    Raises:
        SessionOver: it was cancelled or has begun.
        SessionFixed: several families share it.
        NotFound: there is none, it is not theirs, or they gave up their place.
        NotReleased: no release in force names the actor.
        Denied: somebody else has booked it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Members:
        session = sessions.visible(tx, actor, session_id)
        change = _change(tx, actor, session, trail.at)
        chosen = frozenset(others_of(booked(change.seats), change.member))
        shown = relatives(tx, change.family, _open_to(tx, change, chosen, trail.at))
        _note_shown(tx, trail, change.family.client_id, shown)
        return Members(sessions.seen(tx, actor, session_id), change.kind, shown, chosen)

    return await perform(services, actor, Event.PERSON_READ, work)


async def change_members(
    services: Services, actor: Actor, session_id: str, members: Collection[str]
) -> Session:
    """Keep who of the actor's family takes part in a session beside them, by id; what is so already, stays.

    Raises:
        SessionOver: it was cancelled or has begun.
        SessionFixed: several families share it.
        MemberElsewhere: somebody who is to take part has another session then.
        Invalid: two of them are kept apart, or somebody is missing.
        NotFound: there is no such session, it is not theirs, or one of the members is not theirs to invite.
        NotReleased: no release in force names the actor.
        StepFirst: one of those who are added has not done a step that comes before this one.
        Denied: somebody else has booked it.
    """
    trail, wanted = services.trail(actor), set(members) - {actor.person_id}
    jtis = {person_id: services.new_secret() for person_id in sorted(wanted)}

    def work(tx: Transaction) -> Session:
        first = sessions.visible(tx, actor, session_id)
        households.lock(tx, client_of(actor))
        session = sessions.visible_locked(tx, actor, first.id)
        change = _change(tx, actor, session, trail.at)
        chosen = set(others_of(booked(change.seats), change.member))
        if not wanted <= set(_open_to(tx, change, chosen, trail.at)):
            raise NotFound("member")
        require_steps_before(tx, change.kind.id, sorted(wanted - chosen))
        check_party(change.family, change.kind.quorum, wanted | {change.member.person_id})
        _take_off(tx, trail, change, chosen - wanted)
        _add(tx, trail, change, {one: jtis[one] for one in wanted - chosen})
        return session

    session = await perform(services, actor, Event.PLACE_ADDED, work)
    services.video.changed(session_id)
    return session


def fellows(
    tx: Transaction, seen: SessionSeen, seats: Iterable[Place], now: datetime
) -> tuple[Relative, ...]:
    """Return who of the family takes part beside the reader, as far as they may be told; none once over."""
    if not seen.is_ahead(now) or seen.place.client_id is None:
        return ()
    others = others_of(booked(seats), seen.place)
    if not others:
        return ()
    family = households.family(tx, seen.place.client_id)
    return relatives(tx, family, set(others) & set(known_to(tx, family, seen.place.person_id, now)))


def _change(tx: Transaction, actor: Actor, session: Session, now: datetime) -> _Change:
    """Return what is changed, where the actor may change it."""
    seats, client_id = bookings.places_of(tx, session.id), client_of(actor)
    member = member_of(booked(seats), actor)
    kind = kinds.get(tx, session.kind_id)
    require_booking(tx, actor, kind, client_id, member.person_id, now)
    session.check_movable(now=now)
    if not leads(tx, actor, session.id):
        raise Denied("somebody else has booked it")
    return _Change(session, kind, households.family(tx, client_id), member, seats)


def _open_to(tx: Transaction, change: _Change, chosen: Collection[str], now: datetime) -> set[str]:
    """Return whom the changer may choose: whom they may invite, and of those who take part whom they know."""
    family, person_id = change.family, change.member.person_id
    known = known_to(tx, family, person_id, now)
    return {*invitable(tx, family, change.kind, person_id, now), *(one for one in chosen if one in known)}


def _take_off(tx: Transaction, trail: Trail, change: _Change, gone: Collection[str]) -> None:
    if gone:
        give_up(tx, change.session, [seat for seat in change.seats if seat.person_id in gone], trail.at)
        note(
            tx,
            trail,
            Event.PLACE_GIVEN_UP,
            change.session,
            change.family.client_id,
            None,
            members=sorted(gone),
        )


def _add(tx: Transaction, trail: Trail, change: _Change, jtis: dict[str, str]) -> None:
    """Keep the new members' ticks, places, links and notices; a place given up before is taken up again."""
    if not jtis:
        return
    session, client_id = change.session, change.family.client_id
    before = {seat.person_id: seat for seat in change.seats if seat.person_id in jtis}
    again = [seat.taken_again() for seat in before.values()]
    fresh = [Place(session.id, one, Duty.MEMBER, client_id) for one in sorted(jtis.keys() - before.keys())]
    try:
        slots.take(tx, dict.fromkeys(jtis, session.interval.ticks), session_id=session.id)
    except SlotTaken as elsewhere:
        raise MemberElsewhere from elsewhere
    bookings.change_places(tx, again)
    if fresh:
        bookings.add_places(tx, fresh)
    for person_id, jti in jtis.items():
        join_links.open_for(tx, session_id=session.id, person_id=person_id, jti=jti, now=trail.at)
    owe(tx, [*again, *fresh], Rule.BOOKED, trail.at)
    note(tx, trail, Event.PLACE_ADDED, session, client_id, None, members=sorted(jtis))


def _note_shown(tx: Transaction, trail: Trail, client_id: str, shown: Iterable[Relative]) -> None:
    entities = [Entity("person", one.person_id) for one in shown]
    if entities:
        audit.append(
            tx,
            trail,
            Event.PERSON_READ,
            client_id=client_id,
            entities=entities,
            purpose=Purpose.TREATMENT,
        )
