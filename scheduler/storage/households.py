"""Families as a collection: who is related to a client, who is kept apart, which sessions two people share.

Whoever gives places to several people of a family, or keeps two of them apart, takes `lock` first: of two
such acts at once the later one sees what the earlier one kept.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from scheduler.domain.booking import Status
from scheduler.domain.errors import NotFound
from scheduler.domain.households import Family, Pair
from scheduler.domain.people import Actor, FamilyMember
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import apart, clients, family_members, people, places, sessions

_LOCK = (
    select(clients.c.person_id)
    .where(clients.c.person_id == bindparam("of_client"))
    .with_for_update(key_share=True)  # whoever only refers to the client need not wait
)
_RELATIVES = Query(
    select(
        family_members.c.person_id,
        family_members.c.client_id,
        family_members.c.relation,
        family_members.c.household,
        family_members.c.is_guardian,
    )
    .join(people, people.c.id == family_members.c.person_id)
    .where(family_members.c.client_id == bindparam("of_client"), people.c.ended_at.is_(None))
    .order_by(family_members.c.person_id)
)
_APART = Query(select(apart.c.person_id, apart.c.other_id).where(apart.c.client_id == bindparam("of_client")))
_RELATIVES_OF_MANY = (
    select(family_members)
    .join(people, people.c.id == family_members.c.person_id)
    .where(
        family_members.c.client_id.in_(bindparam("client_ids", expanding=True)), people.c.ended_at.is_(None)
    )
    .order_by(family_members.c.person_id)
)
_APART_OF_MANY = select(apart.c.client_id, apart.c.person_id, apart.c.other_id).where(
    apart.c.client_id.in_(bindparam("client_ids", expanding=True))
)
_PART = delete(apart).where(
    or_(
        and_(apart.c.person_id == bindparam("one"), apart.c.other_id == bindparam("another")),
        and_(apart.c.person_id == bindparam("another"), apart.c.other_id == bindparam("one")),
    )
)
_SET_TIE = (
    update(family_members)
    .where(family_members.c.person_id == bindparam("of_person"))
    .values(
        relation=bindparam("new_relation"),
        household=bindparam("new_household"),
        is_guardian=bindparam("new_is_guardian"),
    )
)
_has_first, _has_second = places.alias("has_first"), places.alias("has_second")
_SHARED = (
    select(sessions.c.id)
    .join(_has_first, _has_first.c.session_id == sessions.c.id)
    .join(_has_second, _has_second.c.session_id == sessions.c.id)
    .where(
        _has_first.c.person_id == bindparam("one"),
        _has_first.c.status == Status.BOOKED,
        _has_second.c.person_id == bindparam("another"),
        _has_second.c.status == Status.BOOKED,
        sessions.c.status == Status.BOOKED,
        sessions.c.ends_at > bindparam("now"),
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_APART_AMONG = select(apart.c.person_id, apart.c.other_id).where(
    apart.c.person_id.in_(bindparam("person_ids", expanding=True)),
    apart.c.other_id.in_(bindparam("person_ids", expanding=True)),
)
_CLOSED = (
    select(places.c.session_id)
    .join(apart, apart.c.other_id == places.c.person_id)
    .where(
        apart.c.person_id.in_(bindparam("person_ids", expanding=True)),
        places.c.session_id.in_(bindparam("session_ids", expanding=True)),
        places.c.status == Status.BOOKED,
    )
    .distinct()
)


def lock(tx: Transaction, client_id: str) -> None:
    """Lock a family, so that acts about who meets whom queue up; before any of its sessions is locked."""
    tx.execute(_LOCK, {"of_client": client_id})


def family(tx: Transaction, client_id: str) -> Family:
    """Return a client's family, without those whose account has ended, for whoever has shown it is theirs."""
    asked = {"of_client": client_id}
    relatives = tuple(_member(row) for row in _RELATIVES.all(tx, asked))
    pairs = frozenset(frozenset((row.person_id, row.other_id)) for row in _APART.all(tx, asked))
    return Family(client_id, relatives, pairs)


def assigned(tx: Transaction, actor: Actor, client_id: str) -> Family:
    """Return the family of a client on whose care team the actor is.

    Raises:
        NotFound: there is none, or it is not the actor's.
    """
    if not actor.is_staff or client_id not in actor.client_ids:
        raise NotFound("client")
    return family(tx, client_id)


def all_assigned(tx: Transaction, actor: Actor) -> list[Family]:
    """Return the families of every client on whose care team the actor is; nobody else's."""
    if not actor.is_staff:
        return []
    asked = {"client_ids": sorted(actor.client_ids)}
    relatives: dict[str, list[FamilyMember]] = {client_id: [] for client_id in asked["client_ids"]}
    pairs: dict[str, set[Pair]] = {client_id: set() for client_id in asked["client_ids"]}
    for row in tx.execute(_RELATIVES_OF_MANY, asked):
        relatives[row.client_id].append(_member(row))
    for row in tx.execute(_APART_OF_MANY, asked):
        pairs[row.client_id].add(frozenset((row.person_id, row.other_id)))
    return [Family(one, tuple(relatives[one]), frozenset(pairs[one])) for one in asked["client_ids"]]


def keep_apart(tx: Transaction, client_id: str, pair: Pair, *, since: datetime) -> None:
    """Keep that two people of a family never meet."""
    one, another = sorted(pair)
    both_ways = ((one, another), (another, one))
    rows = [
        {"person_id": person_id, "other_id": other_id, "client_id": client_id, "since": since}
        for person_id, other_id in both_ways
    ]
    tx.execute(insert(apart), rows)


def let_meet(tx: Transaction, pair: Pair) -> None:
    """Keep that two people are apart no longer."""
    one, another = sorted(pair)
    tx.execute(_PART, {"one": one, "another": another})


def set_ties(tx: Transaction, members: Iterable[FamilyMember]) -> None:
    """Keep of each family member their relation, household and whether they are a guardian."""
    rows = [
        {
            "of_person": one.person_id,
            "new_relation": one.relation,
            "new_household": one.household,
            "new_is_guardian": one.is_guardian,
        }
        for one in members
    ]
    if rows:
        tx.execute(_SET_TIE, rows)


def shared(tx: Transaction, pair: Pair, *, now: datetime) -> list[str]:
    """Return the ids of the booked sessions not over yet in which both have a place, soonest first."""
    one, another = sorted(pair)
    return list(tx.execute(_SHARED, {"one": one, "another": another, "now": now}).scalars())


def apart_among(tx: Transaction, person_ids: Iterable[str]) -> frozenset[Pair]:
    """Return each two of these people who are kept apart."""
    rows = tx.execute(_APART_AMONG, {"person_ids": sorted(set(person_ids))})
    return frozenset(frozenset((row.person_id, row.other_id)) for row in rows)


def closed_to(tx: Transaction, person_ids: Collection[str], session_ids: Iterable[str]) -> frozenset[str]:
    """Return those of the sessions in which somebody has a place who is kept apart from one of these people.

    To them such a session must look, in every way, like one that is full.
    """
    values = {"person_ids": sorted(set(person_ids)), "session_ids": sorted(set(session_ids))}
    return frozenset(tx.execute(_CLOSED, values).scalars())


def _member(row: Any) -> FamilyMember:
    return FamilyMember(row.person_id, row.client_id, row.relation, row.household, row.is_guardian)
