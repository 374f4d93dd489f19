"""The room on a phone: everything can be read and pressed, and nobody's name is cut."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.browser.steps import meet
from tests.browser.story import PHONE, Stage, browsing, sees_and_hears

LONG = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafers Rivera"


@pytest.fixture
def phones(chromium: Browser) -> Iterator[tuple[BrowserContext, BrowserContext]]:
    """A phone for each of two people."""
    with browsing(chromium, PHONE) as one, browsing(chromium, PHONE) as other:
        yield one, other


def box(element: Locator) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of an element."""
    found = element.bounding_box()
    assert found is not None
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def is_within(inner: Locator, outer: Locator) -> bool:
    """Tell whether an element lies wholly in another."""
    (left, top, right, bottom), (west, north, east, south) = box(inner), box(outer)
    return west <= left and north <= top and right <= east and bottom <= south


def do_meet(one: Locator, other: Locator) -> bool:
    """Tell whether an element lies over another."""
    (left, top, right, bottom), (west, north, east, south) = box(one), box(other)
    return left < east and west < right and top < south and north < bottom


def test_on_a_phone_nothing_lies_over_words_and_a_long_name_is_shown_whole(
    stage: Stage, phones: tuple[BrowserContext, BrowserContext]
) -> None:
    mother, therapist = meet(stage, *phones)
    stage.rename_mother(LONG)
    mother.reload()
    assert sees_and_hears(mother)
    therapist.reload()
    assert sees_and_hears(therapist)

    own, name = therapist.locator("[data-own]"), therapist.locator("[data-tiles] [data-name]")
    expect(name).to_have_text(f"{LONG}, mother")
    assert is_within(name, therapist.locator("[data-tiles] .tile"))
    assert is_within(therapist.locator(".people bdi").first, therapist.locator(".people"))
    assert therapist.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for words in [name, *therapist.locator(".controls button").all()]:
        assert not do_meet(own, words)

    mother.get_by_role("button", name="Leave", exact=True).click()
    alone = therapist.locator("[data-status]")
    expect(alone).to_have_text("You are in. Waiting for the others.")
    assert not do_meet(own, alone)
    assert box(therapist.locator(".people"))[3] < PHONE["height"]
