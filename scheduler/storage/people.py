"""People as a collection: names and addresses are sealed; an e-mail address is found by its keyed hash."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from scheduler.domain.errors import NotFound, Taken
from scheduler.domain.people import STAFF, Client, FamilyMember, Person, Role
from scheduler.storage.database import Transaction
from scheduler.storage.tables import care_team, clients, family_members, people

_FIND = select(people).where(people.c.id == bindparam("person_id"))
_FIND_BY_EMAIL = select(people).where(
    people.c.email_hash == bindparam("email_hash"), people.c.ended_at.is_(None)
)
_CODE_EMAIL = select(people.c.code_email_sealed).where(people.c.id == bindparam("person_id"))
_FIND_MANY = select(people).where(people.c.id.in_(bindparam("ids", expanding=True)))
_EVERYONE = select(people).where(people.c.ended_at.is_(None)).order_by(people.c.id)
_STAFF = (
    select(people).where(people.c.role.in_(sorted(STAFF)), people.c.ended_at.is_(None)).order_by(people.c.id)
)
_FAMILY = select(family_members).where(family_members.c.person_id == bindparam("person_id"))
_FAMILY_OF = select(family_members).where(family_members.c.client_id == bindparam("client_id"))
_CLIENT = select(clients).where(clients.c.person_id == bindparam("client_id"))
_CLIENT_LOCKED = _CLIENT.with_for_update()
_TEAM_CLIENTS = select(care_team.c.client_id).where(care_team.c.person_id == bindparam("person_id"))
_TEAMS = select(care_team.c.client_id, care_team.c.person_id).where(
    care_team.c.client_id.in_(bindparam("client_ids", expanding=True))
)


def add(tx: Transaction, person: Person, *, created_at: datetime) -> None:
    """Keep a new person.

    Raises:
        Taken: somebody has this e-mail address already.
    """
    if find_by_email(tx, person.email) is not None:
        raise Taken("email")
    values = {
        "id": person.id,
        "role": person.role,
        "name_sealed": tx.seal("people.name", person.id, person.name),
        "email_sealed": tx.seal("people.email", person.id, person.email),
        "email_hash": tx.lookup_hash("email", normal_email(person.email)),
        "phone_sealed": tx.seal("people.phone", person.id, person.phone) if person.phone else None,
        "zone": person.zone,
        "language": person.language,
        "duty": person.duty,
        "created_at": created_at,
    }
    tx.execute(insert(people), values)


def add_client(tx: Transaction, client: Client) -> None:
    """Keep that a person is in treatment."""
    tx.execute(
        insert(clients),
        {
            "person_id": client.person_id,
            "care_level": client.care_level,
            "is_minor": client.is_minor,
            "privilege_holder": client.privilege_holder,
        },
    )


def add_family_member(tx: Transaction, member: FamilyMember) -> None:
    """Keep that a person is related to a client."""
    tx.execute(
        insert(family_members),
        {
            "person_id": member.person_id,
            "client_id": member.client_id,
            "relation": member.relation,
            "household": member.household,
            "is_guardian": member.is_guardian,
        },
    )


def add_to_care_team(tx: Transaction, *, client_id: str, person_id: str) -> None:
    """Keep that a person of staff is on a client's care team."""
    tx.execute(insert(care_team), {"client_id": client_id, "person_id": person_id})


