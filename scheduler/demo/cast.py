"""Who is in the demo. All names are invented; the addresses lead nowhere (RFC 2606)."""

from dataclasses import dataclass
from datetime import timedelta

from scheduler.domain.people import Role

PACIFIC = "America/Los_Angeles"
MOUNTAIN = "America/Denver"
EASTERN = "America/New_York"
ARIZONA = "America/Phoenix"
CENTRAL = "America/Chicago"


@dataclass(frozen=True, slots=True)
class Staff:
    """A person of staff; ``duty`` is what a clinician does."""

    name: str
    role: Role
    zone: str = PACIFIC
    duty: str = ""

    @property
    def email(self) -> str:
        """Their address at the program."""
        return f"{_mailbox(self.name)}@staff.example"


@dataclass(frozen=True, slots=True)
class Relative:
    """A family member. ``release`` is for how long the client's release names them, counted from its
    signature thirty days ago; None for nobody's release.
    """

    name: str
    relation: str
    household: str
    zone: str = PACIFIC
    language: str = "en"
    release: timedelta | None = timedelta(days=365)
    is_guardian: bool = False

    @property
    def email(self) -> str:
        """Their address at home."""
        return f"{_mailbox(self.name)}@mail.example"


@dataclass(frozen=True, slots=True)
class Household:
    """One client and the people around them; ``team`` are the duties on the client's care team.

    ``apart`` holds the names of each two who are kept apart.
    """

    client: str
    care_level: str
    relatives: tuple[Relative, ...]
    team: tuple[str, ...]
    is_minor: bool = False
    privilege_holder: str = "self"
    language: str = "en"
    apart: tuple[tuple[str, str], ...] = ()

    @property
    def email(self) -> str:
        """The client's address."""
        return f"{_mailbox(self.client)}@mail.example"

    @property
    def in_groups(self) -> tuple[Relative, ...]:
        """Those of the relatives who go to groups: of two who are kept apart, the first alone."""
        second = {names[1] for names in self.apart}
        return tuple(one for one in self.relatives if one.name not in second)


THERAPIST = "family therapist"
PSYCHIATRIST = "psychiatrist"
CASE_MANAGER = "case manager"
EVERYBODY = (THERAPIST, PSYCHIATRIST, CASE_MANAGER)

STAFF = (
    Staff("Maya Okafor", Role.CLINICIAN, duty=THERAPIST),
    Staff("Samuel Levin", Role.CLINICIAN, duty=PSYCHIATRIST),
    Staff("Denise Walker", Role.CLINICIAN, zone=MOUNTAIN, duty=CASE_MANAGER),
    Staff("Tom Brandt", Role.COORDINATOR),
    Staff("Ingrid Solberg", Role.SUPERVISOR),
    Staff("Priya Raman", Role.PRIVACY_OFFICER),
    Staff("Lee Tran", Role.ADMINISTRATOR),
)

NEWCOMER = Staff(
    "Grace Lindqvist", Role.CLINICIAN, duty=THERAPIST
)  # since today, so that somebody can stand in

RIVERA = Household(
    client="Jules Rivera",
    care_level="iop",
    relatives=(
        Relative("Rosa Rivera", "mother", "Rosa's home"),
        Relative("Daniel Rivera", "father", "Daniel's home", zone=ARIZONA),
    ),
    team=EVERYBODY,
    apart=(("Rosa Rivera", "Daniel Rivera"),),
)
NOVAK = Household(
    client="Adam Novak",
    care_level="php",
    relatives=(Relative("Elena Novak", "wife", "home", release=timedelta(days=28)),),
    team=(THERAPIST, CASE_MANAGER),
)
WHITFIELD = Household(
    client="Casey Whitfield",
    care_level="iop",
    relatives=(
        Relative("Karen Whitfield", "mother", "home", zone=MOUNTAIN, is_guardian=True),
        Relative("Joan Whitfield", "aunt", "home", zone=CENTRAL),
    ),
    team=EVERYBODY,
    is_minor=True,
    privilege_holder="self",
)
MORALES = Household(
    client="Luis Morales",
    care_level="iop",
    relatives=(Relative("Ana Morales", "wife", "casa", zone=CENTRAL, language="es"),),
    team=EVERYBODY,
    language="es",
)
FAMILIES = (RIVERA, NOVAK, WHITFIELD, MORALES)


def _mailbox(name: str) -> str:
    return name.lower().replace(" ", ".")
