"""The waitlist: free places are offered in order, kept for a while, and go on to the next."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from scheduler.actions.admissions import show_roster
from scheduler.actions.cancelling import cancel_session
from scheduler.actions.groups import join_waitlist, see_group, take_places
from scheduler.actions.notices import send_due
from scheduler.actions.sessions import my_sessions
from scheduler.actions.waitlist import close, leave_waitlist, tend_waitlists
from scheduler.domain.audit import Event, Outcome, Purpose
from scheduler.domain.errors import GroupFull, NotFound, NotNow, NotReleased, OfferOver
from scheduler.domain.notices import Rule
from scheduler.domain.people import SYSTEM
from scheduler.services import Services
from scheduler.storage import consent, groups
from scheduler.storage.tables import notices
from scheduler.storage.tables import people as people_rows
from scheduler.storage.tables import sessions as session_rows
from tests.builders import actor, add_release
from tests.conftest import Clock, FakeMail
from tests.groups import (
    EVENING,
    STEP,
    Group,
    Member,
    Seats,
    add_group,
    add_members,
    add_relative,
    seats,
    where_they_stand,
)
from tests.log import events, written
from tests.owed import entries
from tests.scheduling import rows

FULL = Seats(taken=2, had=2, offered=0, capacity=2)
HOURS = timedelta(hours=12)


@dataclass(frozen=True)
class Evening:
    """A full group of two, and three families who wait for a place in it, in order."""

    group: Group
    inside: tuple[Member, ...]
    waiting: tuple[Member, ...]

    @property
    def id(self) -> str:
        """The session's id."""
        return self.group.session.id


@pytest.fixture
async def evening(services: Services) -> Evening:
    """The evening."""
    group = await add_group(services)
    everybody = await add_members(services, 5)
    for one in everybody[:2]:
        await take_places(services, one.actor, group.session.id)
    for one in everybody[2:]:
        await join_waitlist(services, one.actor, group.session.id)
    return Evening(group, tuple(everybody[:2]), tuple(everybody[2:]))


async def owed(services: Services, rule: Rule) -> list[str]:
    """Return to whom a notice by this rule is owed."""
    return [row.person_id for row in await rows(services, notices) if row.rule == rule]


async def test_whoever_waits_takes_no_seat_and_waits_once(services: Services, evening: Evening) -> None:
    again = await join_waitlist(services, evening.waiting[0].actor, evening.id)

    assert again is not None
    assert again.position == 1
    assert await where_they_stand(services) == ["waiting"] * 3
    assert await seats(services, evening.group) == FULL
    assert (await events(services)).count(Event.WAITLIST_JOINED) == 3


async def test_a_place_given_up_is_offered_to_the_first_and_kept_from_the_others(
    services: Services, evening: Evening
) -> None:
    await cancel_session(services, evening.inside[0].actor, evening.id)

    assert await where_they_stand(services) == ["offered", "waiting", "waiting"]
    assert await seats(services, evening.group) == Seats(taken=2, had=1, offered=1, capacity=2)
    assert await owed(services, Rule.PLACE_OFFERED) == [evening.waiting[0].person.id]
    for late in (evening.waiting[1], evening.inside[0]):
        with pytest.raises(GroupFull):
            await take_places(services, late.actor, evening.id)


async def test_what_is_offered_is_taken_without_being_counted_again(
    services: Services, evening: Evening
) -> None:
    await cancel_session(services, evening.inside[0].actor, evening.id)

    await take_places(services, evening.waiting[0].actor, evening.id)
    await take_places(services, evening.waiting[0].actor, evening.id)

    assert await where_they_stand(services) == ["taken", "waiting", "waiting"]
    assert await seats(services, evening.group) == FULL
    assert (await events(services))[-2:] == [Event.PLACE_OFFERED, Event.SESSION_BOOKED]


async def test_what_is_declined_goes_on_to_the_next(services: Services, evening: Evening) -> None:
    await cancel_session(services, evening.inside[0].actor, evening.id)

    assert await leave_waitlist(services, evening.waiting[0].actor, evening.id)
    assert not await leave_waitlist(services, evening.waiting[0].actor, evening.id)

    assert await where_they_stand(services) == ["declined", "offered", "waiting"]
    assert (await events(services))[-2:] == [Event.PLACE_DECLINED, Event.PLACE_OFFERED]


