"""Whoever has left a session learns nothing of what becomes of it: not when it is now, with whom, nor why."""

from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions.booking import book_session, move_session
from scheduler.actions.cancelling import cancel_session
from scheduler.actions.families import keep_apart
from scheduler.actions.notices import send_due
from scheduler.domain.booking import Session
from scheduler.domain.people import Person
from scheduler.services import Services
from tests.conftest import FakeMail, new_browser
from tests.households import add_coordinator, add_relative, as_actor
from tests.scheduling import AT_NINE, STEP, TUESDAY_NINE, World, add_world
from tests.signing_in import sign_in

OLD, NEW = "9:00 to 9:20 am", "9:25 to 9:45 am"
REASON = "Because of the hospital"


@pytest.fixture
async def world(services: Services) -> World:
    """A family with times to book."""
    return await add_world(services)


@pytest.fixture
async def aunt(services: Services, world: World) -> Person:
    """An aunt with a release."""
    return await add_relative(services, world, "Joan Rivera")


@pytest.fixture
async def left(services: Services, world: World, aunt: Person) -> Session:
    """A session that the aunt booked for both, and had to leave when staff kept the two apart."""
    wish = replace(AT_NINE, members=(world.family.mother.id,))
    session = await book_session(services, as_actor(world, aunt), wish)
    _, coordinator = await add_coordinator(services, world)
    pair = (world.family.mother.id, aunt.id)
    await keep_apart(services, coordinator, world.family.client.id, pair, leaves=aunt.id)
    return session


@pytest.fixture
async def browser(services: Services, app: Starlette, aunt: Person) -> httpx2.AsyncClient:
    """The aunt's browser."""
    made = new_browser(app)
    await sign_in(services, made, aunt)
    return made


async def test_whoever_left_sees_the_time_that_they_knew(
    services: Services, world: World, left: Session, browser: httpx2.AsyncClient
) -> None:
    before = (await browser.get(f"/family/sessions/{left.id}")).text
    await move_session(services, world.therapist, left.id, starts_at=TUESDAY_NINE + STEP, reason=REASON)

    page, home = (await browser.get(f"/family/sessions/{left.id}")).text, (await browser.get("/family")).text
    for shown in (page, home):
        assert OLD in shown
        assert NEW not in shown
        assert REASON not in shown
        assert "with your family therapist" not in shown
    assert "You do not take part any more" in page
    assert "not taking part" in home
    assert page == before


async def test_whoever_left_is_not_told_that_it_was_called_off(
    services: Services, world: World, left: Session, browser: httpx2.AsyncClient
) -> None:
    before = [(await browser.get(path)).text for path in (f"/family/sessions/{left.id}", "/family")]
    await cancel_session(services, world.therapist, left.id)

    assert [(await browser.get(path)).text for path in (f"/family/sessions/{left.id}", "/family")] == before


async def test_the_mail_that_takes_it_off_the_calendar_names_the_time_that_they_knew(
    services: Services, mail: FakeMail, world: World, aunt: Person, left: Session
) -> None:
    await move_session(services, world.therapist, left.id, starts_at=TUESDAY_NINE + STEP)
    await send_due(services)

    (cancelled,) = [one for one in mail.sent if one["To"] == aunt.email and "CANCEL" in one.as_string()]
    (calendar,) = [part for part in cancelled.walk() if part.get_content_type() == "text/calendar"]
    assert "DTSTART:20261103T170000Z" in calendar.get_payload(decode=True).decode()  # type: ignore[union-attr]
