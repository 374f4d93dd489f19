"""Which steps come before others: required where a place is taken or a session of one family is booked."""

from collections.abc import Iterable

from scheduler.domain.errors import StepFirst
from scheduler.domain.offers import Offer
from scheduler.storage import programs
from scheduler.storage.database import Transaction


def require_steps_before(tx: Transaction, kind_id: str, person_ids: Iterable[str]) -> None:
    """Return when each of these people has done all that comes before the step; other kinds need nothing.

    Raises:
        StepFirst: another step comes first.
    """
    for person_id in dict.fromkeys(person_ids):
        titles = programs.missing_before(tx, kind_id, person_id)
        if titles:
            raise StepFirst(titles)


def require_turn(tx: Transaction, offer: Offer, person_ids: Iterable[str]) -> None:
    """As `require_steps_before` for a kind that is offered, which tells whether any step comes before it.

    Raises:
        StepFirst: another step comes first.
    """
    if offer.has_needs:
        require_steps_before(tx, offer.kind.id, person_ids)
