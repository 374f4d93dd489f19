"""Every form of families and visitors with JavaScript off: book, move, cancel, join, wait, ask."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.steps import (
    TEN_BEFORE,
    book,
    come_to_the_door,
    open_the_room,
    sign_in_by_code,
    tell_details,
)
from tests.browser.story import DESK, PHONE, Stage, browsing


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A phone that runs no scripts."""
    with browsing(chromium, PHONE, java_script_enabled=False) as context:
        yield context


def test_booking_moving_and_cancelling_need_no_script(stage: Stage, phone: BrowserContext) -> None:
    page = phone.new_page()
    sign_in_by_code(stage, page)
    book(stage, page)

    page.get_by_role("link", name="Move").click()
    page.get_by_role("link", name=re.compile("^Wednesday 4 November, 9:25 am")).click()
    page.get_by_role("button", name="Move the session").click()
    expect(page.get_by_text("Wednesday 4 November, 9:25 to 9:45 am").first).to_be_visible()

    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Cancel the session").click()
    expect(page.get_by_role("heading", name="This session is cancelled")).to_be_visible()


def test_a_first_conversation_needs_no_script(stage: Stage, phone: BrowserContext) -> None:
    stage.open_admissions()
    page = phone.new_page()
    page.goto(stage.origin)
    page.get_by_role("link", name="A first conversation").click()
    page.get_by_role("link", name="Tuesday 3 November, 9:30 am").click()
    page.get_by_role("button", name="Ask for this time").click()
    page.get_by_label("What may we call you?").fill("Robin")
    page.get_by_label("A telephone number").fill("510 555 0188")
    page.get_by_role("button", name="Ask for this time").click()
    expect(page.get_by_role("heading", name="Your time is set")).to_be_visible()

    page.get_by_role("button", name="Cancel this time").click()
    expect(page.get_by_role("heading", name="No longer planned")).to_be_visible()


def test_the_way_to_the_waiting_room_and_out_again_needs_no_script(
    stage: Stage, phone: BrowserContext, chromium: Browser
) -> None:
    page = phone.new_page()
    sign_in_by_code(stage, page)
    book(stage, page)
    phone.clear_cookies()
    stage.clock.move_to(TEN_BEFORE)

    come_to_the_door(stage, page)
    tell_details(page)
    expect(page.get_by_role("button", name="Try camera and sound")).to_be_hidden()
    page.get_by_role("button", name="Go to the waiting room").click()
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()

    page.get_by_role("button", name="Leave").click()
    page.get_by_role("button", name="Go back in").click()
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()

    with browsing(chromium, DESK) as desk:
        therapist = desk.new_page()
        open_the_room(stage, therapist)
        therapist.get_by_role("button", name="Admit Rosa Rivera").click()
        page.get_by_role("link", name="Look again").click()
        expect(page.get_by_text("The room needs JavaScript")).to_be_visible()


def test_from_the_page_of_the_session_to_its_door_needs_no_script(
    stage: Stage, phone: BrowserContext
) -> None:
    page = phone.new_page()
    sign_in_by_code(stage, page)
    book(stage, page)
    stage.clock.move_to(TEN_BEFORE)
    phone.clear_cookies()
    page.goto(stage.sign_in_url(stage.world.family.mother))

    page.goto(f"{stage.origin}/family")
    page.get_by_role("button", name="Go to the waiting room").click()

    tell_details(page)
    page.get_by_role("button", name="Go to the waiting room").click()
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()


def test_asking_for_a_fresh_link_needs_no_script(stage: Stage, phone: BrowserContext) -> None:
    page = phone.new_page()
    sign_in_by_code(stage, page)
    book(stage, page)

    page.goto(f"{stage.origin}/join")
    page.get_by_label("Your e-mail address").fill(stage.world.family.mother.email)
    page.get_by_role("button", name="Send me a fresh link").click()

    expect(page.get_by_role("heading", name="Look at your mail")).to_be_visible()
    link = stage.wait_for_letter(stage.world.family.mother, r"Here is your link\.[\s\S]*?(http\S+/j/\S+)")
    page.goto(link)
    expect(page.get_by_role("heading", name="You are early")).to_be_visible()
