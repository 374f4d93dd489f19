"""One-time codes as kept: keyed hashes, five tries, ten minutes, one browser, one target."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from scheduler.domain.codes import Attempt, Outcome, Purpose, digits_of
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import codes
from scheduler.storage.tables import codes as table
from tests.builders import add_person
from tests.conftest import Clock


@pytest.fixture
async def person_id(services: Services) -> str:
    """Whose codes they are."""
    return (await add_person(services, "Rosa Rivera", Role.FAMILY_MEMBER)).id


async def issue(services: Services, person_id: str, code: str = "12345678", browser: str = "phone") -> None:
    code_id, now = services.new_id(), services.now()
    await services.database.write(
        lambda tx: codes.issue(
            tx,
            code_id=code_id,
            person_id=person_id,
            purpose=Purpose.JOIN,
            target="link",
            browser=browser,
            code=code,
            now=now,
        )
    )


async def attempt(
    services: Services,
    code: str = "12345678",
    *,
    browser: str = "phone",
    target: str = "link",
    purpose: Purpose = Purpose.JOIN,
) -> Attempt:
    now = services.now()
    return await services.database.write(
        lambda tx: codes.attempt(tx, purpose=purpose, target=target, browser=browser, code=code, now=now)
    )


async def test_the_right_code_opens_once(services: Services, person_id: str) -> None:
    await issue(services, person_id)

    first, again = await attempt(services), await attempt(services)

    assert (first.outcome, first.person_id) == (Outcome.RIGHT, person_id)
    assert (again.outcome, again.person_id) == (Outcome.GONE, None)


async def test_the_fifth_wrong_try_locks_and_the_right_code_is_too_late(
    services: Services, person_id: str
) -> None:
    await issue(services, person_id)

    wrong = [await attempt(services, "87654321") for _ in range(5)]

    assert [one.outcome for one in wrong] == [Outcome.WRONG] * 4 + [Outcome.LOCKED]
    assert [one.tries_left for one in wrong] == [4, 3, 2, 1, 0]
    assert (await attempt(services)).outcome is Outcome.GONE


async def test_the_right_code_at_the_fifth_try_opens_and_locks_nothing(
    services: Services, person_id: str
) -> None:
    await issue(services, person_id)
    for _ in range(4):
        await attempt(services, "87654321")

    assert (await attempt(services)).outcome is Outcome.RIGHT
    now = services.now()
    locked = await services.database.read(
        lambda tx: codes.locked_until(tx, person_id=person_id, purpose=Purpose.JOIN, now=now)
    )
    assert locked is None


async def test_a_lock_lasts_a_quarter_of_an_hour_from_the_sending(
    services: Services, person_id: str, clock: Clock
) -> None:
    await issue(services, person_id)
    sent_at = services.now()
    for _ in range(5):
        await attempt(services, "87654321")

    async def locked() -> object:
        now = services.now()
        return await services.database.read(
            lambda tx: codes.locked_until(tx, person_id=person_id, purpose=Purpose.JOIN, now=now)
        )

    assert await locked() == sent_at + timedelta(minutes=15)
    clock.move(minutes=15)
    assert await locked() is None


@pytest.mark.parametrize(
    "other", [{"browser": "tablet"}, {"target": "other link"}, {"purpose": Purpose.SIGN_IN}]
)
async def test_a_code_is_for_one_browser_one_target_one_purpose(
    services: Services, person_id: str, other: dict[str, str]
) -> None:
    await issue(services, person_id)

    assert (await attempt(services, **other)).outcome is Outcome.GONE  # type: ignore[arg-type]
    assert (await attempt(services)).outcome is Outcome.RIGHT


async def test_after_ten_minutes_a_code_is_gone(services: Services, person_id: str, clock: Clock) -> None:
    await issue(services, person_id)
    clock.move(minutes=10)

    assert (await attempt(services)).outcome is Outcome.GONE


async def test_a_newer_code_of_the_same_browser_replaces_the_older(
    services: Services, person_id: str
) -> None:
    await issue(services, person_id, "11111111")
    await issue(services, person_id, "22222222")

    assert (await attempt(services, "11111111")).outcome is Outcome.WRONG
    assert (await attempt(services, "22222222")).outcome is Outcome.RIGHT


async def test_two_browsers_have_codes_of_their_own(services: Services, person_id: str) -> None:
    await issue(services, person_id, "11111111", "phone")
    await issue(services, person_id, "22222222", "tablet")

    assert (await attempt(services, "11111111", browser="phone")).outcome is Outcome.RIGHT
    assert (await attempt(services, "22222222", browser="tablet")).outcome is Outcome.RIGHT


async def test_neither_code_nor_browser_nor_target_lies_open_in_the_file(
    services: Services, person_id: str
) -> None:
    await issue(services, person_id)
    row = await services.database.read(lambda tx: tx.execute(select(table)).one())

    for clear in (b"12345678", b"phone", b"link"):
        assert clear not in row.code_hash + row.browser_hash + row.target_hash


def test_codes_are_eight_digits_and_differ() -> None:
    drawn = {digits_of(f"secret-{number}") for number in range(500)}

    assert len(drawn) == 500
    assert all(len(code) == 8 and code.isdigit() for code in drawn)
