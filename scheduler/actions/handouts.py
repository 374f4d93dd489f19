"""Handouts: a step of the program as a page that a family reads."""

from dataclasses import dataclass

from scheduler.actions.perform import perform
from scheduler.actions.slots import client_of, is_barred
from scheduler.domain.audit import Entity, Event, Purpose
from scheduler.domain.errors import NotFound, NotReleased
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.program import Program, Step
from scheduler.services import Services
from scheduler.storage import audit, kinds, programs
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Handout:
    """A step with its program; ``before`` are the steps that come before it, by title."""

    program: Program
    step: Step
    before: tuple[str, ...]


async def my_handout(services: Services, actor: Actor, step_id: str) -> Handout:
    """Return a step of a program in which the actor's family takes part; of one that it left, what the actor
    has done or booked.

    Raises:
        NotFound: there is none, or the family takes no part in its program, and has neither.
        NotReleased: the step is no education, and no release in force names the actor.
        Denied: not of a family.
    """
    trail, client_id = services.trail(actor), client_of(actor)

    def work(tx: Transaction) -> Handout:
        step = programs.step(tx, step_id)
        mine = {
            program.id: program
            for program, goes_on in programs.of_actor(tx, actor)
            if goes_on or any(one.step_id == step.id for one in programs.sessions_of(tx, actor))
        }
        if step.program_id not in mine:
            raise NotFound("step")
        require(actor, Task.PROGRAM, Subject(own=True))
        if is_barred(tx, kinds.get(tx, step.id), client_id, actor.person_id or "", trail.at):
            raise NotReleased("no release in force")
        every = programs.steps_of(tx, step.program_id)
        audit.append(
            tx,
            trail,
            Event.SESSION_READ,
            client_id=client_id,
            entities=(Entity("step", step.id),),
            purpose=Purpose.TREATMENT,
        )
        before = tuple(one.title for one in every if one.id in step.needs)
        return Handout(mine[step.program_id], step, before)

    return await perform(services, actor, Event.SESSION_READ, work, client_id=client_id)
