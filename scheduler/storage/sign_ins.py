"""Sign-ins as a collection: a row each, found by the keyed hash of the token in the browser's cookie."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, insert, select, update

from scheduler.domain.errors import NotFound
from scheduler.domain.people import Proof, Role
from scheduler.domain.sign_ins import Found, SignIn
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import care_team, family_members, people, rooms, sign_ins

_is_hosting = exists().where(rooms.c.opened_by == sign_ins.c.person_id, rooms.c.status == "open")
FOUND = (  # a row for each client, so that one statement brings everything an actor needs
    select(
        sign_ins,
        people.c.role,
        people.c.zone,
        family_members.c.client_id.label("family_client_id"),
        care_team.c.client_id.label("team_client_id"),
        _is_hosting.label("is_hosting"),
    )
    .join(people, and_(people.c.id == sign_ins.c.person_id, people.c.ended_at.is_(None)))
    .outerjoin(family_members, family_members.c.person_id == sign_ins.c.person_id)
    .outerjoin(care_team, care_team.c.person_id == sign_ins.c.person_id)
    .where(sign_ins.c.token_hash == bindparam("token_hash"), sign_ins.c.ended_at.is_(None))
)
_FIND = Query(FOUND)
_OF_PERSON = (
    select(sign_ins)
    .where(
        sign_ins.c.person_id == bindparam("person_id"),
        sign_ins.c.ended_at.is_(None),
        sign_ins.c.expires_at > bindparam("now", type_=sign_ins.c.expires_at.type),
    )
    .order_by(sign_ins.c.seen_at.desc(), sign_ins.c.id)
)


def add(tx: Transaction, sign_in: SignIn, *, token: str) -> None:
    """Keep a new sign-in; of the token only its keyed hash."""
    tx.execute(
        insert(sign_ins),
        {
            "id": sign_in.id,
            "token_hash": tx.lookup_hash("sign_in", token),
            "person_id": sign_in.person_id,
            "proof": sign_in.proof,
            "browser": sign_in.browser,
            "created_at": sign_in.created_at,
            "seen_at": sign_in.seen_at,
            "expires_at": sign_in.expires_at,
            "is_remembered": sign_in.is_remembered,
            "stepped_up_at": sign_in.stepped_up_at,
        },
    )


def find(tx: Transaction, token: str) -> Found | None:
    """Return the sign-in of a cookie's token with its person's role, zone and clients, or None."""
    rows = _FIND.all(tx, {"token_hash": tx.lookup_hash("sign_in", token)})
    if not rows:
        return None
    first, role = rows[0], Role(rows[0].role)
    return Found(
        sign_in=_sign_in(first),
        role=role,
        zone=first.zone,
        client_ids=_client_ids(rows, role),
        is_hosting=bool(first.is_hosting),
    )


def of_person(tx: Transaction, person_id: str, *, now: datetime) -> list[SignIn]:
    """Return a person's sign-ins that have neither ended nor expired, the one seen last first."""
    return [_sign_in(row) for row in tx.execute(_OF_PERSON, {"person_id": person_id, "now": now})]


def see(tx: Transaction, sign_in_id: str, *, seen_at: datetime) -> None:
    """Keep that the browser was there; never moves back."""
    later = update(sign_ins).where(sign_ins.c.id == sign_in_id, sign_ins.c.seen_at < seen_at)
    tx.execute(later.values(seen_at=seen_at))


def step_up(tx: Transaction, sign_in_id: str, *, stepped_up_at: datetime) -> None:
    """Keep the moment of a fresh second proof."""
    standing = update(sign_ins).where(sign_ins.c.id == sign_in_id, sign_ins.c.ended_at.is_(None))
    tx.execute(standing.values(stepped_up_at=stepped_up_at, seen_at=stepped_up_at))


def end(tx: Transaction, sign_in_id: str, *, person_id: str, ended_at: datetime) -> None:
    """End one of a person's sign-ins.

    Raises:
        NotFound: the person has no such sign-in, or it has ended.
    """
    own = update(sign_ins).where(
        sign_ins.c.id == sign_in_id, sign_ins.c.person_id == person_id, sign_ins.c.ended_at.is_(None)
    )
    if tx.execute(own.values(ended_at=ended_at)).rowcount == 0:
        raise NotFound("sign-in")


def replace(tx: Transaction, sign_in_id: str, *, ended_at: datetime) -> bool:
    """End a sign-in because its browser has a newer one; return False when it had ended before."""
    standing = update(sign_ins).where(sign_ins.c.id == sign_in_id, sign_ins.c.ended_at.is_(None))
    return tx.execute(standing.values(ended_at=ended_at)).rowcount == 1


def end_all(tx: Transaction, person_id: str, *, ended_at: datetime, but: str | None = None) -> list[str]:
    """End all of a person's sign-ins, but one where it is named; return the ids of those ended."""
    own = update(sign_ins).where(sign_ins.c.person_id == person_id, sign_ins.c.ended_at.is_(None))
    if but is not None:
        own = own.where(sign_ins.c.id != but)
    return sorted(tx.execute(own.values(ended_at=ended_at).returning(sign_ins.c.id)).scalars())


def _client_ids(rows: Sequence[Row[Any]], role: Role) -> frozenset[str]:
    if role is Role.CLIENT:
        return frozenset({rows[0].person_id})
    if role is Role.FAMILY_MEMBER:
        return frozenset(row.family_client_id for row in rows if row.family_client_id)
    return frozenset(row.team_client_id for row in rows if row.team_client_id)


def _sign_in(row: Row[Any]) -> SignIn:
    return SignIn(
        id=row.id,
        person_id=row.person_id,
        proof=Proof(row.proof),
        browser=row.browser,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        is_remembered=row.is_remembered,
        stepped_up_at=row.stepped_up_at,
        ended_at=row.ended_at,
    )
