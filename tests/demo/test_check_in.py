"""The check-in that starts in ten minutes, whenever the demo starts: by day, at night, as clocks change."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.demo.check_in import ensure_check_in
from scheduler.demo.seed import seed
from scheduler.demo.start import in_words
from scheduler.domain.times import is_on_grid
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.database import Transaction
from tests.conftest import Clock

STARTS = {
    "a Monday morning": datetime(2026, 11, 2, 17, 0, tzinfo=UTC),
    "the middle of the night": datetime(2026, 11, 4, 11, 3, 20, tzinfo=UTC),
    "just before midnight": datetime(2026, 11, 4, 7, 41, tzinfo=UTC),
    "the hour that comes twice, first": datetime(2026, 11, 1, 8, 31, tzinfo=UTC),
    "the hour that comes twice, again": datetime(2026, 11, 1, 9, 22, tzinfo=UTC),
    "the hour that is left out": datetime(2027, 3, 14, 9, 47, tzinfo=UTC),
    "a Saturday": datetime(2026, 11, 7, 20, 59, 59, tzinfo=UTC),
}
AGAIN_AFTER_MINUTES = (0, 3, 7, 12, 20, 27, 45)


@pytest.mark.parametrize("when", STARTS)
async def test_whenever_the_demo_starts_a_check_in_starts_ten_minutes_later(
    services: Services, clock: Clock, when: str
) -> None:
    clock.at = STARTS[when]
    await seed(services, clock())
    for minutes in AGAIN_AFTER_MINUTES:
        clock.at = STARTS[when] + timedelta(minutes=minutes)
        check_in = await ensure_check_in(services)
        assert check_in is not None, minutes
        assert check_in.is_soon, minutes
        ahead = check_in.session.starts_at - clock()
        assert timedelta(minutes=10) <= ahead < timedelta(minutes=15), minutes
        assert is_on_grid(check_in.session.starts_at)


async def test_a_second_start_in_the_same_minute_finds_the_same_check_in(
    services: Services, clock: Clock
) -> None:
    await seed(services, clock())
    first = await ensure_check_in(services)
    again = await ensure_check_in(services)
    assert first is not None
    assert again == first
    assert first.family.name == "Rosa Rivera"


async def test_where_nobody_is_free_the_check_in_at_hand_is_named(services: Services, clock: Clock) -> None:
    await seed(services, clock())
    before = await ensure_check_in(services)
    assert before is not None
    clock.at = before.session.starts_at + timedelta(minutes=1)
    await _send_everyone_away(services, clock)
    found = await ensure_check_in(services)
    assert found is not None
    assert (found.session, found.is_soon) == (before.session, False)
    assert in_words(found).startswith("Nobody else is free 10 to 14 minutes from now.")


async def test_a_demo_in_which_nobody_is_left_starts_and_says_so(services: Services, clock: Clock) -> None:
    await seed(services, clock())
    await _send_everyone_away(services, clock)
    assert await ensure_check_in(services) is None
    assert "Nobody is free" in in_words(None)


async def _send_everyone_away(services: Services, clock: Clock) -> None:
    def work(tx: Transaction) -> None:
        for person in people.everyone(tx):
            people.end(tx, person.id, ended_at=clock())

    await services.database.write(work)
