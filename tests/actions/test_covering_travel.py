"""Somebody is away on days of travel: the days are those where they are."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from scheduler.actions.absences import AbsenceSeen, Asked, see_absence
from scheduler.actions.availability import add_travel
from scheduler.actions.booking import Wish, book_session
from scheduler.actions.covering import Cover, cover
from scheduler.domain.absences import Absence
from scheduler.domain.booking import Session, Status
from scheduler.domain.coverage import CANCEL, Planned
from scheduler.domain.coverage_plan import Preset
from scheduler.services import Services
from scheduler.storage import hours, sessions
from tests.scheduling import CHECK_IN, World, add_world
from tests.signing_in import sign_in

WEDNESDAY, FRIDAY = date(2026, 11, 4), date(2026, 11, 6)
NINE_THERE = datetime(2026, 11, 4, 0, tzinfo=UTC)  # 9:00 on Wednesday in Tokyo, Tuesday afternoon at home
AWAY = Absence(WEDNESDAY, WEDNESDAY)


@pytest.fixture
async def world(services: Services) -> World:
    """A therapist from Los Angeles who is in Tokyo from Wednesday to Friday."""
    made = await add_world(services)
    await add_travel(services, made.therapist, first_date=WEDNESDAY, last_date=FRIDAY, zone="Asia/Tokyo")
    return made


async def booked(services: Services, world: World, *, days: int = 0) -> Session:
    """Book at nine on the clock there, so many days after Wednesday."""
    starts_at = NINE_THERE + timedelta(days=days)
    return await book_session(services, world.mother, Wish(CHECK_IN.id, starts_at))


async def seen(services: Services, world: World, absence: Absence = AWAY) -> AbsenceSeen:
    asked = Asked(world.family.clinician.id, absence, Preset.CANCEL)
    return await see_absence(services, world.therapist, asked)


async def test_a_day_away_is_the_day_where_they_are(services: Services, world: World) -> None:
    wednesday, thursday = await booked(services, world), await booked(services, world, days=1)
    plan = {wednesday.id: Planned(wednesday.starts_at, CANCEL)}

    rows = (await seen(services, world)).rows
    await cover(services, world.therapist, Cover(world.family.clinician.id, AWAY, plan))

    assert [row.one.session.id for row in rows] == [wednesday.id]
    kept = await services.database.read(lambda tx: sessions.get_many(tx, [wednesday.id, thursday.id]))
    assert kept[wednesday.id].status is Status.CANCELLED
    assert kept[thursday.id] == thursday
    own = await services.database.read(lambda tx: hours.of(tx, world.family.clinician.id, since=WEDNESDAY))
    assert not own.cover(wednesday.interval)
    assert own.cover(thursday.interval)


async def test_a_part_of_a_day_is_on_the_clock_there_too(services: Services, world: World) -> None:
    session = await booked(services, world)

    for starts, ends, count in ((540, 545, 1), (560, 720, 0), (0, 540, 0)):
        rows = (await seen(services, world, replace(AWAY, starts=starts, ends=ends))).rows
        assert len(rows) == count
    assert session.starts_at == NINE_THERE


async def test_each_time_names_its_zone_where_it_is_not_that_of_the_page(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await booked(services, world)
    await sign_in(services, browser, world.family.clinician)

    there = await browser.get("/clinician/away?first_date=2026-11-04")
    from_home = await browser.get("/clinician/away?first_date=2026-11-03&last_date=2026-11-04")

    assert "9:00 to 9:20 am</time>" in there.text
    assert "Wednesday 4 November, Tokyo time" in " ".join(there.text.split())
    assert "Tomorrow, 9:00 to 9:20 am, Tokyo time</time>" in from_home.text
