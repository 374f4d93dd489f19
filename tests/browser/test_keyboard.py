"""The whole story by keyboard alone: nobody touches a mouse, and what has the focus can always be told."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.hands import tab_to
from tests.browser.steps import TEN_BEFORE, link_in_mail
from tests.browser.story import DESK, Stage, browsing, sees_and_hears, until


def press(page: Page, role: str, name: str | re.Pattern[str]) -> None:
    """Go to a button or link by Tab, and press Enter."""
    tab_to(page, page.get_by_role(role, name=name).first)  # type: ignore[arg-type]  # a role's name
    page.keyboard.press("Enter")


def write(page: Page, label: str, text: str) -> None:
    """Go to a field by Tab, and type."""
    tab_to(page, page.get_by_role("textbox", name=label))
    page.keyboard.type(text)


def code(stage: Stage, words: str) -> str:
    """Return the code from the mother's mail."""
    return stage.wait_for_letter(stage.world.family.mother, words + r":\s+(\d{8})")


def sign_in_and_book(stage: Stage, mother: Page) -> None:
    """Sign in by a code from the mail, and book Tuesday at nine."""
    mother.goto(stage.origin)
    press(mother, "link", re.compile("Sign in"))
    write(mother, "Your e-mail address", stage.world.family.mother.email)
    mother.keyboard.press("Enter")
    write(mother, "Code", code(stage, "code to sign in"))
    mother.keyboard.press("Enter")
    press(mother, "link", re.compile("Book"))
    expect(mother.get_by_role("heading", level=1)).to_be_visible()
    if mother.get_by_role("heading", name="What would you like to book?").is_visible():
        press(mother, "link", re.compile("Check-in"))
    press(mother, "button", re.compile("^Tuesday 3 November, 9:00 am"))
    write(mother, "What would you like to talk about?", "Sleep.")
    press(mother, "button", "Book this session")
    expect(mother.get_by_text("You get a mail with the way to join.")).to_be_visible()


def come_to_wait(stage: Stage, mother: Page) -> None:
    """Follow the link, prove, tell where one is, try the camera, sit down to wait."""
    mother.goto(link_in_mail(stage))
    press(mother, "button", "Send me a code")
    expect(mother.get_by_role("textbox", name="Code")).to_be_focused()
    mother.keyboard.type(code(stage, "code to join"))
    mother.keyboard.press("Enter")
    write(mother, "Where you are right now", "At home, 12 Elm Street, Oakland")
    write(mother, "A number to call you back on", "510 555 0142")
    mother.keyboard.press("Enter")
    press(mother, "button", "Try camera and sound")
    expect(mother.get_by_text("Everything works.")).to_be_visible()
    press(mother, "button", "Go to the waiting room")
    expect(mother.get_by_role("heading", name="You are in the waiting room")).to_be_visible()


def test_everybody_can_do_everything_by_keyboard(stage: Stage, chromium: Browser) -> None:
    with browsing(chromium, DESK) as at_home, browsing(chromium, DESK) as at_work:
        mother, therapist = at_home.new_page(), at_work.new_page()

        sign_in_and_book(stage, mother)

        stage.clock.move_to(TEN_BEFORE)
        at_home.clear_cookies()
        come_to_wait(stage, mother)

        therapist.goto(stage.sign_in_url(stage.world.family.clinician))
        press(therapist, "button", "Open the room")
        press(therapist, "button", "Come in with camera")
        press(therapist, "button", "Admit Rosa Rivera")
        mother.wait_for_url("**/join/room")
        assert sees_and_hears(mother)
        assert sees_and_hears(therapist)

        press(mother, "button", "Turn sound off")
        expect(therapist.get_by_text("sound off", exact=True)).to_be_visible()
        press(mother, "button", "Turn sound on")
        press(therapist, "button", "Lock the door")
        expect(therapist.get_by_role("button", name="Unlock the door")).to_be_visible()
        assert until(lambda: is_in(therapist, "[data-roster]"))
        press(mother, "button", "Leave")
        expect(mother.get_by_role("heading", name="You can come back in")).to_be_visible()
        tab_to(therapist, therapist.locator("summary", has_text="End"))
        therapist.keyboard.press("Enter")
        press(therapist, "button", "End for everyone")
        expect(therapist.get_by_role("button", name=re.compile("Open the room"))).to_be_visible()


def is_in(page: Page, selector: str) -> bool:
    """Tell whether the focus is within the element: it was not lost when a part of the page was redrawn."""
    return bool(page.evaluate("(selector) => document.activeElement.closest(selector) !== null", selector))
