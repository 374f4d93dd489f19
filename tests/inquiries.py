"""Somebody of admissions with hours, and somebody without an account who would like to talk."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from scheduler.actions.inquiries import Wish, ask
from scheduler.actions.sign_in import nobody
from scheduler.domain.booking import Session
from scheduler.domain.inquiries import ADMISSIONS, Words
from scheduler.domain.people import Actor, Person, Role, Source
from scheduler.domain.times import iso
from scheduler.services import Services
from scheduler.storage import sessions
from scheduler.storage.database import Transaction
from scheduler.storage.tables import inquiries
from tests.builders import PACIFIC, actor, add_person
from tests.scheduling import TUESDAY_NINE, open_hours

WORDS = Words(
    name="Robin",
    phone="510 555 0188",
    email="robin@elsewhere.test",
    safe_times="Only at lunch",
    topic="Whether my brother could come",
    plan="Harbor Health",
    mail_is_safe=True,
)
TOKEN = "a-private-address-of-one-visitor"  # 32 letters, as one is drawn
FORM = {
    "starts_at": iso(TUESDAY_NINE),
    "zone": PACIFIC,
    "token": TOKEN,
    "name": "Robin",
    "phone": "510 555 0188",
    "email": "robin@elsewhere.test",
    "mail_is_safe": "yes",
    "safe_times": "Only at lunch",
    "topic": "Whether my brother could come",
    "plan": "Harbor Health",
}
VISITOR = nobody(Source("203.0.113.7", "r1"))


async def add_admissions(services: Services, name: str = "Denise Walker") -> Person:
    """Keep a clinician with the duty of admissions who works on weekday mornings."""
    person = await add_person(services, name, Role.CLINICIAN, duty=ADMISSIONS)
    await open_hours(services, person)
    return person


def wish(
    *, starts_at: datetime = TUESDAY_NINE, token: str = TOKEN, words: Words = WORDS, **changes: object
) -> Wish:
    """Return what somebody asks for; ``changes`` are those of the words."""
    return Wish(starts_at, PACIFIC, replace(words, **changes), token)  # type: ignore[arg-type]


async def asked(
    services: Services, *, token: str = TOKEN, who: Actor = VISITOR, **changes: object
) -> Session:
    """Ask for a conversation and return its session."""
    await ask(services, who, wish(token=token, **changes))  # type: ignore[arg-type]
    return (await conversations(services))[-1]


async def conversations(services: Services) -> list[Session]:
    """Return the sessions of all inquiries, in the order of their ids."""

    def work(tx: Transaction) -> list[Session]:
        found = tx.execute(select(inquiries.c.session_id).order_by(inquiries.c.session_id)).scalars()
        return [sessions.get(tx, session_id) for session_id in found]

    return await services.database.read(work)


async def coordinator_of(services: Services, role: Role = Role.COORDINATOR) -> Actor:
    """Keep somebody who coordinates or supervises, on nobody's care team."""
    return actor(await add_person(services, f"Tom {role}", role))
