"""Two households of one family that are kept apart, played through all that either of them ever gets.

Every byte that comes to one of them, in pages, headers, mails, calendar files and errors, is searched for the
other: names, addresses, ids, zones, the label of the home, and the sessions.
"""

import html
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import unquote

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from scheduler.actions.families import keep_apart
from scheduler.actions.notices import plan_reminders, send_due
from scheduler.domain.people import FAMILY, Person
from scheduler.domain.times import iso
from scheduler.domain.zones import spoken_zone
from scheduler.services import Services
from scheduler.storage import people
from scheduler.storage.tables import audit_entries
from scheduler.web.audiences import ROLES
from scheduler.web.routes import pages
from tests.conftest import Clock, FakeMail, new_browser
from tests.households import add_coordinator, add_relative
from tests.scheduling import CHECK_IN, NINE, STEP, TUESDAY_NINE, World, add_world
from tests.signing_in import sign_in

ALASKA, ARIZONA, ATLANTIC = "America/Anchorage", "America/Phoenix", "America/Halifax"
DETAILS = {"full_name": "Somebody", "location": "At home", "call_back": "510 555 0142"}
OPEN_TO_FAMILY = {audience for audience, roles in ROLES.items() if roles >= FAMILY}
_ZONES_OF_THE_WORLD = re.compile(rb'<option value="[A-Z]\w+/[^<]*</option>')


@dataclass
class Home:
    """One household: who lives there, their browsers, and all that ever came to them."""

    people: list[Person]
    zones: tuple[str, ...]
    label: str
    browsers: list[httpx2.AsyncClient] = field(default_factory=list)
    got: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> set[str]:
        """Return the ids by which they are known."""
        return {one.id for one in self.people} | set(self.ids.values())

    @property
    def traces(self) -> set[str]:
        """Return everything by which somebody could tell that these people are there."""
        told = ({one.email, one.name.split()[0]} for one in self.people)
        zones = {*self.zones, *(spoken_zone(zone) for zone in self.zones)}
        return {self.label, *zones, *self.own}.union(*told)

    async def keep(self, answer: httpx2.Response) -> None:
        """Keep what an answer tells, but for the list of all the zones there are."""
        body = _ZONES_OF_THE_WORLD.sub(b"", await answer.aread())
        headers = b"\n".join(b"%s: %s" % pair for pair in answer.headers.raw)
        self.got.append(f"{answer.status_code}\n" + plain(headers + b"\n" + body))

    async def send(self, address: str, data: dict[str, str]) -> httpx2.Response:
        """Send a form with the browser of the one who books."""
        return await self.browsers[0].post(address, data=data)


@dataclass
class Played:
    """The family after its story, with every mail that was sent."""

    services: Services
    homes: tuple[Home, Home]
    mail: FakeMail


def plain(content: bytes) -> str:
    """Return what a reader makes of bytes: without folds, escapes and percent signs."""
    return html.unescape(unquote(content.decode(errors="replace").replace("\r\n ", "")))


def traces_in(texts: Iterable[str], traces: set[str]) -> list[tuple[str, str]]:
    """Return each trace that is found, with the beginning of the text in which it is."""
    words = {trace: re.compile(rf"(?<!\w){re.escape(trace)}(?!\w)", re.IGNORECASE) for trace in traces}
    return [(trace, text[:80]) for text in texts for trace, word in words.items() if word.search(text)]


@pytest.fixture
async def homes(services: Services, app: Starlette) -> AsyncIterator[tuple[World, Home, Home]]:
    """A mother with her sister, and a father with his wife, kept apart by a coordinator, all signed in."""
    world = await add_world(services)
    mother = world.family.mother
    await services.database.write(lambda tx: people.set_zone(tx, mother.id, ALASKA))
    aunt = await add_relative(services, world, "Carmen Soler", "aunt", zone=ALASKA, household="Seaview")
    his = "Cactus house"
    father = await add_relative(services, world, "Daniel Whitlock", "father", zone=ARIZONA, household=his)
    wife = await add_relative(services, world, "Nadia Whitlock", "stepmother", zone=ATLANTIC, household=his)
    _, coordinator = await add_coordinator(services, world)
    both = (
        Home([mother, aunt], (ALASKA,), "Seaview"),
        Home([father, wife], (ARIZONA, ATLANTIC), his),
    )
    for pair in ((one.id, other.id) for one in both[0].people for other in both[1].people):
        await keep_apart(services, coordinator, world.family.client.id, pair)
    async with AsyncExitStack() as doors:
        for home in both:
            for person in home.people:
                browser = await doors.enter_async_context(new_browser(app))
                browser.event_hooks["response"].append(home.keep)
                home.browsers.append(browser)
                await sign_in(services, browser, person)
        yield world, *both


