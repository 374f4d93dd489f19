"""Nobody is kept out: every page of the route table, walked in the demo, is open to all who come.

Light on a phone and dark on a desk, axe finds nothing serious; 320 pixels suffice, and letters twice as
large; each has a title, one first heading and a way to skip to it; what can be pressed is large enough, lies
over nothing else, and shows when it has the focus.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.access import problems
from tests.browser.looking import GET_PAGES, NOT_PAGES, SHOWN, Looks, kind_of
from tests.browser.serving import Demo, demo_served, served
from tests.browser.ways import (
    ANA,
    ROSA,
    asking_for_a_conversation,
    covering,
    enrolling,
    exporting,
    finding_a_release,
    holding_a_time,
    joining,
    keeping_apart,
    proving,
    signed_in,
    taking_a_place,
)

MAYA, DENISE = "maya.okafor@staff.example", "denise.walker@staff.example"
TOM, PRIYA, LEE = "tom.brandt@staff.example", "priya.raman@staff.example", "lee.tran@staff.example"
WALKS = {
    "": ["/", "/demo"],
    ROSA: ["/family"],
    "karen.whitfield@mail.example": ["/family"],
    "jules.rivera@mail.example": ["/family", "/step-up", "/step-up/code"],
    MAYA: ["/clinician", "/account"],
    DENISE: ["/clinician"],
    TOM: ["/coordinator"],
    "ingrid.solberg@staff.example": ["/clinician", "/coordinator"],
    PRIYA: ["/compliance", "/step-up"],
    LEE: ["/admin"],
}
KEEPS_OUT = """<style>* { outline: none !important; } div { width: 2000px; } a { margin-left: -30px; }</style>
<h1>One</h1><h1>Two</h1><div>Wide</div><button>Press</button><a href="#">Follow</a><input>
<p style="color: #ccc">Pale</p>"""
FOUND = [
    "2 headings of the first level",
    "no title",
    "no language",
    "no way to skip",
    "target below 44 pixels: Press",
    "Press and Follow lie over one another",
    "pixels wider than a screen of 320",
    "pixels wider than a screen of 1280",
    "letters twice as large",
    "focus cannot be seen: Press",
    "color-contrast",
    "dark: color-contrast",
    "label: <input>",
]


@pytest.fixture(scope="module")
def looks(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looks]:
    """What was seen and found on a walk through the whole demo: by every link, then by every way."""
    with demo_served(tmp_path_factory.mktemp("demo") / "house") as demo:
        looks = Looks(demo.origin)
        for email, starts in WALKS.items():
            with chromium.new_context() as context:
                page = context.new_page()
                looks.through(signed_in(page, demo, email) if email else page, *starts)
        for step in ways(chromium, demo):
            looks.at(step)
        yield looks


def ways(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """Go every way to pages that no link leads to."""
    with chromium.new_context(permissions=["camera", "microphone"]) as theirs, chromium.new_context() as ours:
        stranger, staff = theirs.new_page(), ours.new_page()
        yield from asking_for_a_conversation(stranger, demo)
        yield from proving(stranger, demo)
        yield from enrolling(signed_in(staff, demo, LEE), stranger, demo)
        yield from exporting(signed_in(staff, demo, PRIYA), demo)
        yield from finding_a_release(staff, demo)
        yield from keeping_apart(signed_in(staff, demo, TOM), demo)
        for preset in ("reassign", "cancel"):
            yield from covering(signed_in(staff, demo, MAYA), demo, preset)
        yield from holding_a_time(signed_in(stranger, demo, ANA), demo)
        yield from taking_a_place(stranger, signed_in(staff, demo, ROSA), demo)
        yield from joining(signed_in(stranger, demo, ROSA), signed_in(staff, demo, MAYA), demo)


@pytest.mark.parametrize("name", SHOWN)
def test_every_page_is_open_to_all(looks: Looks, name: str) -> None:
    assert name in looks.names(), "no link and no way leads to this page: add one to tests/browser/ways.py"
    assert looks.wrong.get(name, []) == []


def test_nothing_else_was_wrong_on_the_way(looks: Looks) -> None:
    assert {page: found for page, found in looks.wrong.items() if found and page not in SHOWN} == {}


def test_the_table_has_every_page_that_is_said_to_show_nothing() -> None:
    assert set(NOT_PAGES) <= {page.name for page in GET_PAGES}


def test_every_component_and_every_page_of_refusal_is_open_to_all(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("installation")
    with served(folder) as origin, chromium.new_context() as context:
        page = context.new_page()
        wrong, seen = [], set()
        waiting = ["/patterns", "/nowhere", "/family"]
        page.goto(f"{origin}/patterns")
        waiting += page.locator("main a[href^='/patterns/']").evaluate_all(
            "(all) => all.map((one) => one.pathname)"
        )
        for path in waiting:
            page.goto(origin + path)
            seen.add(path)
            wrong += [f"{path}: {problem}" for problem in problems(page)]

    assert wrong == []
    assert {"/patterns/not_found", "/patterns/unavailable"} <= seen


def test_a_page_that_keeps_people_out_is_found(chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_content(KEEPS_OUT)
        found = "\n".join(problems(page))

    for words in FOUND:
        assert words in found


def test_pages_of_one_kind_are_looked_at_once() -> None:
    one = kind_of("/family/sessions/abcdefghij2345678901?zone=UTC")

    assert one == kind_of("/family/sessions/zyxwvutsrq7654321098?zone=Asia/Tokyo") == "family.session"
    assert one != kind_of("/family/sessions/abcdefghij2345678901/move")
    assert kind_of("/family/book?kind_id=check-in&zone=UTC") == "family.book?kind_id"
