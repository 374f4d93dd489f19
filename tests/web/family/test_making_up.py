"""What was missed is offered again on its own page; what is done has a certificate."""

from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions.attendance import settle_ended
from scheduler.actions.groups import take_places
from scheduler.domain.audit import Event
from scheduler.domain.booking import Status
from scheduler.domain.credits import Credit
from scheduler.services import Services
from scheduler.storage import sessions, step_credits
from tests.builders import actor
from tests.conftest import Clock
from tests.groups import (
    EVENING,
    STEP,
    Group,
    Member,
    add_evening,
    add_group,
    add_members,
    browser_of,
)
from tests.joining import heading
from tests.log import events
from tests.pdf import words_of
from tests.presence import attend


@pytest.fixture
async def group(services: Services) -> Group:
    """A group that is held again a week later."""
    made = await add_group(services)
    await add_evening(services, made.host, starts_at=EVENING + timedelta(weeks=1))
    return made


@pytest.fixture
async def member(services: Services, group: Group) -> Member:
    """A mother with a place in the first."""
    (made,) = await add_members(services, 1)
    await take_places(services, made.actor, group.session.id)
    return made


async def page_of(services: Services, app: Starlette, member: Member, group: Group) -> httpx2.Response:
    """Return the page of the member's session."""
    browser = await browser_of(services, app, member)
    return await browser.get(f"/family/sessions/{group.session.id}")


async def test_a_missed_session_offers_the_next_time(
    services: Services, app: Starlette, clock: Clock, group: Group, member: Member
) -> None:
    before = await page_of(services, app, member, group)
    clock.at = group.session.ends_at
    just_over = await page_of(services, app, member, group)
    clock.move(minutes=30)
    await settle_ended(services)
    missed = await page_of(services, app, member, group)

    assert "Make it up" not in before.text
    assert "Did you miss it? It is all right." in just_over.text
    assert "You missed this one. It is all right. You can make it up:" in missed.text
    for page in (just_over, missed):
        assert "Take a place Thursday 12 November" in page.text
        assert group.path not in page.text


async def test_whoever_came_for_a_part_of_it_is_offered_it_again_and_who_has_done_it_is_not(
    services: Services, app: Starlette, clock: Clock, group: Group, member: Member
) -> None:
    await attend(services, clock, group.session, actor(group.host), member.actor, minutes=10)
    partly = await page_of(services, app, member, group)
    credit = Credit(STEP.id, member.person.id, True, clock.at)
    await services.database.write(lambda tx: step_credits.decide(tx, credit))
    done = await page_of(services, app, member, group)

    assert "You were there for a part of it." in partly.text
    assert "Make it up" not in done.text


async def test_a_cancelled_group_offers_another_time(
    services: Services, app: Starlette, group: Group, member: Member
) -> None:
    await services.database.write(lambda tx: sessions.set_status(tx, group.session.id, Status.CANCELLED))

    page = await page_of(services, app, member, group)

    assert "Take a place Thursday 12 November" in page.text


async def test_the_certificate_comes_with_the_last_step_and_not_before(
    services: Services, app: Starlette, clock: Clock, group: Group, member: Member
) -> None:
    browser = await browser_of(services, app, member)
    before = await browser.get("/family/program")
    early = await browser.get("/family/program/certificate.pdf")
    elsewhere = await browser.get("/family/program/certificate.pdf?program_id=nobodyisnamedthis000")
    await attend(services, clock, group.session, actor(group.host), member.actor, minutes=60)
    browser = await browser_of(services, app, member)
    page = await browser.get("/family/program")
    file = await browser.get("/family/program/certificate.pdf?program_id=p")

    assert "certificate.pdf" not in before.text
    assert (early.status_code, elsewhere.status_code) == (409, 404)
    assert heading(early) == "That is not possible right now"
    assert 'href="/family/program/certificate.pdf?program_id=p"' in page.text
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == 'attachment; filename="certificate.pdf"'
    assert words_of(file.content).split("\n")[1:4] == [
        member.person.name,
        "took part in one family learning session",
        "on 5 November 2026.",
    ]
    assert (await events(services)).count(Event.CERTIFICATE_MADE) == 2  # one of them refused
