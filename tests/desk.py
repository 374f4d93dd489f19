"""A coordinator's desk: two families of one therapist, of whom the coordinator knows one."""

from dataclasses import dataclass
from datetime import date

from scheduler.domain.availability import DayOff
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.storage import hours, people
from tests.households import add_coordinator
from tests.scheduling import World, add_neighbours, add_world

TUESDAY = date(2026, 11, 3)


@dataclass(frozen=True)
class Desk:
    """Two families of one therapist; the coordinator is on the care team of the first."""

    world: World
    neighbours: World
    coordinator: Actor

    @property
    def host_id(self) -> str:
        """The therapist of both."""
        return self.world.family.clinician.id


async def add_desk(services: Services) -> Desk:
    """Keep the desk, with nothing on it."""
    world = await add_world(services)
    _, coordinator = await add_coordinator(services, world)
    return Desk(world, await add_neighbours(services, world), coordinator)


async def take_off(services: Services, clinician_id: str, day: date = TUESDAY) -> None:
    """Keep a day off, as if it was taken after families had booked."""
    off = DayOff(day, day, services.new_id())
    await services.database.write(lambda tx: hours.add_day_off(tx, clinician_id, off))


async def leave_the_program(services: Services, person_id: str) -> None:
    """Keep that somebody of staff works here no more."""
    await services.database.write(lambda tx: people.end(tx, person_id, ended_at=services.now()))
