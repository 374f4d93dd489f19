"""Families as the care team keeps them: who belongs to one, who is a guardian, who is kept apart from whom.

Each change has its entry, with what was so before and what is so now sealed beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from scheduler.actions.cancelling import leave
from scheduler.actions.perform import perform
from scheduler.actions.places import booked
from scheduler.actions.proposals import drop_shared
from scheduler.actions.waitlist import lasts_of, part
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.booking import Session
from scheduler.domain.errors import Invalid, NotFound
from scheduler.domain.households import Family, Pair
from scheduler.domain.people import Actor, FamilyMember, Person
from scheduler.domain.permissions import Subject, Task, require
from scheduler.services import Services
from scheduler.storage import audit, bookings, households, kinds, people, sessions
from scheduler.storage.database import Transaction

TWO_WORDS = "Please choose two different people."
LONGEST_LABEL = 60  # characters
RELATION_WORDS = "Please say how they belong to the family: mother, uncle, friend."
LABEL_WORDS = f"Please keep this on one line, under {LONGEST_LABEL} characters."
LEAVES_WORDS = "Please choose whose places are given up."


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a family as the care team sees them. The client has no ``relation``."""

    person: Person
    relation: str = ""
    household: str = ""
    is_guardian: bool = False
    is_client: bool = False


@dataclass(frozen=True, slots=True)
class Tie:
    """How somebody belongs to a family, as the care team says: ``household`` is a label and may be empty."""

    relation: str
    household: str = ""
    is_guardian: bool = False

    def of(self, member: FamilyMember) -> FamilyMember:
        """Return the member with this tie."""
        relation, household = self.relation.strip(), self.household.strip()
        return replace(member, relation=relation, household=household, is_guardian=self.is_guardian)


@dataclass(frozen=True, slots=True)
class FamilySeen:
    """A family with its members, the client first, and each two of them who are kept apart."""

    client_id: str
    members: tuple[Member, ...]
    apart: tuple[tuple[Person, Person], ...]


@dataclass(frozen=True, slots=True)
class PairSeen:
    """Two of a family, whether they are kept apart, and the coming sessions that they share."""

    client_id: str
    pair: tuple[Person, Person]
    is_apart: bool
    shared: tuple[tuple[Session, str], ...]


async def see_family(services: Services, actor: Actor, client_id: str) -> FamilySeen:
    """Return one family of the actor's care teams.

    Raises:
        NotFound: there is none, or it is not the actor's.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> FamilySeen:
        found = _seen(tx, _readable(tx, actor, client_id))
        _note_read(tx, trail, found)
        return found

    return await perform(services, actor, Event.CLIENT_READ, work)


async def set_ties(services: Services, actor: Actor, client_id: str, wanted: Mapping[str, Tie]) -> None:
    """Keep how people of a family belong to it, by id; ids from elsewhere change nothing.

    Raises:
        Invalid: a relation is missing, or a label is too long or more than one line; by "relation-" or
            "household-" and the id.
        NotFound: there is no such family, or it is not the actor's.
        Denied: the actor may not change it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        family = _changeable(tx, actor, client_id)
        found = [(one, wanted[one.person_id]) for one in family.relatives if one.person_id in wanted]
        _check_ties({one.person_id: tie for one, tie in found})
        after = [tie.of(one) for one, tie in found]
        changed = [(was, now) for (was, _), now in zip(found, after, strict=True) if was != now]
        households.set_ties(tx, [now for _, now in changed])
        if changed:
            detail = {
                "before": {was.person_id: _tie_words(was) for was, _ in changed},
                "after": {now.person_id: _tie_words(now) for _, now in changed},
            }
            _note_change(tx, trail, client_id, detail["after"], detail)

    await perform(services, actor, Event.HOUSEHOLD_CHANGED, work)


async def see_pair(services: Services, actor: Actor, client_id: str, person_ids: tuple[str, str]) -> PairSeen:
    """Return two people of a family, with the sessions not over yet in which both have a place.

    Raises:
        Invalid: it is twice the same person.
        NotFound: there is no such family, it is not the actor's, or one of the two is not of it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> PairSeen:
        family = _readable(tx, actor, client_id)
        pair = _pair(family, person_ids)
        persons = people.get_many(tx, pair)
        shared = [sessions.get(tx, one) for one in households.shared(tx, pair, now=trail.at)]
        names = kinds.names_of(tx, {one.kind_id for one in shared})
        touched = [Entity("person", one) for one in sorted(pair)]
        audit.append(tx, trail, Event.CLIENT_READ, client_id=client_id, entities=touched)
        return PairSeen(
            client_id,
            (persons[person_ids[0]], persons[person_ids[1]]),
            pair in family.apart,
            tuple((one, names[one.kind_id]) for one in shared),
        )

    return await perform(services, actor, Event.CLIENT_READ, work)


async def keep_apart(
    services: Services, actor: Actor, client_id: str, person_ids: tuple[str, str], *, leaves: str = ""
) -> None:
    """Keep two people of a family apart. Those who are, stay so.

    In the sessions not over yet in which both have a place, ``leaves`` (the id of one of the two) gives
    theirs up; what is proposed to both at once lapses, and they wait for no places together.

    Raises:
        Invalid: it is twice the same person; or they share sessions, and it is not said who leaves them.
        NotFound: there is no such family, it is not the actor's, or one of the two is not of it.
        Denied: the actor may not change it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> list[str]:
        family = _changeable(tx, actor, client_id)
        pair = _pair(family, person_ids)
        shared = households.shared(tx, pair, now=trail.at)
        if shared and leaves not in pair:
            raise Invalid({"leaves": LEAVES_WORDS})
        for session_id in shared:
            _leave(tx, trail, session_id, leaves, lasts=lasts_of(services))
        if pair not in family.apart:
            households.keep_apart(tx, client_id, pair, since=trail.at)
            drop_shared(tx, trail, client_id, pair)
            part(
                tx, trail, client_id, pair, leaves=leaves if leaves in pair else "", lasts=lasts_of(services)
            )
            _note_change(tx, trail, client_id, pair, {"apart": True, "apart_before": False})
        return shared

    for session_id in await perform(services, actor, Event.HOUSEHOLD_CHANGED, work):
        services.video.changed(session_id)


