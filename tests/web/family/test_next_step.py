"""The step to take next, with the way to a time of it; a step before its turn says what comes first."""

from dataclasses import replace

from starlette.applications import Starlette

from scheduler.domain.program import Step
from scheduler.services import Services
from scheduler.storage import programs
from scheduler.storage.database import Transaction
from tests.groups import STEP, add_group, add_members, browser_of
from tests.joining import heading

ALONE = Step("s0", "p", 2, "Welcome at home", 50, is_group=False)


async def test_the_next_step_leads_to_a_time_of_it_and_a_later_one_back_to_the_program(
    services: Services, app: Starlette
) -> None:
    group = await add_group(services)
    (member,) = await add_members(services, 1)
    browser = await browser_of(services, app, member)

    for path in ("/family", "/family/program"):
        page = await browser.get(path)
        assert "Your next step" in page.text
        assert f'href="{group.path}"' in page.text

    def put_another_first(tx: Transaction) -> None:
        programs.add_step(tx, ALONE)
        programs.change_step(tx, replace(STEP, needs=(ALONE.id,)))

    await services.database.write(put_another_first)
    home, early = await browser.get("/family"), await browser.get(group.path)
    refused = await browser.post(f"{group.path}/take")

    assert f'href="/family/book?kind_id={ALONE.id}"' in home.text
    assert group.path not in home.text
    assert "“Welcome at home” comes first." in early.text
    assert f"{group.path}/take" not in early.text
    assert (refused.status_code, heading(refused)) == (409, "Another step comes first")
    assert "“Welcome at home”" in refused.text
