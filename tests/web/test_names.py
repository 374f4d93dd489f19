"""Names and words of any kind, shown whole and turning nothing around that stands beside them."""

import pytest
from starlette.applications import Starlette

from scheduler.domain.people import Person, Proof, Role
from scheduler.services import Services
from tests.builders import add_person
from tests.conftest import new_browser
from tests.joining import Meeting, add_meeting, clinician_browser, sign_in

TURNED = "\u202ereviR"  # right-to-left override, never closed
TOPIC = "sleep \u202eand the car"


@pytest.fixture
async def meeting(services: Services) -> Meeting:
    """A session of people whose names hold an override, about a topic that holds one."""
    return await add_meeting(services, surname=TURNED, topic=TOPIC)


async def pages_of(services: Services, app: Starlette, person: Person, *paths: str) -> list[str]:
    """Return what a person reads on some pages."""
    async with new_browser(app) as browser:
        proof = Proof.EMAIL_CODE if person.role is Role.FAMILY_MEMBER else Proof.PASSKEY
        await sign_in(services, browser, person, proof)
        return [(await browser.get(path)).text for path in paths]


async def test_the_clinicians_list_keeps_names_and_topics_apart_from_the_words_around(
    services: Services, app: Starlette, meeting: Meeting
) -> None:
    async with await clinician_browser(services, app, meeting) as therapist:
        await therapist.post(f"{meeting.url}/open")
        for path in ("/clinician", meeting.url, f"/room/{meeting.session.id}", f"{meeting.url}/roster"):
            page = (await therapist.get(path)).text
            assert f"<bdi>{meeting.family.mother.name}</bdi></strong> (mother)" in page, path
            assert f"They would like to talk about: <bdi>{TOPIC}</bdi>" in page, path


async def test_a_familys_own_words_run_the_way_they_were_written(
    services: Services, app: Starlette, meeting: Meeting
) -> None:
    (page,) = await pages_of(services, app, meeting.family.mother, f"/family/sessions/{meeting.session.id}")

    assert f'<p class="said" dir="auto">{TOPIC}</p>' in page


async def test_the_desk_and_the_people_of_staff_keep_names_apart(
    services: Services, app: Starlette, meeting: Meeting
) -> None:
    coordinator = await add_person(services, "Ida Lund", Role.COORDINATOR)
    administrator = await add_person(services, "Ana Silva", Role.ADMINISTRATOR)
    host = meeting.family.clinician

    (desk,) = await pages_of(services, app, coordinator, "/coordinator")
    people, end = await pages_of(services, app, administrator, "/admin", f"/admin/people/{host.id}/end")

    for page in (desk, people, end):
        assert f"<bdi>{host.name}</bdi>" in page
