"""A family's sessions as a browser without JavaScript sees them: what comes next, moving, cancelling."""

import asyncio
import re
from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.availability import Kind
from scheduler.domain.times import iso
from scheduler.services import Services
from scheduler.storage import consent, kinds
from scheduler.storage.tables import bookings as booking_rows
from scheduler.storage.tables import notices as notice_rows
from scheduler.storage.tables import places as place_rows
from scheduler.storage.tables import sessions as session_rows
from tests.conftest import Clock, new_browser
from tests.joining import heading
from tests.scheduling import (
    NINE,
    STEP,
    TUESDAY_NINE,
    World,
    add_neighbours,
    booked,
    counts,
    entries,
    rows,
    without_release,
)
from tests.signing_in import sign_in


async def revoke(services: Services, world: World) -> None:
    """Take the client's release back."""
    release = (await services.database.read(lambda tx: consent.of_client(tx, world.family.client.id)))[0]
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=services.now()))


async def test_without_a_release_neither_list_nor_sessions_are_shown(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    path = await booked(browser)
    await revoke(services, world)

    assert "We cannot book a session for you at the moment." in (await browser.get("/family/book")).text
    assert "9:00" not in (await browser.get("/family")).text
    assert (await browser.get(path)).status_code == 404


async def test_who_is_not_released_and_presses_a_time_is_told_kindly_and_the_try_is_logged(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await revoke(services, world)

    for path, event in (("/family/book/hold", "hold.made"), ("/family/book", "session.booked")):
        refused = await browser.post(path, data=NINE)

        assert refused.status_code == 403
        assert heading(refused) == "We cannot book for you at the moment"
        assert "Please call the program." in refused.text
        assert "part of your role" not in refused.text
        assert (await entries(services))[-1] == (event, "denied")


async def test_without_a_release_the_first_page_shows_what_only_teaches_and_offers_nothing(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    lesson = without_release(Kind("lesson", "Evening class", 60))
    await services.database.write(lambda tx: kinds.add(tx, lesson, offered_by=[world.family.clinician.id]))
    await booked(browser, kind_id="lesson")
    before = await browser.get("/family")
    await revoke(services, world)

    after = await browser.get("/family")

    assert "Book another session" in before.text
    assert "Book another session" not in after.text
    assert "We cannot show all your sessions or book new ones at the moment." in after.text
    assert "Evening class" in after.text


async def test_the_first_page_puts_what_comes_next_on_top_and_opens_the_door_in_time(
    services: Services, world: World, browser: httpx2.AsyncClient, clock: Clock
) -> None:
    empty = await browser.get("/family")
    await booked(browser)
    await booked(browser, starts_at=iso(TUESDAY_NINE + timedelta(days=1)))

    early = await browser.get("/family")
    clock.at = TUESDAY_NINE - timedelta(minutes=12)
    await sign_in(services, browser, world.family.mother)
    soon = await browser.get("/family")

    assert "Nothing is booked yet" in empty.text
    assert "The waiting room opens 20 minutes before, at 8:40 am." in early.text
    assert "in 24 hours" in early.text
    assert "in 12 minutes" in soon.text
    assert "Go to the waiting room" in soon.text
    assert soon.text.index("Today, 9:00 to 9:20 am") < soon.text.index("Tomorrow, 9:00 to 9:20 am")


async def test_a_session_is_moved_in_two_steps_and_may_be_left_where_it_is(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    path = await booked(browser)
    later = iso(TUESDAY_NINE + 2 * STEP)

    listed = await browser.get(f"{path}/move")
    asked = await browser.get(f"{path}/move?starts_at={later}")
    moved = await browser.post(f"{path}/move", data={"starts_at": later, "reason": "Work called"})
    page = await browser.get(moved.headers["location"])

    assert f"starts_at={later.replace(':', '%3A')}" in listed.text
    assert iso(TUESDAY_NINE) not in re.findall(r"starts_at=([^&\"]+)", listed.text)
    assert heading(asked) == "Move your session?"
    assert "9:50 to 10:10 am" in asked.text
    assert "Your session has moved." in page.text
    assert "Work called" in page.text
    assert len(await rows(services, session_rows)) == 1


async def test_a_move_to_a_time_that_is_gone_offers_the_nearest_and_keeps_the_reason(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    path = await booked(browser)
    neighbours = await add_neighbours(services, world)
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)
        await booked(other, starts_at=iso(TUESDAY_NINE + STEP))

    refused = await browser.post(
        f"{path}/move", data={"starts_at": iso(TUESDAY_NINE + STEP), "reason": "Dentist's"}
    )
    past = await browser.post(f"{path}/move", data={"starts_at": "2026-10-01T16:00Z", "reason": "Dentist's"})

    too_long = await browser.post(
        f"{path}/move", data={"starts_at": iso(TUESDAY_NINE + 2 * STEP), "reason": "x" * 501}
    )

    assert (refused.status_code, past.status_code) == (409, 422)
    assert "Why does it move? Please keep this under 500 characters." in too_long.text
    assert heading(too_long) == "Move your session?"
    assert "Dentist&#39;s" in refused.text
    assert "Dentist&#39;s" in past.text
    assert "Your session stays as it is." in refused.text
    assert f'value="{iso(TUESDAY_NINE + 2 * STEP)}"' in refused.text


@pytest.mark.parametrize("event", ["moved", "cancelled"])
async def test_moving_or_cancelling_many_times_at_once_is_done_once(
    services: Services, world: World, browser: httpx2.AsyncClient, event: str
) -> None:
    path = await booked(browser)
    tail = {"moved": "move", "cancelled": "cancel"}[event]
    form = {"starts_at": iso(TUESDAY_NINE + 2 * STEP), "reason": "Work called"}

    answers = await asyncio.gather(*(browser.post(f"{path}/{tail}", data=form) for _ in range(16)))

    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (303, f"{path}?done={event}")
    }
    changes = [one for one in await entries(services) if one[0] == f"session.{event}"]
    assert changes == [(f"session.{event}", "success")]
    assert {row.sequence for row in await rows(services, place_rows)} == {1}
    assert len([row for row in await rows(services, notice_rows) if row.rule == event]) == 2


async def test_a_session_is_cancelled_after_a_question_and_frees_its_time(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    path = await booked(browser)

    asked = await browser.get(f"{path}/cancel")
    too_long = await browser.post(f"{path}/cancel", data={"reason": "x" * 501})
    cancelled = await browser.post(f"{path}/cancel", data={"reason": "We are well"})
    page = await browser.get(cancelled.headers["location"])
    again = await browser.post(f"{path}/cancel", data={"reason": "We are well"})

    assert heading(asked) == "Cancel your session?"
    assert too_long.status_code == 422
    assert "Why do you cancel? Please keep this under 500 characters." in too_long.text
    assert heading(page) == "This session is cancelled"
    assert "Your session is cancelled." in page.text
    assert (again.status_code, again.headers["location"]) == (303, cancelled.headers["location"])
    assert (await counts(services)).ticks == 0
    assert await booked(browser)


async def test_a_foreign_session_looks_like_one_that_is_not_there(
    services: Services, world: World, browser: httpx2.AsyncClient, app: Starlette
) -> None:
    path = await booked(browser)
    neighbours = await add_neighbours(services, world)
    missing = "/family/sessions/aaaaaaaaaaaaaaaaaaaa"
    async with new_browser(app) as other:
        await sign_in(services, other, neighbours.family.mother)
        for tail in ("", "/move", "/cancel"):
            foreign, absent = await other.get(path + tail), await other.get(missing + tail)
            assert (foreign.status_code, foreign.text) == (404, absent.text.replace(missing, path))
        for tail, data in (("/cancel", {}), ("/move", {"starts_at": iso(TUESDAY_NINE + STEP)})):
            assert (await other.post(path + tail, data=data)).status_code == 404

    assert [row.status for row in await rows(services, booking_rows)] == ["booked"]
