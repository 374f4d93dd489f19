"""Links as kept: one a person and session, sealed, revoked for good, redeemed in one statement."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

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
        found = await services.database.read(lambda tx: join_links.find_next(tx, mother, now=now))
        return found is not None

    assert await look(timedelta(0))
    assert await look(timedelta(minutes=45))
    assert not await look(timedelta(minutes=46))
