"""A clinician is away: other hosts, other times, cancellations, all at once or not at all."""

import dataclasses
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select

from scheduler.actions import rooms
from scheduler.actions.booking import Wish, book_session, move_session
from scheduler.actions.cancelling import cancel_session
from scheduler.actions.covering import cover
from scheduler.actions.holds import hold_slot
from scheduler.actions.notices import send_due
from scheduler.domain.absences import Absence
from scheduler.domain.booking import Session, Status
from scheduler.domain.coverage import CANCEL, LEAVE, Act, Choice
from scheduler.domain.errors import Denied, NotFound, NotNow
from scheduler.domain.people import Role
from scheduler.domain.waitlist import Wait
from scheduler.services import Services
from scheduler.storage import bookings, consent, hours, sessions, waitlist
from scheduler.storage.tables import audit_entries, join_links, places, taken_ticks
from scheduler.storage.tables import bookings as booking_rows
from tests.builders import actor, add_person
from tests.conftest import Clock, FakeMail
from tests.covering import (
    TUESDAY,
    Practice,
    add_group,
    add_many,
    add_practice,
    told,
)
from tests.gateways.calendar_files import value
from tests.scheduling import CHECK_IN, STEP, TUESDAY_NINE, World, add_neighbours, counts, entries, rows

WEDNESDAY_NINE = TUESDAY_NINE + timedelta(days=1)


@pytest.fixture
async def practice(services: Services) -> Practice:
    """Two sessions on the Tuesday on which the therapist is away."""
    return await add_practice(services)


def reassigned(practice: Practice) -> Choice:
    return Choice(Act.REASSIGN, practice.colleague.id)


def moved(practice: Practice) -> Choice:
    return Choice(Act.MOVE, practice.world.family.clinician.id, WEDNESDAY_NINE)


async def test_a_reassigned_session_keeps_time_room_and_link_and_has_another_host(
    services: Services, practice: Practice
) -> None:
    before = [row for row in await rows(services, join_links) if row.session_id == practice.first.id]
    ticks = (await counts(services)).ticks

    wanted = practice.cover({practice.first.id: reassigned(practice), practice.second.id: LEAVE})
    assert await cover(services, practice.therapist, wanted) == 1

    kept = await services.database.read(lambda tx: sessions.get(tx, practice.first.id))
    assert kept == dataclasses.replace(practice.first, host_id=practice.colleague.id)
    assert [row for row in await rows(services, join_links) if row.session_id == practice.first.id] == before
    assert (await counts(services)).ticks == ticks
    seats = await services.database.read(lambda tx: bookings.places_of(tx, practice.first.id))
    assert {(seat.person_id, seat.duty, seat.status, seat.sequence) for seat in seats} == {
        (practice.world.family.mother.id, "member", "booked", 1),
        (practice.world.family.clinician.id, "host", "cancelled", 1),
        (practice.colleague.id, "host", "booked", 0),
    }


async def test_everybody_whose_calendar_changes_is_told_once_by_what_happened_to_them(
    services: Services, practice: Practice
) -> None:
    away, colleague = practice.world.family.clinician.id, practice.colleague.id
    rosa, neighbour = practice.world.family.mother.id, practice.neighbours.family.mother.id

    wanted = practice.cover(
        {practice.first.id: Choice(Act.MOVE, colleague, WEDNESDAY_NINE), practice.second.id: moved(practice)}
    )
    await cover(services, practice.therapist, wanted)

    assert await told(services, practice.first) == Counter({(rosa, "replanned"): 1, (away, "cancelled"): 1})
    assert await told(services, practice.second) == Counter({(neighbour, "moved"): 1, (away, "moved"): 1})
    new = [row for row in await rows(services, places) if row.person_id == colleague]
    assert [(row.session_id, row.status) for row in new] == [(practice.first.id, "booked")]


async def test_each_calendar_gets_one_file_that_it_takes_in_place_of_the_one_before(
    services: Services, practice: Practice, mail: FakeMail
) -> None:
    while await send_due(services):
        pass
    before = {value(file, "UID"): int(value(file, "SEQUENCE")) for file in map(calendar, mail.sent)}
    mail.sent.clear()
    to_colleague = Choice(Act.MOVE, practice.colleague.id, WEDNESDAY_NINE)

    wanted = practice.cover({practice.first.id: to_colleague, practice.second.id: CANCEL})
    await cover(services, practice.therapist, wanted)
    while await send_due(services):
        pass

    files = [calendar(message) for message in mail.sent]
    assert len({value(file, "UID") for file in files}) == len(files) == 5
    assert all(int(value(file, "SEQUENCE")) > before.get(value(file, "UID"), -1) for file in files)
    rosa, host, colleague = (
        one.email
        for one in (practice.world.family.mother, practice.world.family.clinician, practice.colleague)
    )
    assert {(message["To"], value(calendar(message), "METHOD")) for message in mail.sent} == {
        (rosa, "REQUEST"),
        (host, "CANCEL"),
        (colleague, "REQUEST"),
        (practice.neighbours.family.mother.email, "CANCEL"),
    }


