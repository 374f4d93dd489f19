"""Naming: whose names those who coordinate or cover may read, and the entries of having read them."""

from collections.abc import Mapping, Sequence

from scheduler.domain.audit import Entity, Event, Facts, Noted, Purpose, Trail
from scheduler.domain.booking import Place, Session, Status
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, allows
from scheduler.storage import audit
from scheduler.storage.database import Transaction


def family_of(seats: Sequence[Place]) -> list[Place]:
    """Return the seats of families that were not given up."""
    return [seat for seat in seats if seat.client_id is not None and seat.status is not Status.CANCELLED]


def may_name(actor: Actor, seat: Place) -> bool:
    """Tell whether whoever covers or coordinates may read the name of a family member."""
    return allows(actor, Task.CONTACT_READ, Subject(assigned=seat.client_id in actor.client_ids))


def note_named(
    tx: Transaction, trail: Trail, named: Sequence[Session], places: Mapping[str, Sequence[Place]]
) -> None:
    """Append an entry for each client whose people were named, or one for none."""
    shown: dict[str | None, list[str]] = {}
    for session in named:
        for client_id in {seat.client_id for seat in family_of(places[session.id])}:
            shown.setdefault(client_id, []).append(session.id)
    audit.append_all(
        tx,
        trail,
        [
            Noted(Event.SESSION_READ, _facts(client_id, session_ids))
            for client_id, session_ids in sorted(shown.items(), key=str) or [(None, [])]
        ],
    )


def _facts(client_id: str | None, session_ids: Sequence[str]) -> Facts:
    touched = tuple(Entity("session", session_id) for session_id in session_ids)
    return Facts(client_id=client_id, entities=touched, purpose=Purpose.TREATMENT)
