"""What only a demo can do: show everyone, sign anyone in, and read the mail that would have gone out."""

import base64
import hmac
from dataclasses import dataclass

from scheduler.actions.sign_in import Begun, sign_in_demo
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Actor, Person
from scheduler.gateways import maildir
from scheduler.gateways.mail import MaildirMail
from scheduler.gateways.maildir import Received
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.keyring import Keyring

TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Guest:
    """A person of the demo, and the path that signs them in."""

    person: Person
    path: str


def sign_in_token(keyring: Keyring, person_id: str) -> str:
    """Return the token of a person's sign-in address: made from the demo's own key, kept nowhere."""
    digest = keyring.lookup_hash("demo.sign_in", person_id)
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def sign_in_path(keyring: Keyring, person_id: str) -> str:
    """Return the path that signs a person of the demo in at once."""
    return f"/demo/sign-in/{sign_in_token(keyring, person_id)}"


async def everyone(services: Services) -> list[Guest]:
    """Return the people of the demo, families first, then staff by role.

    Raises:
        NotFound: this is no demo.
    """
    require_demo(services)
    found = await services.database.read(people.everyone)
    return [Guest(person, sign_in_path(services.keyring, person.id)) for person in found]


async def sign_in(services: Services, actor: Actor, token: str, *, browser: str) -> Begun:
    """Sign in the person whose token this is.

    Raises:
        NotFound: nobody's, or this is no demo.
    """
    for guest in await everyone(services):
        if hmac.compare_digest(sign_in_token(services.keyring, guest.person.id).encode(), token.encode()):
            return await sign_in_demo(services, actor, guest.person.id, browser=browser)
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
