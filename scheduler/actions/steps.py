"""Steps of a program, as coordinators write them.

One who changes a step changes the kind it is held as in the same transaction, and the coming sessions that
nobody has a place in. Steps of a program are changed one after the other: its row is locked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scheduler.actions.laying import adapt, lay_ahead
from scheduler.actions.perform import look, perform
from scheduler.actions.programs import change_program, close_step, note_program, open_program
from scheduler.domain.audit import Entity, Event, Trail
from scheduler.domain.errors import Invalid, NoLonger
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Task, require
from scheduler.domain.program import Program, Step, check_needs, shifted
from scheduler.services import Services
from scheduler.storage import offerings, programs
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class StepWish:
    """What a coordinator says of a step; ``needs`` are the ids of those that come before it."""

    title: str
    minutes: int
    is_group: bool
    education_only: bool
    goals: str = ""
    handout: str = ""
    needs: tuple[str, ...] = ()
    least_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step, or a new one, with its program and the steps that stand before it."""

    program: Program
    step: Step | None
    earlier: tuple[Step, ...]
    weekly_times: int = 0


async def see_step(services: Services, actor: Actor, step_id: str) -> StepSeen:
    """Return a step as its coordinators see it.

    Raises:
        NotFound: there is none.
        NoLonger: it was ended, or its program.
        Denied: the actor does not coordinate.
    """

    def work(tx: Transaction) -> StepSeen:
        require(actor, Task.PROGRAM)
        step = _open_step(programs.step(tx, step_id))
        earlier = [one for one in _live(tx, step.program_id) if one.position < step.position]
        weekly_times = len(offerings.of_step(tx, step.id))
        return StepSeen(open_program(programs.get(tx, step.program_id)), step, tuple(earlier), weekly_times)

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def prepare_step(services: Services, actor: Actor, program_id: str) -> StepSeen:
    """Return what the form of a new step needs.

    Raises:
        NotFound: there is no such program.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """

    def work(tx: Transaction) -> StepSeen:
        require(actor, Task.PROGRAM)
        program = open_program(programs.get(tx, program_id))
        return StepSeen(program, None, tuple(_live(tx, program_id)))

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def add_step(services: Services, actor: Actor, program_id: str, wish: StepWish) -> Step:
    """Keep a new step at the end of a program, or return the same one, kept before.

    Raises:
        Invalid: another step has this title, or one that it needs does not stand before it.
        NotFound: there is no such program.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """
    step_id = services.new_id()

    def change(tx: Transaction, trail: Trail, program: Program) -> Step:
        every = programs.steps_of(tx, program.id)
        last = max((one.position for one in every), default=0)
        _check_minutes(wish)
        made = Step(step_id, program.id, last + 1, **_facts(wish))
        for one in every:
            if replace(one, id=made.id, position=made.position) == made:
                return one
        _check(made, every)
        programs.add_step(tx, made)
        note_program(tx, trail, Event.PROGRAM_CHANGED, Entity("step", made.id), {"after": _words(made)})
        return made

    return await change_program(services, actor, program_id, change)


async def change_step(services: Services, actor: Actor, step_id: str, wish: StepWish) -> Step:
    """Change a step, its kind, and the coming sessions of it in which nobody has a place.

    Raises:
        Invalid: another step has this title, one that it needs does not stand before it, or it has weekly
            times and is to be for one family.
        NotFound: there is none.
        NoLonger: it was ended, or its program.
        Denied: the actor does not coordinate.
    """
    trail = services.trail(actor)

    def change(tx: Transaction, trail: Trail, before: Step) -> Step:
        _check_minutes(wish)
        after = replace(before, **_facts(wish))
        if after == before:
            return before
        _check(after, programs.steps_of(tx, before.program_id))
        weekly = offerings.of_step_locked(tx, before.id)
        if weekly and not after.is_group:
            raise Invalid({"held": "End the weekly times of this step first: they are for several families."})
        programs.change_step(tx, after)
        for one in weekly:
            adapt(tx, trail, one, one, (before.minutes, after.minutes))
        detail = {"before": _words(before), "after": _words(after)}
        note_program(tx, trail, Event.PROGRAM_CHANGED, Entity("step", after.id), detail)
        return after

    after = await _change_step(services, trail, step_id, change)
    await lay_ahead(services, act_id=trail.act_id)
    return after


async def shift_step(services: Services, actor: Actor, step_id: str, *, up: bool) -> Step:
    """Put a step one place further up or down; at the end of the list it stays.

    Raises:
        Invalid: then a step would stand before one that it needs.
        NotFound: there is none.
        NoLonger: it was ended, or its program.
        Denied: the actor does not coordinate.
    """

    def change(tx: Transaction, trail: Trail, step: Step) -> Step:
        every = programs.steps_of(tx, step.program_id)
        live = [one for one in every if one.ended_at is None]
        order = shifted(live, step.id, up=up)
        if [one.id for one in order] != [one.id for one in live]:
            ended = [one for one in every if one.ended_at is not None]
            programs.put_in_order(tx, step.program_id, [*order, *ended])
            detail = {"order": [one.title for one in order]}
            note_program(tx, trail, Event.PROGRAM_CHANGED, Entity("program", step.program_id), detail)
        return step

    return await _change_step(services, services.trail(actor), step_id, change)


async def end_step(services: Services, actor: Actor, step_id: str) -> Step:
    """End a step with its weekly times; no other step needs it from now on, and what was done stays done.

    Raises:
        NotFound: there is none.
        NoLonger: it was ended, or its program.
        Denied: the actor does not coordinate.
    """

    def change(tx: Transaction, trail: Trail, step: Step) -> Step:
        close_step(tx, trail, step)
        return step

    return await _change_step(services, services.trail(actor), step_id, change)


async def _change_step(
    services: Services, trail: Trail, step_id: str, change: Callable[[Transaction, Trail, Step], Step]
) -> Step:
    def work(tx: Transaction) -> Step:
        require(trail.actor, Task.PROGRAM)
        open_program(programs.locked(tx, programs.step(tx, step_id).program_id))
        return change(tx, trail, _open_step(programs.step(tx, step_id)))

    return await perform(services, trail.actor, Event.PROGRAM_CHANGED, work)


def _check(step: Step, every: Sequence[Step]) -> None:
    others = [one for one in every if one.id != step.id and one.ended_at is None]
    if any(one.title.casefold() == step.title.casefold() for one in others):
        raise Invalid({"title": "Another step of this program has this title."})
    check_needs(step, every)


def _check_minutes(wish: StepWish) -> None:
    if wish.least_minutes is not None and not 1 <= wish.least_minutes <= wish.minutes:
        raise Invalid({"least_minutes": f"Please write a number from 1 to {wish.minutes}."})


def _facts(wish: StepWish) -> dict[str, Any]:
    facts = {name: getattr(wish, name) for name in StepWish.__slots__}
    return facts | {"needs": tuple(sorted(set(wish.needs)))}


def _live(tx: Transaction, program_id: str) -> list[Step]:
    return [one for one in programs.steps_of(tx, program_id) if one.ended_at is None]


def _open_step(step: Step) -> Step:
    if step.ended_at is not None:
        raise NoLonger("step ended")
    return step


def _words(step: Step) -> dict[str, Any]:
    """Return a step for the sealed detail of an entry."""
    kept = ("title", "minutes", "least_minutes", "is_group", "education_only", "goals", "handout")
    return {name: getattr(step, name) for name in kept} | {"needs": list(step.needs)}
