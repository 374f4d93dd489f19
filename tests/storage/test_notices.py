"""The outbox on both engines: queued once, claimed by one, taken up again when a claim lapses."""

from datetime import timedelta

from scheduler.domain.notices import CLAIM_LASTS, Rule, Status
from scheduler.services import Services
from scheduler.storage import notices
from scheduler.storage.database import Transaction
from scheduler.storage.notices import Claimed
from scheduler.storage.tables import notices as table
from tests.conftest import Clock
from tests.owed import add_world, notices_of, owe

LATE = timedelta(minutes=5)


async def claim(services: Services, *, limit: int = 10) -> list[Claimed]:
    now = services.now()
    return await services.database.write(lambda tx: notices.claim(tx, now=now, limit=limit))


async def test_the_same_thing_is_not_owed_twice(services: Services) -> None:
    world = await add_world(services)
    first = await owe(services, world, Rule.BOOKED)
    await owe(services, world, Rule.BOOKED)
    assert list(await notices_of(services, world)) == [first]


async def test_a_message_that_may_repeat_counts_its_repeats(services: Services) -> None:
    world = await add_world(services)
    for _ in range(3):
        await owe(services, world, Rule.JOIN_CODE, sequence=None, detail="20481632")
    assert sorted(one.sequence for one in (await notices_of(services, world)).values()) == [0, 1, 2]


async def test_a_notice_is_claimed_when_it_is_due_and_by_one_only(services: Services, clock: Clock) -> None:
    world = await add_world(services)
    notice_id = await owe(services, world, Rule.BOOKED, due_at=services.now() + LATE)
    assert await claim(services) == []
    clock.move(minutes=5)
    assert [one.notice.id for one in await claim(services)] == [notice_id]
    assert await claim(services) == []


async def test_the_longest_due_go_first_and_no_more_than_asked_for(services: Services, clock: Clock) -> None:
    world = await add_world(services)
    later = await owe(services, world, Rule.MOVED, due_at=services.now() + LATE)
    sooner = await owe(services, world, Rule.BOOKED)
    clock.move(minutes=6)
    assert [one.notice.id for one in await claim(services, limit=1)] == [sooner]
    assert [one.notice.id for one in await claim(services, limit=1)] == [later]


async def test_the_claim_of_a_process_that_died_is_taken_up_again(services: Services, clock: Clock) -> None:
    world = await add_world(services)
    notice_id = await owe(services, world, Rule.BOOKED)
    await claim(services)
    clock.at += CLAIM_LASTS
    again = await claim(services)
    assert [(one.notice.id, one.notice.attempts) for one in again] == [(notice_id, 2)]


async def test_a_code_is_kept_sealed_and_only_until_it_was_sent(services: Services) -> None:
    world = await add_world(services)
    notice_id = await owe(services, world, Rule.JOIN_CODE, detail="20481632")
    claimed = await claim(services)
    assert claimed[0].detail == "20481632"

    def settle(tx: Transaction) -> None:
        notices.mark_sent(tx, notice_id, now=services.now())
        row = tx.execute(table.select().where(table.c.id == notice_id)).one()
        assert row.detail_sealed is None

    await services.database.write(settle)


async def test_what_another_process_settled_is_not_settled_again(services: Services) -> None:
    world = await add_world(services)
    notice_id = await owe(services, world, Rule.BOOKED)
    await claim(services)
    now = services.now()
    assert await services.database.write(lambda tx: notices.mark_sent(tx, notice_id, now=now))
    assert not await services.database.write(lambda tx: notices.mark_failed(tx, notice_id, fault="550"))
    assert (await notices_of(services, world))[notice_id].status is Status.SENT


async def test_reminders_are_planned_once_for_everybody_with_a_place(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services, ahead=timedelta(hours=1))
    now = services.now()
    assert await services.database.write(lambda tx: notices.plan_reminders(tx, now=now)) == 2
    assert await services.database.write(lambda tx: notices.plan_reminders(tx, now=now)) == 0
    found = (await notices_of(services, world)).values()
    assert {(one.person_id, one.rule) for one in found} == {
        (world.mother.id, Rule.REMINDER_HOUR),
        (world.family.clinician.id, Rule.REMINDER_HOUR),
    }


async def test_reminders_reach_everybody_in_an_hour_with_more_of_them_than_one_statement_takes(
    services: Services,
) -> None:
    first, second = [
        await add_world(services, ahead=timedelta(hours=1), surname=name) for name in ("Rivera", "Stone")
    ]
    now = services.now()
    assert await services.database.write(lambda tx: notices.plan_reminders(tx, now=now, at_once=1)) == 4
    assert await services.database.write(lambda tx: notices.plan_reminders(tx, now=now, at_once=1)) == 0
    for world in (first, second):
        found = (await notices_of(services, world)).values()
        assert {one.person_id for one in found} == {world.mother.id, world.family.clinician.id}


async def test_who_was_told_a_moment_ago_is_not_reminded(services: Services) -> None:
    world = await add_world(services, ahead=timedelta(hours=1))
    await owe(services, world, Rule.BOOKED)
    now = services.now()
    await services.database.write(lambda tx: notices.plan_reminders(tx, now=now))
    found = (await notices_of(services, world)).values()
    assert [one.person_id for one in found if one.rule is Rule.REMINDER_HOUR] == [world.family.clinician.id]


async def test_old_notices_are_forgotten_and_those_that_failed_are_kept(
    services: Services, clock: Clock
) -> None:
    world = await add_world(services)
    sent = await owe(services, world, Rule.BOOKED)
    failed = await owe(services, world, Rule.MOVED)
    await claim(services)
    now = services.now()

    def settle(tx: Transaction) -> None:
        notices.mark_sent(tx, sent, now=now)
        notices.mark_failed(tx, failed, fault="550")

    await services.database.write(settle)
    clock.move(days=40)
    before = services.now() - timedelta(days=30)
    assert await services.database.write(lambda tx: notices.forget(tx, before=before)) == 1
    assert list(await notices_of(services, world)) == [failed]
