"""Walking a site as one person and looking at each kind of page with axe, in both schemes, at 320 pixels."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = {"critical", "serious"}
VIOLATIONS: dict[str, object] = {"resultTypes": ["violations"]}
CONTRAST_ONLY: dict[str, object] = VIOLATIONS | {"runOnly": ["color-contrast", "link-in-text-block"]}
NOT_PAGES = re.compile(r"\.(ics|zip|csv|json|txt|md)$|/calendar$|^/(static|calendar|demo/sign-in|j)/")
FILTERS = {
    "actor",
    "before",
    "client",
    "event",
    "outcome",
    "since",
    "until",
}  # of the log; one is like another
IDENTIFIER = re.compile(r"(?<=/)(?=[^/]*\d)[\w=.-]{6,}|(?<=/)[\w-]{20,}")

WIDER_THAN_THE_SCREEN = "() => document.documentElement.scrollWidth - window.innerWidth"
RUN_AGAIN = "(options) => axe.run(document, options)"
LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"
SMALL_TARGETS = """() => [...document.querySelectorAll('button, .button, .slot, .nav a, .menu a, .choice')]
  .filter((target) => target.offsetParent !== null)
  .filter((target) => target.getBoundingClientRect().height < 43.5)
  .map((target) => target.textContent.trim())"""


@dataclass
class Walk:
    """One person's way through the site beneath ``within``: which kinds of page were seen, what is wrong."""

    page: Page
    origin: str
    within: str = "/"
    may_refuse: bool = False
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def through(self, *starts: str) -> "Walk":
        """Look at every kind of page that links lead to from these paths; return the walk."""
        waiting = list(starts)
        while waiting:
            path = waiting.pop(0)
            if kind_of(path) in self.seen or NOT_PAGES.search(path.partition("?")[0]):
                continue
            self.seen.add(kind_of(path))
            waiting += self._look_at(path)
        return self

    def _look_at(self, path: str) -> list[str]:
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        answer = self.page.goto(self.origin + path)
        if not self.may_refuse and (answer is None or not answer.ok):
            self.wrong.append(f"{path}: a link that leads to {answer.status if answer else 'nothing'}")
        self.wrong += [f"{path}: {problem}" for problem in problems(self.page)]
        links: list[str] = self.page.evaluate(LINKS)
        return [path_of(link) for link in links if link.startswith(self.origin + self.within)]


def problems(page: Page) -> Iterator[str]:
    """Yield what is wrong with the page that is open; leaves it dark and narrow."""
    yield from _serious(Axe().run(page, options=VIOLATIONS).response)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield from (f"dark: {problem}" for problem in _serious(page.evaluate(RUN_AGAIN, CONTRAST_ONLY)))
    page.set_viewport_size({"width": 320, "height": 800})
    if (too_wide := page.evaluate(WIDER_THAN_THE_SCREEN)) > 0:
        yield f"{too_wide} pixels wider than a screen of 320"
    for words in page.evaluate(SMALL_TARGETS):
        yield f"target below 44 pixels: {words!r}"


def _serious(found: dict[str, Any]) -> Iterator[str]:
    for violation in found["violations"]:
        if violation["impact"] in SERIOUS:
            for node in violation["nodes"]:
                yield f"{violation['id']}: {node['html'][:160]}"


def path_of(address: str) -> str:
    """Return an address without origin and fragment."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def kind_of(path: str) -> str:
    """Return the path with its identifiers and values taken out: pages of one kind look alike."""
    parts = urlsplit(path)
    named = {pair.partition("=")[0] for pair in parts.query.split("&") if pair}
    names = sorted({"filter" if name in FILTERS else name for name in named})
    return IDENTIFIER.sub("*", parts.path) + ("?" + "&".join(names) if names else "")
