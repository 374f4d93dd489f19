"""The page of a family's path, and the form that asks why."""

import httpx2

from scheduler.domain.people import Role
from scheduler.services import Services
from scheduler.storage import people
from tests.builders import add_person
from tests.groups import STEP, add_group, add_members
from tests.signing_in import sign_in


async def test_a_coordinator_gives_credit_with_a_reason_and_changes_the_level(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    await add_group(services)
    (member,) = await add_members(services, 1)
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=member.client.id, person_id=tom.id)
    )
    await sign_in(services, browser, tom)
    path = f"/paths/{member.client.id}"
    credit = f"{path}/{member.person.id}/{STEP.id}"

    families = await browser.get("/coordinator/programs/p/families")
    shown = await browser.get(path)
    asked = await browser.get(credit)
    empty = await browser.post(f"{credit}/give", data={"reason": " "})
    given = await browser.post(f"{credit}/give", data={"reason": "She was <there>"})
    after = await browser.get(given.headers["location"])
    wrong = await browser.post(f"{path}/level", data={"level": "moon"})
    moved = await browser.post(f"{path}/level", data={"level": "php"})
    last = await browser.get(moved.headers["location"])

    assert f'href="{path}"' in families.text
    assert f'href="{credit}"' in shown.text
    assert "Give the credit?" in asked.text
    assert (empty.status_code, 'href="#f-reason"' in empty.text) == (422, True)
    assert "The credit is given." in after.text
    assert "She was &lt;there&gt;" in after.text
    assert (wrong.status_code, 'href="#f-level"' in wrong.text) == (422, True)
    assert '<option value="php" selected>' in last.text
