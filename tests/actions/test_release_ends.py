"""How releases end: revoked by the client or on their word, by date, by event; each once."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from scheduler.actions.release_ends import Told, end_by_event, expire_due, revoke_release, see_bare
from scheduler.actions.release_papers import approve_paper
from scheduler.actions.releases import write_release
from scheduler.domain.audit import Event
from scheduler.domain.consent import Release, State
from scheduler.domain.errors import Denied, Invalid, NoLonger, NotFound, NotNow
from scheduler.domain.people import Actor, Role
from scheduler.services import Services
from tests.builders import actor, add_person, add_release, stepped_up
from tests.conftest import Clock
from tests.log import events
from tests.log import written as log
from tests.races import one_close_after_the_other
from tests.release_house import House, add_house, is_released, recorded, sealed, sign, signed, state, written

TOLD = Told(date(2026, 11, 1), "She called and said that her mother is to hear no more.")


@pytest.fixture
async def house(services: Services) -> House:
    """A family without a release."""
    return await add_house(services)


async def count(services: Services, event: Event) -> int:
    return (await events(services)).count(event)


async def officer(services: Services) -> Actor:
    return actor(await add_person(services, "Priya Raman", Role.PRIVACY_OFFICER))


async def until_it_happens(services: Services, house: House) -> Release:
    """Sign a release that ends with an event alone."""
    wording = replace(house.wording, last_day=None, expiry_event="I leave the program")
    client_id = house.family.client.id
    return await sign(services, house, await write_release(services, house.client, client_id, wording))


async def test_a_client_revokes_at_once_and_twice_is_once(services: Services, house: House) -> None:
    release = await signed(services, house)

    for _ in range(2):
        await revoke_release(services, house.client, release.id)

    assert not await is_released(services, house)
    assert await state(services, release.id) is State.REVOKED
    assert await count(services, Event.RELEASE_REVOKED) == 1


async def test_two_who_revoke_at_once_make_one_entry(services: Services, house: House) -> None:
    release = await signed(services, house)

    await asyncio.gather(
        revoke_release(services, house.client, release.id),
        revoke_release(services, house.therapist, release.id, TOLD),
        revoke_release(services, house.second, release.id, TOLD),
    )

    assert await count(services, Event.RELEASE_REVOKED) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_second_of_two_revocations_finds_it_done(services: Services, house: House) -> None:
    release = await signed(services, house)

    results = await one_close_after_the_other(
        services,
        lambda one: revoke_release(one, house.client, release.id),
        lambda one: revoke_release(one, house.therapist, release.id, TOLD),
    )

    assert [isinstance(result, Release) for result in results] == [True, True]
    assert await count(services, Event.RELEASE_REVOKED) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_date_that_passes_while_it_is_revoked_ends_it_once(
    services: Services, house: House, clock: Clock
) -> None:
    release = await signed(services, house)
    clock.move(days=400)

    await one_close_after_the_other(
        services, expire_due, lambda one: revoke_release(one, house.client, release.id)
    )

    assert await count(services, Event.RELEASE_EXPIRED) == 1
    assert await count(services, Event.RELEASE_REVOKED) == 0


async def test_revoking_one_of_two_that_name_the_same_person_leaves_the_other(
    services: Services, house: House
) -> None:
    release = await signed(services, house)
    await add_release(services, house.family.client, house.family.mother)

    await revoke_release(services, house.client, release.id)

    assert await is_released(services, house)


async def test_staff_revoke_on_the_clients_word_which_is_kept_sealed(
    services: Services, house: House
) -> None:
    release = await signed(services, house)

    await revoke_release(services, house.second, release.id, TOLD)

    assert not await is_released(services, house)
    kept = (await sealed(services, release.id))["revocation_sealed"]
    assert kept is not None
    assert b"mother" not in kept


@pytest.mark.parametrize(
    ("told", "field"),
    [(None, "reason"), (Told(date(2026, 11, 1), " "), "reason"), (Told(date(2026, 11, 5), "x"), "told_on")],
)
async def test_staff_say_what_they_were_told_and_when(
    services: Services, house: House, told: Told | None, field: str
) -> None:
    release = await signed(services, house)

    with pytest.raises(Invalid) as refused:
        await revoke_release(services, house.therapist, release.id, told)

    assert set(refused.value.errors) == {field}
    assert await is_released(services, house)


async def test_the_privacy_officer_revokes_and_sees_no_name(services: Services, house: House) -> None:
    release, priya = await signed(services, house), await officer(services)

    seen = await see_bare(services, priya, release.id)
    await revoke_release(services, priya, release.id, TOLD)

    assert "Rosa" not in str(seen)
    assert seen.state is State.IN_FORCE
    assert not await is_released(services, house)


async def test_nobody_else_revokes(services: Services, house: House) -> None:
    release, neighbours = await signed(services, house), await add_house(services, "Baker")
    admin = actor(await add_person(services, "Lee Tran", Role.ADMINISTRATOR))

    with pytest.raises(Denied):
        await revoke_release(services, house.family.mother_actor, release.id)
    for who in (neighbours.client, neighbours.therapist, admin):
        with pytest.raises(NotFound):
            await revoke_release(services, who, release.id, TOLD)
    for who in (house.client, house.therapist, admin):
        with pytest.raises(Denied):
            await see_bare(services, who, release.id)
    assert await is_released(services, house)


async def test_what_waits_can_be_thrown_away(services: Services, house: House) -> None:
    waiting = [await written(services, house), await recorded(services, house)]

    for release in waiting:
        await revoke_release(services, house.client, release.id)

    assert [await state(services, release.id) for release in waiting] == [State.REVOKED] * 2


async def test_a_date_that_passes_is_noted_exactly_once(
    services: Services, house: House, clock: Clock
) -> None:
    release = await signed(services, house)
    clock.move(days=366)
    assert await expire_due(services) == 0
    clock.move(days=2)
    assert not await is_released(services, house)

    ended = await asyncio.gather(*(expire_due(services) for _ in range(3)))

    assert sum(ended) == 1
    assert await state(services, release.id) is State.ENDED
    noted = [reason for event, _, reason in await log(services) if event is Event.RELEASE_EXPIRED]
    assert noted == ["date"]


async def test_what_was_revoked_does_not_end_again(services: Services, house: House, clock: Clock) -> None:
    release = await signed(services, house)
    await revoke_release(services, house.client, release.id)
    clock.move(days=400)

    assert await expire_due(services) == 0


async def test_an_event_that_has_happened_ends_it(services: Services, house: House, clock: Clock) -> None:
    release = await until_it_happens(services, house)
    clock.move(days=1000)
    assert await expire_due(services) == 0
    assert await is_released(services, house)

    for _ in range(2):
        await end_by_event(services, house.therapist, release.id)

    assert not await is_released(services, house)
    assert await count(services, Event.RELEASE_EXPIRED) == 1


async def test_no_event_ends_what_names_none(services: Services, house: House) -> None:
    release = await signed(services, house)

    with pytest.raises(NotNow):
        await end_by_event(services, house.therapist, release.id)
    with pytest.raises(Denied):
        await end_by_event(services, stepped_up(services, house.client), release.id)
    assert await is_released(services, house)


async def test_paper_that_nobody_approved_ends_without_having_been_in_force(
    services: Services, house: House, clock: Clock
) -> None:
    release = await recorded(services, house)
    clock.move(days=400)

    assert await expire_due(services) == 1
    assert await state(services, release.id) is State.ENDED
    with pytest.raises(NoLonger):
        await approve_paper(services, house.second, release.id)
