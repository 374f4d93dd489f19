"""The coordinator's lists: who is named to whom, what is noted, and which sessions are without a host."""

from dataclasses import dataclass
from datetime import date

import pytest

from scheduler.actions.booking import Wish
from scheduler.actions.coverage import show_desk
from scheduler.actions.groups import join_waitlist, take_places
from scheduler.actions.holds import hold_slot
from scheduler.actions.lists import Listed, export_list, show_list
from scheduler.domain.audit import Event
from scheduler.domain.errors import Denied
from scheduler.domain.lists import (
    OTHERS,
    CohortRow,
    FamilyRow,
    HoldRow,
    Listing,
    WaitRow,
)
from scheduler.domain.people import Actor, Role
from scheduler.services import Services
from tests.builders import actor, add_person
from tests.conftest import Clock
from tests.covering import add_many, add_practice
from tests.desk import Desk, add_desk, leave_the_program, take_off
from tests.groups import Group, Member, add_group, add_members
from tests.households import add_relative
from tests.log import written
from tests.owed import entries
from tests.proposals import ask
from tests.scheduling import (
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    book,
)
from tests.statements import statements_of


@pytest.fixture
async def desk(services: Services) -> Desk:
    """The desk."""
    return await add_desk(services)


async def listed(services: Services, desk: Desk, listing: Listing, words: str = "") -> Listed:
    return await show_list(services, desk.coordinator, listing, words=words)


async def test_families_are_those_of_ones_own_care_teams_with_their_next_session(
    services: Services, desk: Desk
) -> None:
    await book(services, desk.world)
    await book(services, desk.neighbours, Wish(CHECK_IN.id, TUESDAY_NINE + STEP))
    before = len(await entries(services))

    found = await listed(services, desk, Listing.FAMILIES)

    (family,) = found.rows
    assert isinstance(family, FamilyRow)
    assert family.client == desk.world.family.client.name
    assert family.relatives == ((desk.world.family.mother.name, "mother"),)
    assert family.next_at == TUESDAY_NINE
    (entry,) = (await entries(services))[before:]
    assert (entry["event"], entry["client"]) == ("client.read", desk.world.family.client.id)


async def test_a_search_is_an_entry_and_only_whom_it_shows_is_read(services: Services, desk: Desk) -> None:
    found = await listed(services, desk, Listing.FAMILIES, "nobody here")
    assert (found.found, found.every) == (0, 1)
    await listed(services, desk, Listing.FAMILIES, "rivera")

    said = [(one["event"], one["client"]) for one in await entries(services)]
    assert said == [
        ("list.searched", None),
        ("list.searched", None),
        ("client.read", desk.world.family.client.id),
    ]
    assert "rivera" not in str(await entries(services)).lower()


async def test_a_list_that_is_taken_along_is_an_entry_beside_each_client_in_it(
    services: Services, desk: Desk
) -> None:
    (family,) = await export_list(services, desk.coordinator, Listing.FAMILIES, words="jules")

    assert family.named == (desk.world.family.client.id,)
    said = [(one["event"], one["action"], one["client"]) for one in await entries(services)]
    assert said == [("list.exported", "R", None), ("client.read", "R", desk.world.family.client.id)]


@pytest.mark.parametrize("listing", Listing)
@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
async def test_whoever_does_not_coordinate_is_shown_no_list_and_the_try_is_noted(
    services: Services, desk: Desk, role: Role, listing: Listing
) -> None:
    somebody = await add_person(services, "Robin Else", role)
    asking = actor(somebody, client_ids={desk.world.family.client.id})

    with pytest.raises(Denied):
        await show_list(services, asking, listing)
    with pytest.raises(Denied):
        await export_list(services, asking, listing)

    assert [(outcome, reason) for _, outcome, reason in await written(services)] == [("denied", "Denied")] * 2


# groups and waitlists


@dataclass(frozen=True)
class Evening:
    """A full group of one, two families who wait, and a coordinator who knows the second of them."""

    group: Group
    inside: Member
    waiting: tuple[Member, ...]
    coordinator: Actor


