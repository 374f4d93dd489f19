"""Builders with defaults: people, families, hours; each keeps what it builds and returns it.

They write through storage, not through actions, so that a test's log starts empty.
"""

from dataclasses import dataclass
from datetime import timedelta

from scheduler.domain.consent import Release
from scheduler.domain.people import SYSTEM, Actor, Client, FamilyMember, Person, Proof, Role
from scheduler.services import Services
from scheduler.storage import consent, people
from scheduler.storage.database import Transaction

PACIFIC = "America/Los_Angeles"


@dataclass(frozen=True)
class Family:
    """A client, their mother, and the clinician on their care team."""

    client: Person
    mother: Person
    clinician: Person

    @property
    def mother_actor(self) -> Actor:
        """The mother, signed in by an e-mail code."""
        return actor(self.mother, client_ids={self.client.id})

    @property
    def client_actor(self) -> Actor:
        """The client, signed in by an e-mail code."""
        return actor(self.client, client_ids={self.client.id})

    @property
    def clinician_actor(self) -> Actor:
        """The clinician, signed in by a passkey."""
        return actor(self.clinician, client_ids={self.client.id})


def actor(person: Person, *, client_ids: frozenset[str] | set[str] = frozenset()) -> Actor:
    """Return a person as an actor, proved as their role does."""
    proof = Proof.EMAIL_CODE if person.role in (Role.FAMILY_MEMBER, Role.CLIENT) else Proof.PASSKEY
    return Actor(
        person_id=person.id, role=person.role, proof=proof, client_ids=frozenset(client_ids), zone=person.zone
    )


def stepped_up(services: Services, who: Actor) -> Actor:
    """Return the actor just after a fresh second proof."""
    return Actor(
        person_id=who.person_id,
        role=who.role,
        proof=who.proof,
        client_ids=who.client_ids,
        stepped_up_at=services.now() - timedelta(seconds=1),
        zone=who.zone,
    )


async def add_person(
    services: Services, name: str, role: Role, *, zone: str = PACIFIC, duty: str = ""
) -> Person:
    """Keep a person with an address made of the name."""
    email = f"{name.lower().replace(' ', '.')}@people.test"
    person = Person(services.new_id(), role, name, email, zone, duty=duty)
    await services.database.write(lambda tx: people.add(tx, person, created_at=services.now()))
    return person


async def add_family(
    services: Services, surname: str = "Rivera", *, clinician: Person | None = None
) -> Family:
    """Keep a family: a client, the mother, and (unless given) a family therapist on the care team."""
    client = await add_person(services, f"Jules {surname}", Role.CLIENT)
    mother = await add_person(services, f"Rosa {surname}", Role.FAMILY_MEMBER)
    therapist = clinician or await add_person(
        services, f"Maya Okafor {surname}", Role.CLINICIAN, duty="family therapist"
    )

    def work(tx: Transaction) -> None:
        people.add_client(tx, Client(client.id, "iop"))
        people.add_family_member(tx, FamilyMember(mother.id, client.id, "mother", "home"))
        people.add_to_care_team(tx, client_id=client.id, person_id=therapist.id)

    await services.database.write(work)
    return Family(client, mother, therapist)


async def add_release(
    services: Services, client: Person, person: Person, *, lasts: timedelta = timedelta(days=90)
) -> Release:
    """Keep a signed release of the client's that names the person, in force since yesterday."""
    now = services.now()
    release = Release(
        id=services.new_id(),
        client_id=client.id,
        person_id=person.id,
        client_name=client.name,
        recipient_name=person.name,
        discloser="The program's care team",
        scope="That I take part, and how family sessions go",
        purpose="Family sessions",
        revocation_text="Tell any of the staff, in writing or aloud",
        expires_at=now + lasts,
        signature=client.name,
        signed_at=now - timedelta(days=1),
    )
    await services.database.write(lambda tx: consent.add(tx, release, recorded_by=None))
    return release


SYSTEM_ACTOR = SYSTEM
