"""Links as kept: one a person and session, sealed, revoked for good, redeemed in one statement."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from scheduler.domain.join_links import JoinLink
from scheduler.domain.people import Proof
from scheduler.services import Services
from scheduler.storage import join_links
from scheduler.storage.database import Transaction
from scheduler.storage.tables import join_links as table
from tests.joining import Meeting, add_meeting


@pytest.fixture
async def meeting(services: Services) -> Meeting:
    """A session with one link."""
    return await add_meeting(services)


def key(meeting: Meeting) -> dict[str, str]:
    """Return whose link to which session it is."""
    return {"session_id": meeting.session.id, "person_id": meeting.family.mother.id}


async def test_a_link_that_is_open_stays_as_it_is(services: Services, meeting: Meeting) -> None:
    now = services.now()

    def work(tx: Transaction) -> str | None:
        join_links.open_for(tx, **key(meeting), jti="another-jti-of-enough-length", now=now)
        return join_links.jti_for(tx, **key(meeting))

    assert await services.database.write(work) == meeting.jti


async def test_a_revoked_link_is_replaced_and_the_old_one_is_gone(
    services: Services, meeting: Meeting
) -> None:
    now, old = services.now(), join_links.hash_of(meeting.jti)

    def work(tx: Transaction) -> tuple[int, str | None, JoinLink | None, JoinLink | None]:
        join_links.redeem(tx, old, device_hash=b"phone", proof=Proof.EMAIL_CODE, now=now)
        revoked = join_links.revoke_for(tx, session_id=meeting.session.id, now=now)
        none = join_links.jti_for(tx, **key(meeting))
        join_links.open_for(tx, **key(meeting), jti="another-jti-of-enough-length", now=now)
        fresh = join_links.find_for(tx, **key(meeting))
        return revoked, none, join_links.find(tx, old), fresh

    revoked, none, gone, fresh = await services.database.write(work)

    assert (revoked, none, gone) == (1, None, None)
    assert fresh is not None
    assert (fresh.device_hash, fresh.proof, fresh.revoked_at) == (None, None, None)


async def test_revoking_twice_counts_once(services: Services, meeting: Meeting) -> None:
    now = services.now()

    def work(tx: Transaction) -> list[int]:
        return [
            join_links.revoke_for(tx, **key(meeting), now=now),
            join_links.revoke_for(tx, session_id=meeting.session.id, now=now),
        ]

    assert await services.database.write(work) == [1, 0]


async def test_the_jti_lies_sealed_in_the_file(services: Services, meeting: Meeting) -> None:
    row = await services.database.read(lambda tx: tx.execute(select(table)).one())

    assert meeting.jti.encode() not in row.jti_sealed
    assert row.jti_hash == join_links.hash_of(meeting.jti)


async def test_a_revoked_link_is_never_redeemed_however_close_they_come(
    services: Services, meeting: Meeting
) -> None:
    now, jti_hash = services.now(), join_links.hash_of(meeting.jti)

    def prove(tx: Transaction) -> bool:
        return join_links.redeem(tx, jti_hash, device_hash=b"phone", proof=Proof.EMAIL_CODE, now=now)

    def revoke(tx: Transaction) -> int:
        return join_links.revoke_for(tx, session_id=meeting.session.id, now=now)

    await asyncio.gather(services.database.write(prove), services.database.write(revoke))

    assert await services.database.write(prove) is False


async def test_of_two_devices_the_last_one_holds_the_place(services: Services, meeting: Meeting) -> None:
    now, jti_hash = services.now(), join_links.hash_of(meeting.jti)

    for device in (b"phone", b"tablet"):
        await services.database.write(
            lambda tx, device=device: join_links.redeem(  # type: ignore[misc]
                tx, jti_hash, device_hash=device, proof=Proof.EMAIL_CODE, now=now
            )
        )

    found = await services.database.read(
        lambda tx: [join_links.find_by_device(tx, device) for device in (b"phone", b"tablet")]
    )
    assert found[0] is None
    assert found[1] is not None


async def test_the_soonest_session_whose_door_has_not_closed_is_next(
    services: Services, meeting: Meeting
) -> None:
    mother = meeting.family.mother.id

    async def look(after: timedelta) -> bool:
        now = services.now() + after
        return bool(await services.database.read(lambda tx: join_links.find_next(tx, mother, now=now)))

    assert await look(timedelta(0))
    assert await look(timedelta(minutes=45))
    assert not await look(timedelta(minutes=46))


FRESH = "another-jti-of-enough-length"


async def drop_key(services: Services) -> None:
    """Make what is sealed unreadable, as when its key is dropped."""
    gone = update(table).values(jti_sealed=b"sealed under a key that is gone")
    await services.database.write(lambda tx: tx.execute(gone))


async def read_or_replace(services: Services, meeting: Meeting) -> str | None:
    """Ask for the jti as whoever mails it does."""
    now = services.now()
    return await services.database.write(
        lambda tx: join_links.readable_jti(tx, **key(meeting), jti=FRESH, now=now)
    )


async def stop(services: Services, meeting: Meeting) -> None:
    """Revoke the link."""
    now = services.now()
    await services.database.write(lambda tx: join_links.revoke_for(tx, **key(meeting), now=now))


async def test_a_link_whose_key_is_gone_is_replaced_and_one_that_can_be_read_is_not(
    services: Services, meeting: Meeting
) -> None:
    assert await read_or_replace(services, meeting) == meeting.jti
    await drop_key(services)

    assert await read_or_replace(services, meeting) == FRESH
    fresh = await services.database.read(lambda tx: join_links.find(tx, join_links.hash_of(FRESH)))
    assert fresh is not None
    assert fresh.revoked_at is None


async def test_a_stopped_link_stays_stopped_when_its_key_is_gone(
    services: Services, meeting: Meeting
) -> None:
    await stop(services, meeting)
    await drop_key(services)
    before = await services.database.read(lambda tx: tx.execute(select(table)).one())

    assert await read_or_replace(services, meeting) is None

    assert await services.database.read(lambda tx: tx.execute(select(table)).one()) == before


async def test_a_link_is_stopped_for_good_however_close_a_replacement_comes(
    services: Services, meeting: Meeting
) -> None:
    await drop_key(services)

    await asyncio.gather(read_or_replace(services, meeting), stop(services, meeting))

    link = await services.database.read(lambda tx: join_links.find_for(tx, **key(meeting)))
    assert link is not None
    assert link.revoked_at is not None
    assert await read_or_replace(services, meeting) is None
