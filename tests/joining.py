"""A session about to start: a mother with a link to it, its host, and browsers on their way in."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import select
from starlette.applications import Starlette

from scheduler.actions import join_links as joining
from scheduler.domain.booking import Booking, Duty, Place, Session
from scheduler.domain.consent import Release
from scheduler.domain.people import Person, Proof
from scheduler.domain.sign_ins import SignIn
from scheduler.domain.times import Interval
from scheduler.services import Services
from scheduler.storage import bookings, join_links, kinds, sessions, sign_ins
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_entries, notices
from tests.builders import Family, add_family, add_release
from tests.conftest import new_browser
from tests.scheduling import CHECK_IN

STARTS_IN = timedelta(minutes=10)
JSON = {"Accept": "application/json"}
DETAILS = {"full_name": "Rosa Rivera", "location": "12 Elm Street, Oakland", "call_back": "510 555 0142"}


@dataclass(frozen=True)
class Meeting:
    """A check-in of one family with their therapist, and the address in the mother's mail."""

    family: Family
    session: Session
    release: Release | None
    jti: str
    link: str

    @property
    def path(self) -> str:
        """The path of the mother's link."""
        return "/j/" + self.link.rpartition("/")[2]

    @property
    def url(self) -> str:
        """The path of the session for its clinician."""
        return f"/clinician/sessions/{self.session.id}"


async def add_meeting(
    services: Services,
    *,
    surname: str = "Rivera",
    starts_in: timedelta = STARTS_IN,
    has_release: bool = True,
    clinician: Person | None = None,
    topic: str = "sleep",
) -> Meeting:
    """Keep a booked check-in of twenty minutes that starts soon, with a link for the mother."""
    family = await add_family(services, surname, clinician=clinician)
    release = await add_release(services, family.client, family.mother) if has_release else None
    starts_at = services.now() + starts_in
    session = Session(
        id=services.new_id(),
        kind_id=CHECK_IN.id,
        host_id=family.clinician.id,
        interval=Interval.lasting(starts_at, minutes=20),
        room_name=services.new_secret(),
    )
    jti, booking_id = services.new_secret(), services.new_id()

    def work(tx: Transaction) -> None:
        if clinician is None:
            kinds.add(tx, CHECK_IN, offered_by=[family.clinician.id])
        sessions.add(tx, session)
        seats = [
            Place(session.id, family.clinician.id, Duty.HOST),
            Place(session.id, family.mother.id, Duty.MEMBER, family.client.id),
        ]
        bookings.add_places(tx, seats)
        booking = Booking(
            booking_id, session.id, family.client.id, family.mother.id, services.now(), topic=topic
        )
        bookings.add(tx, booking)
        join_links.open_for(
            tx, session_id=session.id, person_id=family.mother.id, jti=jti, now=services.now()
        )

    await services.database.write(work)
    link = joining.address(services, jti=jti, ends_at=session.ends_at)
    return Meeting(family, session, release, jti, link)


async def sign_in(services: Services, browser: httpx2.AsyncClient, person: Person, proof: Proof) -> str:
    """Sign a person in, in this browser; return the sign-in's id."""
    token, now = services.new_secret(), services.now()
    signed_in = SignIn(
        services.new_id(), person.id, proof, "Firefox", now, now, now + timedelta(hours=12), stepped_up_at=now
    )
    await services.database.write(lambda tx: sign_ins.add(tx, signed_in, token=token))
    browser.cookies.set(services.settings.cookie("hearth"), token)
    return signed_in.id


async def clinician_browser(services: Services, app: Starlette, meeting: Meeting) -> httpx2.AsyncClient:
    """Return a browser in which the therapist is signed in by passkey."""
    browser = new_browser(app)
    await sign_in(services, browser, meeting.family.clinician, Proof.PASSKEY)
    return browser


async def door(browser: httpx2.AsyncClient, path: str) -> httpx2.Response:
    """Follow a link and return the door's page."""
    followed = await browser.get(path)
    assert (followed.status_code, followed.headers["location"]) == (303, "/join")
    return await browser.get("/join")


async def code_in_mail(services: Services) -> str:
    """Return the newest code that waits in the outbox."""

    def work(tx: Transaction) -> str:
        rows = tx.execute(select(notices).where(notices.c.rule == "join_code")).all()
        newest = max(rows, key=lambda row: (row.due_at, row.sequence))
        return tx.open("notices.detail", newest.id, newest.detail_sealed)

    return await services.database.read(work)


async def prove(services: Services, browser: httpx2.AsyncClient, path: str) -> httpx2.Response:
    """Follow a link, ask for a code, type it; return the answer to that."""
    await browser.get(path)
    await browser.post("/join/code")
    return await browser.post("/join/prove", data={"code": await code_in_mail(services)})


async def wait(services: Services, browser: httpx2.AsyncClient, path: str) -> httpx2.Response:
    """Go the whole way to the waiting room; return its page."""
    await prove(services, browser, path)
    await browser.post("/join/details", data=DETAILS)
    await browser.post("/join/wait")
    return await browser.get("/join/wait")


async def entries(services: Services, *events: str) -> list[Any]:
    """Return the entries of the log in order, all or of some events."""

    def work(tx: Transaction) -> list[Any]:
        rows = tx.execute(select(audit_entries).order_by(audit_entries.c.seq)).all()
        return [row for row in rows if not events or row.event in events]

    return await services.database.read(work)


def heading(response: httpx2.Response) -> str:
    """Return the words of a page's one main heading."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", response.text, re.DOTALL)
    assert len(found) == 1, response.text
    return str(found[0]).strip()


@dataclass
class WaitingScene:
    """The mother waits in one browser, the therapist is signed in in another."""

    meeting: Meeting
    mother: httpx2.AsyncClient
    therapist: httpx2.AsyncClient

    async def press(self, what: str, **fields: str) -> httpx2.Response:
        """Press a button of the clinician's list, about the mother."""
        data = {"person_id": self.meeting.family.mother.id} | fields
        return await self.therapist.post(f"{self.meeting.url}/{what}", data=data)

    async def state(self) -> dict[str, Any]:
        """Return what the mother's page is told."""
        answer = await self.mother.get("/join/state", headers=JSON)
        state: dict[str, Any] = answer.json()
        return state
