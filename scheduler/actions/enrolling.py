"""Families of a program: a coordinator enrols those of whose care team they are, and sees no other's name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from scheduler.actions import waitlist as waiting
from scheduler.actions.perform import perform
from scheduler.actions.programs import open_program
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Actor, Person
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.program import Program
from scheduler.domain.waitlist import WaitStatus
from scheduler.services import Services
from scheduler.storage import audit, groups, people, programs, waitlist
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Families:
    """Who takes part in a program: clients of the actor's, those who could, and how many others there are."""

    program: Program
    enrolled: tuple[Person, ...]
    others: int
    could: tuple[Person, ...]


async def see_families(services: Services, actor: Actor, program_id: str) -> Families:
    """Return the families of a program; each client who is named is an entry of its own.

    Raises:
        NotFound: there is no such program.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Families:
        require(actor, Task.PROGRAM)
        program = open_program(programs.get(tx, program_id))
        enrolled = programs.enrolled(tx, program_id)
        mine = sorted(people.get_many(tx, actor.client_ids).values(), key=lambda one: one.name.casefold())
        found = Families(
            program,
            tuple(one for one in mine if one.id in enrolled),
            sum(client_id not in actor.client_ids for client_id in enrolled),
            tuple(one for one in mine if one.id not in enrolled and one.ended_at is None),
        )
        _note_named(tx, trail, program_id, (one.id for one in (*found.enrolled, *found.could)))
        return found

    return await perform(services, actor, Event.CLIENT_READ, work)


async def enrol_family(services: Services, actor: Actor, program_id: str, client_id: str) -> None:
    """Let a client's family begin a program; one that takes part already goes on.

    Raises:
        NotFound: no such program, or no client of whose care team the actor is.
        NoLonger: the program was ended.
        Denied: the actor does not coordinate.
    """
    await _change(services, actor, program_id, client_id, begins=True)


async def withdraw_family(services: Services, actor: Actor, program_id: str, client_id: str) -> None:
    """Let a client's family take part no more; what it has done stays done, and its booked places stay.

    It waits for places no more, and what was kept for it goes on to the next.

    Raises:
        NotFound: no such program, or no client of whose care team the actor is.
        NoLonger: the program was ended.
        Denied: the actor does not coordinate.
    """
    await _change(services, actor, program_id, client_id, begins=False)


async def _change(services: Services, actor: Actor, program_id: str, client_id: str, *, begins: bool) -> None:
    trail = services.trail(actor)
    event = Event.FAMILY_ENROLLED if begins else Event.FAMILY_WITHDRAWN

    def work(tx: Transaction) -> None:
        require(actor, Task.PROGRAM)
        program = open_program(programs.locked(tx, program_id))
        if client_id not in actor.client_ids:
            raise NotFound("client")
        require(actor, Task.CONTACT_READ, Subject(assigned=True))
        if (client_id in programs.enrolled(tx, program.id)) is begins:
            return
        if begins:
            programs.enrol(tx, program.id, client_id, enrolled_at=trail.at)
        else:
            programs.withdraw(tx, program.id, client_id, ended_at=trail.at)
            _stop_waiting(tx, trail, program.id, client_id, lasts=waiting.lasts_of(services))
        _note(tx, trail, event, program_id, client_id)

    await perform(services, actor, event, work)


def _stop_waiting(
    tx: Transaction, trail: Trail, program_id: str, client_id: str, *, lasts: timedelta
) -> None:
    for session_id in waitlist.of_program(tx, client_id, program_id):
        session = groups.locked(tx, session_id)
        for wait in waitlist.standing(tx, session_id):
            if wait.client_id == client_id:
                waiting.end(tx, wait, WaitStatus.CLOSED)
                waiting.note(tx, trail, Event.WAITLIST_CLOSED, wait)
        waiting.offer_freed(tx, trail, session, lasts=lasts)


def _note_named(tx: Transaction, trail: Trail, program_id: str, client_ids: Iterable[str]) -> None:
    for client_id in sorted(client_ids):
        _note(tx, trail, Event.CLIENT_READ, program_id, client_id)


def _note(tx: Transaction, trail: Trail, event: Event, program_id: str, client_id: str) -> None:
    touched = (Entity("program", program_id),)
    audit.append(tx, trail, event, client_id=client_id, entities=touched, purpose=Purpose.TREATMENT)
