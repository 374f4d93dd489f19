"""Nobody is kept out: axe finds nothing serious on any page, light or dark, and 320 pixels suffice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.access import Walk, kind_of
from tests.browser.serving import served


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a small installation is served, with nobody in it."""
    folder: Path = tmp_path_factory.mktemp("installation")
    with served(folder) as origin:
        yield origin


def test_every_component_and_every_page_of_refusal_is_open_to_all(chromium: Browser, origin: str) -> None:
    with chromium.new_context() as context:
        walk = Walk(context.new_page(), origin, within="/patterns").through("/patterns")

    assert walk.wrong == []
    assert {"/patterns/not_found", "/patterns/unavailable"} <= walk.seen


def test_every_page_before_signing_in_is_open_to_all(chromium: Browser, origin: str) -> None:
    with chromium.new_context() as context:
        walk = Walk(context.new_page(), origin).through("/", "/nowhere", "/family")

    assert walk.wrong == []
    assert {"/", "/join", "/sign-in"} <= walk.seen


def test_pages_of_one_kind_are_looked_at_once() -> None:
    one = kind_of("/family/sessions/abcdefghij2345678901?zone=UTC")

    assert (
        one == kind_of("/family/sessions/zyxwvutsrq7654321098?zone=Asia/Tokyo") == "/family/sessions/*?zone"
    )
    assert one != kind_of("/family/sessions/abcdefghij2345678901/move")
