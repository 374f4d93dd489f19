"""Many at once about first conversations: one time goes to one, and one form asks once."""

import asyncio

import pytest

from scheduler.actions.inquiries import ask, withdraw
from scheduler.actions.inquiry_care import mark_reached
from scheduler.domain.errors import SessionOver, SlotTaken
from scheduler.services import Services
from scheduler.storage.tables import inquiries, sessions, taken_ticks
from tests.builders import actor
from tests.inquiries import TOKEN, VISITOR, add_admissions, asked, conversations, wish
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
