"""Groups over HTTP: the last places, the waitlist, and that nobody sees another family."""

import asyncio
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from scheduler.actions.notices import send_due
from scheduler.actions.waitlist import tend_waitlists
from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import programs
from scheduler.storage.database import Transaction
from scheduler.storage.tables import sessions as session_rows
from scheduler.storage.tables import waitlist
from tests.builders import add_person
from tests.conftest import Clock, FakeMail
from tests.groups import (
    EVENING,
    STEP,
    Group,
    Member,
    Seats,
    add_evening,
    add_group,
    add_members,
    browser_of,
    seats,
    where_they_stand,
)
from tests.scheduling import rows

TAKE, WAIT = "Take a place", "Join the waitlist"
BUTTON = re.compile(r'<form action="(/family/groups/[^"]+)" method="post">.*?<span>([^<]+)</span>', re.S)


def buttons(page: httpx2.Response) -> dict[str, str]:
    """Return the buttons about groups on a page: what each says, and where it leads."""
    return {words: action for action, words in BUTTON.findall(page.text)}


async def test_of_200_families_who_take_the_last_12_places_12_get_one_and_188_are_offered_the_waitlist(
    services: Services, app: Starlette
) -> None:
    group = await add_group(services, capacity=12)
    families = await add_members(services, 200)
    browsers = [await browser_of(services, app, one) for one in families]

    answers = await asyncio.gather(*(one.post(f"{group.path}/take") for one in browsers))

    assert Counter(answer.status_code for answer in answers) == {303: 12, 409: 188}
    assert await seats(services, group) == Seats(taken=12, had=12, offered=0, capacity=12)
    refused = [one for one, answer in zip(browsers, answers, strict=True) if answer.status_code == 409]
    offered = [buttons(answer)[WAIT] for answer in answers if answer.status_code == 409]
    assert offered == [f"{group.path}/wait"] * 188
    waiting = await asyncio.gather(*(one.post(offered[0]) for one in refused))
    assert {answer.status_code for answer in waiting} == {303}
    assert sorted(row.position for row in await rows(services, waitlist)) == list(range(1, 189))


@pytest.fixture
async def group(services: Services) -> Group:
    """A group with one place."""
    return await add_group(services, capacity=1)


@pytest.fixture
async def members(services: Services, group: Group) -> list[Member]:
    """Three families."""
    return await add_members(services, 3)


async def test_from_the_program_to_a_place_and_back(
    services: Services, app: Starlette, group: Group, members: list[Member]
) -> None:
    browser = await browser_of(services, app, members[0])

    program = await browser.get("/family/program")
    assert f'href="{group.path}"' in program.text
    page = await browser.get(group.path)
    done = await browser.post(buttons(page)[TAKE])
    session = await browser.get(done.headers["location"])
    cancel = await browser.get(f"/family/sessions/{group.session.id}/cancel")
    left = await browser.post(f"/family/sessions/{group.session.id}/cancel")
    after = await browser.get(left.headers["location"])

    assert "Your session is booked." in session.text
    assert "Give up your place?" in cancel.text
    assert "You gave up your place." in after.text
    assert TAKE in buttons(await browser.get(group.path))


async def test_from_the_waitlist_to_a_place(
    services: Services, app: Starlette, group: Group, members: list[Member]
) -> None:
    first, second, third = [await browser_of(services, app, one) for one in members]
    await first.post(f"{group.path}/take")

    for browser in (second, third):
        full = await browser.post(f"{group.path}/take")
        assert (full.status_code, list(buttons(full))) == (409, [WAIT])
        told = await browser.get((await browser.post(buttons(full)[WAIT])).headers["location"])
        assert "You are on the waitlist." in told.text
    assert "You are on the waitlist" in (await second.get("/family")).text
    await first.post(f"/family/sessions/{group.session.id}/cancel")

    home = await second.get("/family")
    assert "A place is free for you" in home.text
    assert list(buttons(home)) == ["Take it", "No, thank you"]
    assert buttons(await second.get(group.path)) == buttons(home)
    no = await second.post(buttons(home)["No, thank you"])
    assert "not on the waitlist any more" in (await second.get(no.headers["location"])).text
    taken = await third.post(buttons(await third.get("/family"))["Take it"])
    assert taken.headers["location"].startswith(f"/family/sessions/{group.session.id}")
    assert await where_they_stand(services) == ["declined", "taken"]


