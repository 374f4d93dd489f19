"""Programs, as coordinators see and keep them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from scheduler.actions.laying import Gap, cohorts_of, gaps
from scheduler.actions.offerings import end as end_offering
from scheduler.actions.perform import look, perform
from scheduler.actions.proposals import lapse
from scheduler.domain.audit import Entity, Event, Trail
from scheduler.domain.errors import NoLonger
from scheduler.domain.people import SYSTEM, Actor
from scheduler.domain.permissions import Task, require
from scheduler.domain.program import Cohort, Offering, Program, Step
from scheduler.services import Services
from scheduler.storage import audit, offerings, people, programs, proposals
from scheduler.storage.database import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProgramSeen:
    """A program with its steps, their weekly times, the coming sessions and the dates without one.

    ``families`` counts those who take part; ``names`` are those of hosts, by id.
    """

    program: Program
    steps: tuple[Step, ...]
    offerings: tuple[Offering, ...]
    cohorts: tuple[Cohort, ...]
    gaps: tuple[Gap, ...]
    families: int
    names: dict[str, str]


async def list_programs(services: Services, actor: Actor) -> list[Program]:
    """Return the programs by name.

    Raises:
        Denied: the actor does not coordinate.
    """

    def work(tx: Transaction) -> list[Program]:
        require(actor, Task.PROGRAM)
        return programs.every(tx)

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def add_program(services: Services, actor: Actor, name: str) -> Program:
    """Keep a new program, or return the one of this name that is there already.

    Raises:
        Denied: the actor does not coordinate.
    """
    trail, program = services.trail(actor), Program(services.new_id(), name)

    def work(tx: Transaction) -> Program:
        require(actor, Task.PROGRAM)
        audit.lock(tx)
        for one in programs.every(tx):
            if one.name.casefold() == name.casefold():
                return one
        programs.add(tx, program)
        note_program(tx, trail, Event.PROGRAM_ADDED, Entity("program", program.id), {"name": name})
        return program

    return await perform(services, actor, Event.PROGRAM_ADDED, work)


async def see_program(services: Services, actor: Actor, program_id: str) -> ProgramSeen:
    """Return a program as its coordinators see it; nobody of a family is named, so that no entry is left.

    Raises:
        NotFound: there is none.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """
    now, weeks = services.now(), services.settings.offering_weeks

    def work(tx: Transaction) -> ProgramSeen:
        require(actor, Task.PROGRAM)
        found = offerings.of_program(tx, program_id)
        cohorts = cohorts_of(tx, [one.id for one in found], now=now)
        hosts = {person_id for one in found for person_id in one.host_ids}
        hosts |= {one.session.host_id for one in cohorts}
        return ProgramSeen(
            program=open_program(programs.get(tx, program_id)),
            steps=tuple(programs.steps_of(tx, program_id)),
            offerings=tuple(found),
            cohorts=tuple(cohorts),
            gaps=tuple(gaps(tx, found, weeks=weeks, now=now)),
            families=len(programs.enrolled(tx, program_id)),
            names={person.id: person.name for person in people.get_many(tx, hosts).values()},
        )

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def rename_program(services: Services, actor: Actor, program_id: str, name: str) -> None:
    """Keep a program's new name.

    Raises:
        NotFound: there is none.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """

    def change(tx: Transaction, trail: Trail, program: Program) -> None:
        if program.name != name:
            programs.rename(tx, program.id, name)
            detail = {"before": program.name, "after": name}
            note_program(tx, trail, Event.PROGRAM_CHANGED, Entity("program", program.id), detail)

    await change_program(services, actor, program_id, change)


async def end_program(services: Services, actor: Actor, program_id: str) -> None:
    """End a program with its steps and their weekly times; what families have done and booked stays.

    Raises:
        NotFound: there is none.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """

    def change(tx: Transaction, trail: Trail, program: Program) -> None:
        for step in programs.steps_of(tx, program.id):
            if step.ended_at is None:
                close_step(tx, trail, step)
        programs.end(tx, program.id, ended_at=trail.at)
        note_program(tx, trail, Event.PROGRAM_CHANGED, Entity("program", program.id), {"after": "ended"})

    await change_program(services, actor, program_id, change)


async def change_program(
    services: Services, actor: Actor, program_id: str, change: Callable[[Transaction, Trail, Program], T]
) -> T:
    """Run ``change`` of a program, its row locked, for a coordinator.

    Raises:
        NotFound: there is none.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> T:
        require(actor, Task.PROGRAM)
        return change(tx, trail, open_program(programs.locked(tx, program_id)))

    return await perform(services, actor, Event.PROGRAM_CHANGED, work)


def close_step(tx: Transaction, trail: Trail, step: Step) -> None:
    """End a step with its weekly times, and what is proposed of it; nobody books it any more."""
    for one in offerings.of_step_locked(tx, step.id):
        end_offering(tx, trail, one, step.minutes)
    for proposal in proposals.of_kind(tx, step.id):
        lapse(tx, replace(trail, actor=SYSTEM), proposal)
    programs.end_step(tx, step.id, ended_at=trail.at)
    note_program(tx, trail, Event.PROGRAM_CHANGED, Entity("step", step.id), {"after": "ended"})


def open_program(program: Program) -> Program:
    """Return the program itself while it goes on.

    Raises:
        NoLonger: it was ended.
    """
    if program.ended_at is not None:
        raise NoLonger("program ended")
    return program


def note_program(
    tx: Transaction, trail: Trail, event: Event, touched: Entity, detail: dict[str, Any]
) -> None:
    """Append the entry of what was done to a program or a part of it, with words sealed beside it."""
    audit.append(tx, trail, event, entities=(touched,), detail=detail)
