"""A coordinator writes the program, as a browser sees it: every form, right and wrong, and what it says."""

import re

import httpx2
import pytest

from scheduler.actions.availability import set_limits
from scheduler.actions.laying import lay_ahead
from scheduler.actions.steps import StepWish, change_step
from scheduler.domain.limits import Limits
from scheduler.domain.people import Person, Role
from scheduler.services import Services
from scheduler.storage.tables import offerings, programs, steps
from tests.builders import actor, add_person
from tests.program import THURSDAYS, add_course, laid, offer, take_places
from tests.scheduling import rows
from tests.signing_in import sign_in
from tests.writing import Writing, error_beside

STEP = {
    "title": "Caring for yourself",
    "minutes": "60",
    "held": "group",
    "release": "education",
    "goals": "One hour back.",
    "handout": "## Breathe\r\n\r\n- out",
}
OFFERING = {
    "weekday": "3",
    "starts": "17:30",
    "zone": "America/Los_Angeles",
    "capacity": "12",
    "first_date": "2026-10-01",
    "last_date": "",
}


@pytest.fixture
async def writing(services: Services, browser: httpx2.AsyncClient) -> Writing:
    """A program, its coordinator signed in."""
    course = await add_course(services)
    await sign_in(services, browser, course.tom)
    return Writing(course, browser)


async def test_a_program_is_begun_renamed_and_ended(services: Services, writing: Writing) -> None:
    assert "Now add its first step" in await writing.send("/coordinator/programs", name="Sunday course")
    assert "No step yet" in await writing.send("/coordinator/programs", name="Sunday course")
    assert len(await rows(services, programs)) == 2

    assert "The new name is saved." in await writing.send(writing.program, name="Evening course")
    assert "Evening course" in await writing.get("/coordinator/programs")
    assert "It is ended." in (page := await writing.send(f"{writing.program}/end"))
    assert "Evening course" not in page
    assert (await writing.browser.get(writing.program)).status_code == 410


async def test_a_program_without_a_name_is_refused_beside_the_field(writing: Writing) -> None:
    for path in ("/coordinator/programs", writing.program):
        assert error_beside(await writing.refused(path, name=" "), "name") == "Please fill this in."
        page = await writing.refused(path, name="long " * 40)
        assert error_beside(page, "name") == "Please use a shorter name."
        assert ("long " * 40).strip() in page


async def test_a_step_is_added_with_what_comes_before_it(services: Services, writing: Writing) -> None:
    first = writing.course.steps[0]

    page = await writing.send(f"{writing.program}/steps/new", **STEP, **{f"needs_{first.id}": "yes"})

    assert "The step is saved." in page
    assert "after “Welcome”" in page
    kept = next(row for row in await rows(services, steps) if row.title == STEP["title"])
    assert (kept.position, kept.handout, kept.education_only) == (3, "## Breathe\n\n- out", True)
    shown = await writing.get(f"/coordinator/programs/steps/{kept.id}")
    assert f'name="needs_{first.id}" value="yes" checked' in shown
    assert "## Breathe\n\n- out</textarea>" in shown
    assert "The step is saved." in await writing.send(
        f"/coordinator/programs/steps/{kept.id}", **STEP | {"title": "Rest"}
    )


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("title", "", "Please fill this in."),
        ("title", "x" * 121, "Please use a shorter title."),
        ("title", "Boundaries", "Another step of this program has this title."),
        ("minutes", "61", "Please choose one of the lengths."),
        ("least_minutes", "61", "Please write a number from 1 to 60."),
        ("least_minutes", "half", "Please write the minutes as a number."),
        ("held", "choir", "Please choose one of the two."),
        ("release", "", "Please fill this in."),
        ("goals", "x" * 1_001, "Please keep this under 1,000 characters."),
        ("handout", "x" * 10_001, "Please keep this under 10,000 characters."),
        ("needs_elsewhere", "yes", "Only steps that stand before this one can be needed for it."),
    ],
)
async def test_a_wrong_field_of_a_step_is_told_beside_it_and_the_rest_is_kept(
    services: Services, writing: Writing, field: str, typed: str, words: str
) -> None:
    for path in (f"{writing.program}/steps/new", writing.step):
        page = await writing.refused(path, **STEP | {"goals": "Something to keep."} | {field: typed})

        assert error_beside(page, field.removesuffix("_elsewhere")) == words
        assert "Something to keep." in page or field == "goals"
    assert {row.title for row in await rows(services, steps)} == {"Welcome", "Boundaries"}


