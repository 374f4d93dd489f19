"""Sessions with several clinicians at once, on both engines: all of them are taken, or none."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from scheduler.actions.admissions import show_roster
from scheduler.actions.booking import Wish, book_session, move_session
from scheduler.actions.cancelling import cancel_session
from scheduler.actions.holds import clear_lapsed_holds, hold_slot, release_hold, see_hold
from scheduler.actions.sessions import see_session
from scheduler.actions.slots import show_slots
from scheduler.actions.today import show_today
from scheduler.domain.booking import Session
from scheduler.domain.errors import NotFound, SlotTaken
from scheduler.domain.people import Actor, Person
from scheduler.services import Services
from scheduler.storage import kinds
from scheduler.storage.tables import holds as hold_rows
from scheduler.storage.tables import notices as notice_rows
from scheduler.storage.tables import places as place_rows
from scheduler.storage.tables import taken_ticks
from tests.builders import PACIFIC, actor
from tests.conftest import Clock
from tests.scheduling import (
    ALL_AT_NINE,
    AT_NINE,
    CARE_TEAM,
    CHECK_IN,
    STEP,
    TUESDAY_NINE,
    World,
    add_care_team,
    add_colleague,
    add_neighbours,
    add_world,
    book,
    counts,
    entries,
    join_team,
    rows,
)

HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Team:
    """Two families with the same therapist and the same psychiatrist."""

    world: World
    neighbours: World
    psychiatrist: Person

    @property
    def therapist(self) -> Person:
        """Who hosts."""
        return self.world.family.clinician

    @property
    def psychiatrist_actor(self) -> Actor:
        """The psychiatrist, signed in."""
        return actor(self.psychiatrist, client_ids={self.world.family.client.id})


@pytest.fixture
async def team(services: Services) -> Team:
    """Two families who can book with a therapist and a psychiatrist at once."""
    world = await add_world(services)
    psychiatrist = await add_care_team(services, world)
    neighbours = await add_neighbours(services, world)
    await join_team(services, neighbours, psychiatrist)
    return Team(world, neighbours, psychiatrist)


async def ticks_of(services: Services) -> dict[str, int]:
    """Return how many ticks are taken of each person."""
    found = [row.person_id for row in await rows(services, taken_ticks)]
    return {one: found.count(one) for one in found}


async def starts_shown(services: Services, world: World) -> list[object]:
    """Return when the family can book with everybody, in the first week."""
    page = (await show_slots(services, world.mother, kind_id=CARE_TEAM.id, zone=PACIFIC)).page
    assert page is not None
    return [slot.interval.starts_at for day in page.days for slot in day.slots]


async def hold_all(services: Services, world: World) -> str:
    """Set nine o'clock aside with everybody."""
    held = await hold_slot(services, world.mother, kind_id=CARE_TEAM.id, starts_at=TUESDAY_NINE)
    return held.id


async def book_all(services: Services, world: World) -> str:
    """Book nine o'clock with everybody."""
    return (await book(services, world, ALL_AT_NINE)).id


async def test_everybody_gets_a_place_a_notice_and_the_pauses(services: Services, team: Team) -> None:
    session = await book(services, team.world, ALL_AT_NINE)

    mother = team.world.family.mother
    assert session.host_id == team.therapist.id
    assert {(row.person_id, row.duty) for row in await rows(services, place_rows)} == {
        (mother.id, "member"),
        (team.therapist.id, "host"),
        (team.psychiatrist.id, "co_host"),
    }
    assert await ticks_of(services) == {mother.id: 10, team.therapist.id: 13, team.psychiatrist.id: 13}
    assert {row.person_id for row in await rows(services, notice_rows)} == {
        mother.id,
        team.therapist.id,
        team.psychiatrist.id,
    }
    assert await entries(services) == [("session.booked", "success")]


