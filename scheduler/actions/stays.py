"""How long somebody is in a room: a stay begins with their line (``rooms.enter``) and ends with it."""

from scheduler.actions.rooms import Entered
from scheduler.domain.audit import Entity, Event
from scheduler.domain.people import Actor, Role, Source
from scheduler.services import Services
from scheduler.storage import audit, step_credits
from scheduler.storage.database import Transaction


async def drop_out(services: Services, source: Source, entered: Entered) -> None:
    """Keep that a line is gone: the stay that began with it is over, if nothing has ended it before."""
    if not entered.stay_id:
        return
    person = Actor(person_id=entered.admitted.person_id, role=Role.LINK_HOLDER, source=source)
    trail, admitted = services.trail(person), entered.admitted

    def work(tx: Transaction) -> None:
        if step_credits.drop_out(tx, entered.stay_id, now=trail.at):
            touched = [Entity("session", admitted.session_id), Entity("person", admitted.person_id)]
            audit.append(
                tx,
                trail,
                Event.PERSON_LEFT,
                client_id=entered.face.client_id,
                entities=touched,
                reason="line_closed",
            )

    await services.database.write(work)
