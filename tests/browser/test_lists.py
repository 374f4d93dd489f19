"""The desk's lists without scripts and without a mouse: to a list, a search, a file, and what is to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import Demo, demo_served

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, served."""
    with demo_served(tmp_path_factory.mktemp("demo") / "house") as demo:
        yield demo


def press(page: Page, role: str, name: str) -> None:
    """Move to a link or button with the keyboard, and press it."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} is out of reach")


def test_a_coordinator_finds_a_group_without_its_host_and_covers_it(chromium: Browser, demo: Demo) -> None:
    with chromium.new_context(java_script_enabled=False, viewport=PHONE) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(demo.sign_in_urls[demo.anyone("coordinator")])
        page.goto(f"{demo.origin}/coordinator")
        press(page, "link", "Without a host 1")
        page.get_by_label("Search this list").focus()
        page.keyboard.type("okafor away")
        page.keyboard.press("Enter")
        expect(page.get_by_text("1 of 1 shows")).to_be_visible()

        with page.expect_download() as download:
            press(page, "link", "Download this one (CSV)")
        assert download.value.suggested_filename == "list-to-cover.csv"
        assert "Maya Okafor is away that day" in Path(download.value.path()).read_text()

        page.get_by_role("link", name="Cover it").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Sessions while Maya Okafor is away")).to_be_visible()