@pytest.fixture
async def played(services: Services, homes: tuple[World, Home, Home], clock: Clock, mail: FakeMail) -> Played:
    """Both homes book, each with the client, look around, are refused, move, get mails, wait, leave."""
    world, *both = homes
    client = {f"with-{world.family.client.id}": "yes"}
    for number, home in enumerate(both):
        await book(home, number, client)
        await find_a_time(home, number, client)
    for number, home in enumerate(both):
        await look_at_everything(services, home)
        await try_what_is_refused(home, both[1 - number], client, TUESDAY_NINE + (1 - number) * STEP)
    for number, home in enumerate(both):
        path = f"/family/sessions/{home.ids['session_id']}"
        to = {"starts_at": iso(TUESDAY_NINE + (4 + number) * STEP), "reason": "Work"}
        assert (await home.send(f"{path}/move", to)).status_code == 303
    await send_all(services)
    for number, home in enumerate(both):
        clock.at = TUESDAY_NINE + (4 + number) * STEP - timedelta(minutes=10)
        await send_all(services)
        await wait_at_the_door(services, home)
        left = await home.browsers[1].post(f"/family/sessions/{home.ids['session_id']}/cancel")
        assert left.status_code == 303, left.text
        await look_at_everything(services, home)
    await send_all(services)
    return Played(services, (both[0], both[1]), mail)


async def book(home: Home, number: int, client: dict[str, str]) -> None:
    """Hold a time, go away, and book it with the client and the other one of the home."""
    wish = NINE | {"starts_at": iso(TUESDAY_NINE + number * STEP)}
    members = client | {f"with-{home.people[1].id}": "yes"}
    held = await home.send("/family/book/hold", wish | members)
    await home.browsers[0].get(held.headers["location"])
    booked = await home.send("/family/book", wish | members | {"topic": "The weekend"})
    home.ids["session_id"] = booked.headers["location"].partition("?")[0].rpartition("/")[2]
    later = NINE | {"starts_at": iso(TUESDAY_NINE + 2 * STEP + number * STEP)}
    held = await home.send("/family/book/hold", later)
    home.ids["hold_id"] = held.headers["location"].partition("?")[0].rpartition("/")[2]
    feed = re.search(r"/calendar/[\w-]+\.ics", (await home.send("/account/calendar", {})).text)
    assert feed is not None
    await home.browsers[0].get(feed[0])


async def find_a_time(home: Home, number: int, client: dict[str, str]) -> None:
    """Ask the client and the other one of the home about two times of the next day; the latter answers."""
    first = TUESDAY_NINE + timedelta(days=1) + 2 * number * STEP
    times = {f"time-{iso(one)}": "yes" for one in (first, first + STEP)}
    asking = {"kind_id": CHECK_IN.id, f"with-{home.people[1].id}": "yes"} | client | times
    asked = await home.send("/family/proposals", asking)
    path = asked.headers["location"].partition("?")[0]
    home.ids["proposal_id"] = path.rpartition("/")[2]
    form = await home.browsers[1].get(path)
    answers = dict.fromkeys(re.findall(r'name="(works-\w+)"', form.text), "yes")
    assert len(answers) == 2
    assert (await home.browsers[1].post(path, data=answers)).status_code == 303


