"""Where the browser of the tests is."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the path of a Chromium: one on PATH, else playwright's own download, else None."""
    for name in NAMES:
        if (on_path := shutil.which(name)) is not None:
            return on_path
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return str(own) if own.exists() else None
