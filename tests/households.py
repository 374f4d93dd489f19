"""Families of several people in the small world of tests/scheduling: relatives with zones and homes."""

from scheduler.domain.households import Pair
from scheduler.domain.people import Actor, FamilyMember, Person, Role
from scheduler.services import Services
from scheduler.storage import households, people
from scheduler.storage.database import Transaction
from tests.builders import PACIFIC, actor, add_person, add_release
from tests.scheduling import World


async def add_relative(
    services: Services,
    world: World,
    name: str,
    relation: str = "aunt",
    *,
    zone: str = PACIFIC,
    household: str = "home",
    is_guardian: bool = False,
    has_release: bool = True,
) -> Person:
    """Keep somebody else of the world's family, whom a release in force names."""
    person = await add_person(services, name, Role.FAMILY_MEMBER, zone=zone)
    tie = FamilyMember(person.id, world.family.client.id, relation, household, is_guardian)
    await services.database.write(lambda tx: people.add_family_member(tx, tie))
    if has_release:
        await add_release(services, world.family.client, person)
    return person


async def keep_apart(services: Services, world: World, one: Person, another: Person) -> Pair:
    """Keep that two people of the world's family never meet."""
    pair = frozenset({one.id, another.id})

    def work(tx: Transaction) -> None:
        households.keep_apart(tx, world.family.client.id, pair, since=services.now())

    await services.database.write(work)
    return pair


async def add_coordinator(services: Services, world: World) -> tuple[Person, Actor]:
    """Keep a coordinator on the care team of the world's client."""
    person = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    client_id = world.family.client.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=person.id)
    )
    return person, actor(person, client_ids={client_id})


def as_actor(world: World, person: Person) -> Actor:
    """Return somebody of the world's family, signed in."""
    return actor(person, client_ids={world.family.client.id})