@pytest.mark.parametrize("duty", CARE_TEAM.duties)
async def test_when_one_of_them_is_taken_meanwhile_nobody_is_and_the_nearest_times_fit_all(
    services: Services, team: Team, duty: str
) -> None:
    assert TUESDAY_NINE in await starts_shown(services, team.world)
    await book(services, team.neighbours, replace(AT_NINE, duty=duty))
    before = await counts(services)

    for act in (hold_all, book_all):
        with pytest.raises(SlotTaken) as taken:
            await act(services, team.world)
        nearest = [interval.starts_at for interval in taken.value.nearest]
        assert TUESDAY_NINE not in nearest
        assert TUESDAY_NINE + HALF_HOUR in nearest

    assert await counts(services) == before
    assert TUESDAY_NINE not in await starts_shown(services, team.world)


async def test_a_hold_sets_everybody_aside_and_the_booking_uses_it(services: Services, team: Team) -> None:
    hold_id = await hold_all(services, team.world)

    assert await ticks_of(services) == {team.therapist.id: 13, team.psychiatrist.id: 13}
    for duty in CARE_TEAM.duties:
        with pytest.raises(SlotTaken):
            await book(services, team.neighbours, replace(AT_NINE, duty=duty))
    seen = await see_hold(services, team.world.mother, hold_id)
    assert seen.with_whom == "family therapist and your psychiatrist"
    assert seen.hold.clinician_ids == (team.therapist.id, team.psychiatrist.id)
    assert await hold_all(services, team.world) == hold_id

    session = await book(services, team.world, replace(ALL_AT_NINE, hold_id=hold_id))

    assert session.host_id == team.therapist.id
    assert await rows(services, hold_rows) == []
    assert (await counts(services)).ticks == 10 + 2 * 13


async def test_a_hold_that_is_let_go_or_lapses_frees_everybody(
    services: Services, team: Team, clock: Clock
) -> None:
    await release_hold(services, team.world.mother, await hold_all(services, team.world))
    assert (await counts(services)).ticks == 0

    await hold_all(services, team.world)
    clock.move(minutes=30)
    await book(services, team.neighbours, replace(AT_NINE, duty="psychiatrist"))
    assert await rows(services, hold_rows) == []
    assert await ticks_of(services) == {team.neighbours.family.mother.id: 4, team.psychiatrist.id: 5}
    assert await clear_lapsed_holds(services) == 0


@pytest.mark.parametrize("duty", CARE_TEAM.duties)
async def test_a_lapsed_hold_of_any_one_of_them_is_in_nobodys_way(
    services: Services, team: Team, clock: Clock, duty: str
) -> None:
    neighbour = team.neighbours.mother
    await hold_slot(services, neighbour, kind_id=CHECK_IN.id, starts_at=TUESDAY_NINE, duty=duty)
    clock.move(minutes=30)

    await book(services, team.world, ALL_AT_NINE)

    assert await rows(services, hold_rows) == []


async def test_a_move_keeps_everybody_and_waits_for_the_one_who_is_taken(
    services: Services, team: Team
) -> None:
    session = await book(services, team.world, ALL_AT_NINE)
    other = await add_colleague(services, team.world, duty="another psychiatrist")
    at_ten = TUESDAY_NINE + 2 * HALF_HOUR
    await book(services, team.neighbours, Wish(CHECK_IN.id, TUESDAY_NINE + 3 * STEP, duty="psychiatrist"))
    before = await counts(services)

    with pytest.raises(SlotTaken) as taken:
        await move_session(services, team.world.mother, session.id, starts_at=at_ten)
    assert at_ten not in [one.starts_at for one in taken.value.nearest]
    assert await counts(services) == before

    moved = await move_session(
        services, team.world.mother, session.id, starts_at=TUESDAY_NINE + 4 * HALF_HOUR
    )
    assert moved.starts_at == TUESDAY_NINE + 4 * HALF_HOUR
    assert other.id not in await ticks_of(services)
    assert await counts(services) == replace(before, notices=before.notices + 3)
    assert (await book(services, team.neighbours, AT_NINE)).starts_at == TUESDAY_NINE


