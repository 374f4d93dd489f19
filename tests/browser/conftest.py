"""Chromium for a module's tests; closed after it: its loop must not run beside those of async tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

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
