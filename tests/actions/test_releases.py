"""Releases that clients write and sign: the elements, the text and its hash, renewing, who may."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduler.actions import releases
from scheduler.actions.release_drafts import Wording
from scheduler.actions.releases import write_release
from scheduler.domain.audit import Event
from scheduler.domain.consent import BESIDE, WRITTEN, Element, State
from scheduler.domain.errors import Denied, Invalid, NoLonger, NotFound, StepUpNeeded
from scheduler.domain.people import Client
from scheduler.services import Services
from scheduler.storage import consent, people
from scheduler.storage.tables import clients
from tests.builders import actor, add_person, stepped_up
from tests.conftest import Clock
from tests.log import events
from tests.release_house import House, add_house, is_released, sealed, sign, signed, state, written

LACKING: dict[Element, dict[str, Any]] = {
    Element.DISCLOSER: {"discloser": " "},
    Element.SCOPE: {"scope": None},
    Element.RECIPIENT_NAME: {"person_id": ""},
    Element.PURPOSE: {"purpose": ""},
    Element.REVOCATION_TEXT: {"revocation_text": ""},
    Element.EXPIRY: {"last_day": None},
}
CHANGES = (Event.RELEASE_CREATED, Event.RELEASE_SIGNED, Event.RELEASE_EXPIRED, Event.RELEASE_REVOKED)


@pytest.fixture
async def house(services: Services) -> House:
    """A family without a release."""
    return await add_house(services)


async def changes(services: Services) -> list[Event]:
    """Return the events that changed a release."""
    return [event for event in await events(services) if event in CHANGES]


async def test_a_client_writes_a_release_and_it_is_in_force_once_they_sign(
    services: Services, house: House
) -> None:
    release = await written(services, house)
    assert await state(services, release.id) is State.TO_SIGN
    assert not await is_released(services, house)

    await sign(services, house, release)

    assert await is_released(services, house)
    assert await changes(services) == [Event.RELEASE_CREATED, Event.RELEASE_SIGNED]


async def test_a_form_begins_with_no_release_of_another_family(services: Services, house: House) -> None:
    other = await add_house(services, "Baker")
    theirs = await written(services, other)
    both = replace(house.therapist, client_ids=house.therapist.client_ids | other.therapist.client_ids)
    own_id, other_id = house.family.client.id, other.family.client.id

    with pytest.raises(NotFound):
        await releases.see_form(services, both, own_id, like=theirs.id, language="en")
    form = await releases.see_form(services, both, other_id, like=theirs.id, language="en")

    assert form.begins.person_id == theirs.person_id


async def test_a_signed_release_keeps_its_text_language_version_and_hash_and_nothing_of_it_lies_open(
    services: Services, house: House
) -> None:
    release = await signed(services, house)

    kept = await services.database.read(lambda tx: consent.get(tx, release.id))
    shown = await services.database.read(lambda tx: consent.shown(tx, release.id))
    assert (kept.text_version, kept.language, kept.signature) == ("2026-11", "en", "Jules Rivera")
    assert shown is not None
    assert "Rosa Rivera" in shown.text
    assert "Not the place." in shown.text
    assert "at the end of 3 November 2027" in shown.text
    row = b"".join(value or b"" for value in (await sealed(services, release.id)).values())
    assert not any(word in row for word in (b"Rosa", b"Jules", b"Family sessions", b"Not the place"))


@pytest.mark.parametrize("element", sorted(WRITTEN - {Element.CLIENT_NAME}))
async def test_a_release_without_one_of_its_elements_is_refused_beside_its_field(
    services: Services, house: House, element: Element
) -> None:
    wording: Wording = replace(house.wording, **LACKING[element])

    with pytest.raises(Invalid) as refused:
        await write_release(services, house.client, house.family.client.id, wording)

    assert refused.value.errors == dict([BESIDE[element]])


async def test_all_that_is_missing_is_said_at_once(services: Services, house: House) -> None:
    with pytest.raises(Invalid) as refused:
        await write_release(services, house.client, house.family.client.id, Wording())

    assert set(refused.value.errors) == {BESIDE[element][0] for element in LACKING}


@pytest.mark.parametrize("day", [timedelta(days=-1), timedelta(days=6 * 366)])
async def test_a_last_day_that_is_past_or_far_away_is_refused(
    services: Services, house: House, day: timedelta
) -> None:
    wording = replace(house.wording, last_day=(services.now() + day).date())

    with pytest.raises(Invalid) as refused:
        await write_release(services, house.client, house.family.client.id, wording)

    assert set(refused.value.errors) == {"expires_on"}


@pytest.mark.parametrize("signature", ["", " ", "Rosa Rivera"])
async def test_no_name_or_another_one_is_no_signature(
    services: Services, house: House, signature: str
) -> None:
    release = await written(services, house)

    with pytest.raises(Invalid) as refused:
        await sign(services, house, release, signature=signature)

    assert set(refused.value.errors) == {"signature"}
    assert not await is_released(services, house)


async def test_a_text_that_was_not_read_is_not_signed(services: Services, house: House) -> None:
    release = await written(services, house)

    with pytest.raises(Invalid) as refused:
        await sign(services, house, release, read_sha256="0" * 64)

    assert set(refused.value.errors) == {"form"}


async def test_signing_needs_a_proof_of_the_last_five_minutes(
    services: Services, house: House, clock: Clock
) -> None:
    release = await written(services, house)
    client = stepped_up(services, house.client)
    clock.move(minutes=5)

    for who in (house.client, client):
        with pytest.raises(StepUpNeeded):
            await releases.sign_release(services, who, release.id, signature="Jules Rivera", read_sha256="")


async def test_nobody_signs_for_the_client(services: Services, house: House) -> None:
    release = await written(services, house)

    for who in (house.family.mother_actor, house.therapist, house.second):
        with pytest.raises(Denied):
            await releases.sign_release(
                services, stepped_up(services, who), release.id, signature="Jules Rivera", read_sha256=""
            )
    assert await state(services, release.id) is State.TO_SIGN


async def test_a_minor_for_whom_a_guardian_decides_signs_nothing(services: Services, house: House) -> None:
    release = await written(services, house)
    minor = Client(house.family.client.id, "iop", is_minor=True, privilege_holder="guardian")
    values = {"is_minor": minor.is_minor, "privilege_holder": minor.privilege_holder}
    await services.database.write(lambda tx: tx.execute(clients.update().values(values)))
    assert not (await services.database.read(lambda tx: people.client(tx, minor.person_id))).signs_releases

    with pytest.raises(Denied):
        await sign(services, house, release)
    with pytest.raises(Denied):
        await written(services, house)


async def test_the_same_written_and_signed_twice_is_one(services: Services, house: House) -> None:
    first, again = await written(services, house), await written(services, house)
    assert first.id == again.id

    await sign(services, house, first)
    await sign(services, house, first)

    assert await changes(services) == [Event.RELEASE_CREATED, Event.RELEASE_SIGNED]


async def test_a_renewed_release_ends_with_the_signature_of_the_new_one(
    services: Services, house: House
) -> None:
    earlier = await signed(services, house)
    wording = replace(house.wording, renews_id=earlier.id)

    later = await write_release(services, house.client, house.family.client.id, wording)
    assert await state(services, earlier.id) is State.IN_FORCE
    await sign(services, house, later)

    assert [await state(services, one.id) for one in (earlier, later)] == [State.ENDED, State.IN_FORCE]
    assert (await changes(services)).count(Event.RELEASE_EXPIRED) == 1
    with pytest.raises(NoLonger):
        await write_release(services, house.client, house.family.client.id, wording)


async def test_staff_prepare_what_the_client_signs_in_the_language_chosen(
    services: Services, house: House
) -> None:
    wording = replace(house.wording, language="es")

    release = await write_release(services, house.therapist, house.family.client.id, wording)
    await sign(services, house, release)

    shown = await services.database.read(lambda tx: consent.shown(tx, release.id))
    assert shown is not None
    assert "al final del 3 de noviembre de 2027" in shown.text


async def test_what_is_anothers_is_not_there(services: Services, house: House) -> None:
    release, neighbours = await signed(services, house), await add_house(services, "Baker")
    stranger = await add_person(services, "Sam Field", house.coordinator.role)

    for who in (neighbours.client, neighbours.therapist, actor(stranger)):
        with pytest.raises(NotFound):
            await releases.see_release(services, who, release.id)
        with pytest.raises(NotFound):
            await releases.list_releases(services, who, house.family.client.id)
    wording = replace(house.wording, person_id=neighbours.family.mother.id)
    with pytest.raises(NotFound):
        await write_release(services, house.client, house.family.client.id, wording)


async def test_a_family_member_sees_no_release(services: Services, house: House) -> None:
    release = await signed(services, house)

    with pytest.raises(Denied):
        await releases.list_releases(services, house.family.mother_actor, house.family.client.id)
    with pytest.raises(Denied):
        await releases.see_release(services, house.family.mother_actor, release.id)
    with pytest.raises(Denied):
        await write_release(services, house.family.mother_actor, house.family.client.id, house.wording)
