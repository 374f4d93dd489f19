"""Nobody is kept out: axe finds nothing serious on any page, light or dark, and 320 pixels suffice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from scheduler.services import utc_now
from tests.browser.access import Walk, kind_of, problems
from tests.browser.serving import Demo, demo_served, served

PHONE = {"width": 390, "height": 844}
WALKS = {
    "family_member": ("/family", {"/family/book?kind_id", "/family/program", "/family/sessions/*/move"}),
    "client": ("/family", {"/family", "/account"}),
    "clinician": (
        "/clinician",
        {"/clinician/away", "/clinician/calendars", "/clinician/hours", "/clinician/sessions/*"},
    ),
    "coordinator": (
        "/coordinator",
        {
            "/coordinator/cohorts",
            "/coordinator/coverage",
            "/coordinator/holds",
            "/coordinator/hostless",
            "/coordinator/waitlists",
            "/first-conversation/about?starts_at&zone",
            "/inquiries/*",
        },
    ),
    "supervisor": ("/clinician", {"/coordinator"}),
    "privacy_officer": ("/compliance", {"/compliance/audit", "/compliance/exports"}),
    "administrator": ("/admin", {"/admin/people/new", "/admin/people/*/end"}),
}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a small installation is served, with nobody in it."""
    folder: Path = tmp_path_factory.mktemp("installation")
    with served(folder) as origin:
        yield origin


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, served."""
    with demo_served(tmp_path_factory.mktemp("demo") / "house") as demo:
        yield demo


def test_every_component_and_every_page_of_refusal_is_open_to_all(chromium: Browser, origin: str) -> None:
    with chromium.new_context() as context:
        walk = Walk(context.new_page(), origin, within="/patterns", may_refuse=True).through("/patterns")

    assert walk.wrong == []
    assert {"/patterns/not_found", "/patterns/unavailable"} <= walk.seen


def test_every_page_before_signing_in_is_open_to_all(chromium: Browser, origin: str) -> None:
    with chromium.new_context() as context:
        walk = Walk(context.new_page(), origin, may_refuse=True).through("/", "/nowhere", "/family")

    assert walk.wrong == []
    assert {"/", "/first-conversation", "/join", "/sign-in"} <= walk.seen


@pytest.mark.parametrize("role", WALKS)
def test_every_page_of_a_role_is_open_to_all(chromium: Browser, demo: Demo, role: str) -> None:
    start, expected = WALKS[role]
    with chromium.new_context() as context:
        page = signed_in(context.new_page(), demo, demo.anyone(role))
        if role in ("privacy_officer", "administrator"):
            step_up(page, demo)
        walk = Walk(page, demo.origin).through(start)

    assert walk.wrong == []
    assert expected <= walk.seen


def test_every_step_from_a_full_group_to_a_place_is_open_to_all(chromium: Browser, demo: Demo) -> None:
    wrong: list[str] = []
    with chromium.new_context() as theirs, chromium.new_context() as others:
        ana = signed_in(theirs.new_page(), demo, "ana.morales@mail.example")
        rosa = signed_in(others.new_page(), demo, "rosa.rivera@mail.example")
        for step in taking(ana, rosa, demo):
            wrong += [f"{step.url}: {problem}" for problem in problems(step)]
            step.set_viewport_size(PHONE)  # type: ignore[arg-type]

    assert wrong == []


def taking(ana: Page, rosa: Page, demo: Demo) -> Iterator[Page]:
    """Play the way of one family onto the waitlist and into the place of another, step by step."""
    ana.goto(f"{demo.origin}/family/program")
    yield ana
    ana.get_by_role("link", name="Waitlist").first.click()
    yield ana
    group = ana.url
    ana.get_by_role("button", name="Join the waitlist").click()
    yield ana
    rosa.goto(f"{group.replace('groups', 'sessions')}/cancel")
    yield rosa
    rosa.get_by_role("button", name="Give up my place").click()
    yield rosa
    ana.goto(f"{demo.origin}/family")
    yield ana
    ana.goto(group)
    yield ana
    ana.get_by_role("button", name="Take it").click()
    yield ana


def test_every_step_of_joining_is_open_to_all(chromium: Browser, demo: Demo) -> None:
    wrong: list[str] = []
    with chromium.new_context(permissions=["camera", "microphone"]) as theirs, chromium.new_context() as ours:
        family = signed_in(theirs.new_page(), demo, "rosa.rivera@mail.example")
        clinician = signed_in(ours.new_page(), demo, "maya.okafor@staff.example")
        for step in joining(family, clinician, demo):
            wrong += [f"{step.url}: {problem}" for problem in problems(step)]
            step.set_viewport_size(PHONE)  # type: ignore[arg-type]

    assert wrong == []


@pytest.mark.parametrize("preset", ["reassign", "cancel"])
def test_every_step_of_coverage_is_open_to_all(chromium: Browser, demo: Demo, preset: str) -> None:
    first, last = (utc_now().date() + timedelta(days=days) for days in (1, 14))
    with chromium.new_context() as context:
        page = signed_in(context.new_page(), demo, "maya.okafor@staff.example")
        page.goto(f"{demo.origin}/clinician/away?first_date={last}&last_date={first}")
        wrong = [*problems(page)]
        page.goto(f"{demo.origin}/clinician/away?first_date={first}&last_date={last}&preset={preset}")
        wrong += problems(page)
        page.get_by_role("button", name="See what will happen").press("Enter")
        page.get_by_role("heading", name="This will happen").wait_for()
        wrong += problems(page)

    assert wrong == []


def joining(family: Page, clinician: Page, demo: Demo) -> Iterator[Page]:
    """Play the way into the room, and yield the page that is new at each step."""
    family.goto(f"{demo.origin}/family")
    family.get_by_role("button", name="Go to the waiting room").first.click()
    yield family
    family.get_by_role("button", name="Go on").click()
    yield family
    family.get_by_label("Your full name").fill("Rosa Rivera")
    family.get_by_label("Where you are right now").fill("12 Oak Street, Fresno, at home")
    family.get_by_label("A number to call you back on").fill("559 555 0134")
    family.get_by_role("button", name="Go on").click()
    yield family
    family.get_by_role("button", name="Try camera and sound").click()
    family.get_by_text("Everything works.").wait_for()
    yield family
    family.get_by_role("button", name="Go to the waiting room").click()
    yield family
    clinician.goto(f"{demo.origin}/clinician")
    yield clinician
    clinician.get_by_role("button", name="Open the room").click()
    yield clinician
    clinician.get_by_role("button", name="Come in with sound only").click()
    clinician.get_by_role("button", name="Admit Rosa Rivera").click()
    family.locator("[data-tiles] figure").wait_for()
    yield clinician
    yield family


def signed_in(page: Page, demo: Demo, email: str) -> Page:
    """Sign in as a person of the demo."""
    page.goto(demo.sign_in_urls[email])
    return page


def step_up(page: Page, demo: Demo) -> None:
    """Prove oneself anew, with the demo's one press."""
    page.goto(f"{demo.origin}/step-up")
    page.get_by_role("button", name="It is me").click()


def test_pages_of_one_kind_are_looked_at_once() -> None:
    one = kind_of("/family/sessions/abcdefghij2345678901?zone=UTC")

    assert (
        one == kind_of("/family/sessions/zyxwvutsrq7654321098?zone=Asia/Tokyo") == "/family/sessions/*?zone"
    )
    assert one != kind_of("/family/sessions/abcdefghij2345678901/move")
