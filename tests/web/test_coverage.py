"""Coverage, as a browser sees it: three steps, everything typed kept, nothing done that was not previewed."""

import re
from html import unescape

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.actions import availability
from scheduler.actions.cancelling import cancel_session
from scheduler.domain.booking import Status
from scheduler.domain.limits import Limits
from scheduler.services import Services
from scheduler.storage import hours, people, sessions
from scheduler.storage.tables import audit_entries
from tests.builders import actor
from tests.conftest import new_browser
from tests.covering import TUESDAY, Practice, add_practice
from tests.scheduling import counts, entries, rows
from tests.signing_in import sign_in

QUERY = "first_date=2026-11-03&last_date=2026-11-03"
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
CHOSEN = re.compile(r'<select[^>]* name="(choice_[^"]+)".*?<option value="([^"]*)" selected>', re.DOTALL)


@pytest.fixture
async def practice(services: Services, browser: httpx2.AsyncClient) -> Practice:
    """A therapist with two sessions on Tuesday, signed in at ``browser``."""
    made = await add_practice(services)
    await sign_in(services, browser, made.world.family.clinician)
    return made


def filled(page: httpx2.Response) -> dict[str, str]:
    """Return the fields of the page's form as they stand."""
    found = dict(FIELD.findall(page.text)) | dict(CHOSEN.findall(page.text))
    return {name: unescape(value) for name, value in found.items()} | {"closes_days": "yes"}


async def host_of(services: Services, session_id: str) -> str:
    return (await services.database.read(lambda tx: sessions.get(tx, session_id))).host_id


async def test_a_clinician_covers_a_day_in_three_steps(
    services: Services, practice: Practice, browser: httpx2.AsyncClient
) -> None:
    asked = await browser.get("/clinician/away")
    shown = await browser.get(f"/clinician/away?{QUERY}")
    previewed = await browser.post("/clinician/away/preview", data=filled(shown))
    done = await browser.post("/clinician/away", data=filled(previewed))
    told = await browser.get(done.headers["location"])

    assert [page.status_code for page in (asked, shown, previewed, done)] == [200, 200, 200, 303]
    assert "Rosa Rivera" in shown.text
    assert "Reassign it to Colleague family therapist<" in shown.text
    assert "Reassigned to Colleague family therapist" in previewed.text
    assert "6 mails, one for each person and session" in previewed.text
    assert "2 sessions have changed, and everyone is told once." in told.text
    for session in (practice.first, practice.second):
        assert await host_of(services, session.id) == practice.colleague.id
    own = await services.database.read(
        lambda tx: hours.of(tx, practice.world.family.clinician.id, since=TUESDAY)
    )
    assert len(own.days_off) == 1


async def test_looking_and_previewing_change_nothing(
    services: Services, practice: Practice, browser: httpx2.AsyncClient
) -> None:
    before = await counts(services)

    shown = await browser.get(f"/clinician/away?{QUERY}")
    await browser.post("/clinician/away/preview", data=filled(shown))

    assert await counts(services) == before
    assert await host_of(services, practice.first.id) == practice.world.family.clinician.id
    read = [row.client_id for row in await rows(services, audit_entries) if row.event == "session.read"]
    assert set(read) == {practice.world.family.client.id, practice.neighbours.family.client.id}


async def test_the_same_plan_sent_twice_shows_the_same_page(
    services: Services, practice: Practice, browser: httpx2.AsyncClient
) -> None:
    plan = filled(await browser.get(f"/clinician/away?{QUERY}"))
    assert (await browser.post("/clinician/away", data=plan)).status_code == 303
    before = await entries(services)

    again = await browser.post("/clinician/away", data=plan)

    assert again.status_code == 303
    assert await entries(services) == before


async def test_a_plan_that_something_overtook_is_shown_anew_and_not_half_done(
    services: Services, practice: Practice, browser: httpx2.AsyncClient
) -> None:
    plan = filled(await browser.get(f"/clinician/away?{QUERY}"))
    await cancel_session(services, practice.world.mother, practice.first.id)

    refused = await browser.post("/clinician/away", data=plan)

    assert refused.status_code == 409
    assert "Nothing was done." in refused.text
    assert "1 session is not on the list any more." in refused.text
    assert await host_of(services, practice.second.id) == practice.world.family.clinician.id
    assert (await browser.post("/clinician/away", data=filled(refused))).status_code == 303


async def test_two_sessions_that_want_one_time_are_told_beside_the_later_one_and_choices_are_kept(
    practice: Practice, browser: httpx2.AsyncClient
) -> None:
    plan = filled(await browser.get(f"/clinician/away?{QUERY}"))
    host = practice.world.family.clinician.id
    for session, at in ((practice.first, "17:00"), (practice.second, "17:25")):
        plan[f"choice_{session.id}"] = f"2026-11-03T{at}Z move 2026-11-04T17:00Z {host}"

    refused = await browser.post("/clinician/away/preview", data=plan)

    assert refused.status_code == 422
    assert re.findall(r'id="f-choice_(\w+)-error"', refused.text) == [practice.second.id]
    assert "Tomorrow, 9:25 to 9:45 am: This time is not free any more." in refused.text
    assert filled(refused)[f"choice_{practice.first.id}"] == plan[f"choice_{practice.first.id}"]