def calendar(message: EmailMessage) -> bytes:
    """Return the calendar file of a mail."""
    file = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    return bytes(file.get_payload(decode=True))


async def test_each_client_has_an_entry_and_the_days_off_theirs(
    services: Services, practice: Practice
) -> None:
    wanted = practice.cover({practice.first.id: reassigned(practice), practice.second.id: CANCEL})

    await cover(services, practice.coordinator_actor, wanted)

    written = [(row.event, row.client_id) for row in await rows(services, audit_entries)][2:]
    assert written == [
        ("session.reassigned", practice.world.family.client.id),
        ("session.cancelled", practice.neighbours.family.client.id),
        ("hours.changed", None),
    ]
    own = await services.database.read(
        lambda tx: hours.of(tx, practice.world.family.clinician.id, since=TUESDAY)
    )
    assert [(off.first_date, off.last_date) for off in own.days_off] == [(TUESDAY, TUESDAY)]


async def test_a_plan_that_is_sent_twice_is_done_once(services: Services, practice: Practice) -> None:
    wanted = practice.cover({practice.first.id: reassigned(practice), practice.second.id: CANCEL})
    await cover(services, practice.therapist, wanted)
    before, kept = await entries(services), await counts(services)

    assert await cover(services, practice.therapist, wanted) == 0

    assert (await entries(services), await counts(services)) == (before, kept)


@pytest.mark.parametrize("meanwhile", ["cancels", "moves", "books", "takes"])
async def test_a_plan_that_is_no_longer_of_now_changes_nothing(
    services: Services, practice: Practice, meanwhile: str
) -> None:
    third = await add_neighbours(services, practice.world, "Young")
    later = Wish(CHECK_IN.id, TUESDAY_NINE + 3 * STEP)
    if meanwhile == "cancels":
        await cancel_session(services, practice.world.mother, practice.first.id)
    elif meanwhile == "moves":
        await move_session(
            services, practice.world.mother, practice.first.id, starts_at=TUESDAY_NINE + 2 * STEP
        )
    elif meanwhile == "books":
        await book_session(services, third.mother, later)
    else:
        busy = Wish(CHECK_IN.id, WEDNESDAY_NINE)
        await book_session(services, third.mother, busy)
    before, kept = await entries(services), await counts(services)

    wanted = practice.cover({practice.first.id: reassigned(practice), practice.second.id: moved(practice)})
    with pytest.raises(NotNow):
        await cover(services, practice.therapist, wanted)

    assert (await entries(services), await counts(services)) == (before, kept)


async def wait_for(services: Services, group: Session, waiting: World) -> None:
    """Let somebody wait for a place."""
    mother, client_id = waiting.family.mother.id, waiting.family.client.id
    wait = Wait("w", group.id, client_id, mother, (mother,), 1, 0, services.now())
    await services.database.write(lambda tx: waitlist.add(tx, wait))


async def test_a_group_that_is_cancelled_is_off_for_every_family(
    services: Services, practice: Practice
) -> None:
    group = await add_group(services, practice, starts_at=TUESDAY_NINE + 3 * STEP)
    waiting = await add_neighbours(services, practice.world, "Young")
    await wait_for(services, group, waiting)
    wanted = practice.cover({practice.first.id: LEAVE, practice.second.id: LEAVE})
    plan = {
        **wanted.plan,
        group.id: dataclasses.replace(wanted.plan[practice.first.id], seen_at=group.starts_at),
    }
    plan[group.id] = dataclasses.replace(plan[group.id], choice=CANCEL)

    await cover(services, practice.therapist, dataclasses.replace(wanted, plan=plan, closes_days=False))

    assert (await services.database.read(lambda tx: sessions.get(tx, group.id))).status is Status.CANCELLED
    mothers = {practice.world.family.mother.id, practice.neighbours.family.mother.id}
    everybody = {*mothers, practice.world.family.clinician.id}
    told_off = {(one, "cancelled"): 1 for one in everybody}
    assert await told(services, group) == Counter(
        told_off | {(waiting.family.mother.id, "waitlist_closed"): 1}
    )
    links = [row for row in await rows(services, join_links) if row.session_id == group.id]
    assert all(row.revoked_at for row in links)
    claims = [row for row in await rows(services, booking_rows) if row.session_id == group.id]
    assert [row.status for row in claims] == ["cancelled"] * 2
    noted = [row.client_id for row in await rows(services, audit_entries) if row.session_id == group.id]
    families = (practice.world.family, practice.neighbours.family, waiting.family)
    assert set(noted) == {family.client.id for family in families}
    count = select(func.count()).select_from(taken_ticks).where(taken_ticks.c.session_id == group.id)
    assert await services.database.read(lambda tx: tx.execute(count).scalar_one()) == 0


