"""What only a demo can do: show everyone, sign anyone in, and read the mail that would have gone out."""

import base64
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.actions.sign_in import Begun, sign_in_demo
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Actor, Person, Role
from scheduler.gateways import maildir
from scheduler.gateways.mail import MaildirMail
from scheduler.gateways.maildir import Received
from scheduler.services import Services
from scheduler.storage import bookings, people, sessions
from scheduler.storage.database import Transaction
from scheduler.storage.keyring import Keyring

TOKEN_BYTES = 24
ROLES = (
    Role.FAMILY_MEMBER,
    Role.CLIENT,
    Role.CLINICIAN,
    Role.COORDINATOR,
    Role.SUPERVISOR,
    Role.PRIVACY_OFFICER,
    Role.ADMINISTRATOR,
)
SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Invented:
    """A person of the demo, and the path that signs them in."""

    person: Person
    path: str


@dataclass(frozen=True, slots=True)
class Soon:
    """The check-in that comes next: when (aware UTC), in which zone its family reads times, who with whom."""

    starts_at: datetime
    zone: str
    family: str
    host: str


def sign_in_token(keyring: Keyring, person_id: str) -> str:
    """Return the token of a person's sign-in address: made from the demo's own key, kept nowhere."""
    digest = keyring.lookup_hash("demo.sign_in", person_id)
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def sign_in_path(keyring: Keyring, person_id: str) -> str:
    """Return the path that signs a person of the demo in at once."""
    return f"/demo/sign-in/{sign_in_token(keyring, person_id)}"


@dataclass(frozen=True, slots=True)
class LookAround:
    """Who is in the demo, in the order in which one would try them, and what starts soon."""

    people: Sequence[Invented]
    soon: Soon | None


async def look_around(services: Services) -> LookAround:
    """Return who is in the demo and what starts soon.

    Raises:
        NotFound: this is no demo.
    """
    return LookAround(await everyone(services), await _next_check_in(services))


async def everyone(services: Services) -> list[Invented]:
    """Return the people of the demo: families first, then staff by role.

    Raises:
        NotFound: this is no demo.
    """
    require_demo(services)
    found = in_order(await services.database.read(people.everyone))
    return [Invented(person, sign_in_path(services.keyring, person.id)) for person in found]


async def _next_check_in(services: Services) -> Soon | None:
    """Return the next check-in of the coming half hour, if there is one."""
    now = services.now()

    def work(tx: Transaction) -> Soon | None:
        for session in sessions.between(tx, now, now + SOON):
            members = [seat for seat in bookings.places_of(tx, session.id) if seat.client_id is not None]
            if members and not session.is_group:
                family, host = people.get(tx, members[0].person_id), people.get(tx, session.host_id)
                return Soon(session.starts_at, family.zone, family.name, host.name)
        return None

    return await services.database.read(work)


async def sign_in(services: Services, actor: Actor, token: str, *, browser: str) -> Begun:
    """Sign in the person whose token this is.

    Raises:
        NotFound: nobody's, or this is no demo.
    """
    for one in await everyone(services):
        if hmac.compare_digest(sign_in_token(services.keyring, one.person.id).encode(), token.encode()):
            return await sign_in_demo(services, actor, one.person.id, browser=browser)
    raise NotFound("demo person")


async def inbox(services: Services, *, recipient: str = "") -> list[Received]:
    """Return the mail that went out, newest first.

    Raises:
        NotFound: this is no demo.
    """
    return maildir.read_all(_mail(services).folder, recipient=recipient)


async def letter(services: Services, key: str) -> Received:
    """Return one mail.

    Raises:
        NotFound: there is none, or this is no demo.
    """
    found = maildir.read_one(_mail(services).folder, key)
    if found is None:
        raise NotFound("mail")
    return found


def in_order(persons: Iterable[Person]) -> list[Person]:
    """Return people with families first, then staff, by role and name."""
    places = {role: place for place, role in enumerate(ROLES)}
    return sorted(persons, key=lambda person: (places[person.role], person.name))


def require_demo(services: Services) -> None:
    """Return when this is the demo.

    Raises:
        NotFound: it is not.
    """
    if not services.settings.is_demo:
        raise NotFound("demo")


def _mail(services: Services) -> MaildirMail:
    require_demo(services)
    if not isinstance(services.mail, MaildirMail):
        raise NotFound("inbox")
    return services.mail