@pytest.fixture
async def evening(services: Services) -> Evening:
    """The evening."""
    group = await add_group(services, capacity=1)
    inside, *waiting = await add_members(services, 3)
    await take_places(services, inside.actor, group.session.id)
    for one in waiting:
        await join_waitlist(services, one.actor, group.session.id)
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    return Evening(group, inside, tuple(waiting), actor(tom, client_ids={waiting[1].client.id}))


async def test_groups_are_listed_with_their_fill_and_who_waits(services: Services, evening: Evening) -> None:
    before = len(await entries(services))

    found = await show_list(services, evening.coordinator, Listing.COHORTS)

    (group,) = found.rows
    assert isinstance(group, CohortRow)
    assert (group.capacity, group.taken, group.waiting, group.is_full) == (1, 1, 2, True)
    assert group.hosts == (evening.group.host.name,)
    assert len(await entries(services)) == before  # it names nobody of a family


async def test_whoever_waits_is_named_to_their_own_care_team_alone(
    services: Services, evening: Evening
) -> None:
    found = await show_list(services, evening.coordinator, Listing.WAITLISTS)

    first, second = (one for one in found.rows if isinstance(one, WaitRow))
    assert (first.place, first.who, first.client_id) == (1, (), None)
    assert OTHERS in first.cells("UTC")
    assert (second.place, second.who) == (2, (evening.waiting[1].person.name,))
    read = [one["client"] for one in await entries(services) if one["event"] == "waitlist.read"]
    assert read == [evening.waiting[1].client.id]
    assert (await show_list(services, evening.coordinator, Listing.WAITLISTS, words="number1")).found == 0


async def test_what_is_over_is_on_no_list(services: Services, clock: Clock, evening: Evening) -> None:
    clock.move(days=10)

    for listing in (Listing.COHORTS, Listing.WAITLISTS, Listing.HOLDS, Listing.HOSTLESS):
        assert (await show_list(services, evening.coordinator, listing)).every == 0


# holds


async def test_holds_are_listed_until_they_lapse_with_names_of_ones_own_families_alone(
    services: Services, clock: Clock, desk: Desk
) -> None:
    await hold_slot(services, desk.neighbours.mother, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE)
    aunt = await add_relative(services, desk.world, "Joan Rivera")
    await ask(services, desk.world, [aunt], starts=(TUESDAY_NINE + STEP,))

    single, proposed = (
        one for one in (await listed(services, desk, Listing.HOLDS)).rows if isinstance(one, HoldRow)
    )

    assert (single.who, single.named, single.is_proposed) == ("", (), False)
    assert (proposed.who, proposed.is_proposed) == (desk.world.family.mother.name, True)
    assert single.hosts == (desk.world.family.clinician.name,)
    clock.move(hours=1)
    assert (await listed(services, desk, Listing.HOLDS)).rows == (proposed,)


# few statements


@pytest.mark.parametrize("listing", Listing)
async def test_a_long_list_is_read_by_as_many_statements_as_a_short_one(
    services: Services, listing: Listing
) -> None:
    practice = await add_practice(services)
    coordinator = actor(practice.coordinator, client_ids={practice.world.family.client.id})
    await leave_the_program(services, practice.therapist.person_id or "")
    few = await statements_of(services, lambda: show_list(services, coordinator, listing))
    await add_many(services, practice, 12)

    many = await statements_of(services, lambda: show_list(services, coordinator, listing))

    assert many == few
    if listing is Listing.HOSTLESS:
        assert (await show_list(services, coordinator, listing)).found == 14


async def test_the_desk_counts_what_its_lists_show(services: Services, evening: Evening) -> None:
    await take_off(services, evening.group.host.id, date(2026, 11, 5))

    seen = await show_desk(services, evening.coordinator)

    assert seen.counts == {
        listing: (await show_list(services, evening.coordinator, listing)).every for listing in Listing
    }
    assert list(seen.counts.values()) == [1, 1, 2, 0, 1]
    assert Event.LIST_SEARCHED not in [event for event, _, _ in await written(services)]
