"""Forgetting what is of no use any more; a job."""

from scheduler.services import Services
from scheduler.storage import retention


async def forget_expired(services: Services) -> int:
    """Delete codes, sign-ins, enrolments, challenges and feeds that are long over; return how many."""
    now = services.now()
    return await services.database.write(lambda tx: retention.forget_expired(tx, now=now))