async def test_going_back_from_the_preview_keeps_what_was_chosen(
    practice: Practice, browser: httpx2.AsyncClient
) -> None:
    plan = filled(await browser.get(f"/clinician/away?{QUERY}&preset=cancel"))

    back = await browser.post("/clinician/away", data=plan | {"again": "yes"})

    assert back.status_code == 200
    assert {name: value for name, value in filled(back).items() if name.startswith("choice_")} == {
        name: value for name, value in plan.items() if name.startswith("choice_")
    }


async def test_a_whole_day_moves_at_the_same_times(
    services: Services, practice: Practice, browser: httpx2.AsyncClient
) -> None:
    shown = await browser.get("/clinician/away?day=2026-11-03&to_date=2026-11-05")

    done = await browser.post("/clinician/away", data=filled(shown))

    assert done.status_code == 303
    for session in (practice.first, practice.second):
        moved = await services.database.read(lambda tx, one=session: sessions.get(tx, one.id))  # type: ignore[misc]
        assert (moved.starts_at - session.starts_at).days == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("first_date=", "first_date"),
        ("first_date=soon", "first_date"),
        ("first_date=9999-12-31", "first_date"),
        ("first_date=0001-01-01", "first_date"),
        ("day=2026-11-03&to_date=9999-12-31", "to_date"),
        ("first_date=2026-11-05&last_date=2026-11-03", "last_date"),
        ("first_date=2026-10-01", "last_date"),
        ("first_date=2026-11-03&starts=10:00&ends=09:00", "ends"),
        ("day=2026-11-03", "to_date"),
        ("day=2026-10-03&to_date=2026-11-05", "day"),
    ],
)
async def test_what_cannot_be_is_told_beside_its_field(
    practice: Practice, browser: httpx2.AsyncClient, query: str, field: str
) -> None:
    refused = await browser.get(f"/clinician/away?{query}")

    assert refused.status_code == 422
    assert f'id="f-{field}-error"' in refused.text


async def test_a_preset_that_is_missing_its_day_fills_nothing_in(
    practice: Practice, browser: httpx2.AsyncClient
) -> None:
    shown = await browser.get(f"/clinician/away?{QUERY}&preset=day")

    assert shown.status_code == 200
    assert filled(shown)[f"choice_{practice.first.id}"] == "2026-11-03T17:00Z leave"


async def test_a_coordinator_acts_on_sessions_whose_families_they_may_not_name(
    services: Services, app: Starlette, practice: Practice
) -> None:
    client_id, coordinator_id = practice.world.family.client.id, practice.coordinator.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=coordinator_id)
    )
    who = practice.world.family.clinician.id
    async with new_browser(app) as browser:
        await sign_in(services, browser, practice.coordinator)
        shown = await browser.get(f"/coordinator/coverage?clinician_id={who}&{QUERY}&preset=cancel")
        done = await browser.post("/coordinator/coverage", data=filled(shown))

    assert "Rosa Rivera" in shown.text
    assert "Rosa Baker" not in shown.text
    assert "1 family, 1 person" in shown.text
    assert done.status_code == 303
    for session in (practice.first, practice.second):
        kept = await services.database.read(lambda tx, one=session: sessions.get(tx, one.id))  # type: ignore[misc]
        assert kept.status is Status.CANCELLED


async def test_who_is_away_is_asked_for_in_the_form_that_was_sent(
    services: Services, practice: Practice, browser: httpx2.AsyncClient
) -> None:
    await sign_in(services, browser, practice.coordinator)

    refused = await browser.get("/coordinator/coverage?day=2026-11-03&to_date=2026-11-04&clinician_id=")

    assert refused.status_code == 422
    assert refused.text.count("Please choose who is away.</span>") == 1
    assert 'name="day" type="date" value="2026-11-03"' in refused.text
    assert refused.text.index('id="f-clinician_id"') > refused.text.index("Move a whole day")


async def test_a_clinician_cannot_name_somebody_else_as_away(
    services: Services, practice: Practice, browser: httpx2.AsyncClient
) -> None:
    plan = filled(await browser.get(f"/clinician/away?{QUERY}&preset=cancel"))

    await sign_in(services, browser, practice.colleague)
    refused = await browser.post(
        "/clinician/away", data=plan | {"clinician_id": practice.world.family.clinician.id}
    )

    assert refused.status_code == 409
    kept = await services.database.read(lambda tx: sessions.get(tx, practice.first.id))
    assert kept.status is Status.BOOKED


async def test_whoever_has_as_many_as_they_asked_for_is_chosen_only_by_that_name(
    services: Services, practice: Practice, browser: httpx2.AsyncClient
) -> None:
    await availability.set_limits(services, actor(practice.colleague), Limits(most_a_day=1))
    session_id = practice.second.id
    field = f"choice_{session_id}"

    shown = await browser.get(f"/clinician/away?{QUERY}")
    bare = filled(shown) | {field: filled(shown)[f"choice_{practice.first.id}"].replace("17:00", "17:25")}
    refused = await browser.post("/clinician/away/preview", data=bare)
    previewed = await browser.post("/clinician/away/preview", data=bare | {field: bare[field] + " beyond"})
    await browser.post("/clinician/away", data=filled(previewed))

    assert filled(shown)[field].endswith("leave")
    assert refused.status_code == 422
    assert "They have as many sessions then as they asked for." in refused.text
    assert "Reassigned to Colleague family therapist, one more than they asked for" in previewed.text
    assert await host_of(services, session_id) == practice.colleague.id