async def look_at_everything(services: Services, home: Home) -> None:
    """Open every page that there is for a family, about what is the home's own."""
    for page in pages(services.settings):
        if page.method != "GET" or page.audience not in OPEN_TO_FAMILY:
            continue
        address = page.path.format_map({"step_id": "nothing", **home.ids})
        for browser in home.browsers:
            await browser.get(address, params={"kind_id": CHECK_IN.id})


async def try_what_is_refused(home: Home, other: Home, client: dict[str, str], taken_at: datetime) -> None:
    """Ask for the other's time, ``taken_at``, for their session and hold, for oneself twice."""
    theirs = f"/family/sessions/{other.ids['session_id']}"
    for ending in ("", "/cancel", "/members", "/move", "/appointment.ics"):
        assert (await home.browsers[0].get(theirs + ending)).status_code == 404
    assert (await home.browsers[0].get(f"/family/book/{other.ids['hold_id']}")).status_code == 410
    assert (await home.browsers[0].get(f"/family/proposals/{other.ids['proposal_id']}")).status_code == 404
    own = {f"with-{home.people[1].id}": "yes"}
    for members in ({}, client, own):
        for number in range(2):
            wish = NINE | {"starts_at": iso(TUESDAY_NINE + number * STEP)}
            assert (await home.send("/family/book", wish | members)).status_code in (303, 409)
    for stranger in other.people:
        tried = await home.send("/family/book", NINE | {f"with-{stranger.id}": "yes"})
        assert tried.status_code == 404
    path = f"/family/sessions/{home.ids['session_id']}"
    assert (await home.send(f"{path}/move", {"starts_at": iso(taken_at)})).status_code == 409
    assert (await home.send("/family/book", {"starts_at": "soon"})).status_code == 422
    assert (await home.browsers[0].get("/compliance/audit")).status_code == 403


async def wait_at_the_door(services: Services, home: Home) -> None:
    """Sign in again, and go to the waiting room, both of them, as far as a family gets without its host."""
    for person, browser in zip(home.people, home.browsers, strict=True):
        await sign_in(services, browser, person)
        await browser.post(f"/family/sessions/{home.ids['session_id']}/join")
        await browser.post("/join/details", data=DETAILS)
        await browser.post("/join/wait")
        for address in ("/join", "/join/details", "/join/wait", "/join/state", "/join/camera", "/join/room"):
            await browser.get(address)
        assert (await browser.get("/join/wait")).status_code == 200


async def send_all(services: Services) -> None:
    """Send every mail that is due."""
    await plan_reminders(services)
    while await send_due(services):
        pass


def mails_to(home: Home, mail: FakeMail) -> list[str]:
    """Return the mails to a home with all their parts, as they are read."""
    addresses = {one.email for one in home.people}
    mine = [
        message for message in mail.sent if addresses & {one.addr_spec for one in message["to"].addresses}
    ]
    parts = [
        plain(bytes(part.get_payload(decode=True) or b"")) for message in mine for part in message.walk()
    ]
    return [*parts, *(plain(bytes(message)) for message in mine)]


async def test_neither_household_finds_a_trace_of_the_other(played: Played) -> None:
    for home, other in (played.homes, played.homes[::-1]):
        mails = mails_to(home, played.mail)
        everything = "\n".join([*home.got, *mails])
        shown = {
            "Jules",
            "has a new time",
            "METHOD:REQUEST",
            "METHOD:CANCEL",
            *(one.name.split()[0] for one in home.people),
        }

        assert traces_in(home.got, other.traces) == []
        assert traces_in(mails, other.traces) == []
        assert {words for words in shown if words not in everything} == set()


async def test_the_log_names_nobody_and_no_act_of_one_household_touches_the_other(played: Played) -> None:
    rows = await played.services.database.read(
        lambda tx: list(tx.execute(select(audit_entries.c.leaf)).scalars())
    )
    leaves = [bytes(row).decode() for row in rows]
    for home, other in (played.homes, played.homes[::-1]):
        acts = [leaf for leaf in leaves if json.loads(leaf)["actor"]["id"] in {one.id for one in home.people}]

        assert len(acts) > 20
        assert traces_in(acts, other.own) == []
        assert traces_in(leaves, home.traces - home.own) == []