async def test_what_is_not_taken_in_time_goes_on_to_the_next(
    services: Services, evening: Evening, clock: Clock
) -> None:
    await cancel_session(services, evening.inside[0].actor, evening.id)
    clock.at += HOURS - timedelta(seconds=1)
    assert await tend_waitlists(services) == 0
    clock.move(seconds=1)

    with pytest.raises(OfferOver):
        await take_places(services, evening.waiting[0].actor, evening.id)
    assert await tend_waitlists(services) == 1

    assert await where_they_stand(services) == ["lapsed", "offered", "waiting"]
    assert await owed(services, Rule.PLACE_OFFERED) == [one.person.id for one in evening.waiting[:2]]
    assert await tend_waitlists(services) == 0
    await join_waitlist(services, evening.waiting[0].actor, evening.id)
    assert await where_they_stand(services) == ["lapsed", "offered", "waiting", "waiting"]


async def test_an_offer_ends_before_the_least_notice_and_none_is_made_after_it(
    services: Services, evening: Evening, clock: Clock
) -> None:
    clock.at = EVENING - timedelta(hours=2)
    await cancel_session(services, evening.inside[0].actor, evening.id)
    seen = await see_group(services, evening.waiting[0].actor, evening.id)
    assert seen.group.wait is not None
    assert seen.group.wait.offered_until == EVENING - timedelta(hours=1)

    clock.at = EVENING - timedelta(hours=1)
    await tend_waitlists(services)
    assert await where_they_stand(services) == ["lapsed", "waiting", "waiting"]
    with pytest.raises(NotNow):
        await join_waitlist(services, evening.inside[0].actor, evening.id)
    await take_places(services, evening.waiting[1].actor, evening.id)
    assert await seats(services, evening.group) == FULL
    assert await where_they_stand(services) == ["lapsed", "taken", "waiting"]


async def test_seats_go_to_the_first_for_whom_they_are_enough(services: Services, evening: Evening) -> None:
    father = await add_relative(services, evening.waiting[0], "Dan Number")
    for one in (evening.waiting[0], father):
        await add_release(services, one.client, one.person)
    await leave_waitlist(services, evening.waiting[0].actor, evening.id)
    both = (evening.waiting[0].person.id, father.person.id)
    for one in evening.waiting[1:]:
        await leave_waitlist(services, one.actor, evening.id)
    await join_waitlist(services, evening.waiting[0].actor, evening.id, both)
    await join_waitlist(services, evening.waiting[1].actor, evening.id)

    await cancel_session(services, evening.inside[0].actor, evening.id)
    assert (await where_they_stand(services))[3:] == ["waiting", "offered"]
    await leave_waitlist(services, evening.waiting[1].actor, evening.id)
    assert await seats(services, evening.group) == Seats(taken=1, had=1, offered=0, capacity=2)
    await cancel_session(services, evening.inside[1].actor, evening.id)
    assert (await where_they_stand(services))[3:] == ["offered", "declined"]

    await take_places(services, father.actor, evening.id)
    assert await seats(services, evening.group) == FULL


async def test_when_the_group_grows_the_clockwork_offers_the_seats(
    services: Services, evening: Evening
) -> None:
    await services.database.write(lambda tx: tx.execute(update(session_rows).values(capacity=4)))

    assert await tend_waitlists(services) == 1

    assert await where_they_stand(services) == ["offered", "offered", "waiting"]
    assert await seats(services, evening.group) == Seats(taken=4, had=2, offered=2, capacity=4)


async def test_whoever_waits_where_there_is_room_is_offered_it_at_once(services: Services) -> None:
    group = await add_group(services)
    (mother,) = await add_members(services, 1)

    await join_waitlist(services, mother.actor, group.session.id)

    assert await where_they_stand(services) == ["offered"]
    with pytest.raises(NotFound):
        await cancel_session(services, mother.actor, group.session.id)


async def test_whose_release_is_revoked_is_passed_over_and_not_told(
    services: Services, mail: FakeMail
) -> None:
    group = await add_group(services, capacity=1, step=replace(STEP, education_only=False))
    inside, first, second = await add_members(services, 3)
    releases = [await add_release(services, one.client, one.person) for one in (inside, first, second)]
    await take_places(services, inside.actor, group.session.id)
    for one in (first, second):
        await join_waitlist(services, one.actor, group.session.id)
    now = services.now()
    await services.database.write(lambda tx: consent.revoke(tx, releases[1].id, revoked_at=now))

    await cancel_session(services, inside.actor, group.session.id)
    await send_due(services)

    assert await where_they_stand(services) == ["waiting", "offered"]
    assert first.person.email not in {message["To"] for message in mail.sent}
    (offered,) = [one for one in await entries(services) if one["event"] == Event.NOTICE_SENT]
    disclosed = {"purpose": Purpose.TREATMENT, "recipient": second.person.id, "what": Rule.PLACE_OFFERED}
    assert (offered["disclosure"], offered["release"]) == (disclosed, releases[2].id)
    assert (await my_sessions(services, first.actor)).waits == ()
    await services.database.write(lambda tx: consent.revoke(tx, releases[2].id, revoked_at=now))
    with pytest.raises(NotReleased):
        await take_places(services, second.actor, group.session.id)


