"""How people work a page: one by keyboard alone at a desk, one by thumb on a phone that runs no scripts."""

import re
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.browser.story import DESK, PHONE, browsing

MOST_TABS = 200
Words = str | re.Pattern[str]


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    target.wait_for()
    for _ in range(MOST_TABS):
        if target.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached by Tab")


class Hand(Protocol):
    """What one does on a page; the page is that of one person."""

    page: Page

    def press(self, role: str, name: Words) -> None:
        """Press the first button or link of a name."""

    def unfold(self, words: str) -> None:
        """Unfold a part of the page."""

    def write(self, label: str, text: str) -> None:
        """Write into a field."""

    def choose(self, label: str, words: str) -> None:
        """Choose from the first list of a label."""

    def tick(self, role: str, name: Words) -> None:
        """Tick the first box or choice of a name."""

    def enter_date(self, label: str, day: date) -> None:
        """Enter a date."""

    def enter_time(self, label: str, hour: int, minute: int) -> None:
        """Enter a time of the day."""


class Keyboard:
    """Nobody touches a mouse: everything is reached by Tab."""

    def __init__(self, page: Page) -> None:
        """Work on this page."""
        self.page = page

    @staticmethod
    def opened(chromium: Browser) -> AbstractContextManager[BrowserContext]:
        """Open a browser on a desk."""
        return browsing(chromium, DESK)

    def press(self, role: str, name: Words) -> None:
        """Press Enter on it."""
        tab_to(self.page, self.page.get_by_role(role, name=name).first)  # type: ignore[arg-type]  # a role's name
        self.page.keyboard.press("Enter")

    def unfold(self, words: str) -> None:
        """Press Enter on the summary."""
        tab_to(self.page, self.page.locator("summary", has_text=words))
        self.page.keyboard.press("Enter")

    def write(self, label: str, text: str) -> None:
        """Type over what is there."""
        tab_to(self.page, self.page.get_by_role("textbox", name=label))
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)

    def choose(self, label: str, words: str) -> None:
        """Type the first letters of the words."""
        tab_to(self.page, self.page.get_by_label(label, exact=True).first)
        self.page.keyboard.type(words)

    def tick(self, role: str, name: Words) -> None:
        """Press the space bar on it."""
        tab_to(self.page, self.page.get_by_role(role, name=name).first)  # type: ignore[arg-type]  # a role's name
        self.page.keyboard.press("Space")

    def enter_date(self, label: str, day: date) -> None:
        """Type month, day and year."""
        tab_to(self.page, self.page.get_by_label(label).first)
        self.page.keyboard.type(f"{day:%m%d%Y}")

    def enter_time(self, label: str, hour: int, minute: int) -> None:
        """Type hour, minute and half of the day."""
        tab_to(self.page, self.page.get_by_label(label, exact=True).first)
        self.page.keyboard.type(f"{(hour - 1) % 12 + 1:02}{minute:02}{'AM' if hour < 12 else 'PM'}")


class Thumb:
    """A phone of 390 pixels without JavaScript: everything is tapped."""

    def __init__(self, page: Page) -> None:
        """Work on this page."""
        self.page = page

    @staticmethod
    def opened(chromium: Browser) -> AbstractContextManager[BrowserContext]:
        """Open a browser on a phone."""
        return browsing(chromium, PHONE, has_touch=True, is_mobile=True, java_script_enabled=False)

    def press(self, role: str, name: Words) -> None:
        """Tap it."""
        self.page.get_by_role(role, name=name).first.tap()  # type: ignore[arg-type]  # a role's name

    def unfold(self, words: str) -> None:
        """Tap the summary."""
        self.page.locator("summary", has_text=words).tap()

    def write(self, label: str, text: str) -> None:
        """Tap the field and fill it."""
        field = self.page.get_by_role("textbox", name=label)
        field.tap()
        field.fill(text)

    def choose(self, label: str, words: str) -> None:
        """Choose from the phone's own list."""
        choice = self.page.get_by_label(label, exact=True).first
        option = choice.locator("option", has_text=re.compile(f"^{re.escape(words)}"))
        choice.select_option(option.get_attribute("value"))

    def tick(self, role: str, name: Words) -> None:
        """Tap it."""
        self.page.get_by_role(role, name=name).first.tap()  # type: ignore[arg-type]  # a role's name

    def enter_date(self, label: str, day: date) -> None:
        """Take it from the phone's own calendar."""
        self.page.get_by_label(label).first.fill(day.isoformat())

    def enter_time(self, label: str, hour: int, minute: int) -> None:
        """Take it from the phone's own clock."""
        self.page.get_by_label(label, exact=True).first.fill(f"{hour:02}:{minute:02}")
