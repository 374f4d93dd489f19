"""Finding a time together, as pages show it: choosing times, answering, and what each of them is told."""

import re

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.domain.people import Person
from scheduler.domain.times import iso
from scheduler.services import Services
from scheduler.storage.tables import holds, proposals, sessions
from tests.conftest import new_browser
from tests.households import add_relative, keep_apart
from tests.joining import heading
from tests.proposals import THREE
from tests.scheduling import CHECK_IN, STEP, TUESDAY_NINE, World, rows
from tests.signing_in import sign_in

NEW = "/family/proposals/new"
SEND = "/family/proposals"


@pytest.fixture
async def aunt(services: Services, world: World) -> Person:
    """An aunt with a release."""
    return await add_relative(services, world, "Joan <b>Rivera")


def asked(*people: Person) -> dict[str, str]:
    return {"kind_id": CHECK_IN.id} | {f"with-{one.id}": "yes" for one in people}


def times(*starts: object) -> dict[str, str]:
    return {f"time-{iso(one)}": "yes" for one in starts}  # type: ignore[arg-type]


def boxes(page: httpx2.Response) -> dict[str, bool]:
    """Return the times that may be ticked, and whether they are."""
    found = re.findall(r'<input type="checkbox" name="time-([^"]+)"[^>]*?( checked)?>', page.text)
    return {starts: bool(is_ticked) for starts, is_ticked in found}


async def propose(browser: httpx2.AsyncClient, *people: Person) -> str:
    """Propose three times and return the path of the proposal."""
    answer = await browser.post(SEND, data=asked(*people) | times(*THREE))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


