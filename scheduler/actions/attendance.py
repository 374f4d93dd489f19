"""What became of a session once its time is over: attended when somebody was admitted, else missed.

Of a step of a program, whoever was present for long enough gets credit, each person for themselves.
"""

from collections.abc import Iterable
from datetime import timedelta

from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.booking import Place, Status
from scheduler.domain.credits import Credit, minutes_present
from scheduler.domain.people import SYSTEM
from scheduler.services import Services
from scheduler.storage import attendance, audit, bookings, programs, rooms, sessions, step_credits
from scheduler.storage.database import Transaction

AFTER = timedelta(minutes=15)  # as long as the door stays open after the end
AT_ONCE = 50


async def settle_ended(services: Services) -> int:
    """Keep for sessions that are over whether they were attended or missed, with their entries; a job.

    A session whose room is still open waits until it is ended.
    """
    trail = services.trail(SYSTEM)
    before = trail.at - AFTER
    if not await services.database.read(lambda tx: attendance.any_ended(tx, before=before)):
        return 0

    def work(tx: Transaction) -> int:
        over = attendance.take_ended(tx, before=before, limit=AT_ONCE)
        done = [session_id for session_id in over if not rooms.get(tx, session_id).is_open]  # opened just now
        for session_id in done:
            _settle(tx, trail, session_id)
        return len(done)

    return await services.database.write(work)


def _settle(tx: Transaction, trail: Trail, session_id: str) -> None:
    came = attendance.admitted(tx, session_id)
    seats = [seat for seat in bookings.places_of(tx, session_id) if seat.status is Status.BOOKED]
    families: dict[str, bool] = {}
    for seat in seats:
        if seat.client_id is not None:
            families[seat.client_id] = families.get(seat.client_id, False) or seat.person_id in came
    sessions.set_status(tx, session_id, Status.ATTENDED if came else Status.MISSED)
    attendance.settle_places(tx, session_id, came)
    _give_credit(tx, trail, session_id, seats)
    for client_id, attended in sorted(families.items()):
        attendance.settle_bookings(tx, session_id, client_id, attended=attended, now=trail.at)
        audit.append(
            tx,
            trail,
            Event.SESSION_ATTENDED if attended else Event.SESSION_MISSED,
            client_id=client_id,
            entities=[Entity("session", session_id)],
            purpose=Purpose.TREATMENT,
        )


def _give_credit(tx: Transaction, trail: Trail, session_id: str, seats: Iterable[Place]) -> None:
    session = sessions.get(tx, session_id)
    step = programs.step_of_kind(tx, session.kind_id)
    if step is None:
        return
    stays = step_credits.stays_in(tx, session_id)
    for seat in seats:
        mine = stays.get(seat.person_id, ())
        minutes = minutes_present(mine, since=session.starts_at, until=trail.at)
        if seat.client_id is None or minutes < step.enough_minutes:
            continue
        if step_credits.give(tx, Credit(step.id, seat.person_id, True, session.starts_at, minutes)):
            audit.append(
                tx,
                trail,
                Event.CREDIT_GIVEN,
                client_id=seat.client_id,
                entities=[
                    Entity(kind, one)
                    for kind, one in (("step", step.id), ("session", session_id), ("person", seat.person_id))
                ],
                purpose=Purpose.TREATMENT,
            )
