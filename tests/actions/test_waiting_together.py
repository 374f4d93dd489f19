"""Several of one family who wait for places: some sooner than others, and some of them seated before."""

from dataclasses import dataclass

import pytest

from scheduler.actions.cancelling import cancel_session
from scheduler.actions.groups import join_waitlist, see_group, take_places
from scheduler.actions.notices import send_due
from scheduler.services import Services
from tests.builders import add_release
from tests.conftest import FakeMail
from tests.groups import Group, Member, Seats, add_group, add_members, add_relative, seats, where_they_stand


@dataclass(frozen=True)
class Crowd:
    """A full group of two, and two of one family who want to come to it."""

    group: Group
    inside: tuple[Member, ...]
    mother: Member
    father: Member

    @property
    def id(self) -> str:
        """The session's id."""
        return self.group.session.id

    @property
    def both(self) -> tuple[str, ...]:
        """The ids of the two."""
        return self.mother.person.id, self.father.person.id


@pytest.fixture
async def crowd(services: Services) -> Crowd:
    """The group."""
    group = await add_group(services)
    *inside, mother = await add_members(services, 3)
    for one in inside:
        await take_places(services, one.actor, group.session.id)
    father = await add_relative(services, mother, "Dan Number")
    for one in (mother, father):
        await add_release(services, one.client, one.person)
    return Crowd(group, tuple(inside), mother, father)


async def test_who_waits_and_asks_for_another_too_waits_on_and_the_other_waits_as_well(
    services: Services, crowd: Crowd
) -> None:
    first = await join_waitlist(services, crowd.mother.actor, crowd.id)
    second = await join_waitlist(services, crowd.mother.actor, crowd.id, crowd.both)
    again = await join_waitlist(services, crowd.mother.actor, crowd.id, crowd.both)

    assert first is not None
    assert second is not None
    assert again is not None
    assert (first.people, second.people) == ((crowd.both[0],), (crowd.both[1],))
    assert await where_they_stand(services) == ["waiting", "waiting"]
    assert again.id == first.id


async def test_of_two_waits_of_one_asker_the_offered_one_is_mailed_and_shown(
    services: Services, crowd: Crowd, mail: FakeMail
) -> None:
    for wanted in (crowd.both[:1], crowd.both):
        await join_waitlist(services, crowd.mother.actor, crowd.id, wanted)

    await cancel_session(services, crowd.inside[0].actor, crowd.id)
    await send_due(services)

    assert await where_they_stand(services) == ["offered", "waiting"]
    assert "A place is free" in str([one["Subject"] for one in mail.sent if "rosa" in one["To"]])
    await take_places(services, crowd.mother.actor, crowd.id)
    await cancel_session(services, crowd.inside[1].actor, crowd.id)
    wait = (await see_group(services, crowd.mother.actor, crowd.id)).group.wait
    assert wait is not None
    assert (wait.people, wait.is_offered) == ((crowd.both[1],), True)


async def test_when_one_of_two_who_wait_is_seated_the_other_waits_on(
    services: Services, crowd: Crowd
) -> None:
    await join_waitlist(services, crowd.mother.actor, crowd.id, crowd.both)
    await cancel_session(services, crowd.inside[0].actor, crowd.id)
    assert await where_they_stand(services) == ["waiting"]

    await take_places(services, crowd.mother.actor, crowd.id, crowd.both[:1])

    assert await where_they_stand(services) == ["waiting"]
    await cancel_session(services, crowd.inside[1].actor, crowd.id)
    assert await where_they_stand(services) == ["offered"]
    await take_places(services, crowd.father.actor, crowd.id)
    assert await seats(services, crowd.group) == Seats(taken=2, had=2, offered=0, capacity=2)


async def test_who_takes_one_of_two_offered_places_leaves_the_other_one_offered(
    services: Services, crowd: Crowd
) -> None:
    await join_waitlist(services, crowd.mother.actor, crowd.id, crowd.both)
    for one in crowd.inside:
        await cancel_session(services, one.actor, crowd.id)

    await take_places(services, crowd.mother.actor, crowd.id, crowd.both[:1])

    assert await where_they_stand(services) == ["offered"]
    assert await seats(services, crowd.group) == Seats(taken=2, had=1, offered=1, capacity=2)
    await take_places(services, crowd.father.actor, crowd.id)
    assert await seats(services, crowd.group) == Seats(taken=2, had=2, offered=0, capacity=2)
