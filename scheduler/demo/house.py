"""The house of the demo while it is filled: its services with a clock that is set by hand, and who is who."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from scheduler.domain.people import Actor, Person, Proof, Source
from scheduler.domain.times import day_of, instant_of
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.database import Transaction

SEED_SOURCE = Source(ip="127.0.0.1", request_id="seed")
SATURDAY = 5


@dataclass(slots=True)
class Clock:
    """A clock that shows what it was set to; setting it back would muddle the log's order, so it refuses."""

    at: datetime

    def __call__(self) -> datetime:
        """Return the moment, aware UTC."""
        return self.at

    def go_to(self, moment: datetime) -> None:
        """Move on to a moment.

        Raises:
            ValueError: it lies before the present one.
        """
        if moment < self.at:
            raise ValueError("the seed's clock runs forward only")
        self.at = moment


@dataclass(slots=True)
class House:
    """Services under the seed's clock, and the people of the demo by name."""

    services: Services
    clock: Clock
    persons: dict[str, Person] = field(default_factory=dict)

    @classmethod
    def of(cls, services: Services, *, since: datetime) -> "House":
        """Return the house with its clock at a moment in the past."""
        clock = Clock(since)
        return cls(replace(services, now=clock), clock)

    async def actor(self, name: str) -> Actor:
        """Return a person as an actor, with the clients they belong to."""
        return await actor_of(self.services, self.persons[name])


async def actor_of(services: Services, person: Person) -> Actor:
    """Return a person of the demo as an actor on this machine."""

    def clients(tx: Transaction) -> frozenset[str]:
        return people.clients_of(tx, person.id, person.role)

    return Actor(
        person_id=person.id,
        role=person.role,
        proof=Proof.DEMO,
        client_ids=await services.database.read(clients),
        source=SEED_SOURCE,
        zone=person.zone,
    )


def working_day(today: date, number: int) -> date:
    """Return the ``number``-th Monday-to-Friday after ``today``, or before it where negative."""
    day, left = today, abs(number)
    one = timedelta(days=1 if number > 0 else -1)
    while left:
        day += one
        left -= day.weekday() < SATURDAY
    return day


def moment(today: date, number: int, hour: int, minute: int = 0, *, zone: str) -> datetime:
    """Return a wall time on the ``number``-th working day from ``today``, aware UTC."""
    return instant_of(working_day(today, number), hour * 60 + minute, zone)


def today_in(zone: str, now: datetime) -> date:
    """Return the local day."""
    return day_of(now, zone)
