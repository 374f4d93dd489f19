"""The family's program as its first page and its own page show it."""

import re

import httpx2
from sqlalchemy import update

from scheduler.domain.program import Program, Step
from scheduler.services import Services
from scheduler.storage import programs
from scheduler.storage.database import Transaction
from scheduler.storage.tables import sessions as session_rows
from tests.scheduling import World, booked

TITLES = ("Welcome", "What helps", "Boundaries")
ITEM = re.compile(
    r'<li(?: class="(\w+)")?[^>]*>\s*<span><a href="[^"]+">([^<]+).*?</span>'
    r'(?:\s*<span class="soft">([^<]*))?',
    re.S,
)


async def enrol(services: Services, world: World) -> None:
    """Let the family begin a program of three steps, of which the second can be booked."""
    parts = [Step(f"s{n}", "p", n, title, 20, is_group=False) for n, title in enumerate(TITLES, 1)]

    def work(tx: Transaction) -> None:
        programs.add(tx, Program("p", "Family program"), parts)
        programs.enrol(tx, "p", world.family.client.id, enrolled_at=services.now())

    await services.database.write(work)


def steps_of(page: httpx2.Response) -> list[tuple[str, str, str]]:
    """Return each step with its look and its note."""
    listed = page.text[page.text.index('<ol class="steps">') :].partition("</ol>")[0]
    return [(words, state, note) for state, words, note in ITEM.findall(listed)]


async def test_the_step_that_is_booked_is_called_next_and_no_other(
    services: Services, world: World, browser: httpx2.AsyncClient
) -> None:
    await enrol(services, world)
    before = steps_of(await browser.get("/family/program"))
    await booked(browser)
    await services.database.write(lambda tx: tx.execute(update(session_rows).values(kind_id="s2")))

    for path in ("/family", "/family/program"):
        assert steps_of(await browser.get(path)) == [
            ("Welcome", "", ""),
            ("What helps", "now", "next, Tuesday 3 November"),
            ("Boundaries", "", ""),
        ]
    assert before == [("Welcome", "now", "next"), ("What helps", "", ""), ("Boundaries", "", "")]
