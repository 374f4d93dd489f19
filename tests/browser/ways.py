"""Ways through the demo to the pages that no link leads to; each yields the window at every new page."""

import re
from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import Page, expect

from scheduler.services import utc_now
from tests.browser.serving import Demo

ANA, ROSA = "ana.morales@mail.example", "rosa.rivera@mail.example"
DANIEL = "daniel.rivera@mail.example"
LINK = re.compile(r"http\S+/enrol/\S+")


def signed_in(page: Page, demo: Demo, email: str) -> Page:
    """Sign in as a person of the demo; those who need a fresh proof give one."""
    page.goto(demo.sign_in_urls[email])
    if demo.roles[email] in ("privacy_officer", "administrator"):
        page.goto(f"{demo.origin}/step-up")
        page.get_by_role("button", name="It is me").click()
    return page


def covering(page: Page, demo: Demo, preset: str) -> Iterator[Page]:
    """Cover two weeks of somebody's sessions, but send nothing."""
    first, last = (utc_now().date() + timedelta(days=days) for days in (1, 14))
    page.goto(f"{demo.origin}/clinician/away?first_date={last}&last_date={first}")
    yield page
    page.goto(f"{demo.origin}/clinician/away?first_date={first}&last_date={last}&preset={preset}")
    yield page
    page.get_by_role("button", name="See what will happen").press("Enter")
    page.get_by_role("heading", name="This will happen").wait_for()
    yield page


def asking_for_a_conversation(page: Page, demo: Demo) -> Iterator[Page]:
    """Ask for a first conversation without an account: first with nothing told, then with a telephone."""
    page.goto(f"{demo.origin}/first-conversation")
    page.locator(".slot").last.click()
    page.get_by_role("button", name="Ask for this time").click()
    expect(page.get_by_text("Please check this")).to_be_visible()
    yield page
    page.get_by_label("What may we call you?").fill("Robin")
    page.get_by_label("A telephone number").fill("510 555 0188")
    page.get_by_role("button", name="Ask for this time").click()
    expect(page.get_by_role("heading", name="Your time is set")).to_be_visible()
    yield page


def enrolling(page: Page, stranger: Page, demo: Demo) -> Iterator[Page]:
    """Let the administrator add somebody, who follows the link to make a passkey."""
    page.goto(f"{demo.origin}/admin/people/new")
    page.get_by_role("button", name="Add, and make a link").click()
    expect(page.get_by_text("Please check this")).to_be_visible()
    yield page
    page.get_by_label("Full name").fill("Noor Haddad")
    page.get_by_label("E-mail address").fill("noor.haddad@staff.example")
    page.get_by_label("Role").select_option("coordinator")
    page.get_by_role("button", name="Add, and make a link").click()
    found = LINK.search(page.locator("main").inner_text())
    assert found is not None
    yield page
    stranger.goto(found[0])
    yield stranger


def exporting(page: Page, demo: Demo) -> Iterator[Page]:
    """Ask for an export of the log, first without saying what for."""
    page.goto(f"{demo.origin}/compliance/exports")
    page.get_by_role("button", name="Make the export").click()
    expect(page.get_by_text("Please check this")).to_be_visible()
    yield page
    page.get_by_label("What is it for?").fill("The yearly review.")
    page.get_by_role("button", name="Make the export").click()
    page.wait_for_url(re.compile(r"/compliance/exports/\w+"))
    yield page


def finding_a_release(officer: Page, demo: Demo) -> Iterator[Page]:
    """Find a release from its entry in the log."""
    officer.goto(f"{demo.origin}/compliance/audit?event=release.signed")
    officer.locator("main a[href^='/compliance/audit/']").first.click()
    yield officer
    officer.get_by_role("link", name="See this release").click()
    yield officer


def keeping_apart(page: Page, demo: Demo) -> Iterator[Page]:
    """Choose two of a family, and read what keeping them apart would do."""
    page.goto(f"{demo.origin}/coordinator/families")
    page.get_by_role("link", name="Casey Whitfield", exact=True).click()
    page.get_by_label("Keep").select_option(index=1)
    page.get_by_label("Apart from").select_option(index=2)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Keep them apart?")).to_be_visible()
    yield page


def holding_a_time(page: Page, demo: Demo) -> Iterator[Page]:
    """Hold a free time, read the form, and let it go."""
    page.goto(f"{demo.origin}/family/book?kind_id=check-in")
    page.locator("button.slot").last.click()
    expect(page.get_by_role("button", name="Book this session")).to_be_visible()
    yield page
    page.get_by_role("button", name=re.compile("another time")).click()


def proving(page: Page, demo: Demo) -> Iterator[Page]:
    """Sign in and come to the door without being known: a code by mail, a link by mail."""
    page.goto(f"{demo.origin}/sign-in")
    page.get_by_label("e-mail").fill(DANIEL)
    page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).click()
    expect(page.get_by_role("textbox", name="Code")).to_be_visible()
    yield page
    page.goto(f"{demo.origin}/join")
    page.get_by_label("Your e-mail address").fill(ROSA)
    page.get_by_role("button", name="Send me a fresh link").click()
    expect(page.get_by_role("heading", name="Look at your mail")).to_be_visible()
    yield page
    page.goto(f"{demo.origin}/demo/mail?to={ROSA}")
    page.get_by_role("link", name=re.compile("^Appointment:")).first.click()
    page.locator("a[href*='/j/']").first.click()
    yield page
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("textbox", name="Code")).to_be_visible()
    yield page


def taking_a_place(ana: Page, rosa: Page, demo: Demo) -> Iterator[Page]:
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
