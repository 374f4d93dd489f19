"""Keys: the entry that a new one is in use. The keys themselves are files, made by ``hearth keys``."""

from scheduler.domain.audit import Entity, Event, Purpose
from scheduler.domain.people import SYSTEM
from scheduler.services import Services
from scheduler.storage import audit


async def note_rotation(services: Services, kid: str) -> None:
    """Append the entry of a rotation to the master key called ``kid``."""
    trail, entities = services.trail(SYSTEM), [Entity("key", kid)]
    await services.database.write(
        lambda tx: audit.append(tx, trail, Event.KEY_ROTATED, entities=entities, purpose=Purpose.SECURITY)
    )