@pytest.mark.parametrize(("typed", "kept"), [("45", 45), ("60", 60), ("", None)])
async def test_how_many_minutes_count_is_said_kept_and_shown_again(
    services: Services, writing: Writing, typed: str, kept: int | None
) -> None:
    await writing.send(f"{writing.program}/steps/new", **STEP | {"least_minutes": typed})

    (made,) = [row for row in await rows(services, steps) if row.title == STEP["title"]]
    assert made.least_minutes == kept
    shown = await writing.get(f"/coordinator/programs/steps/{made.id}")
    assert re.search(rf'<input[^>]*name="least_minutes"[^>]*value="{typed}"', shown, re.DOTALL)


async def test_a_handout_is_shown_as_families_see_it_before_it_is_saved(
    services: Services, writing: Writing
) -> None:
    typed = STEP | {"title": "", "handout": "**Breathe** <script>", "act": "preview"}

    for path in (f"{writing.program}/steps/new", writing.step):
        page = (await writing.browser.post(path, data=typed)).text
        assert "<strong>Breathe</strong> &lt;script&gt;" in page
        assert "**Breathe** &lt;script&gt;</textarea>" in page
        assert "It is not saved yet." in page
    assert "## Hello" in {row.handout for row in await rows(services, steps)}


async def test_steps_are_put_in_order_by_buttons(services: Services, writing: Writing) -> None:
    page = await writing.send(f"{writing.step}/order", to="down")
    assert page.index("Boundaries</a></h3>") < page.index("Welcome</a></h3>")
    first, second = writing.course.steps
    wish = StepWish("Welcome", 60, is_group=True, education_only=True, needs=(second.id,))
    await change_step(services, writing.course.coordinator, first.id, wish)

    page = await writing.refused(f"{writing.step}/order", to="up")

    assert "“Boundaries” must be done before “Welcome”" in page
    assert page.index("Boundaries</a></h3>") < page.index("Welcome</a></h3>")


async def test_an_ended_step_is_named_and_can_be_opened_no_more(writing: Writing) -> None:
    assert "Ended: Welcome." in await writing.send(f"{writing.step}/end")
    assert (await writing.browser.get(writing.step)).status_code == 410


async def test_a_weekly_time_is_added_changed_and_ended(services: Services, writing: Writing) -> None:
    course = writing.course
    fields = OFFERING | {"host_id": course.host.id, f"co_hosts_{course.helper.id}": "yes"}

    page = await writing.send(f"{writing.step}/offerings/new", **fields)

    words = "Thursdays at 5:30 pm, Pacific time, with Denise Walker and Samuel Levin, 12 places"
    assert words in page
    assert f'name="co_hosts_{course.helper.id}" value="yes" checked' in page
    assert await laid(services) == THURSDAYS
    overview = await writing.get(writing.program)
    assert words in overview
    assert overview.count("0 of 12 places") == 2  # of the next two weeks
    (row,) = await rows(services, offerings)
    path = f"/coordinator/programs/offerings/{row.id}"
    changed = await writing.send(path, **OFFERING | {"host_id": course.host.id, "capacity": "8"})
    assert "Thursdays at 5:30 pm, Pacific time, with Denise Walker, 8 places" in changed
    assert "It is ended." in await writing.send(f"{path}/end")
    assert "It is ended." in await writing.send(f"{path}/end")
    assert await laid(services) == []


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("weekday", "7", "Please choose a day of the week."),
        ("starts", "17:33", "Please enter a time like 17:30, in steps of five minutes."),
        ("starts", "24:00", "Please enter a time like 17:30, in steps of five minutes."),
        ("zone", "Mars/Olympus", "Please choose one of the time zones."),
        ("host_id", "", "Please fill this in."),
        ("host_id", "nobody", "Please choose one of the people on the list."),
        ("co_hosts_nobody", "yes", "Please choose from the people on the list."),
        ("capacity", "0", "Please enter a number from 1 to 30."),
        ("capacity", "31", "Please enter a number from 1 to 30."),
        ("first_date", "soon", "Please choose a day."),
        ("first_date", "0001-01-01", "Please choose a day within the next three years."),
        ("last_date", "2026-09-30", "This day comes before the first day."),
    ],
)
async def test_a_wrong_field_of_a_weekly_time_is_told_beside_it_and_the_rest_is_kept(
    services: Services, writing: Writing, field: str, typed: str, words: str
) -> None:
    offering = await offer(services, writing.course)
    fields = OFFERING | {"host_id": writing.course.host.id, "capacity": "11"} | {field: typed}

    for path in (f"{writing.step}/offerings/new", f"/coordinator/programs/offerings/{offering.id}"):
        page = await writing.refused(path, **fields)
        assert error_beside(page, field.removesuffix("_nobody")) == words
        assert 'name="capacity" type="text" value="11"' in page or field == "capacity"
    assert await laid(services) == THURSDAYS


