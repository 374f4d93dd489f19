"""Programs as a collection: steps, their weekly offerings, enrolled families and how far they have come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select

from scheduler.domain.booking import Status
from scheduler.domain.people import Actor
from scheduler.domain.program import Offering, Program, Step, StepSession, kind_of
from scheduler.storage import kinds
from scheduler.storage.database import Transaction
from scheduler.storage.tables import enrolled_families, offerings, places, programs, sessions, steps

_OF_CLIENTS = (
    select(programs)
    .join(enrolled_families, enrolled_families.c.program_id == programs.c.id)
    .where(enrolled_families.c.client_id.in_(bindparam("client_ids", expanding=True)))
    .distinct()
    .order_by(programs.c.name, programs.c.id)
)
_STEPS = (
    select(steps).where(steps.c.program_id == bindparam("of_program")).order_by(steps.c.position, steps.c.id)
)
_OFFERINGS = (
    select(offerings)
    .join(steps, steps.c.id == offerings.c.step_id)
    .where(steps.c.program_id == bindparam("of_program"))
    .order_by(offerings.c.id)
)
_SESSIONS = (
    select(steps.c.id.label("step_id"), sessions.c.starts_at, places.c.status)
    .select_from(places)
    .join(sessions, sessions.c.id == places.c.session_id)
    .join(steps, steps.c.id == sessions.c.kind_id)
    .where(places.c.person_id == bindparam("asker_id"), places.c.status.in_((Status.BOOKED, Status.ATTENDED)))
)


def add(tx: Transaction, program: Program, parts: Sequence[Step]) -> None:
    """Keep a program with its steps, and the kind that each step is held as."""
    tx.execute(insert(programs), {"id": program.id, "name": program.name})
    for step in parts:
        kinds.add(tx, kind_of(step))
    rows = [{name: getattr(step, name) for name in Step.__slots__} for step in parts]
    if rows:
        tx.execute(insert(steps), rows)


def add_offering(tx: Transaction, offering: Offering) -> None:
    """Keep that a step is offered every week."""
    tx.execute(insert(offerings), {name: getattr(offering, name) for name in Offering.__slots__})


def enrol(tx: Transaction, program_id: str, client_id: str, *, enrolled_at: datetime) -> None:
    """Keep that a client's family takes part in a program."""
    values = {"program_id": program_id, "client_id": client_id, "enrolled_at": enrolled_at}
    tx.execute(insert(enrolled_families), values)


def of_actor(tx: Transaction, actor: Actor) -> list[Program]:
    """Return the programs that the actor's family takes part in."""
    rows = tx.execute(_OF_CLIENTS, {"client_ids": sorted(actor.client_ids)})
    return [Program(row.id, row.name) for row in rows]


def steps_of(tx: Transaction, program_id: str) -> list[Step]:
    """Return the steps of a program in their order."""
    return [_step(row) for row in tx.execute(_STEPS, {"of_program": program_id})]


def offerings_of(tx: Transaction, program_id: str) -> list[Offering]:
    """Return when the steps of a program are held."""
    return [_offering(row) for row in tx.execute(_OFFERINGS, {"of_program": program_id})]


def sessions_of(tx: Transaction, actor: Actor) -> list[StepSession]:
    """Return the program sessions in which the actor has, or had, a place."""
    rows = tx.execute(_SESSIONS, {"asker_id": actor.person_id})
    return [
        StepSession(row.step_id, row.starts_at, is_attended=row.status == Status.ATTENDED) for row in rows
    ]


def _step(row: Row[Any]) -> Step:
    return Step(**{name: getattr(row, name) for name in Step.__slots__})


def _offering(row: Row[Any]) -> Offering:
    return Offering(**{name: getattr(row, name) for name in Offering.__slots__})
