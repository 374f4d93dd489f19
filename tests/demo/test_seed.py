"""The demo's small program: who is in it, what has been and what is to come, with a log that verifies."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from scheduler.actions.admissions import show_roster
from scheduler.actions.audit_check import check_log, write_checkpoint
from scheduler.actions.lists import show_list
from scheduler.actions.notices import send_due
from scheduler.actions.sessions import my_program, my_sessions, see_session
from scheduler.demo.house import Clock as SeedClock
from scheduler.demo.house import actor_of
from scheduler.demo.seed import CARE_TEAM, seed
from scheduler.domain.consent import State
from scheduler.domain.lists import Listing
from scheduler.domain.people import SYSTEM, Role
from scheduler.services import Services
from scheduler.storage import consent, households, people
from scheduler.storage import sessions as sessions_kept
from scheduler.storage.database import Transaction
from scheduler.storage.tables import clients, family_members, places, sessions
from tests.conftest import Clock, FakeMail
from tests.inquiries import conversations
from tests.owed import entries


@pytest.fixture
async def house(services: Services, clock: Clock) -> Services:
    """A seeded house."""
    await seed(services, clock())
    return services


async def test_the_people_are_those_of_a_small_program(house: Services) -> None:
    found = await house.database.read(people.everyone)
    assert Counter(person.role for person in found) == {
        Role.CLINICIAN: 4,
        Role.COORDINATOR: 1,
        Role.SUPERVISOR: 1,
        Role.PRIVACY_OFFICER: 1,
        Role.ADMINISTRATOR: 1,
        Role.CLIENT: 4,
        Role.FAMILY_MEMBER: 6,
    }
    assert {person.duty for person in found if person.duty} == {
        "family therapist",
        "psychiatrist",
        "case manager",
    }
    assert any(person.language == "es" for person in found)


async def test_one_family_has_two_households_and_one_client_is_a_minor(house: Services) -> None:
    def work(tx: Transaction) -> tuple[list[int], int]:
        homes = tx.execute(select(family_members.c.client_id, family_members.c.household).distinct()).all()
        minors = tx.execute(select(clients).where(clients.c.is_minor)).all()
        return list(Counter(row.client_id for row in homes).values()), len(minors)

    homes, minors = await house.database.read(work)
    assert sorted(homes) == [1, 1, 1, 2]
    assert minors == 1


async def test_two_parents_are_kept_apart_and_never_share_a_session(house: Services) -> None:
    found = {person.name: person.id for person in await house.database.read(people.everyone)}
    pair = frozenset({found["Rosa Rivera"], found["Daniel Rivera"]})

    family = await house.database.read(lambda tx: households.family(tx, found["Jules Rivera"]))
    ever = select(places.c.session_id, places.c.person_id).where(places.c.person_id.in_(pair))
    seats = Counter(row.session_id for row in await house.database.read(lambda tx: tx.execute(ever).all()))

    assert family.apart == {pair}
    assert set(seats.values()) == {1}


async def test_a_mother_has_booked_for_three_of_her_family(house: Services) -> None:
    found = {person.name: person for person in await house.database.read(people.everyone)}
    joan = await actor_of(house, found["Joan Whitfield"])

    ahead = await house.database.read(lambda tx: sessions_kept.ahead_of(tx, joan, now=house.now()))
    shown = [await see_session(house, joan, one.session.id) for one in ahead if not one.session.is_group]

    assert [[one.name for one in detail.fellows] for detail in shown] == [
        ["Casey Whitfield", "Karen Whitfield"]
    ]


async def test_an_aunt_is_asked_which_of_three_times_work(house: Services) -> None:
    found = {person.name: person for person in await house.database.read(people.everyone)}

    mine = await my_sessions(house, await actor_of(house, found["Joan Whitfield"]))

    assert [(one.proposer, len(one.proposal.held(house.now()))) for one in mine.proposals] == [
        ("Karen Whitfield", 3)
    ]


async def test_releases_are_in_force_ended_to_be_signed_and_waiting_for_a_second_person(
    house: Services,
) -> None:
    now = house.now()

    def work(tx: Transaction) -> list[State]:
        every = [client.id for client in people.everyone(tx) if client.role is Role.CLIENT]
        return [release.state(now) for client_id in every for release in consent.of_client(tx, client_id)]

    found = Counter(await house.database.read(work))
    assert found == {State.IN_FORCE: 5, State.ENDED: 1, State.TO_SIGN: 1, State.TO_APPROVE: 1}
    assert [one["reason"] for one in await entries(house) if one["event"] == "release.expired"] == ["date"]


async def test_sessions_have_been_are_on_and_are_to_come(house: Services) -> None:
    now = house.now()
    rows = await house.database.read(lambda tx: tx.execute(select(sessions)).all())
    assert {row.status for row in rows if row.ends_at <= now} == {"attended", "cancelled", "missed"}
    assert len([row for row in rows if row.starts_at <= now < row.ends_at]) == 1
    assert len([row for row in rows if row.starts_at > now and row.status == "booked"]) > 6


async def test_the_program_has_six_steps_and_the_families_are_on_their_way(house: Services) -> None:
    found = await house.database.read(people.everyone)
    rosa = next(person for person in found if person.name == "Rosa Rivera")
    (course,) = await my_program(house, await actor_of(house, rosa))
    assert len(course.steps) == 6


async def test_the_log_of_the_past_month_runs_forward_and_verifies(house: Services) -> None:
    await write_checkpoint(house)
    assert (await check_log(house, SYSTEM)).fault is None
    moments = [str(entry["at"]) for entry in await entries(house)]
    assert moments == sorted(moments)


async def test_the_mail_of_the_past_month_went_out_at_its_own_time(house: Services, mail: FakeMail) -> None:
    subjects = [message["Subject"] for message in mail.sent]
    assert any(subject.startswith("New time") for subject in subjects)
    assert any(subject.startswith("No longer planned") for subject in subjects)
    first = mail.sent[0]["Date"].datetime
    assert house.now() - first > timedelta(days=14)


def test_the_clock_of_the_seed_runs_forward_only(clock: Clock) -> None:
    seed_clock = SeedClock(clock())
    with pytest.raises(ValueError, match="forward"):
        seed_clock.go_to(clock() - timedelta(seconds=1))


async def test_one_family_meets_its_therapist_and_its_psychiatrist_together(house: Services) -> None:
    found = {person.name: person for person in await house.database.read(people.everyone)}
    rosa = await actor_of(house, found["Rosa Rivera"])
    seen = next(one for one in (await my_sessions(house, rosa)).ahead if one.session.kind_id == CARE_TEAM)

    assert seen.host_duty == "family therapist and your psychiatrist"
    for name in ("Maya Okafor", "Samuel Levin"):
        clinician = await actor_of(house, found[name])
        roster = await show_roster(house, clinician, seen.session.id)
        assert [host.name for host in roster.hosts] == ["Maya Okafor", "Samuel Levin"]


async def test_somebody_without_an_account_has_asked_for_a_first_conversation(
    house: Services, mail: FakeMail
) -> None:
    (session,) = await conversations(house)
    found = await house.database.read(people.everyone)

    assert session.starts_at > house.now()
    assert [person.duty for person in found if person.id == session.host_id] == ["case manager"]
    assert "Robin" not in {person.name for person in found}
    await send_due(house)
    assert any(message["To"] == "robin.m@mail.example" for message in mail.sent)


async def test_each_list_of_the_coordinators_desk_has_something_in_it(house: Services) -> None:
    found = await house.database.read(people.everyone)
    coordinator = await actor_of(house, next(one for one in found if one.role is Role.COORDINATOR))

    counted = {one: (await show_list(house, coordinator, one)).every for one in Listing}

    assert min(counted.values()) > 0
    (hostless,) = (await show_list(house, coordinator, Listing.HOSTLESS)).rows
    assert hostless.cells(coordinator.zone)[4] == "Maya Okafor is away that day"


async def test_a_coming_group_is_full_so_that_the_waitlist_can_be_tried(house: Services) -> None:
    rows = await house.database.read(lambda tx: tx.execute(select(sessions)).all())
    full = [row for row in rows if row.capacity and row.places_taken == row.capacity]
    assert [row.starts_at > house.now() for row in full] == [True, True]
    found = await house.database.read(people.everyone)
    ana = next(person for person in found if person.name == "Ana Morales")
    (course,) = await my_program(house, await actor_of(house, ana))
    offered = [group.session.id for group in course.groups if group.is_full]
    assert sorted(offered) == sorted(row.id for row in full)
