"""Many at once about first conversations: one time goes to one, and one form asks once."""

import asyncio

import pytest

from scheduler.actions.inquiries import ask, withdraw
from scheduler.actions.inquiry_care import mark_reached
from scheduler.actions.inquiry_plans import Replan, replan
from scheduler.domain.audit import Event
from scheduler.domain.errors import SessionOver, SlotTaken
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage.tables import inquiries, sessions, taken_ticks
from tests.builders import actor
from tests.inquiries import TOKEN, VISITOR, add_admissions, asked, conversations, coordinator_of, wish
from tests.log import events
from tests.races import one_close_after_the_other
from tests.scheduling import rows

MOST = 64


async def test_of_many_strangers_who_want_one_time_one_gets_it(services: Services) -> None:
    await add_admissions(services)

    tried = await asyncio.gather(
        *(ask(services, VISITOR, wish(token=f"{number:032}")) for number in range(MOST)),
        return_exceptions=True,
    )

    assert sum(one is None for one in tried) == 1
    assert sum(isinstance(one, SlotTaken) for one in tried) == MOST - 1
    assert len(await rows(services, taken_ticks)) == 6  # 20 minutes and the pause after
    assert len(await rows(services, sessions)) == len(await rows(services, inquiries)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("hosts", [1, 2])
async def test_the_same_form_sent_twice_at_once_asks_once(services: Services, hosts: int) -> None:
    for number in range(hosts):
        await add_admissions(services, f"Denise {number}")

    both = await one_close_after_the_other(
        services, lambda own: ask(own, VISITOR, wish()), lambda own: ask(own, VISITOR, wish())
    )

    assert both == [None, None]
    assert len(await conversations(services)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_calling_off_and_reaching_at_once_leaves_one_of_them(services: Services) -> None:
    host = await add_admissions(services)
    session = await asked(services)

    off, reached = await one_close_after_the_other(
        services,
        lambda own: withdraw(own, VISITOR, TOKEN),
        lambda own: mark_reached(own, actor(host), session.id),
    )

    assert off is None
    assert isinstance(reached, SessionOver)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_of_two_who_hand_one_over_at_once_the_later_finds_it_changed(services: Services) -> None:
    for name in ("Denise Walker", "Kim Lee", "Ada Stone"):
        await add_admissions(services, name)
    session = await asked(services)
    tom, eva = await coordinator_of(services), await coordinator_of(services, Role.SUPERVISOR)
    wanted = Replan(session.starts_at, "", session.starts_at, session.host_id)

    await one_close_after_the_other(
        services,
        lambda own: replan(own, tom, session.id, wanted),
        lambda own: replan(own, eva, session.id, wanted),
    )

    assert (await events(services)).count(Event.INQUIRY_MOVED) == 1
    assert len({row.person_id for row in await rows(services, taken_ticks)}) == 1
