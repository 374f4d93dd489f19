"""A clock that somebody set: its entry in the log, because every other entry's time rests on it."""

from scheduler.domain.audit import Event
from scheduler.domain.clock import Reading, step_between
from scheduler.domain.people import SYSTEM
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.database import Transaction


async def note_step(services: Services, earlier: Reading, later: Reading) -> None:
    """Append an entry when the wall clock was set between two readings; ``reason`` holds the seconds."""
    step = step_between(earlier, later)
    if step is None:
        return
    trail = services.trail(SYSTEM)
    reason = f"{step.total_seconds():+.0f}s"

    def work(tx: Transaction) -> None:
        audit.append(tx, trail, Event.CLOCK_STEPPED, reason=reason)

    await services.database.write(work)
