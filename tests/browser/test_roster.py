"""The clinician's list in the room: it follows what a family tells, and says when a press came to nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.steps import meet, tell_details
from tests.browser.story import PHONE, Stage, browsing


@pytest.fixture
def other(chromium: Browser) -> Iterator[BrowserContext]:
    """Another phone that the mother uses."""
    with browsing(chromium, PHONE) as context:
        yield context


def test_where_help_would_be_sent_follows_whoever_joins_again_elsewhere_and_an_open_menu_stays_open(
    stage: Stage, phone: BrowserContext, other: BrowserContext, desk: BrowserContext
) -> None:
    _, therapist = meet(stage, phone, desk)
    expect(therapist.get_by_text("12 Elm Street, Oakland")).to_be_visible()
    therapist.get_by_text("End …").click()

    again = other.new_page()
    again.goto(stage.sign_in_url(stage.world.family.mother))
    again.goto(f"{stage.origin}/family")
    again.get_by_role("button", name="Go to the waiting room").first.click()
    tell_details(again, location="9 Oak Avenue, Fresno", call_back="559 555 0177")

    expect(therapist.get_by_text("9 Oak Avenue, Fresno")).to_be_visible()
    expect(therapist.get_by_role("link", name="559 555 0177")).to_be_visible()
    expect(therapist.get_by_text("12 Elm Street, Oakland")).to_be_hidden()
    expect(therapist.get_by_role("button", name="End for everyone")).to_be_visible()


def test_a_press_that_does_not_reach_the_server_says_so_and_can_be_done_again(
    stage: Stage, phone: BrowserContext, desk: BrowserContext
) -> None:
    mother, therapist = meet(stage, phone, desk)
    faults: list[str] = []
    therapist.on("pageerror", lambda fault: faults.append(str(fault)))
    unreached = therapist.locator("[data-told=unreached]")
    therapist.route("**/clinician/**", lambda route: route.abort())

    therapist.get_by_role("button", name="Take out Rosa Rivera").click()
    expect(unreached).to_be_visible()
    expect(therapist.locator("[data-announce]")).to_contain_text("This was not done")
    therapist.get_by_text("End …").click()
    therapist.get_by_role("button", name="End for everyone").click()
    expect(unreached).to_be_visible()
    therapist.unroute("**/clinician/**")
    therapist.get_by_role("button", name="Take out Rosa Rivera").click()

    expect(mother.get_by_role("heading", name="You are no longer in the room")).to_be_visible()
    expect(unreached).to_be_hidden()
    assert faults == []
