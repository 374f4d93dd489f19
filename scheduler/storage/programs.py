"""Programs as a collection: their steps, the families that take part and how far they have come."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, insert, select, update

from scheduler.domain.booking import Status
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Actor
from scheduler.domain.program import Program, Step, StepSession, kind_of
from scheduler.storage import kinds
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import (
    enrolled_families,
    places,
    programs,
    sessions,
    step_credits,
    step_needs,
    steps,
)

_ONE = select(programs).where(programs.c.id == bindparam("of_program"))
_ONE_LOCKED = _ONE.with_for_update()
_EVERY = select(programs).where(programs.c.ended_at.is_(None)).order_by(programs.c.name, programs.c.id)
_OF_CLIENTS = (
    select(programs)
    .join(enrolled_families, enrolled_families.c.program_id == programs.c.id)
    .where(
        enrolled_families.c.client_id.in_(bindparam("client_ids", expanding=True)),
        enrolled_families.c.ended_at.is_(None),
    )
    .distinct()
    .order_by(programs.c.name, programs.c.id)
)
_EVER_OF_CLIENTS = (
    select(programs, enrolled_families.c.ended_at.label("left_at"))
    .join(enrolled_families, enrolled_families.c.program_id == programs.c.id)
    .where(enrolled_families.c.client_id.in_(bindparam("client_ids", expanding=True)))
    .order_by(enrolled_families.c.ended_at.is_not(None), programs.c.name, programs.c.id)
)
_OWN = (
    "id",
    "program_id",
    "position",
    "title",
    "minutes",
    "least_minutes",
    "is_group",
    "goals",
    "handout",
    "education_only",
)
_STEP = select(steps).where(steps.c.id == bindparam("of_step"))
_STEPS = (
    select(steps).where(steps.c.program_id == bindparam("of_program")).order_by(steps.c.position, steps.c.id)
)
_NEEDS = (
    select(step_needs)
    .where(step_needs.c.step_id.in_(bindparam("ids", expanding=True)))
    .order_by(step_needs.c.needed_id)
)
_TURN_POSITIONS = (
    update(steps).where(steps.c.program_id == bindparam("of_program")).values(position=-steps.c.position)
)
_SET_POSITION = update(steps).where(steps.c.id == bindparam("of_step")).values(position=bindparam("place"))
_ENROLLED = (
    select(enrolled_families.c.client_id)
    .where(
        enrolled_families.c.program_id == bindparam("of_program"),
        enrolled_families.c.ended_at.is_(None),
    )
    .order_by(enrolled_families.c.client_id)
)
_SESSIONS = (
    select(steps.c.id.label("step_id"), sessions.c.starts_at)
    .select_from(places)
    .join(sessions, sessions.c.id == places.c.session_id)
    .join(steps, steps.c.id == sessions.c.kind_id)
    .where(
        places.c.person_id == bindparam("asker_id"),
        places.c.status == Status.BOOKED,
        sessions.c.status == Status.BOOKED,
    )
)
_CREDITS = select(step_credits.c.step_id, step_credits.c.at).where(
    step_credits.c.person_id == bindparam("asker_id"), step_credits.c.is_given
)
_MISSING_BEFORE = Query(
    select(steps.c.title)
    .select_from(step_needs)
    .join(steps, steps.c.id == step_needs.c.needed_id)
    .where(
        step_needs.c.step_id == bindparam("of_step"),
        ~exists()
        .where(step_credits.c.step_id == step_needs.c.needed_id, step_credits.c.is_given)
        .where(step_credits.c.person_id == bindparam("for_person")),
    )
    .order_by(steps.c.position)
)


def add(tx: Transaction, program: Program, parts: Sequence[Step] = ()) -> None:
    """Keep a program with its steps."""
    tx.execute(insert(programs), {"id": program.id, "name": program.name})
    for step in parts:
        add_step(tx, step)


def get(tx: Transaction, program_id: str) -> Program:
    """Return the program with this id, ended or not.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_ONE, {"of_program": program_id}).one_or_none()
    if row is None:
        raise NotFound("program")
    return _program(row)


def locked(tx: Transaction, program_id: str) -> Program:
    """Return `get` for a change of the program or its steps: on PostgreSQL the row is locked.

    Raises:
        NotFound: there is none.
    """
    tx.execute(_ONE_LOCKED, {"of_program": program_id}).all()
    return get(tx, program_id)


def every(tx: Transaction) -> list[Program]:
    """Return the programs that were not ended, by name."""
    return [_program(row) for row in tx.execute(_EVERY)]


def rename(tx: Transaction, program_id: str, name: str) -> None:
    """Keep a program's new name."""
    tx.execute(update(programs).where(programs.c.id == program_id).values(name=name))


def end(tx: Transaction, program_id: str, *, ended_at: datetime) -> None:
    """Keep that a program is held no more."""
    tx.execute(update(programs).where(programs.c.id == program_id).values(ended_at=ended_at))


def add_step(tx: Transaction, step: Step) -> None:
    """Keep a step, and the kind that it is held as."""
    kinds.add(tx, kind_of(step))
    tx.execute(insert(steps), {name: getattr(step, name) for name in _OWN})
    _add_needs(tx, step)


