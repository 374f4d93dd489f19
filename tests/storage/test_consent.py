"""The gate: which release is in force, as the rows say."""

from datetime import timedelta

import pytest

from scheduler.domain.consent import Element
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import consent, tables
from scheduler.storage.database import Transaction
from tests import builders
from tests.conftest import Clock


async def active(services: Services, client_id: str, person_id: str) -> str | None:
    """Return the id of the release in force now."""
    now = services.now()
    found = await services.database.read(lambda tx: consent.active(tx, client_id, person_id, now))
    return None if found is None else found.id


async def test_nobody_is_told_anything_without_a_release(services: Services) -> None:
    family = await builders.add_family(services)
    assert await active(services, family.client.id, family.mother.id) is None


async def test_a_release_comes_back_with_all_that_was_signed(services: Services) -> None:
    family = await builders.add_family(services)
    signed = await builders.add_release(services, family.client, family.mother)

    kept = await services.database.read(lambda tx: consent.get(tx, signed.id))

    assert kept == signed
    assert kept.missing_elements == ()


async def test_a_release_is_in_force_until_its_date(services: Services, clock: Clock) -> None:
    family = await builders.add_family(services)
    release = await builders.add_release(services, family.client, family.mother, lasts=timedelta(days=7))

    assert await active(services, family.client.id, family.mother.id) == release.id
    clock.move(days=7)
    assert await active(services, family.client.id, family.mother.id) is None


async def test_revoking_the_release_of_one_person_leaves_the_others_in_force(services: Services) -> None:
    family = await builders.add_family(services)
    father = await builders.add_person(services, "Luis Rivera", Role.FAMILY_MEMBER)
    of_mother = await builders.add_release(services, family.client, family.mother)
    of_father = await builders.add_release(services, family.client, father)
    now = services.now()

    assert await services.database.write(lambda tx: consent.revoke(tx, of_mother.id, revoked_at=now))

    assert await active(services, family.client.id, family.mother.id) is None
    assert await active(services, family.client.id, father.id) == of_father.id
    released = await services.database.read(lambda tx: consent.released_people(tx, family.client.id, now))
    assert released == {father.id}


async def test_a_release_of_one_client_opens_nothing_of_another(services: Services) -> None:
    rivera, nguyen = await builders.add_family(services), await builders.add_family(services, "Nguyen")
    await builders.add_release(services, rivera.client, rivera.mother)

    assert await active(services, nguyen.client.id, rivera.mother.id) is None


async def test_revoking_twice_changes_nothing(services: Services, clock: Clock) -> None:
    family = await builders.add_family(services)
    release = await builders.add_release(services, family.client, family.mother)
    first = clock()
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=first))
    clock.move(days=1)

    assert not await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=clock()))
    kept = await services.database.read(lambda tx: consent.get(tx, release.id))
    assert kept.revoked_at == first


async def test_of_two_releases_the_one_in_force_counts(services: Services, clock: Clock) -> None:
    family = await builders.add_family(services)
    await builders.add_release(services, family.client, family.mother, lasts=timedelta(days=1))
    clock.move(days=2)
    newer = await builders.add_release(services, family.client, family.mother)

    assert await active(services, family.client.id, family.mother.id) == newer.id


async def test_a_written_release_is_in_force_once_it_is_signed(services: Services) -> None:
    family = await builders.add_family(services)
    signed = await builders.add_release(services, family.client, family.mother)
    now = services.now()

    def unsign(tx: Transaction) -> None:
        row = tables.releases.update().where(tables.releases.c.id == signed.id)
        tx.execute(row.values(signature_sealed=None, signed_at=None))

    await services.database.write(unsign)
    unsigned = await services.database.read(lambda tx: consent.get(tx, signed.id))
    assert unsigned.missing_elements == (Element.SIGNATURE, Element.SIGNED_AT)
    assert await active(services, family.client.id, family.mother.id) is None

    await services.database.write(
        lambda tx: consent.sign(tx, signed.id, signature=family.client.name, signed_at=now)
    )
    assert await active(services, family.client.id, family.mother.id) == signed.id


async def test_a_signed_release_is_not_signed_again(services: Services) -> None:
    family = await builders.add_family(services)
    release = await builders.add_release(services, family.client, family.mother)
    now = services.now()

    with pytest.raises(NotFound):
        await services.database.write(
            lambda tx: consent.sign(tx, release.id, signature="Somebody Else", signed_at=now)
        )


async def test_a_release_that_is_not_there_is_not_found(services: Services) -> None:
    with pytest.raises(NotFound):
        await services.database.read(lambda tx: consent.get(tx, "nothing"))


async def test_consent_to_video_is_kept_for_each_client(services: Services) -> None:
    family = await builders.add_family(services)
    client_id, now = family.client.id, services.now()
    before = await services.database.read(lambda tx: consent.telehealth_consented_at(tx, client_id))

    await services.database.write(
        lambda tx: consent.record_telehealth(tx, client_id, consented_at=now, recorded_by=family.clinician.id)
    )

    after = await services.database.read(lambda tx: consent.telehealth_consented_at(tx, client_id))
    assert (before, after) == (None, now)
