"""People: one's own account, and the people of staff as the administrator keeps them.

An administrator sees the names of staff, and nothing of any client or family.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions.perform import look, perform
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.errors import NotFound, Taken
from scheduler.domain.passkeys import ENROLMENT_LASTS, Passkey
from scheduler.domain.people import STAFF, SYSTEM, Actor, Person, Role
from scheduler.domain.permissions import Task, require
from scheduler.domain.sign_ins import SignIn
from scheduler.services import Services
from scheduler.storage import audit, enrolments, notices, passkeys, people, schema, sign_ins
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Account:
    """Where a person is signed in, and with which passkeys."""

    sign_ins: Sequence[SignIn]
    passkeys: Sequence[Passkey]


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A person of staff to be added; ``zone`` is an IANA name, ``duty`` what a clinician does."""

    name: str
    email: str
    role: Role
    zone: str
    duty: str = ""


@dataclass(frozen=True, slots=True)
class EnrolmentLink:
    """The address of a one-time link, shown once and kept nowhere, and until when it works (aware UTC)."""

    person: Person
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person of staff, and how many passkeys they have."""

    person: Person
    passkeys: int


@dataclass(frozen=True, slots=True)
class System:
    """How the installation stands, in numbers and ids; nothing secret and nobody's data."""

    database: str
    schema_revision: str | None
    newest_revision: str
    key_ids: Sequence[str]
    notices: dict[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """What an administrator starts from."""

    staff: Sequence[StaffMember]
    system: System


async def own_account(services: Services, actor: Actor) -> Account:
    """Return one's own account; it holds no names."""
    now, person_id = services.now(), actor.person_id or ""

    def work(tx: Transaction) -> Account:
        return Account(sign_ins.of_person(tx, person_id, now=now), passkeys.of_person(tx, person_id))

    return await services.database.read(work)


async def overview(services: Services, actor: Actor) -> Overview:
    """Return the people of staff and how the installation stands.

    Raises:
        Denied: the actor is no administrator.
    """
    trail, newest_revision = services.trail(actor), schema.newest_revision()

    def work(tx: Transaction) -> Overview:
        require(replace(actor, stepped_up_at=trail.at), Task.STAFF_MANAGE, now=trail.at)  # only looking
        keys = passkeys.count_by_person(tx)
        staff = [StaffMember(person, keys.get(person.id, 0)) for person in people.staff(tx)]
        system = _system(services, tx, newest_revision)
        shown = Overview(sorted(staff, key=lambda member: member.person.name), system)
        entities = [Entity("person", member.person.id) for member in staff]
        audit.append(tx, trail, Event.PERSON_READ, entities=entities)
        return shown

    return await perform(services, actor, Event.PERSON_READ, work)


async def prepare_to_add(services: Services, actor: Actor) -> None:
    """Return when the actor may add people of staff, so that nobody fills in a form for nothing.

    Raises:
        Denied: the actor is no administrator.
        StepUpNeeded: the administrator has not just proved themselves anew.
    """
    now = services.now()
    await look(services, actor, Event.PERSON_ADDED, lambda _: require(actor, Task.STAFF_MANAGE, now=now))


async def staff_member(services: Services, actor: Actor, person_id: str) -> Person:
    """Return a person of staff whose account is about to be changed.

    Raises:
        Denied: the actor is no administrator.
        NotFound: there is no such person of staff.
        StepUpNeeded: the administrator has not just proved themselves anew.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Person:
        require(actor, Task.STAFF_MANAGE, now=trail.at)
        person = _staff(tx, person_id)
        audit.append(tx, trail, Event.PERSON_READ, entities=[Entity("person", person.id)])
        return person

    return await perform(services, actor, Event.PERSON_READ, work)


async def add_staff(services: Services, actor: Actor, wish: NewStaff) -> EnrolmentLink:
    """Add a person of staff, and return the one-time link for their first passkey.

    Raises:
        Denied: the actor is no administrator.
        StepUpNeeded: the administrator has not just proved themselves anew.
        Taken: somebody has this e-mail address already.
    """
    trail, adding = services.trail(actor), _adding(services, wish)

    def work(tx: Transaction) -> EnrolmentLink:
        require(actor, Task.STAFF_MANAGE, now=trail.at)
        return _add(services, tx, trail, adding)

    return await perform(services, actor, Event.PERSON_ADDED, work)


async def add_staff_at_console(services: Services, wish: NewStaff) -> EnrolmentLink:
    """Add a person of staff without being signed in: for the operator of the machine, who can do anything.

    Raises:
        Taken: somebody has this e-mail address already.
    """
    trail, adding = services.trail(SYSTEM), _adding(services, wish)
    return await services.database.write(lambda tx: _add(services, tx, trail, adding))


async def renew_enrolment(services: Services, actor: Actor, person_id: str) -> EnrolmentLink:
    """Return a fresh one-time link for a person of staff who lost their passkeys.

    Raises:
        Denied: the actor is no administrator.
        NotFound: there is no such person of staff.
        StepUpNeeded: the administrator has not just proved themselves anew.
    """
    trail, token = services.trail(actor), services.new_secret()

    def work(tx: Transaction) -> EnrolmentLink:
        require(actor, Task.STAFF_MANAGE, now=trail.at)
        person = _staff(tx, person_id)
        link = _link(services, tx, trail.at, person, token)
        entities = [Entity("person", person.id)]
        audit.append(tx, trail, Event.ENROLMENT_CREATED, entities=entities, purpose=Purpose.SECURITY)
        return link

    return await perform(services, actor, Event.ENROLMENT_CREATED, work)


async def end_staff(services: Services, actor: Actor, person_id: str) -> None:
    """Close the account of a person of staff: every sign-in ends at once, and every passkey is forgotten.

    Raises:
        Denied: the actor is no administrator.
        NotFound: there is no such person of staff.
        StepUpNeeded: the administrator has not just proved themselves anew.
        Taken: it is the administrator's own account, which somebody else must close.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        require(actor, Task.STAFF_MANAGE, now=trail.at)
        person = _staff(tx, person_id)
        if person.id == actor.person_id:
            raise Taken("one's own account")
        people.end(tx, person.id, ended_at=trail.at)
        sign_ins.end_all(tx, person.id, ended_at=trail.at)
        passkeys.remove_all(tx, person.id)
        enrolments.end(tx, person.id)
        audit.append(tx, trail, Event.PERSON_ENDED, entities=[Entity("person", person.id)])

    await perform(services, actor, Event.PERSON_ENDED, work)


def _staff(tx: Transaction, person_id: str) -> Person:
    person = people.get(tx, person_id)
    if person.role not in STAFF or person.ended_at is not None:
        raise NotFound("person of staff")
    return person


def _adding(services: Services, wish: NewStaff) -> tuple[Person, str]:
    person = Person(services.new_id(), wish.role, wish.name, wish.email, wish.zone, duty=wish.duty)
    return person, services.new_secret()


def _add(services: Services, tx: Transaction, trail: Trail, adding: tuple[Person, str]) -> EnrolmentLink:
    person, token = adding
    people.add(tx, person, created_at=trail.at)
    link = _link(services, tx, trail.at, person, token)
    entities = [Entity("person", person.id)]
    audit.append(tx, trail, Event.PERSON_ADDED, entities=entities, detail={"role": person.role})
    audit.append(tx, trail, Event.ENROLMENT_CREATED, entities=entities, purpose=Purpose.SECURITY)
    return link


def _link(services: Services, tx: Transaction, now: datetime, person: Person, token: str) -> EnrolmentLink:
    expires_at = now + ENROLMENT_LASTS
    enrolments.add(tx, token=token, person_id=person.id, expires_at=expires_at)
    return EnrolmentLink(person, services.settings.url(f"/enrol/{token}"), expires_at)


def _system(services: Services, tx: Transaction, newest_revision: str) -> System:
    return System(
        database=services.database.engine_name,
        schema_revision=schema.current_revision(tx.connection),
        newest_revision=newest_revision,
        key_ids=services.keyring.kids,
        notices={str(status): many for status, many in notices.counts(tx).items()},
    )
