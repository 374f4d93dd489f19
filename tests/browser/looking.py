"""Walking the whole site: which pages of the route table were seen, and what is wrong with them."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page as Window

from scheduler.domain.lists import Listing
from scheduler.web import routes
from scheduler.web.routes import demo
from scheduler.web.routes.page import Page
from tests.browser.access import problems

LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"
SHAPES = {"int": r"\d+", "path": ".+", "str": "[^/]+"}
PARAMETER = re.compile(r"\{\w+(?::(\w+))?\}")
NOT_PAGES = {
    "appointment": "leads on to the page of one's role",
    "calendar": "a calendar file",
    "checkpoint": "for programs",
    "clinician.roster": "a part of the session's page",
    "clinician.version": "a number for a script",
    "compliance.file": "a download",
    **{f"coordinator.{one}.csv": "a CSV file" for one in Listing},
    "demo.sign_in": "leads on to the page of one's role",
    "family.certificate": "a PDF file",
    "family.session.calendar": "a calendar file",
    "healthz": "for programs",
    "join.follow": "leads on to the door",
    "join.state": "a word for a script",
    "metrics": "for programs",
    "place": "leads on to the page of one's role",
    "readyz": "for programs",
    "release.scan": "a download",
}
ALIKE = {"since", "week", "zone"}  # these choose what is listed, not how the page looks
SIGN_IN_FIRST = 401
OF_THE_LOG = {"actor", "before", "client", "event", "outcome", "since", "until"}

GET_PAGES: list[Page] = [page for page in routes.PAGES + demo.PAGES if page.method == "GET"]
SHOWN = [page.name for page in GET_PAGES if page.name not in NOT_PAGES]


@dataclass
class Looks:
    """Which kinds of page were seen, and what is wrong with the pages, by their name in the route table."""

    origin: str
    seen: set[str] = field(default_factory=set)
    wrong: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def through(self, window: Window, *starts: str) -> None:
        """Look at these paths, and at every kind of page that links lead to and that nobody has seen yet."""
        waiting = list(starts)
        for number, path in enumerate(waiting):  # grows while it is read
            if number < len(starts) or self._is_new(path):
                answer = window.goto(self.origin + path)
                if answer is None or not (answer.ok or answer.status == SIGN_IN_FIRST):
                    self.wrong[name_of(path)].append(f"a link to {path} that leads to nothing")
                self.at(window)
                self.seen.add(kind_of(path))
                waiting += [path_of(link) for link in window.evaluate(LINKS) if link.startswith(self.origin)]

    def at(self, window: Window) -> None:
        """Look at the page that is open."""
        path = path_of(window.url)
        self.seen.add(kind_of(path))
        self.wrong[name_of(path)] += [f"{path}: {problem}" for problem in problems(window)]

    def names(self) -> set[str]:
        """Return the names of the pages that were seen."""
        return {kind.partition("?")[0] for kind in self.seen}

    def _is_new(self, path: str) -> bool:
        name = name_of(path)
        return name in SHOWN and kind_of(path) not in self.seen


def path_of(address: str) -> str:
    """Return an address without origin and fragment."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def name_of(path: str) -> str:
    """Return the name of the page at a path; the path where the route table knows none."""
    bare = path.partition("?")[0]
    found = (page.name for page, pattern in _PATTERNS if pattern.fullmatch(bare))
    return next(found, bare)


def kind_of(path: str) -> str:
    """Return the page's name and which fields its address has: pages of one kind look alike."""
    name = name_of(path)
    fields = {key for key, _ in parse_qsl(urlsplit(path).query)} - ALIKE
    if name.startswith("compliance"):
        fields = {"filtered"} if fields & OF_THE_LOG else fields
    return name + ("?" + "&".join(sorted(fields)) if fields else "")


def _pattern(page: Page) -> re.Pattern[str]:
    return re.compile(PARAMETER.sub(lambda found: SHAPES[found[1] or "str"], page.path))


_PATTERNS = [(page, _pattern(page)) for page in GET_PAGES]