async def test_from_the_first_page_to_the_question_without_javascript(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    assert NEW in (await browser.get("/family")).text
    who = await browser.get(NEW, follow_redirects=True)
    assert heading(who) == "Whom do you want to ask?"
    assert f'formaction="{NEW}"' in who.text

    page = await browser.get(NEW, params=asked(aunt) | times(THREE[0]))
    assert boxes(page)[iso(THREE[0])]
    assert not boxes(page)[iso(THREE[1])]
    sent = await browser.post(SEND, data=asked(aunt) | times(*THREE))
    shown = await browser.get(sent.headers["location"])

    assert "You have asked. Each of them gets a mail." in shown.text
    assert "Joan &lt;b&gt;Rivera" in shown.text
    assert shown.text.count("No answer yet.") == 3
    home = await browser.get("/family")
    assert "You asked which times work" in home.text
    assert NEW not in home.text


async def test_times_of_other_weeks_stay_ticked(
    world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    later = await browser.get(NEW, params=asked(aunt) | times(THREE[0]) | {"since": "2026-11-16"})

    ticked = [starts for starts, is_ticked in boxes(later).items() if is_ticked]
    assert ticked == [iso(THREE[0])]
    assert "Chosen already" in later.text
    assert "Tuesday 3 November, 9:00 am" in later.text


async def test_who_is_asked_answers_from_their_own_page_and_the_session_is_booked(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person, app: Starlette
) -> None:
    path = await propose(browser, aunt)
    ids = [row.id for row in sorted(await rows(services, holds), key=lambda row: row.starts_at)]
    async with new_browser(app) as other:
        await sign_in(services, other, aunt)
        home = await other.get("/family")
        assert "Rosa Rivera</bdi> asks you" in home.text
        assert path in home.text
        empty = await other.post(path)
        assert empty.status_code == 422
        assert empty.text.count("Please say of at least one time") == 2
        await other.post(path, data={f"works-{ids[0]}": "no"})
        kept = await other.get(path)
        assert re.search(rf'name="works-{ids[0]}" value="no"[^>]* checked', kept.text)
        assert "Does not work for <bdi>Joan" in (await browser.get(path)).text

        answered = await other.post(path, data={f"works-{ids[0]}": "no", f"works-{ids[2]}": "yes"})
        shown = await other.get(answered.headers["location"])
        assert "A time is found, and your session is booked." in shown.text
        again = await other.post(path, data={f"works-{ids[1]}": "yes"}, follow_redirects=True)
        assert "A time is found" in again.text

    assert [row.starts_at for row in await rows(services, sessions)] == [THREE[2]]
    assert "See the session" in (await browser.get(path)).text


async def test_who_is_left_out_is_told_neutrally(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person, app: Starlette
) -> None:
    uncle = await add_relative(services, world, "Paul Rivera", "uncle")
    answer = await browser.post(SEND, data=asked(aunt, uncle) | times(*THREE) | {"enough": "one"})
    path = answer.headers["location"].partition("?")[0]
    ids = [row.id for row in await rows(services, holds)]
    for person, works in ((uncle, "no"), (aunt, "yes")):
        async with new_browser(app) as other:
            await sign_in(services, other, person)
            await other.post(path, data={f"works-{one}": works for one in ids})

    async with new_browser(app) as other:
        await sign_in(services, other, uncle)
        page = await other.get(path)
    assert heading(page) == "These times are no longer kept"
    assert "There is nothing left to answer." in page.text
    assert "/family/sessions/" not in page.text
    assert "Joan" not in page.text


@pytest.mark.parametrize(
    ("starts", "refusal"),
    [
        ((), (422, "Please choose at least one time.")),
        (tuple(TUESDAY_NINE + number * STEP for number in range(6)), (422, "five times at most")),
        ((TUESDAY_NINE, TUESDAY_NINE + STEP / 5), (409, "too near to another")),
    ],
)
async def test_what_cannot_be_proposed_is_told_beside_the_field_and_the_ticks_are_kept(
    services: Services,
    world: World,
    browser: httpx2.AsyncClient,
    aunt: Person,
    starts: tuple[object, ...],
    refusal: tuple[int, str],
) -> None:
    status, words = refusal
    refused = await browser.post(SEND, data=asked(aunt) | times(*starts))

    assert refused.status_code == status
    assert refused.text.count(words) == 2
    assert 'href="#f-times"' in refused.text
    ticked = {one for one, is_ticked in boxes(refused).items() if is_ticked}
    assert ticked == {iso(one) for one in starts}  # type: ignore[arg-type]
    assert not await rows(services, proposals)


async def test_nonsense_is_no_time(world: World, browser: httpx2.AsyncClient, aunt: Person) -> None:
    refused = await browser.post(SEND, data=asked(aunt) | {"time-yesterday": "yes"})
    assert refused.status_code == 422
    assert "Please choose one of the times on the list." in refused.text


async def test_other_times_are_refused_while_some_are_open_and_can_be_proposed_once_taken_back(
    services: Services, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    path = await propose(browser, aunt)
    assert await propose(browser, aunt) == path
    refused = await browser.post(SEND, data=asked(aunt) | times(TUESDAY_NINE + 3 * STEP))
    assert refused.status_code == 422
    assert "You have asked about other times already." in refused.text

    gone = await browser.post(f"{path}/withdraw")
    shown = await browser.get(gone.headers["location"])

    assert "You have taken it back." in shown.text
    assert "Propose other times" in shown.text
    assert not await rows(services, holds)
    assert await propose(browser, aunt) != path


async def test_a_proposal_that_was_booked_in_the_meantime_is_not_said_to_be_taken_back(
    services: Services, app: Starlette, world: World, browser: httpx2.AsyncClient, aunt: Person
) -> None:
    path = await propose(browser, aunt)
    async with new_browser(app) as other:
        await sign_in(services, other, aunt)
        works = re.findall(r'name="(works-[^"]+)"', (await other.get(path)).text)
        await other.post(path, data=dict.fromkeys(works, "yes"))

    late = await browser.post(f"{path}/withdraw")

    shown = (await browser.get(late.headers["location"])).text
    assert "You have taken it back" not in shown
    assert "your session is booked" in shown


@pytest.mark.parametrize("address", ["/family/book", NEW])
async def test_people_who_cannot_be_invited_together_are_refused_before_any_time_is_shown(
    services: Services, app: Starlette, world: World, aunt: Person, address: str
) -> None:
    await keep_apart(services, world, world.family.mother, aunt)
    async with new_browser(app) as client:
        await sign_in(services, client, world.family.client)
        both = asked(world.family.mother, aunt)

        refused = await client.get(address, params=both)

        assert refused.status_code == 422
        assert refused.text.count("We cannot invite all of these people") == 2  # above, and beside the field
        assert all(f'name="with-{one.id}" value="yes" checked' in refused.text for one in (aunt,))
        assert (await client.get(address, params=asked(aunt))).status_code == 200
