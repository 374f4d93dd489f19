"""A person signed in, in a browser of a test: the row and the cookie, without the ceremony."""

import httpx2

from scheduler.domain.people import FAMILY, Person, Proof
from scheduler.domain.sign_ins import SignIn, expires_at
from scheduler.services import Services
from scheduler.storage import sign_ins


async def sign_in(
    services: Services, browser: httpx2.AsyncClient, person: Person, *, has_stepped_up: bool = False
) -> SignIn:
    """Sign a person in by the proof that is usual for them, and give the browser its cookie."""
    now, token = services.now(), services.new_secret()
    made = SignIn(
        id=services.new_id(),
        person_id=person.id,
        proof=Proof.EMAIL_CODE if person.role in FAMILY else Proof.PASSKEY,
        browser="Firefox on Android",
        created_at=now,
        seen_at=now,
        expires_at=expires_at(person.role, is_remembered=False, now=now),
        stepped_up_at=now if has_stepped_up else None,
    )
    await services.database.write(lambda tx: sign_ins.add(tx, made, token=token))
    browser.cookies.set(services.settings.cookie("hearth"), token)
    return made