async def test_a_cancelled_session_frees_everybody_at_once(services: Services, team: Team) -> None:
    session = await book(services, team.world, ALL_AT_NINE)

    await cancel_session(services, team.world.mother, session.id)

    assert (await counts(services)).ticks == 0
    assert (await book(services, team.neighbours, ALL_AT_NINE)).starts_at == TUESDAY_NINE


async def test_families_who_want_the_same_people_in_several_kinds_at_once_share_nobody(
    services: Services, team: Team
) -> None:
    wishes = [ALL_AT_NINE, *(replace(AT_NINE, duty=duty) for duty in CARE_TEAM.duties)]
    families = [await add_neighbours(services, team.world, f"Family {number}") for number in range(9)]
    for family in families:
        await join_team(services, family, team.psychiatrist)

    outcomes = await asyncio.gather(
        *(book(services, one, wishes[number % 3]) for number, one in enumerate(families)),
        return_exceptions=True,
    )

    booked = [one for one in outcomes if isinstance(one, Session)]
    assert all(isinstance(one, Session | SlotTaken) for one in outcomes)
    kind_ids = sorted(one.kind_id for one in booked)
    assert kind_ids in ([CARE_TEAM.id], [CHECK_IN.id, CHECK_IN.id])
    together = kind_ids == [CARE_TEAM.id]
    assert (await counts(services)).ticks == (10 + 2 * 13 if together else 2 * (4 + 5))
    assert (await counts(services)).places == (3 if together else 4)


@pytest.mark.parametrize("is_called_off", [False, True])
async def test_whom_the_family_knows_comes_before_who_is_less_busy(
    services: Services, is_called_off: bool
) -> None:
    world = await add_world(services)
    first = await book(services, world)
    other = await add_colleague(services, world, duty="family therapist")
    neighbours = await add_neighbours(services, world)
    wednesday = TUESDAY_NINE + timedelta(days=1)
    await book(services, neighbours, Wish(CHECK_IN.id, wednesday + 4 * STEP))
    if is_called_off:
        await cancel_session(services, world.mother, first.id)

    again = await book(services, world, Wish(CHECK_IN.id, wednesday))

    assert again.host_id == (other.id if is_called_off else first.host_id)


async def test_a_care_team_without_one_of_the_duties_is_not_offered_the_kind(
    services: Services, team: Team
) -> None:
    alone = await add_neighbours(services, team.world, "Cole")

    choice = await show_slots(services, alone.mother, zone=PACIFIC)
    assert [offer.kind.id for offer in choice.offers] == [CHECK_IN.id]
    with pytest.raises(NotFound):
        await starts_shown(services, alone)
    for act in (hold_all, book_all):
        with pytest.raises(SlotTaken) as taken:
            await act(services, alone)
        assert not taken.value.nearest


async def test_another_duty_that_offers_the_kind_too_is_never_asked(services: Services, team: Team) -> None:
    manager = await add_colleague(services, team.world, duty="case manager")
    await services.database.write(lambda tx: kinds.offer(tx, CARE_TEAM.id, manager.id))

    await book(services, team.world, ALL_AT_NINE)

    assert manager.id not in await ticks_of(services)


async def test_everybody_sees_it_on_their_day_and_with_whom(
    services: Services, team: Team, clock: Clock
) -> None:
    session = await book(services, team.world, ALL_AT_NINE)

    for who in (team.world.therapist, team.psychiatrist_actor):
        assert [one.session for one in (await show_today(services, who)).ahead] == [session]
        roster = await show_roster(services, who, session.id)
        assert [one.id for one in roster.hosts] == [team.therapist.id, team.psychiatrist.id]
        assert roster.may_host
    detail = await see_session(services, team.world.mother, session.id)
    assert detail.seen.host_duty == "family therapist and your psychiatrist"


async def test_who_sends_the_same_wish_twice_gets_the_same_session(services: Services, team: Team) -> None:
    first = await book(services, team.world, ALL_AT_NINE)

    for duty in ("", "psychiatrist"):
        assert await book_session(services, team.world.mother, replace(ALL_AT_NINE, duty=duty)) == first