async def test_a_hold_keeps_a_plan_away_while_it_lasts_and_no_longer(
    services: Services, practice: Practice, clock: Clock
) -> None:
    third = await add_neighbours(services, practice.world, "Young")
    await hold_slot(services, third.mother, kind_id=CHECK_IN.id, starts_at=WEDNESDAY_NINE)
    wanted = practice.cover({practice.first.id: moved(practice), practice.second.id: LEAVE})

    with pytest.raises(NotNow):
        await cover(services, practice.therapist, wanted)
    clock.move(minutes=30)
    assert await cover(services, practice.therapist, wanted) == 1

    kept = await services.database.read(lambda tx: sessions.get(tx, practice.first.id))
    assert kept.starts_at == WEDNESDAY_NINE


async def test_forty_sessions_are_one_act_with_one_mail_for_each_person_and_session(
    services: Services, practice: Practice, mail: FakeMail
) -> None:
    more = await add_many(services, practice, 38)
    writes = Writes(services.database)
    wanted = practice.cover(
        {one.id: reassigned(practice) for one in (practice.first, practice.second)}, closes_days=False
    )
    seen = next(iter(wanted.plan.values()))
    plan = {one.id: dataclasses.replace(seen, seen_at=one.starts_at) for one in more}
    two_days = Absence(TUESDAY, TUESDAY + timedelta(days=1))
    wanted = dataclasses.replace(wanted, absence=two_days, plan={**wanted.plan, **plan})

    watched = dataclasses.replace(services, database=writes)
    assert await cover(watched, practice.therapist, wanted) == 40

    assert writes.count == 1
    assert [event for event, _ in await entries(services)][2:] == ["session.reassigned"] * 40
    while await send_due(services):
        pass
    told_of = Counter((one["To"], one["Subject"]) for one in mail.sent)
    assert Counter(to for to, _ in told_of)[practice.colleague.email] == 40
    changed = {key: number for key, number in told_of.items() if key[1].startswith("Changed")}
    assert len(changed) == 40
    assert set(changed.values()) == {1}


async def test_whoever_was_replaced_can_neither_open_nor_see_the_session_any_more(
    services: Services, practice: Practice
) -> None:
    before = dataclasses.replace(practice.therapist, client_ids=frozenset())
    wanted = practice.cover({practice.first.id: reassigned(practice), practice.second.id: LEAVE})
    await cover(services, practice.therapist, wanted)

    with pytest.raises(NotFound):
        await rooms.open_room(services, before, practice.first.id)
    with pytest.raises(Denied):
        await rooms.open_room(services, practice.therapist, practice.first.id)


async def test_a_session_that_comes_back_to_its_first_host_reaches_their_calendar_again(
    services: Services, practice: Practice
) -> None:
    away, colleague = practice.world.family.clinician.id, practice.colleague.id
    wanted = practice.cover({practice.first.id: reassigned(practice), practice.second.id: LEAVE})
    await cover(services, practice.therapist, dataclasses.replace(wanted, closes_days=False))

    back = practice.cover({practice.first.id: Choice(Act.REASSIGN, away)}, closes_days=False)
    await cover(services, practice.coordinator_actor, dataclasses.replace(back, clinician_id=colleague))

    seats = await services.database.read(lambda tx: bookings.places_of(tx, practice.first.id))
    assert {(seat.person_id, seat.status, seat.sequence) for seat in seats} == {
        (practice.world.family.mother.id, "booked", 2),
        (away, "booked", 2),
        (colleague, "cancelled", 1),
    }


async def test_nobody_covers_for_others_but_those_who_coordinate(
    services: Services, practice: Practice
) -> None:
    wanted = practice.cover({practice.first.id: CANCEL, practice.second.id: CANCEL})
    before = await counts(services)

    for role in (Role.CLINICIAN, Role.FAMILY_MEMBER, Role.CLIENT, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR):
        someone = actor(await add_person(services, f"Someone {role}", role))
        with pytest.raises(Denied):
            await cover(services, someone, wanted)

    assert await counts(services) == before
    assert {outcome for _, outcome in (await entries(services))[2:]} == {"denied"}
    with pytest.raises(NotFound):
        await cover(services, practice.coordinator_actor, dataclasses.replace(wanted, clinician_id="nobody"))


async def test_nobody_is_moved_whose_release_has_run_out(services: Services, practice: Practice) -> None:
    release = (
        await services.database.read(lambda tx: consent.of_client(tx, practice.world.family.client.id))
    )[0]
    await services.database.write(lambda tx: consent.revoke(tx, release.id, revoked_at=services.now()))

    with pytest.raises(NotNow):
        await cover(
            services,
            practice.therapist,
            practice.cover({practice.first.id: moved(practice), practice.second.id: LEAVE}),
        )


class Writes:
    """A database that counts the transactions that write."""

    def __init__(self, database) -> None:  # type: ignore[no-untyped-def]
        self._database, self.count = database, 0
        self.engine_name = database.engine_name

    async def read(self, work):  # type: ignore[no-untyped-def]
        """Pass on."""
        return await self._database.read(work)

    async def write(self, work):  # type: ignore[no-untyped-def]
        """Count and pass on."""
        self.count += 1
        return await self._database.write(work)

    async def close(self) -> None:
        """Pass on."""
        await self._database.close()
