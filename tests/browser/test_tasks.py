"""Every main task, once by keyboard alone and once by thumb on a phone that runs no scripts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from scheduler.services import utc_now
from tests.browser.hands import Hand, Keyboard, Thumb
from tests.browser.serving import Demo, demo_served

ANA, LUIS = "ana.morales@mail.example", "luis.morales@mail.example"
KAREN, ELENA = "karen.whitfield@mail.example", "elena.novak@mail.example"
GRACE, TOM = "grace.lindqvist@staff.example", "tom.brandt@staff.example"
A_TIME = re.compile(r"^\w+day \d+ \w+, \d")
OPEN_STEPS = ("Talking so that conflict goes down", "Stepping down from PHP to IOP", "Caring for yourself")


@dataclass(frozen=True)
class Way:
    """A demo of its own, and one way to work its pages."""

    demo: Demo
    chromium: Browser
    kind: type[Keyboard] | type[Thumb]

    @contextmanager
    def of(self, email: str = "") -> Iterator[Hand]:
        """Lend somebody's hand, signed in; a stranger's where no address is told."""
        with self.kind.opened(self.chromium) as context:
            page = context.new_page()
            page.goto(self.demo.sign_in_urls[email] if email else self.demo.origin)
            yield self.kind(page)


@pytest.fixture(scope="module", params=[Keyboard, Thumb])
def way(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Way]:
    """Each way in turn."""
    with demo_served(tmp_path_factory.mktemp("demo") / "house") as demo:
        yield Way(demo, chromium, request.param)


def has_heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words).first).to_be_visible()


def says(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible()


def test_one_books_for_a_household(way: Way) -> None:
    with way.of(KAREN) as karen:
        karen.press("link", "Book")
        karen.press("link", re.compile("^Check-in"))
        karen.press("link", "Invite others of your family")
        karen.tick("checkbox", re.compile("Joan Whitfield"))
        karen.press("button", "Show times for all of us")
        karen.press("button", A_TIME)
        karen.press("button", "Book this session")

        says(karen.page, "You get a mail with the way to join.")
        says(karen.page, "Joan Whitfield")


def test_one_waits_for_a_full_group_and_takes_a_place_in_another(way: Way) -> None:
    with way.of(ELENA) as elena:
        elena.press("link", "Program")
        elena.press("link", re.compile("^Take a place"))
        elena.press("button", "Take a place")
        says(elena.page, "Your session is booked.")
    with way.of(ANA) as ana:
        ana.press("link", "Program")
        ana.press("link", re.compile("^Waitlist of"))
        ana.press("button", "Join the waitlist")
        says(ana.page, "You are on the waitlist.")
        ana.press("button", "Leave the waitlist")
        expect(ana.page.get_by_role("button", name="Join the waitlist")).to_be_visible()


def test_two_find_a_time_together(way: Way) -> None:
    with way.of(ANA) as ana:
        ana.press("link", "Find a time together with others of your family")
        ana.press("link", re.compile("^Check-in"))
        ana.tick("checkbox", re.compile("Luis Morales"))
        ana.press("button", "Ask them which times work")
        ana.tick("checkbox", A_TIME)
        ana.press("button", "Ask about these times")
        has_heading(ana.page, "The times you proposed")
    with way.of(LUIS) as luis:
        luis.press("link", "Say which times work")
        luis.tick("radio", "Works for me")
        luis.press("button", "Save my answer")
        says(luis.page, "A time is found, and your session is booked.")


def test_a_clinician_changes_the_week_and_sees_its_picture(way: Way) -> None:
    with way.of(GRACE) as grace:
        grace.press("link", "Hours")
        grace.unfold("Every week")
        grace.enter_time("Tuesday, hours 1, from", 10, 30)
        grace.press("button", "Save the week")

        says(grace.page, "Your weekly hours are saved.")
        expect(grace.page.locator("svg.week-picture")).to_be_visible()


def test_a_coordinator_covers_days_of_a_clinician(way: Way) -> None:
    first = utc_now().date() + timedelta(days=1)
    with way.of(TOM) as tom:
        tom.press("link", "Somebody is away")
        tom.choose("Who is away", "Samuel Levin")
        tom.enter_date("First day", first)
        tom.enter_date("Last day", first + timedelta(days=6))
        tom.press("button", "Show the sessions")
        has_heading(tom.page, "is away")
        tom.press("button", "See what will happen")
        has_heading(tom.page, "This will happen")
        tom.press("button", "Do all of this")
        says(tom.page, "It is done")


def test_a_coordinator_begins_a_program_and_writes_a_step_with_a_weekly_time(way: Way) -> None:
    with way.of(TOM) as tom:
        tom.press("link", "Program")
        tom.write("Name of the new program", "Quiet evenings")
        tom.press("button", "Add the program")
        tom.press("link", "Add a step")
        tom.write("Title", "Sleep")
        tom.press("button", "Add the step")
        tom.press("link", "Add a weekly time: Sleep")
        tom.choose("Day of the week", "Every Saturday")
        tom.enter_time("From", 10, 0)
        tom.choose("Host", "Grace Lindqvist")
        tom.press("button", "Add it, and create its sessions")

        has_heading(tom.page, "Coming sessions")
        says(tom.page, "Saturdays at 10:00 am")


def test_a_coordinator_takes_a_family_out_of_a_program_and_lets_it_begin_again(way: Way) -> None:
    with way.of(TOM) as tom:
        tom.press("link", "Program")
        tom.press("link", re.compile("^Family program"))
        tom.press("link", re.compile("families take part"))
        tom.press("button", "Take out the family of Adam Novak")
        tom.choose("Family of", "Adam Novak")
        tom.press("button", "Let them begin")

        expect(tom.page.get_by_role("button", name="Take out the family of Adam Novak")).to_be_visible()


def test_credit_is_corrected_and_the_certificate_of_a_done_program_printed(way: Way) -> None:
    with way.of(TOM) as tom:
        tom.press("link", "Families")
        tom.press("link", re.compile("Luis Morales"))
        tom.press("link", "Their path and level of care")
        for step in OPEN_STEPS:
            tom.press("link", f"Correct {step} of Ana Morales")
            tom.write("Why", "They were there, on the telephone.")
            tom.press("button", "Give the credit")
        says(tom.page, "6 of 6 done")
    with way.of(ANA) as ana:
        ana.press("link", "Program")
        with ana.page.expect_download() as coming:
            ana.press("link", "Your certificate (PDF)")
        assert coming.value.suggested_filename == "certificate.pdf"


def test_a_stranger_asks_for_a_first_conversation(way: Way) -> None:
    with way.of() as stranger:
        stranger.press("link", re.compile("A first conversation"))
        stranger.press("link", A_TIME)
        stranger.press("button", "Ask for this time")
        says(stranger.page, "Please check this")
        stranger.write("What may we call you?", "Robin")
        stranger.write("A telephone number", "510 555 0188")
        stranger.press("button", "Ask for this time")
        has_heading(stranger.page, "Your time is set")
