"""A family's path, as staff keep it: what each person has done, corrected with a reason; the level of care.

Coordinators and supervisors do so for clients of whose care team they are; a clinician, for people whose
session of the step they hosted. Nothing that was done is lost when the level of care changes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from scheduler.actions.perform import perform
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.credits import Credit
from scheduler.domain.errors import Denied, NotFound
from scheduler.domain.people import Actor, CareLevel, Person, Role
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.program import Program, Step
from scheduler.services import Services
from scheduler.storage import audit, people, programs, step_credits
from scheduler.storage.database import Transaction
from scheduler.storage.step_credits import Hosted


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of a program with one person's credit for it, None where nothing was decided."""

    step: Step
    credit: Credit | None
    may_correct: bool

    @property
    def is_done(self) -> bool:
        """Tell whether the person has credit for it."""
        return self.credit is not None and self.credit.is_given


@dataclass(frozen=True, slots=True)
class Walker:
    """One person of a family with the steps of its programs; the client has no ``relation``."""

    person: Person
    relation: str
    steps: tuple[StepDone, ...]

    @property
    def done(self) -> int:
        """Return how many steps they have done."""
        return sum(one.is_done for one in self.steps)


@dataclass(frozen=True, slots=True)
class PathSeen:
    """A family's path. ``care_level`` is empty for a host who is not on the care team."""

    client: Person
    care_level: str
    may_move: bool
    programs: tuple[Program, ...]
    walkers: tuple[Walker, ...]


@dataclass(frozen=True, slots=True)
class CreditSeen:
    """One person's credit for one step, to be corrected."""

    client: Person
    person: Person
    done: StepDone


async def see_path(services: Services, actor: Actor, client_id: str) -> PathSeen:
    """Return a family's path; an entry is left.

    Raises:
        NotFound: no such client, or none of the actor's, and no session of the family was hosted by them.
        Denied: not of the care staff.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> PathSeen:
        hosted = _require_visible(tx, actor, client_id)
        is_assigned = client_id in actor.client_ids
        path = PathSeen(
            people.get(tx, client_id),
            people.client(tx, client_id).care_level if is_assigned else "",
            is_assigned and actor.role is not Role.CLINICIAN,
            tuple(programs.of_client(tx, client_id)),
            _walkers(tx, actor, client_id, hosted),
        )
        _note(tx, trail, Event.CLIENT_READ, client_id)
        return path

    return await perform(services, actor, Event.CLIENT_READ, work)


async def see_credit(
    services: Services, actor: Actor, client_id: str, person_id: str, step_id: str
) -> CreditSeen:
    """Return one person's credit for a step, which the actor may correct; an entry is left.

    Raises:
        NotFound: no such person of a family of theirs, or no such step of its programs.
        Denied: they may not correct it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> CreditSeen:
        seen = _correctable(tx, actor, client_id, person_id, step_id)
        _note(tx, trail, Event.CLIENT_READ, client_id, _touched(step_id, person_id))
        return seen

    return await perform(services, actor, Event.CLIENT_READ, work)


async def correct_credit(
    services: Services,
    actor: Actor,
    client_id: str,
    person_id: str,
    step_id: str,
    *,
    is_given: bool,
    reason: str,
) -> None:
    """Give a person credit for a step or take it away; what is so already stays as it is.

    Raises:
        NotFound: no such person of a family of theirs, or no such step of its programs.
        Denied: they may not correct it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        _correctable(tx, actor, client_id, person_id, step_id)
        made = Credit(step_id, person_id, is_given, trail.at, None, actor.person_id, reason)
        if step_credits.decide(tx, made):
            detail = {"before": not is_given, "after": is_given, "reason": reason}
            _note(tx, trail, Event.CREDIT_CORRECTED, client_id, _touched(step_id, person_id), detail)

    await perform(services, actor, Event.CREDIT_CORRECTED, work)


async def change_care_level(services: Services, actor: Actor, client_id: str, level: CareLevel) -> None:
    """Move a client to another level of care; credit, enrolment and places stay as they are.

    Raises:
        NotFound: no such client, or none of whose care team the actor is.
        Denied: the actor neither coordinates nor supervises.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        if actor.role is Role.CLINICIAN:
            raise Denied("the level of care is kept by coordinators")
        require(actor, Task.PROGRAM)
        if client_id not in actor.client_ids:
            raise NotFound("client")
        before = people.change_care_level(tx, client_id, level)
        if before != level:
            detail = {"before": before, "after": level}
            _note(tx, trail, Event.CARE_LEVEL_CHANGED, client_id, detail=detail)

    await perform(services, actor, Event.CARE_LEVEL_CHANGED, work)


def _require_visible(tx: Transaction, actor: Actor, client_id: str) -> Hosted:
    """Return what the actor hosted of a family that they may see something of.

    Raises:
        NotFound: they may see nothing of it.
        Denied: not of the care staff.
    """
    is_assigned = client_id in actor.client_ids
    hosted = step_credits.hosted_by(tx, actor.person_id or "", client_id)
    if actor.is_staff and not is_assigned and (actor.role is not Role.CLINICIAN or not hosted):
        require(actor, Task.PROGRAM, Subject(assigned=True))
        raise NotFound("client")
    require(actor, Task.PROGRAM, Subject(assigned=True))
    return hosted


def _walkers(tx: Transaction, actor: Actor, client_id: str, hosted: Hosted) -> tuple[Walker, ...]:
    """Return the people of a family with their steps; to a host alone, those of what they hosted."""
    relations = {client_id: ""} | {one.person_id: one.relation for one in people.family_of(tx, client_id)}
    names, done = people.get_many(tx, relations), step_credits.of_people(tx, list(relations))
    steps = [step for one in programs.of_client(tx, client_id) for step in programs.steps_of(tx, one.id)]
    walkers = []
    for person_id, relation in relations.items():
        mine = [
            StepDone(step, done.get((person_id, step.id)), _may_correct(actor, person_id, step.id, hosted))
            for step in steps
            if (step.ended_at is None or (person_id, step.id) in done)
            and (client_id in actor.client_ids or (person_id, step.id) in hosted)
        ]
        if mine:
            walkers.append(Walker(names[person_id], relation, tuple(mine)))
    return tuple(walkers)


def _may_correct(actor: Actor, person_id: str, step_id: str, hosted: Collection[tuple[str, str]]) -> bool:
    return actor.role is not Role.CLINICIAN or (person_id, step_id) in hosted


def _correctable(tx: Transaction, actor: Actor, client_id: str, person_id: str, step_id: str) -> CreditSeen:
    hosted = _require_visible(tx, actor, client_id)
    for walker in _walkers(tx, actor, client_id, hosted):
        for done in walker.steps:
            if (walker.person.id, done.step.id) == (person_id, step_id):
                if not done.may_correct:
                    require(actor, Task.HOST)
                return CreditSeen(people.get(tx, client_id), walker.person, done)
    raise NotFound("step of a person")


def _touched(step_id: str, person_id: str) -> tuple[Entity, ...]:
    return Entity("step", step_id), Entity("person", person_id)


def _note(
    tx: Transaction,
    trail: Trail,
    event: Event,
    client_id: str,
    entities: tuple[Entity, ...] = (),
    detail: dict[str, Any] | None = None,
) -> None:
    audit.append(
        tx,
        trail,
        event,
        client_id=client_id,
        entities=entities,
        purpose=Purpose.TREATMENT,
        detail=detail,
    )