def change_step(tx: Transaction, step: Step) -> None:
    """Keep a step as it is now, in its position, and its kind in step with it."""
    kinds.change(tx, kind_of(step))
    values = {name: getattr(step, name) for name in _OWN if name not in ("id", "program_id", "position")}
    tx.execute(update(steps).where(steps.c.id == step.id).values(values))
    tx.execute(delete(step_needs).where(step_needs.c.step_id == step.id))
    _add_needs(tx, step)


def end_step(tx: Transaction, step_id: str, *, ended_at: datetime) -> None:
    """Keep that a step is held and booked no more; no other step needs it from now on."""
    kinds.close(tx, step_id)
    tx.execute(update(steps).where(steps.c.id == step_id).values(ended_at=ended_at))
    tx.execute(delete(step_needs).where(step_needs.c.needed_id == step_id))


def put_in_order(tx: Transaction, program_id: str, order: Sequence[Step]) -> None:
    """Keep the positions of all steps of a program."""
    tx.execute(_TURN_POSITIONS, {"of_program": program_id})  # out of the way: no two share a position
    tx.execute(_SET_POSITION, [{"of_step": step.id, "place": place} for place, step in enumerate(order, 1)])


def step(tx: Transaction, step_id: str) -> Step:
    """Return the step with this id, ended or not, for those who have shown that they may see it.

    Raises:
        NotFound: there is none.
    """
    found = step_of_kind(tx, step_id)
    if found is None:
        raise NotFound("step")
    return found


def step_of_kind(tx: Transaction, kind_id: str) -> Step | None:
    """Return the step that is held as this kind, None where it is none of a program."""
    return next(iter(_steps(tx, tx.execute(_STEP, {"of_step": kind_id}).all())), None)


def steps_of(tx: Transaction, program_id: str) -> list[Step]:
    """Return the steps of a program in their order, ended ones too."""
    return _steps(tx, tx.execute(_STEPS, {"of_program": program_id}).all())


def enrol(tx: Transaction, program_id: str, client_id: str, *, enrolled_at: datetime) -> None:
    """Keep that a client's family takes part in a program, from now on or again."""
    key = enrolled_families.c.program_id == program_id, enrolled_families.c.client_id == client_id
    again = update(enrolled_families).where(*key).values(ended_at=None)
    if tx.execute(again).rowcount == 0:
        values = {"program_id": program_id, "client_id": client_id, "enrolled_at": enrolled_at}
        tx.execute(insert(enrolled_families), values)


def withdraw(tx: Transaction, program_id: str, client_id: str, *, ended_at: datetime) -> None:
    """Keep that a client's family takes part no more; what it has done stays done."""
    key = enrolled_families.c.program_id == program_id, enrolled_families.c.client_id == client_id
    tx.execute(update(enrolled_families).where(*key).values(ended_at=ended_at))


def enrolled(tx: Transaction, program_id: str) -> list[str]:
    """Return the clients whose families take part, for those who have shown whom of them they may know."""
    return list(tx.execute(_ENROLLED, {"of_program": program_id}).scalars())


def of_actor(tx: Transaction, actor: Actor) -> list[tuple[Program, bool]]:
    """Return the programs of the actor's family, and whether it takes part still; those it left, last."""
    rows = tx.execute(_EVER_OF_CLIENTS, {"client_ids": sorted(actor.client_ids)})
    return [(_program(row), row.left_at is None) for row in rows]


def of_client(tx: Transaction, client_id: str) -> list[Program]:
    """Return the programs that a client's family takes part in."""
    return [_program(row) for row in tx.execute(_OF_CLIENTS, {"client_ids": [client_id]})]


def sessions_of(tx: Transaction, actor: Actor) -> list[StepSession]:
    """Return the program sessions in which the actor has a place, and what they have credit for."""
    asked = {"asker_id": actor.person_id}
    seated = [
        StepSession(row.step_id, row.starts_at, is_credited=False) for row in tx.execute(_SESSIONS, asked)
    ]
    return seated + [
        StepSession(row.step_id, row.at, is_credited=True) for row in tx.execute(_CREDITS, asked)
    ]


def is_done(tx: Transaction, step_id: str, person_id: str) -> bool:
    """Tell whether a person has credit for a step; for what is no step, they have none."""
    rows = tx.execute(_CREDITS, {"asker_id": person_id})
    return any(row.step_id == step_id for row in rows)


def missing_before(tx: Transaction, step_id: str, person_id: str) -> tuple[str, ...]:
    """Return the titles of the steps that come before this one and that the person has not done, in order."""
    rows = _MISSING_BEFORE.all(tx, {"of_step": step_id, "for_person": person_id})
    return tuple(row.title for row in rows)


def _add_needs(tx: Transaction, step: Step) -> None:
    rows = [{"step_id": step.id, "needed_id": needed_id} for needed_id in step.needs]
    if rows:
        tx.execute(insert(step_needs), rows)


def _program(row: Row[Any]) -> Program:
    return Program(row.id, row.name, row.ended_at)


def _steps(tx: Transaction, rows: Iterable[Row[Any]]) -> list[Step]:
    found = list(rows)
    needs: defaultdict[str, list[str]] = defaultdict(list)
    if found:
        for one in tx.execute(_NEEDS, {"ids": [row.id for row in found]}):
            needs[one.step_id].append(one.needed_id)
    return [
        Step(
            **{name: getattr(row, name) for name in _OWN},
            needs=tuple(needs[row.id]),
            ended_at=row.ended_at,
        )
        for row in found
    ]