async def test_an_offer_that_is_over_leads_on(
    services: Services, app: Starlette, group: Group, members: list[Member], clock: Clock
) -> None:
    first, second = [await browser_of(services, app, one) for one in members[:2]]
    await first.post(f"{group.path}/take")
    await second.post(f"{group.path}/wait")
    await first.post(f"/family/sessions/{group.session.id}/cancel")
    await first.get("/family")
    clock.at += timedelta(hours=12)
    first, second = [await browser_of(services, app, one) for one in members[:2]]

    over = await second.post(f"{group.path}/take")
    before = await second.get(group.path)
    await tend_waitlists(services)

    assert over.status_code == 410
    assert 'href="/family/program"' in over.text
    assert "That time is over" in before.text
    assert list(buttons(await second.get(group.path))) == [TAKE]


async def test_another_time_of_the_step_is_offered_where_one_is_full(
    services: Services, app: Starlette, group: Group, members: list[Member]
) -> None:
    other = await add_evening(services, group.host, starts_at=EVENING + timedelta(days=7))
    await (await browser_of(services, app, members[0])).post(f"{group.path}/take")

    full = await (await browser_of(services, app, members[1])).post(f"{group.path}/take")

    assert f'href="{other.path}"' in full.text


async def test_a_time_at_which_one_has_something_else_is_shown_without_a_button(
    services: Services, app: Starlette, group: Group, members: list[Member]
) -> None:
    colleague = await add_person(services, "Sam Levin", Role.CLINICIAN)
    own = await add_evening(services, colleague, starts_at=EVENING + timedelta(minutes=15))
    later = await add_evening(services, group.host, starts_at=EVENING + timedelta(days=7))
    other = replace(STEP, id="s2", position=2, title="Welcome")
    change = update(session_rows).where(session_rows.c.id == own.session.id).values(kind_id=other.id)

    def work(tx: Transaction) -> None:
        programs.add_step(tx, other)
        tx.execute(change)

    await services.database.write(work)
    browser = await browser_of(services, app, members[0])
    assert (await browser.post(f"{own.path}/take")).status_code == 303

    listed = (await browser.get("/family/program")).text
    assert "you have something else then" in listed
    assert f'href="{group.path}"' not in listed
    assert f'href="{later.path}"' in listed
    page = await browser.get(group.path)
    assert "You have another session at that time." in page.text
    assert buttons(page) == {}


async def test_the_address_in_mail_leads_to_the_group(
    services: Services, app: Starlette, group: Group, members: list[Member]
) -> None:
    browser = await browser_of(services, app, members[0])

    assert (await browser.get(f"/places/{group.session.id}")).headers["location"] == group.path


async def test_nothing_that_one_family_gets_holds_anything_of_another(
    services: Services, app: Starlette, mail: FakeMail
) -> None:
    """Pages, mails, calendar files and refusals are the same to the letter, whoever else is in the group."""
    group = await add_group(services, capacity=3)
    reader, *others = await add_members(services, 4)
    foreign = [part for one in others for part in _marks(one)]
    browser = await browser_of(services, app, reader)
    seen = {"empty": await browser.get(group.path)}
    for one in others[:2]:
        await (await browser_of(services, app, one)).post(f"{group.path}/take")
    assert (await browser.get(group.path)).text == seen["empty"].text
    seen["taken"] = await browser.post(f"{group.path}/take", follow_redirects=True)
    await send_due(services)
    await (await browser_of(services, app, others[2])).post(f"{group.path}/wait")
    session = f"/family/sessions/{group.session.id}"
    paths = ("/family", "/family/program", group.path, session, f"{session}/cancel", f"{session}/move")
    for path in (*paths, f"{session}/appointment.ics", f"/family/sessions/{others[0].person.id}"):
        seen[path] = await browser.get(path)
    before = seen[session].text
    await (await browser_of(services, app, others[0])).post(f"{session}/cancel")
    assert (await browser.get(session)).text == before
    seen["given up"] = await browser.post(f"{session}/cancel", follow_redirects=True)
    await send_due(services)

    mine = [message for message in mail.sent if message["To"] == reader.person.email]
    texts = [page.text for page in seen.values()]
    texts += [str(part.get_content()) for message in mine for part in message.iter_parts()]
    texts += [str(value) for message in mine for value in message.values()]
    assert len(mine) == 2
    assert [mark for mark in foreign for text in texts if mark in text] == []


def _marks(member: Member) -> list[str]:
    people = (member.person, member.client)
    return [mark for one in people for mark in (one.id, one.name, one.name.split()[1], one.email)]
