"""Acts on the seats of one group in the same instant, on PostgreSQL: the later is judged by the earlier."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from scheduler.actions.cancelling import cancel_session
from scheduler.actions.families import keep_apart
from scheduler.actions.groups import join_waitlist, take_places
from scheduler.actions.waitlist import leave_waitlist, tend_waitlists
from scheduler.domain.errors import GroupFull, OfferOver
from scheduler.domain.people import Role
from scheduler.services import Services
from tests.builders import actor, add_person
from tests.conftest import Clock
from tests.engines import postgresql_url
from tests.groups import (
    Group,
    Member,
    Seats,
    add_group,
    add_members,
    add_relative,
    seats,
    where_they_stand,
)
from tests.races import Act, one_close_after_the_other

HOURS = timedelta(hours=12)
ALL_HAD, ONE_OFFERED = Seats(2, 2, 0, 2), Seats(2, 1, 1, 2)


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@dataclass(frozen=True)
class Race:
    """A group of two: one has a place, the other is offered to the second, for whom the third waits."""

    group: Group
    inside: Member
    offered: Member
    next: Member
    late: Member

    def act(self, name: str) -> Act:
        """Return what one of them presses, or the clockwork does."""
        session_id = self.group.session.id
        acts: dict[str, Act] = {
            "take": lambda services: take_places(services, self.offered.actor, session_id),
            "decline": lambda services: leave_waitlist(services, self.offered.actor, session_id),
            "tend": tend_waitlists,
            "cancel": lambda services: cancel_session(services, self.inside.actor, session_id),
            "late takes": lambda services: take_places(services, self.late.actor, session_id),
            "late waits": lambda services: join_waitlist(services, self.late.actor, session_id),
            "next leaves": lambda services: leave_waitlist(services, self.next.actor, session_id),
        }
        return acts[name]


@pytest.fixture
async def race(services: Services) -> Race:
    """The group."""
    group = await add_group(services)
    inside, gone, *others = await add_members(services, 5)
    for one in (inside, gone):
        await take_places(services, one.actor, group.session.id)
    for one in others[:2]:
        await join_waitlist(services, one.actor, group.session.id)
    await cancel_session(services, gone.actor, group.session.id)
    return Race(group, inside, *others)


@pytest.mark.parametrize(
    ("acts", "refusal", "stands", "left"),
    [
        (("decline", "take"), GroupFull, ["declined", "offered"], ONE_OFFERED),
        (("take", "decline"), None, ["taken", "waiting"], ALL_HAD),
        (("cancel", "late takes"), GroupFull, ["offered", "offered"], Seats(2, 0, 2, 2)),
        (("decline", "cancel"), None, ["declined", "offered"], Seats(1, 0, 1, 2)),
        (("take", "cancel"), None, ["taken", "offered"], ONE_OFFERED),
        (("cancel", "take"), None, ["taken", "offered"], ONE_OFFERED),
        (("next leaves", "decline"), None, ["declined", "left"], Seats(1, 1, 0, 2)),
        (("decline", "late waits"), None, ["declined", "offered", "waiting"], ONE_OFFERED),
        (("late waits", "cancel"), None, ["offered", "offered", "waiting"], Seats(2, 0, 2, 2)),
        (("take", "take"), None, ["taken", "waiting"], ALL_HAD),
    ],
)
async def test_of_two_acts_on_the_seats_the_later_is_judged_by_the_earlier(
    services: Services,
    race: Race,
    acts: tuple[str, str],
    refusal: type[Exception] | None,
    stands: list[str],
    left: Seats,
) -> None:
    done, refused = await one_close_after_the_other(services, *(race.act(name) for name in acts))

    assert not isinstance(done, Exception)
    assert isinstance(refused, Exception) is (refusal is not None)
    assert refusal is None or isinstance(refused, refusal)
    assert await where_they_stand(services) == stands
    assert await seats(services, race.group) == left


async def test_at_the_deadline_the_offer_lapses_once_and_is_not_taken(
    services: Services, race: Race, clock: Clock
) -> None:
    clock.at += HOURS

    _, lapsed_twice = await one_close_after_the_other(services, race.act("tend"), race.act("tend"))

    assert not isinstance(lapsed_twice, Exception)
    assert await where_they_stand(services) == ["lapsed", "offered"]
    assert await seats(services, race.group) == ONE_OFFERED


@pytest.mark.parametrize(("seconds_left", "stands"), [(1, ["taken", "waiting"]), (0, ["lapsed", "offered"])])
async def test_what_is_taken_close_before_the_deadline_does_not_lapse(
    services: Services, race: Race, clock: Clock, seconds_left: int, stands: list[str]
) -> None:
    clock.at += HOURS - timedelta(seconds=seconds_left)

    async def tend_a_little_later(held: Services) -> object:
        clock.move(seconds=seconds_left)
        return await tend_waitlists(held)

    if seconds_left:
        taken, _ = await one_close_after_the_other(services, race.act("take"), tend_a_little_later)
        assert taken == race.group.session
    else:
        _, taken = await one_close_after_the_other(services, race.act("tend"), race.act("take"))
        assert isinstance(taken, GroupFull | OfferOver)

    assert await where_they_stand(services) == stands


@pytest.mark.parametrize("is_marked_first", [True, False])
async def test_two_kept_apart_while_places_become_free_are_not_both_offered_one(
    services: Services, is_marked_first: bool
) -> None:
    group = await add_group(services, capacity=3)
    first, second, stays, mother = await add_members(services, 4)
    father = await add_relative(services, mother, "Dan Number", household="his home")
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    for one in (first, second, stays):
        await take_places(services, one.actor, group.session.id)
    for one in (mother, father):
        await join_waitlist(services, one.actor, group.session.id)
    await cancel_session(services, first.actor, group.session.id)
    two, by = (mother.person.id, father.person.id), actor(tom, client_ids={mother.client.id})
    acts: list[Act] = [
        lambda asked: keep_apart(asked, by, mother.client.id, two),
        lambda asked: cancel_session(asked, second.actor, group.session.id),
    ]

    await one_close_after_the_other(services, *(acts if is_marked_first else reversed(acts)))

    assert await where_they_stand(services) == ["offered", "waiting"]
    assert await seats(services, group) == Seats(taken=2, had=1, offered=1, capacity=3)
