"""Take the README's screenshots from a fresh demo in a folder of its own (``make screenshots``)."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, MEDIA
from tests.browser.serving import Demo, demo_served
from tests.chromium import find_chromium

HERE = Path(__file__).parent
PHONE = (390, 844)
DESK = (1280, 800)
ROSA, MAYA = "rosa.rivera@mail.example", "maya.okafor@staff.example"


def main() -> None:
    """Take them all."""
    with folder_of_its_own() as folder, demo_served(folder / "demo") as demo, chromium() as browser:
        take_of_families(browser, demo)
        take_of_a_call(browser, demo)
        take_of_the_log(browser, demo)


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """Lend a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Lend a Chromium with a made-up camera."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*ARGUMENTS, *MEDIA])
        yield browser
        browser.close()


def take_of_families(browser: Browser, demo: Demo) -> None:
    """Take the first page, a family's sessions and the free times, as a phone shows them."""
    with opened(browser, PHONE) as page:
        page.goto(demo.origin)
        keep(page, "home")
        page.goto(demo.sign_in_urls[ROSA])
        page.goto(f"{demo.origin}/family")
        keep(page, "family")
        page.goto(f"{demo.origin}/family/book")
        page.get_by_role("link", name="Check-in").click()
        keep(page, "book")


def take_of_a_call(browser: Browser, demo: Demo) -> None:
    """Take the waiting room, and the clinician's day while somebody waits."""
    with opened(browser, PHONE) as family, opened(browser, DESK) as clinician:
        family.goto(demo.sign_in_urls[ROSA])
        clinician.goto(demo.sign_in_urls[MAYA])
        wait_as_rosa(family, demo)
        keep(family, "waiting")
        clinician.goto(f"{demo.origin}/clinician")
        keep(clinician, "clinician")


def wait_as_rosa(family: Page, demo: Demo) -> None:
    """Go from her page to the waiting room."""
    family.goto(f"{demo.origin}/family")
    family.get_by_role("button", name="Go to the waiting room").first.click()
    family.get_by_label("Your full name").fill("Rosa Rivera")
    family.get_by_label("Where you are right now").fill("12 Oak Street, Fresno, at home")
    family.get_by_label("A number to call you back on").fill("559 555 0134")
    family.get_by_role("button", name="Go on").click()
    family.get_by_role("button", name="Try camera and sound").click()
    family.get_by_text("Everything works.").wait_for()
    family.get_by_role("button", name="Go to the waiting room").click()


def take_of_the_log(browser: Browser, demo: Demo) -> None:
    """Take the audit log as the privacy officer sees it."""
    with opened(browser, DESK) as page:
        page.goto(demo.sign_in_urls[demo.anyone("privacy_officer")])
        page.goto(f"{demo.origin}/step-up?next=/compliance/audit")
        page.get_by_role("button", name="It is me").click()
        keep(page, "compliance")


@contextmanager
def opened(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    """Lend a page of a browser of its own, of a size in CSS pixels, two dots each."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2,
        reduced_motion="reduce",
        permissions=["camera", "microphone"],
    )
    yield context.new_page()
    context.close()


def keep(page: Page, name: str) -> None:
    """Write what the window shows to ``docs/screenshots``."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / f"{name}.png")
    sys.stderr.write(f"docs/screenshots/{name}.png\n")


if __name__ == "__main__":
    main()