async def test_what_stays_and_what_follows_is_said_before_saving(
    services: Services, writing: Writing
) -> None:
    offering = await offer(services, writing.course)
    await take_places(services, THURSDAYS[1], 7)

    page = await writing.get(f"/coordinator/programs/offerings/{offering.id}")

    assert "Families have places in 1 coming session." in page
    assert "Thursday 12 November, 5:30 to 6:30 pm</time>, 7 of 12 places" in page
    assert "5 coming sessions in which nobody has a place will follow what you save." in page
    assert "This group has more places than the video room." in page
    assert "It has 12 places. The built-in video room takes 5 family members at once." in page
    assert "more than the video room takes" in await writing.get(
        f"/coordinator/programs/{writing.course.program.id}"
    )


async def test_a_date_is_skipped_and_held_after_all(services: Services, writing: Writing) -> None:
    offering = await offer(services, writing.course)
    path = f"/coordinator/programs/offerings/{offering.id}"

    assert "Hold it after all: Thursday 26 November" in await writing.send(f"{path}/skip", day="2026-11-26")
    assert len(await laid(services)) == 5
    assert "held every week" in await writing.send(f"{path}/hold", day="2026-11-26")
    assert await laid(services) == THURSDAYS
    for day, words in (("", "Please fill this in."), ("2026-11-27", "choose a Thursday")):
        assert words in error_beside(await writing.refused(f"{path}/skip", day=day), "day")


async def test_what_could_not_be_laid_is_said_on_the_program_its_time_and_the_desk(
    services: Services, writing: Writing
) -> None:
    course = writing.course
    first = await offer(services, course)
    answer = await writing.browser.post(
        f"/coordinator/programs/steps/{course.steps[1].id}/offerings/new",
        data=OFFERING | {"host_id": course.host.id, "first_date": "2026-12-10"},
    )

    assert len(await laid(services)) == 6
    for path in (writing.program, answer.headers["location"], "/coordinator"):
        page = await writing.get(path)
        assert "Not created: " in page
        assert "Thursday 10 December, 5:30 to 6:45 pm" in page
        assert "<bdi>Denise Walker</bdi> is not free then" in page
    await writing.send(f"/coordinator/programs/offerings/{first.id}/end")
    await lay_ahead(services)
    assert "Not created" not in await writing.get(writing.program)


async def test_a_family_begins_and_is_taken_out(services: Services, writing: Writing) -> None:
    client = writing.course.family.client
    path = f"{writing.program}/families"

    assert "No family takes part yet." in await writing.get(path)
    assert error_beside(await writing.refused(path, client_id=""), "client_id") == "Please fill this in."
    page = await writing.send(path, client_id=client.id)
    assert "The family takes part now." in page
    assert f"Take out the family of {client.name}" in page
    assert "1 family takes part" in await writing.get(writing.program)
    assert client.name not in await writing.get(writing.program)
    page = await writing.send(f"{path}/withdraw", client_id=client.id)
    assert "takes part no more" in page
    assert (await writing.browser.post(path, data={"client_id": "nobody"})).status_code == 404


async def test_a_family_reads_the_handout_of_its_step(services: Services, writing: Writing) -> None:
    course = writing.course
    await writing.send(f"{writing.program}/families", client_id=course.family.client.id)
    await sign_in(services, writing.browser, course.family.mother)

    listed = await writing.get("/family/program")
    page = await writing.get(f"/family/program/steps/{course.steps[0].id}")

    assert f'href="/family/program/steps/{course.steps[0].id}">Welcome</a>' in listed
    assert '<article class="handout"><h2>Hello</h2>' in page
    assert "There is nothing to read for this step yet" in await writing.get(
        f"/family/program/steps/{course.steps[1].id}"
    )


async def test_a_person_who_holds_no_sessions_cannot_be_host(services: Services, writing: Writing) -> None:
    officer: Person = await add_person(services, "Priya Raman", Role.PRIVACY_OFFICER)

    page = await writing.refused(f"{writing.step}/offerings/new", **OFFERING | {"host_id": officer.id})

    assert error_beside(page, "host_id") == "Please choose one of the people on the list."
    assert officer.name not in page


async def test_one_more_than_the_host_asked_for_is_told_beside_a_box_that_says_they_agree(
    services: Services, writing: Writing
) -> None:
    host = writing.course.host
    await offer(services, writing.course)
    await set_limits(services, actor(host), Limits(most_a_day=1))
    fields = OFFERING | {"host_id": host.id, "starts": "12:00"}

    page = await writing.refused(f"{writing.step}/offerings/new", **fields)
    assert f"{host.name} (6 of the next 6 dates)." in error_beside(page, "is_beyond_limits")
    page = await writing.send(f"{writing.step}/offerings/new", **fields, is_beyond_limits="yes")

    assert len(await laid(services)) == 12
    assert re.search(r'<input type="checkbox"[^>]*name="is_beyond_limits"[^>]*checked', page, re.DOTALL)