async def test_whose_account_has_ended_is_passed_over(services: Services, evening: Evening) -> None:
    gone, now = evening.waiting[0].person.id, services.now()
    ended = update(people_rows).where(people_rows.c.id == gone).values(ended_at=now)
    await services.database.write(lambda tx: tx.execute(ended))

    await cancel_session(services, evening.inside[0].actor, evening.id)

    assert await where_they_stand(services) == ["waiting", "offered", "waiting"]


async def test_an_offer_is_mailed_in_neutral_words_with_its_end_in_the_readers_zone(
    services: Services, evening: Evening, mail: FakeMail
) -> None:
    await cancel_session(services, evening.inside[0].actor, evening.id)
    await send_due(services)

    (message,) = [one for one in mail.sent if one["To"] == evening.waiting[0].person.email]
    body = message.get_body(("plain",))
    assert body is not None
    text = " ".join(str(body.get_content()).split())
    assert message["Subject"] == "A place is free: Thursday 5 November, 5:30 to 6:30 pm, Pacific time"
    assert "until Monday 2 November, 9:00 pm, Pacific time" in text
    assert f"https://hearth.test/places/{evening.id}" in text


async def test_an_offer_that_is_over_is_not_mailed_any_more(
    services: Services, evening: Evening, mail: FakeMail
) -> None:
    await cancel_session(services, evening.inside[0].actor, evening.id)
    await leave_waitlist(services, evening.waiting[0].actor, evening.id)
    await send_due(services)

    assert evening.waiting[0].person.email not in {message["To"] for message in mail.sent}
    assert evening.waiting[1].person.email in {message["To"] for message in mail.sent}


async def test_when_the_session_is_called_off_everybody_who_waits_is_told_once(
    services: Services, evening: Evening, mail: FakeMail
) -> None:
    await cancel_session(services, evening.inside[0].actor, evening.id)
    trail = services.trail(SYSTEM)
    for _ in range(2):
        await services.database.write(
            lambda tx: close(tx, trail, groups.locked(tx, evening.id).cancelled(now=trail.at))
        )
    off = update(session_rows).values(status="cancelled")
    await services.database.write(lambda tx: tx.execute(off))
    await tend_waitlists(services)
    await send_due(services)

    assert await where_they_stand(services) == ["closed"] * 3
    assert (await seats(services, evening.group)).offered == 0
    told = [one["To"] for one in mail.sent if one["Subject"].startswith("Not taking place")]
    assert sorted(told) == [one.person.email for one in evening.waiting]


async def test_a_list_ends_when_its_session_begins_and_nobody_is_written_to(
    services: Services, evening: Evening, clock: Clock
) -> None:
    clock.at = EVENING
    await tend_waitlists(services)

    assert await where_they_stand(services) == ["closed"] * 3
    assert await owed(services, Rule.WAITLIST_CLOSED) == []


async def test_nobody_waits_for_a_group_they_cannot_see_and_the_try_is_logged(
    services: Services, evening: Evening
) -> None:
    stranger = replace(evening.waiting[0].actor, client_ids=frozenset({"nobody"}))
    for act in (join_waitlist, leave_waitlist):
        with pytest.raises(NotFound):
            await act(services, stranger, evening.id)
    denied = [event for event, outcome, _ in await written(services) if outcome is Outcome.DENIED]
    assert denied == [Event.WAITLIST_JOINED, Event.WAITLIST_LEFT]


async def test_staff_see_who_waits_of_their_own_clients_and_of_others_how_many(
    services: Services, evening: Evening
) -> None:
    first, second, _ = evening.waiting
    host = actor(evening.group.host, client_ids={second.client.id})
    await cancel_session(services, evening.inside[0].actor, evening.id)
    before = len(await events(services))

    shown = (await show_roster(services, host, evening.id)).waitlist

    assert shown is not None
    assert [(names, wait.is_offered) for wait, names in shown.named] == [(second.person.name, False)]
    assert shown.others == 2
    assert (await events(services))[before:].count(Event.WAITLIST_READ) == 1
    assert first.person.name not in str(shown)
