"""The steps of a story, as people take them: sign in, book, read the mail, prove, wait, open the room."""

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.story import Stage
from tests.scheduling import TUESDAY_NINE

TEN_BEFORE = TUESDAY_NINE - timedelta(minutes=10)


def sign_in_by_code(stage: Stage, page: Page) -> None:
    """Sign the mother in with a code from her mail."""
    mother = stage.world.family.mother
    page.goto(f"{stage.origin}/sign-in")
    page.get_by_label("e-mail").fill(mother.email)
    page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).click()
    page.get_by_role("textbox", name="Code").fill(
        stage.wait_for_letter(mother, r"code to sign in:\s+(\d{8})")
    )
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your sessions")).to_be_visible()


def book(stage: Stage, page: Page) -> None:
    """Book the check-in on Tuesday at nine."""
    page.goto(f"{stage.origin}/family/book")
    if page.get_by_role("heading", name="What would you like to book?").is_visible():
        page.get_by_role("link", name=re.compile("Check-in")).click()
    page.get_by_role("button", name=re.compile("^Tuesday 3 November, 9:00 am")).click()
    page.get_by_label("What would you like to talk about?").fill("Sleep, and the car.")
    page.get_by_role("button", name="Book this session").click()
    expect(page.get_by_text("You get a mail with the way to join.")).to_be_visible()


def link_in_mail(stage: Stage) -> str:
    """Return the join link from the mother's mail."""
    return stage.wait_for_letter(stage.world.family.mother, r"(http\S+/j/\S+)")


def come_to_the_door(stage: Stage, page: Page) -> None:
    """Follow the link and prove it is the mother, by a code from the mail."""
    mother = stage.world.family.mother
    page.goto(link_in_mail(stage))
    expect(page).to_have_url(f"{stage.origin}/join")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_role("textbox", name="Code").fill(stage.wait_for_letter(mother, r"code to join:\s+(\d{8})"))
    page.get_by_role("button", name="Go on").click()


def tell_details(
    page: Page, *, location: str = "12 Elm Street, Oakland", call_back: str = "510 555 0142"
) -> None:
    """Tell where the mother is."""
    expect(page.get_by_text("42 CFR part 2 prohibits unauthorized use")).to_be_visible()
    page.get_by_label("Where you are right now").fill(location)
    page.get_by_label("A number to call you back on").fill(call_back)
    page.get_by_role("button", name="Go on").click()


def come_to_wait(stage: Stage, page: Page) -> None:
    """Go from the mail to the waiting room, camera tried."""
    come_to_the_door(stage, page)
    tell_details(page)
    page.get_by_role("button", name="Try camera and sound").click()
    expect(page.get_by_text("Everything works.")).to_be_visible()
    page.get_by_role("button", name="Go to the waiting room").click()
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()


def open_the_room(stage: Stage, page: Page) -> None:
    """Sign the therapist in and let them open the room and come in."""
    page.goto(stage.sign_in_url(stage.world.family.clinician))
    page.goto(f"{stage.origin}/clinician")
    page.get_by_role("button", name="Open the room").click()
    page.get_by_role("button", name="Come in with camera").click()
    expect(page.get_by_text("You are in. Waiting for the others.").first).to_be_visible()


def meet(stage: Stage, phone: BrowserContext, desk: BrowserContext) -> tuple[Page, Page]:
    """Bring both into the room, by the way that people take; return their pages."""
    mother, therapist = phone.new_page(), desk.new_page()
    sign_in_by_code(stage, mother)
    book(stage, mother)
    phone.clear_cookies()
    stage.clock.move_to(TEN_BEFORE)
    come_to_wait(stage, mother)
    open_the_room(stage, therapist)
    therapist.get_by_role("button", name="Admit Rosa Rivera").click()
    mother.wait_for_url("**/join/room")
    return mother, therapist


def export_the_log(stage: Stage, page: Page) -> Path:
    """Let the privacy officer export the whole log; return the file."""
    page.goto(stage.sign_in_url(stage.officer))
    page.goto(f"{stage.origin}/step-up?next=/compliance/exports")
    page.get_by_role("button", name="It is me").click()
    page.get_by_label("What is it for?").fill("The yearly review.")
    page.get_by_role("button", name="Make the export").click()
    download = page.get_by_role("link", name="Download")
    expect(download).to_be_visible()
    with page.expect_download() as coming:
        download.click()
    return Path(coming.value.path())
