"""People in rooms, by the same actions as their pages: let in, connected for some minutes, gone."""

from datetime import timedelta

from scheduler.actions import proofs, rooms, waiting
from scheduler.actions.admissions import admit
from scheduler.actions.attendance import settle_ended
from scheduler.domain.booking import Session
from scheduler.domain.people import Actor, Source
from scheduler.services import Services
from tests.conftest import Clock

DETAILS = waiting.Details("Rosa Number", "12 Elm Street, Oakland", "510 555 0142")


async def let_in(services: Services, clock: Clock, session: Session, host: Actor, who: Actor) -> str:
    """Open the room when the session begins, and let somebody in; return their place."""
    clock.at = max(clock.at, session.starts_at)
    await rooms.open_room(services, host, session.id)
    place = (await proofs.prove_signed_in(services, who, session.id)).place
    await waiting.tell_details(services, who, place, DETAILS)
    await waiting.begin_to_wait(services, who, place)
    await admit(services, host, session.id, who.person_id or "")
    return place


async def connect(services: Services, place: str) -> rooms.Entered:
    """Connect the holder of a place to the room."""
    return await rooms.enter(services, Source(), await rooms.family_pass(services, place))


async def attend(
    services: Services, clock: Clock, session: Session, host: Actor, who: Actor, *, minutes: int
) -> None:
    """Let somebody be present for some minutes from the session's start; then it is over, and settled."""
    place = await let_in(services, clock, session, host, who)
    await connect(services, place)
    clock.move(minutes=minutes)
    await waiting.leave(services, who, place)
    await rooms.end_room(services, host, session.id)
    await settle(services, clock, session)


async def settle(services: Services, clock: Clock, session: Session) -> None:
    """Let the session be over for long enough that it is settled."""
    clock.at = max(clock.at, session.ends_at + timedelta(minutes=16))
    await settle_ended(services)
