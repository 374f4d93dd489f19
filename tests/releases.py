"""Ending a release in the small worlds of the tests."""

from scheduler.actions.waitlist import lasts_of
from scheduler.actions.withdrawing import withdraw
from scheduler.domain.people import SYSTEM, Actor
from scheduler.services import Services
from scheduler.storage import consent, households
from scheduler.storage.database import Transaction


async def end_release(
    services: Services, client_id: str, person_id: str, *, by: Actor = SYSTEM, keeping: str = ""
) -> frozenset[str]:
    """End the releases of a client's that name the person, but one; return the sessions they are out of."""
    trail = services.trail(by)

    def work(tx: Transaction) -> frozenset[str]:
        households.lock(tx, client_id)
        for release in consent.of_client(tx, client_id):
            if release.person_id == person_id and release.id != keeping:
                consent.revoke(tx, release.id, revoked_at=trail.at)
        who = {"client_id": client_id, "person_id": person_id}
        return withdraw(tx, trail, **who, lasts=lasts_of(services))

    touched = await services.database.write(work)
    for session_id in touched:
        services.video.changed(session_id)
    return touched
