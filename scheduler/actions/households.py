"""Who of a family takes part in a session, as booking, moving and giving up share it.

Somebody of whom the actor may not be told looks like somebody who does not exist.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.availability import Kind
from scheduler.domain.errors import NotFound
from scheduler.domain.households import ClientPart, Family, Quorum, check_party
from scheduler.storage import consent, households, people
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of a family as another of them sees them; the client has no ``relation``."""

    person_id: str
    name: str
    relation: str = ""


def relatives(tx: Transaction, family: Family, person_ids: Iterable[str]) -> tuple[Relative, ...]:
    """Return people of a family with their names, in the family's order; those ended are left out."""
    wanted = frozenset(person_ids)
    persons = people.get_many(tx, wanted)
    relations = {one.person_id: one.relation for one in family.relatives}
    return tuple(
        Relative(one, persons[one].name, relations.get(one, ""))
        for one in family.people
        if one in persons and persons[one].ended_at is None
    )


def known_to(tx: Transaction, family: Family, person_id: str, now: datetime) -> tuple[str, ...]:
    """Return the ids of the others of whom this person may be told now.

    None at all while no release in force names the person: who else belongs to a client is the client's too.
    """
    is_released = (
        person_id == family.client_id or consent.active(tx, family.client_id, person_id, now) is not None
    )
    return family.known_to(person_id) if is_released else ()


def invitable(tx: Transaction, family: Family, kind: Kind, person_id: str, now: datetime) -> tuple[str, ...]:
    """Return the ids of those whom this person may invite to a session of a kind.

    Nobody without a release in force, where the kind needs one; why they are left out is not told.
    """
    known = known_to(tx, family, person_id, now)
    if not known:
        return ()
    released = consent.released_people(tx, family.client_id, now) | {family.client_id}
    return tuple(
        one
        for one in known
        if (kind.education_only or one in released)
        and not (one == family.client_id and kind.client_part is ClientPart.MUST_NOT)
    )


def may_take_part(tx: Transaction, kind: Kind, client_id: str, person_id: str) -> bool:
    """Tell whether the kind is for such a person at all; none is that brings apart people together."""
    if person_id == client_id:
        return kind.client_part is not ClientPart.MUST_NOT
    if kind.client_part is not ClientPart.MUST:
        return True
    return not households.apart_among(tx, (client_id, person_id))


def invited(
    tx: Transaction, kind: Kind, client_id: str, person_id: str, wanted: Collection[str], now: datetime
) -> tuple[str, ...]:
    """Return the ids of those who take part beside the person: the wanted, and the client who must.

    Raises:
        NotFound: the person may not invite one of the wanted.
        Invalid: two of those who are wanted are kept apart, or somebody is missing or too many.
    """
    others = set(wanted) - {person_id}
    if kind.client_part is ClientPart.MUST and not others:
        others = {client_id} - {person_id}
    if not others:
        return ()
    family = households.family(tx, client_id)
    if not others <= set(invitable(tx, family, kind, person_id, now)):
        raise NotFound("member")
    if wanted:
        check_party(family, kind.quorum, {person_id, *others})
    return tuple(sorted(others))


def lock_members(tx: Transaction, kind: Kind, client_id: str, others: Collection[str]) -> None:
    """Lock the family where a session of a kind with these others asks who is of it: before any release."""
    if _asks_family(kind, others):
        households.lock(tx, client_id)


def require_members(
    tx: Transaction, kind: Kind, client_id: str, person_id: str, others: Collection[str], now: datetime
) -> None:
    """Return when the person may have a session of a kind with these others of the family, which is locked.

    Raises:
        NotFound: the person may not invite one of them.
        Invalid: two of them are kept apart, or somebody is missing or too many.
    """
    if not _asks_family(kind, others):
        return
    family = households.family(tx, client_id)
    if not set(others) <= set(invitable(tx, family, kind, person_id, now)):
        raise NotFound("member")
    check_party(family, kind.quorum, {person_id, *others})


def _asks_family(kind: Kind, others: Collection[str]) -> bool:
    return bool(others) or kind.quorum != Quorum()
