"""Chromium for a module's tests, and what most of them need: a program, a phone and a desk.

The browser is closed after its module: its loop must not run beside those of async tests.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.story import DESK, PHONE, Stage, browsing, staged
from tests.chromium import find_chromium

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
MEDIA = ["--autoplay-policy=no-user-gesture-required", "--use-fake-device-for-media-stream"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A Chromium with a made-up camera; each test opens contexts of its own."""
    found = find_chromium()
    assert found is not None, "Chromium is missing: run python -m tests.prepare"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS, *MEDIA])
        yield browser
        browser.close()


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A small program on Monday morning."""
    with staged(tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """The mother's phone."""
    with browsing(chromium, PHONE) as context:
        yield context


@pytest.fixture
def desk(chromium: Browser) -> Iterator[BrowserContext]:
    """The therapist's computer."""
    with browsing(chromium, DESK) as context:
        yield context
