"""Releases in the small world of tests/scheduling: what is typed, who records, who is the second person."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from scheduler.actions import release_papers, releases
from scheduler.actions.release_drafts import Wording
from scheduler.actions.release_papers import Paper
from scheduler.domain.consent import Release, Scope, State
from scheduler.domain.people import Actor, Person, Role
from scheduler.services import Services
from scheduler.storage import consent, people
from scheduler.storage import tables as kept
from scheduler.storage.database import Transaction
from tests.builders import Family, actor, add_family, add_person, stepped_up

LAST_DAY = date(2027, 11, 3)
PDF = b"%PDF-1.7 a made-up scan of Rosa Rivera's release"
WORDING = Wording(
    scope=Scope.SCHEDULING,
    own_words="Not the place.",
    discloser="The staff",
    purpose="Family sessions",
    revocation_text="Tell anyone of the staff.",
    last_day=LAST_DAY,
)


@dataclass(frozen=True)
class House:
    """A family without any release, and two of its care team: the therapist, and a coordinator."""

    family: Family
    coordinator: Person

    @property
    def client(self) -> Actor:
        """The client."""
        return self.family.client_actor

    @property
    def therapist(self) -> Actor:
        """The therapist."""
        return self.family.clinician_actor

    @property
    def second(self) -> Actor:
        """The coordinator."""
        return actor(self.coordinator, client_ids={self.family.client.id})

    @property
    def wording(self) -> Wording:
        """What is typed into a release that names the mother."""
        return replace(WORDING, person_id=self.family.mother.id)

    @property
    def paper(self) -> Paper:
        """The same, on paper."""
        name = self.family.client.name
        return Paper(self.wording, name, name, date(2026, 10, 30), PDF)


async def add_house(services: Services, surname: str = "Rivera") -> House:
    """Keep the house."""
    family = await add_family(services, surname)
    coordinator = await add_person(services, f"Tom Brandt {surname}", Role.COORDINATOR)
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=family.client.id, person_id=coordinator.id)
    )
    return House(family, coordinator)


async def written(services: Services, house: House) -> Release:
    """Write a release down, as the client."""
    return await releases.write_release(services, house.client, house.family.client.id, house.wording)


async def recorded(services: Services, house: House) -> Release:
    """Record one from paper, as the therapist."""
    return await release_papers.record_paper(services, house.therapist, house.family.client.id, house.paper)


async def sign(services: Services, house: House, release: Release, **changes: str) -> Release:
    """Sign a release as the client, having read its text and proved oneself anew."""
    client = stepped_up(services, house.client)
    seen = await releases.see_release(services, client, release.id)
    assert seen.shown is not None
    given = {"signature": house.family.client.name, "read_sha256": seen.shown.sha256} | changes
    return await releases.sign_release(services, client, release.id, **given)


async def signed(services: Services, house: House) -> Release:
    """Write a release and sign it."""
    return await sign(services, house, await written(services, house))


async def state(services: Services, release_id: str) -> State:
    """Return where a release stands now."""
    now = services.now()
    found = await services.database.read(lambda tx: consent.get(tx, release_id))
    return found.state(now)


async def is_released(services: Services, house: House) -> bool:
    """Tell whether the mother may be told anything now."""
    now, family = services.now(), house.family

    def work(tx: Transaction) -> Release | None:
        return consent.active(tx, family.client.id, family.mother.id, now)

    return await services.database.read(work) is not None


async def sealed(services: Services, release_id: str) -> dict[str, bytes | None]:
    """Return the sealed columns of a release as they lie in the database."""
    chosen = select(kept.releases).where(kept.releases.c.id == release_id)
    row = await services.database.read(lambda tx: tx.execute(chosen).one())
    return {name: value for name, value in row._mapping.items() if name.endswith("_sealed")}
