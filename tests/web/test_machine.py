"""Pages for machines: alive, ready, figures, calendar feeds and files."""

from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from icalendar import Calendar
from sqlalchemy import text
from starlette.applications import Starlette

from scheduler.actions import invites
from scheduler.app import create_app
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Actor, Source
from scheduler.services import Services
from tests.conftest import Clock, new_browser
from tests.owed import World, add_world, entries, revoke_release

LOOPBACK = ("127.0.0.1", 5000)
ELSEWHERE = ("203.0.113.9", 5000)


def caller(app: Starlette, client: tuple[str, int]) -> httpx2.AsyncClient:
    """Return a program that calls from an address."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, client=client), base_url="https://hearth.test"
    )


async def feed_of(services: Services, actor: Actor) -> str:
    return await invites.make_feed(services, actor)


async def shown(services: Services, token: str) -> Calendar:
    feed = await invites.read_feed(services, token, source=Source("203.0.113.9", "r1"))
    return Calendar.from_ical(feed.file)


async def test_alive_answers_without_asking_the_database(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/healthz")).text == "ok\n"


async def test_ready_means_database_schema_and_log(browser: httpx2.AsyncClient) -> None:
    response = await browser.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": True, "schema": True, "audit": True}


async def test_asking_whether_it_is_ready_leaves_no_entry(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    await browser.get("/readyz")
    assert await entries(services) == []


async def test_a_schema_behind_the_code_is_not_ready(services: Services, browser: httpx2.AsyncClient) -> None:
    await services.database.write(
        lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    )
    response = await browser.get("/readyz")
    assert response.status_code == 503
    assert response.json()["schema"] is False
    assert "Retry-After" in response.headers


async def test_a_log_that_cannot_be_written_is_not_ready(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    away, back = "ALTER TABLE audit_head RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO audit_head"
    await services.database.write(lambda tx: tx.execute(text(away)))
    response = await browser.get("/readyz")
    await services.database.write(lambda tx: tx.execute(text(back)))
    assert response.status_code == 503


async def test_figures_are_for_this_machine_or_for_who_has_the_token(services: Services) -> None:
    with_token = replace(services, settings=services.settings.model_copy(update={"metrics_token": "t0ken"}))
    app = create_app(with_token)
    async with caller(app, LOOPBACK) as near, caller(app, ELSEWHERE) as far:
        assert (await near.get("/metrics")).status_code == 200
        assert (await far.get("/metrics")).status_code == 404
        assert (await far.get("/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 404
        assert (await far.get("/metrics", headers={"Authorization": "Bearer t0ken"})).status_code == 200


async def test_figures_are_not_for_who_comes_through_a_proxy_on_this_machine(app: Starlette) -> None:
    async with caller(app, LOOPBACK) as proxied:
        response = await proxied.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert response.status_code == 404


async def test_figures_hold_counts_and_nobody(services: Services, app: Starlette) -> None:
    world = await add_world(services)
    async with caller(app, LOOPBACK) as near:
        words = (await near.get("/metrics")).text
    assert 'hearth_notices{status="queued"} 0' in words
    assert world.mother.id not in words


async def test_a_feed_shows_a_persons_own_sessions_in_neutral_words(services: Services) -> None:
    world = await add_world(services)
    calendar = await shown(services, await feed_of(services, world.family.mother_actor))
    (event,) = calendar.events
    assert event.start == world.session.starts_at
    assert str(event["summary"]) == "Appointment"
    assert str(event["url"]) == "https://hearth.test/join"


async def test_a_feed_shows_nothing_that_no_release_covers(services: Services) -> None:
    world = await add_world(services)
    token = await feed_of(services, world.family.mother_actor)
    await revoke_release(services, world)
    assert (await shown(services, token)).events == []


async def test_reading_a_feed_is_an_entry(services: Services) -> None:
    world = await add_world(services)
    token = await feed_of(services, world.family.mother_actor)
    await shown(services, token)
    found = [(entry["event"], entry["client"]) for entry in await entries(services)]
    assert found == [("feed.created", None), ("feed.read", world.family.client.id)]


async def test_a_feed_that_was_taken_back_or_replaced_opens_nothing(services: Services) -> None:
    world = await add_world(services)
    first = await feed_of(services, world.family.mother_actor)
    second = await feed_of(services, world.family.mother_actor)
    with pytest.raises(NotFound):
        await shown(services, first)
    await invites.revoke_feed(services, world.family.mother_actor)
    with pytest.raises(NotFound):
        await shown(services, second)


async def test_a_calendar_program_that_has_the_feed_already_is_told_so(
    services: Services, app: Starlette, clock: Clock
) -> None:
    world = await add_world(services, ahead=timedelta(days=9))
    token = await feed_of(services, world.family.mother_actor)
    async with caller(app, ELSEWHERE) as program:
        first = await program.get(f"/calendar/{token}.ics")
        clock.move(days=2)
        second = await program.get(f"/calendar/{token}.ics", headers={"If-None-Match": first.headers["etag"]})
        guessed = await program.get("/calendar/guess.ics")
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert (first.status_code, second.status_code, guessed.status_code) == (200, 304, 404)


async def test_the_file_of_a_session_is_the_invite_that_was_mailed(services: Services) -> None:
    world: World = await add_world(services)
    file = await invites.calendar_file(services, world.family.mother_actor, world.session.id)
    calendar = Calendar.from_ical(file)
    assert calendar["method"] == "REQUEST"
    assert calendar.events[0].start == world.session.starts_at


async def test_the_file_of_somebody_elses_session_is_not_there(services: Services) -> None:
    world = await add_world(services)
    other = await add_world(services, surname="Okoye")
    with pytest.raises(NotFound):
        await invites.calendar_file(services, other.family.mother_actor, world.session.id)


async def test_the_file_of_a_session_that_no_release_covers_is_not_there(services: Services) -> None:
    world = await add_world(services)
    await revoke_release(services, world)

    with pytest.raises(NotFound):
        await invites.calendar_file(services, world.family.mother_actor, world.session.id)


async def test_nobody_gets_a_file_or_a_calendar_page_without_signing_in(app: Starlette) -> None:
    async with new_browser(app) as nobody:
        for path in ("/family/sessions/s1/appointment.ics", "/account/calendar", "/appointments/s1"):
            assert (await nobody.get(path)).status_code == 401