def get(tx: Transaction, person_id: str) -> Person:
    """Return the person with this id, ended or not.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_FIND, {"person_id": person_id}).one_or_none()
    if row is None:
        raise NotFound("person")
    return _person(tx, row)


def get_many(tx: Transaction, person_ids: Iterable[str]) -> dict[str, Person]:
    """Return people by id; unknown ids are left out."""
    rows = tx.execute(_FIND_MANY, {"ids": sorted(set(person_ids))})
    return {row.id: _person(tx, row) for row in rows}


def find_by_email(tx: Transaction, email: str) -> Person | None:
    """Return the active person with this e-mail address, or None."""
    row = tx.execute(
        _FIND_BY_EMAIL, {"email_hash": tx.lookup_hash("email", normal_email(email))}
    ).one_or_none()
    return None if row is None else _person(tx, row)


def address_for_codes(tx: Transaction, person: Person) -> str:
    """Return where the person's codes to join go: the other address on file, where they gave one."""
    sealed = tx.execute(_CODE_EMAIL, {"person_id": person.id}).scalar_one()
    return person.email if sealed is None else tx.open("people.code_email", person.id, sealed)


def staff(tx: Transaction) -> list[Person]:
    """Return all active people of staff."""
    return [_person(tx, row) for row in tx.execute(_STAFF)]


def everyone(tx: Transaction) -> list[Person]:
    """Return all active people; only the demo, where nobody is real, asks this."""
    return [_person(tx, row) for row in tx.execute(_EVERYONE)]


def end(tx: Transaction, person_id: str, *, ended_at: datetime) -> None:
    """Close a person's account; the id stays theirs for ever."""
    tx.execute(update(people).where(people.c.id == person_id).values(ended_at=ended_at))


def set_zone(tx: Transaction, person_id: str, zone: str) -> None:
    """Keep the IANA zone in which a person reads times."""
    tx.execute(update(people).where(people.c.id == person_id).values(zone=zone))


def family_member(tx: Transaction, person_id: str) -> FamilyMember | None:
    """Return the person's tie to a client, None for clients and staff."""
    row = tx.execute(_FAMILY, {"person_id": person_id}).one_or_none()
    return None if row is None else _member(row)


def family_of(tx: Transaction, client_id: str) -> list[FamilyMember]:
    """Return everyone related to a client."""
    return [_member(row) for row in tx.execute(_FAMILY_OF, {"client_id": client_id})]


def client(tx: Transaction, client_id: str) -> Client:
    """Return the client with this id.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_CLIENT, {"client_id": client_id}).one_or_none()
    if row is None:
        raise NotFound("client")
    return Client(row.person_id, row.care_level, row.is_minor, row.privilege_holder)


def change_care_level(tx: Transaction, client_id: str, level: str) -> str:
    """Keep a client's level of care; return the one before."""
    before: str = tx.execute(_CLIENT_LOCKED, {"client_id": client_id}).one().care_level
    tx.execute(update(clients).where(clients.c.person_id == client_id).values(care_level=level))
    return before


def clients_of(tx: Transaction, person_id: str, role: Role) -> frozenset[str]:
    """Return the clients a person belongs to: one's own, the family's, or those of the care teams."""
    if role is Role.CLIENT:
        return frozenset({person_id})
    if role is Role.FAMILY_MEMBER:
        member = family_member(tx, person_id)
        return frozenset({member.client_id}) if member else frozenset()
    return frozenset(tx.execute(_TEAM_CLIENTS, {"person_id": person_id}).scalars())


def care_teams_of(tx: Transaction, client_ids: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return (client id, person id) of everybody on the care teams of several clients."""
    rows = tx.execute(_TEAMS, {"client_ids": sorted(set(client_ids))})
    return frozenset((row.client_id, row.person_id) for row in rows)


def normal_email(email: str) -> str:
    """Return the spelling under which an address is looked up."""
    return email.strip().casefold()


def _person(tx: Transaction, row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        role=Role(row.role),
        name=tx.open("people.name", row.id, row.name_sealed),
        email=tx.open("people.email", row.id, row.email_sealed),
        zone=row.zone,
        language=row.language,
        phone=tx.open("people.phone", row.id, row.phone_sealed) if row.phone_sealed else "",
        duty=row.duty,
        ended_at=row.ended_at,
    )


def _member(row: Row[Any]) -> FamilyMember:
    return FamilyMember(row.person_id, row.client_id, row.relation, row.household, row.is_guardian)
