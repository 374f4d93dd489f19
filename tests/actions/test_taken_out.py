"""Families that take part in a program no more: no group is theirs to join, and what they did stays."""

import pytest
from starlette.applications import Starlette

from scheduler.actions.cancelling import cancel_session
from scheduler.actions.enrolling import withdraw_family
from scheduler.actions.groups import join_waitlist, see_group, take_places
from scheduler.actions.handouts import my_handout
from scheduler.actions.notices import send_due
from scheduler.actions.sessions import my_program, my_sessions
from scheduler.domain.audit import Event
from scheduler.domain.credits import Credit
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import programs, step_credits
from tests.builders import actor, add_person
from tests.conftest import FakeMail
from tests.groups import Member, add_group, add_members, browser_of, seats, where_they_stand
from tests.log import events


async def take_out(services: Services, member: Member) -> None:
    """Let the member's family take part no more, without more ado."""
    client_id, now = member.client.id, services.now()
    await services.database.write(lambda tx: programs.withdraw(tx, "p", client_id, ended_at=now))


async def test_no_group_is_there_for_a_family_that_was_taken_out(services: Services) -> None:
    group = await add_group(services)
    (mother,) = await add_members(services, 1)
    await take_out(services, mother)

    for act in (see_group, take_places, join_waitlist):
        with pytest.raises(NotFound):
            await act(services, mother.actor, group.session.id)

    (course,) = await my_program(services, mother.actor)
    assert not course.goes_on
    assert (course.groups, course.next_step) == ((), None)


async def test_a_family_that_was_taken_out_is_passed_over_and_not_told(
    services: Services, mail: FakeMail
) -> None:
    group = await add_group(services, capacity=1)
    inside, gone, late = await add_members(services, 3)
    await take_places(services, inside.actor, group.session.id)
    for one in (gone, late):
        await join_waitlist(services, one.actor, group.session.id)
    await take_out(services, gone)

    await cancel_session(services, inside.actor, group.session.id)
    await send_due(services)

    assert await where_they_stand(services) == ["waiting", "offered"]
    assert gone.person.email not in {message["To"] for message in mail.sent}


async def test_who_takes_a_family_out_ends_its_waits_and_the_next_is_offered_the_place(
    services: Services,
) -> None:
    group = await add_group(services, capacity=1)
    inside, gone, late = await add_members(services, 3)
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    await take_places(services, inside.actor, group.session.id)
    for one in (gone, late):
        await join_waitlist(services, one.actor, group.session.id)
    await cancel_session(services, inside.actor, group.session.id)

    coordinator = actor(tom, client_ids={gone.client.id})
    await withdraw_family(services, coordinator, "p", gone.client.id)

    assert await where_they_stand(services) == ["closed", "offered"]
    assert (await seats(services, group)).taken == 1
    assert (await events(services))[-3:] == [
        Event.WAITLIST_CLOSED,
        Event.PLACE_OFFERED,
        Event.FAMILY_WITHDRAWN,
    ]
    assert (await my_sessions(services, gone.actor)).waits == ()


async def test_what_a_family_that_was_taken_out_did_stays_in_sight_in_kind_words(
    services: Services, app: Starlette
) -> None:
    await add_group(services)
    (mother,) = await add_members(services, 1)
    done = Credit("s1", mother.person.id, True, services.now(), 60)
    await services.database.write(lambda tx: step_credits.decide(tx, done))
    await take_out(services, mother)
    browser = await browser_of(services, app, mother)

    for path in ("/family", "/family/program"):
        page = await browser.get(path)
        assert "Your family's part in this program has ended.</strong> What you have done stays" in page.text
        assert "Boundaries" in page.text
        assert "not in a program yet" not in page.text
    assert (await my_handout(services, mother.actor, "s1")).step.title == "Boundaries"


async def test_what_it_did_not_do_is_not_shown_any_more(services: Services, app: Starlette) -> None:
    await add_group(services)
    (mother,) = await add_members(services, 1)
    await take_out(services, mother)

    page = await (await browser_of(services, app, mother)).get("/family/program")

    assert "part in this program has ended" in page.text
    assert "Boundaries" not in page.text
    with pytest.raises(NotFound):
        await my_handout(services, mother.actor, "s1")
