"""A small practice in which people want the same times: three clinicians and families, two groups a week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from scheduler.actions.enrolling import enrol_family
from scheduler.actions.families import keep_apart
from scheduler.actions.offerings import OfferingWish, add_offering
from scheduler.actions.programs import add_program
from scheduler.actions.steps import StepWish, add_step
from scheduler.domain.availability import Kind, WeeklyHours
from scheduler.domain.consent import Release
from scheduler.domain.households import ClientPart
from scheduler.domain.people import Actor, Client, FamilyMember, Person, Role
from scheduler.domain.program import kind_of
from scheduler.services import Services
from scheduler.storage import consent, hours, kinds, people
from scheduler.storage.database import Transaction
from tests.builders import PACIFIC, actor

OPENS, CLOSES = 9 * 60, 11 * 60  # on working days, in Pacific time
THERAPIST, PSYCHIATRIST = "family therapist", "psychiatrist"
CHECK_IN = Kind("check_in", "Check-in", 20, 0, 5, least_notice=60, horizon_days=6, start_step=25)
CARE_TEAM = Kind(
    "care_team",
    "Care-team session",
    50,
    pause_before=5,
    pause_after=10,
    least_notice=60,
    horizon_days=6,
    start_step=30,
    duties=(THERAPIST, PSYCHIATRIST),
)
PARENTS = Kind(
    "parents",
    "Session for parents",
    30,
    pause_before=5,
    least_notice=60,
    horizon_days=6,
    start_step=30,
    needs_guardian=True,
    client_part=ClientPart.MUST_NOT,
)
VISITS = (CHECK_IN, CARE_TEAM, PARENTS)
WEEK = [WeeklyHours(weekday, OPENS, CLOSES) for weekday in range(5)]
EVENINGS = StepWish("Boundaries", 60, is_group=True, education_only=False)
SINCE = date(2026, 10, 1)
RELEASED_AT = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Household:
    """A client and their relatives, and who of the clinicians is on their care team."""

    client: Person
    relatives: tuple[Person, ...]
    team: tuple[Person, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        """The relatives, and the client last."""
        return (*self.relatives, self.client)


@dataclass(frozen=True)
class World:
    """Everybody, and the kinds of session there are, by id."""

    clinicians: tuple[Person, ...]
    coordinator: Person
    families: tuple[Household, ...]
    kinds: dict[str, Kind]

    @property
    def family_people(self) -> list[Person]:
        """Everybody of a family."""
        return [person for family in self.families for person in family.people]

    @property
    def client_of(self) -> dict[str, str]:
        """Return the client of everybody of a family, by id."""
        return {person.id: one.client.id for one in self.families for person in one.people}

    def family_of(self, person_id: str) -> Household:
        """Return the household of a person."""
        return next(one for one in self.families if person_id in [each.id for each in one.people])

    def family(self, client_id: str) -> Household:
        """Return the household of a client."""
        return next(one for one in self.families if one.client.id == client_id)

    def actor(self, person: Person) -> Actor:
        """Return somebody, signed in."""
        if person in self.family_people:
            return actor(person, client_ids={self.family_of(person.id).client.id})
        theirs = {one.client.id for one in self.families if person in (*one.team, self.coordinator)}
        return actor(person, client_ids=theirs)

    def offerers(self, kind: Kind, client_id: str) -> list[Person]:
        """Return who offers a kind of visit to a family."""
        return [one for one in self.family(client_id).team if kind is not PARENTS or one.duty == THERAPIST]


async def add_world(services: Services) -> World:
    """Keep all of it; of the first family, the parents live apart and never meet."""
    maya = _person(services, "Maya Okafor", Role.CLINICIAN, THERAPIST)
    noor = _person(services, "Noor Haddad", Role.CLINICIAN, THERAPIST)
    ines = _person(services, "Ines Castro", Role.CLINICIAN, PSYCHIATRIST)
    tom = _person(services, "Tom Brandt", Role.COORDINATOR)
    families = (
        _household(services, "Rivera", ("Rosa", "Dan", "Ana"), (maya, noor, ines)),
        _household(services, "Baker", ("Mia", "Leo"), (maya, noor, ines)),
        _household(services, "Young", ("Nia",), (maya, noor)),
    )
    world = World((maya, noor, ines), tom, families, {})
    blocks = {one.id: [(services.new_id(), block) for block in WEEK] for one in world.clinicians}
    releases = [_release(services, family, one) for family in families for one in family.relatives]

    def work(tx: Transaction) -> None:
        _keep_people(tx, world, services.now())
        for clinician_id, theirs in blocks.items():
            hours.set_weekly(tx, clinician_id, theirs)
        for kind in VISITS:
            offering = [one for one in world.clinicians if kind is not PARENTS or one.duty == THERAPIST]
            kinds.add(tx, kind, offered_by=[one.id for one in offering])
        for release in releases:
            consent.add(tx, release, recorded_by=None)

    await services.database.write(work)
    world.kinds.update({kind.id: kind for kind in (*VISITS, await _add_groups(services, world))})
    rosa, dan, _ = families[0].relatives
    await keep_apart(services, world.actor(maya), families[0].client.id, (rosa.id, dan.id))
    return world


async def _add_groups(services: Services, world: World) -> Kind:
    """Keep a program of one step, held twice a week, in which every family is enrolled."""
    maya, noor, ines = world.clinicians
    tom = world.actor(world.coordinator)
    program = await add_program(services, tom, "Family program")
    step = await add_step(services, tom, program.id, EVENINGS)
    for wish in (
        OfferingWish(maya.id, 1, 10 * 60, PACIFIC, 3, SINCE),
        OfferingWish(noor.id, 3, OPENS, PACIFIC, 2, SINCE, co_host_ids=(ines.id,)),
    ):
        await add_offering(services, tom, step.id, wish)
    for family in world.families:
        await enrol_family(services, tom, program.id, family.client.id)
    return kind_of(step)


def _person(services: Services, name: str, role: Role, duty: str = "") -> Person:
    email = f"{name.lower().replace(' ', '.')}@people.test"
    return Person(services.new_id(), role, name, email, PACIFIC, duty=duty)


def _household(services: Services, surname: str, names: Iterable[str], team: tuple[Person, ...]) -> Household:
    client = _person(services, f"Jules {surname}", Role.CLIENT)
    relatives = (_person(services, f"{name} {surname}", Role.FAMILY_MEMBER) for name in names)
    return Household(client, tuple(relatives), team)


def _release(services: Services, family: Household, person: Person) -> Release:
    return Release(
        id=services.new_id(),
        client_id=family.client.id,
        person_id=person.id,
        client_name=family.client.name,
        recipient_name=person.name,
        discloser="The program's care team",
        scope="How family sessions go",
        purpose="Family sessions",
        revocation_text="Tell any of the staff",
        expires_at=RELEASED_AT + timedelta(days=900),
        signature=family.client.name,
        signed_at=RELEASED_AT,
    )


def _keep_people(tx: Transaction, world: World, now: datetime) -> None:
    for person in (*world.clinicians, world.coordinator, *world.family_people):
        people.add(tx, person, created_at=now)
    for family in world.families:
        client_id = family.client.id
        people.add_client(tx, Client(client_id, "iop"))
        for number, one in enumerate(family.relatives):
            is_guardian = number == 0
            tie = FamilyMember(one.id, client_id, "relative", one.name, is_guardian)
            people.add_family_member(tx, tie)
        for one in (*family.team, world.coordinator):
            people.add_to_care_team(tx, client_id=client_id, person_id=one.id)