async def let_meet(services: Services, actor: Actor, client_id: str, person_ids: tuple[str, str]) -> None:
    """Let two people of a family meet again, and learn of each other.

    Raises:
        Invalid: it is twice the same person.
        NotFound: there is no such family, it is not the actor's, or one of the two is not of it.
        Denied: the actor may not change it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        family = _changeable(tx, actor, client_id)
        pair = _pair(family, person_ids)
        if pair in family.apart:
            households.let_meet(tx, pair)
            _note_change(tx, trail, client_id, pair, {"apart": False, "apart_before": True})

    await perform(services, actor, Event.HOUSEHOLD_CHANGED, work)


def _check_ties(wanted: Mapping[str, Tie]) -> None:
    errors = {}
    for person_id, tie in wanted.items():
        if not tie.relation.strip():
            errors[f"relation-{person_id}"] = RELATION_WORDS
        for name, label in (("relation", tie.relation), ("household", tie.household)):
            if len(label) > LONGEST_LABEL or not label.isprintable():
                errors[f"{name}-{person_id}"] = LABEL_WORDS
    if errors:
        raise Invalid(errors)


def _tie_words(member: FamilyMember) -> dict[str, object]:
    """Return how somebody belongs to a family, for the sealed detail of an entry."""
    return {"relation": member.relation, "household": member.household, "guardian": member.is_guardian}


def _readable(tx: Transaction, actor: Actor, client_id: str) -> Family:
    found = households.assigned(tx, actor, client_id)
    require(actor, Task.CONTACT_READ, Subject(assigned=True))
    return found


def _changeable(tx: Transaction, actor: Actor, client_id: str) -> Family:
    """Return a family as nobody else can change it meanwhile."""
    households.assigned(tx, actor, client_id)
    require(actor, Task.PROGRAM, Subject(assigned=True))
    households.lock(tx, client_id)
    return households.family(tx, client_id)


def _pair(family: Family, person_ids: tuple[str, str]) -> Pair:
    pair = frozenset(person_ids)
    if not pair <= set(family.people):
        raise NotFound("person")
    if len(pair) != 2:
        raise Invalid({"other_id": TWO_WORDS})
    return pair


def _leave(tx: Transaction, trail: Trail, session_id: str, person_id: str, *, lasts: timedelta) -> None:
    session = sessions.visible_locked(tx, trail.actor, session_id)
    seats = booked(bookings.places_of(tx, session_id))
    for seat in seats:
        if seat.person_id == person_id:
            leave(tx, trail, session, seat, lasts=lasts)


def _seen(tx: Transaction, family: Family) -> FamilySeen:
    persons = people.get_many(tx, family.people)
    ties = {one.person_id: one for one in family.relatives}
    members = [Member(persons[family.client_id], is_client=True)]
    members += [
        Member(persons[one.person_id], one.relation, one.household, one.is_guardian) for one in ties.values()
    ]
    in_order = [sorted(pair, key=family.people.index) for pair in family.apart if pair <= set(family.people)]
    apart = [(persons[one], persons[another]) for one, another in sorted(in_order)]
    return FamilySeen(family.client_id, tuple(members), tuple(apart))


def _note_read(tx: Transaction, trail: Trail, family: FamilySeen) -> None:
    touched = [Entity("person", one.person.id) for one in family.members]
    audit.append(
        tx,
        trail,
        Event.CLIENT_READ,
        client_id=family.client_id,
        entities=touched,
        purpose=Purpose.TREATMENT,
    )


def _note_change(
    tx: Transaction, trail: Trail, client_id: str, person_ids: Iterable[str], detail: Mapping[str, object]
) -> None:
    touched = [Entity("person", one) for one in sorted(person_ids)]
    audit.append(
        tx,
        trail,
        Event.HOUSEHOLD_CHANGED,
        client_id=client_id,
        entities=touched,
        purpose=Purpose.TREATMENT,
        detail=detail,
    )
