"""The look holds together: no class without a rule, no icon without a drawing, colours that can be read."""

import re

import pytest

from scheduler.web.pages import STATIC, templates
from tests.conventions.house import ROOT

TEMPLATES = ROOT / "scheduler" / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "mail" not in path.parts)
SHEETS = sorted((STATIC / "css").glob("*.css"))
CSS = "\n".join(sheet.read_text() for sheet in SHEETS)

MOST_LINES = 400
READABLE = 4.5  # WCAG 2.2, 1.4.3
SEEN = 3.0  # WCAG 2.2, 1.4.11
INK_ON_GROUND = [
    *((ink, ground) for ink in ("ink", "ink-soft", "accent", "accent-deep") for ground in ("paper", "card")),
    *((ink, "accent-wash") for ink in ("ink", "ink-soft", "accent", "accent-deep", "ember")),
    *((ink, ground) for ink in ("ember", "stop") for ground in ("paper", "card")),
    *((ink, "ember-wash") for ink in ("ink", "ink-soft", "ember", "accent")),
    *((ink, "stop-wash") for ink in ("ink", "stop", "accent")),
    *((ink, "sunk") for ink in ("ink", "ink-soft")),
    *(("accent-ink", ground) for ground in ("accent", "accent-deep")),
]
LINE_ON_GROUND = [(line, ground) for line in ("line-strong", "focus", "stop") for ground in ("paper", "card")]


def test_every_class_of_a_template_has_a_rule() -> None:
    attributes = re.findall(r'class="([^"{]*)', "\n".join(path.read_text() for path in PAGES))
    used = {name for names in attributes for name in names.split()}

    assert {name for name in used if not re.search(rf"\.{re.escape(name)}\b", CSS)} == set()


def test_every_icon_of_a_template_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    text = "\n".join(path.read_text() for path in PAGES)
    used = re.findall(r'\bicon(?:_name)?(?:\(|=)"([\w-]+)"', text) + re.findall(r'symbol = "([\w-]+)"', text)

    assert set(used) - drawn == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_stays_small_and_in_its_layer(sheet: object) -> None:
    text = next(known for known in SHEETS if known == sheet).read_text()

    assert text.count("\n") < MOST_LINES
    assert "@layer" in text


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), INK_ON_GROUND)
def test_words_can_be_read(ink: str, ground: str, scheme: int) -> None:
    assert contrast(colour(ink, scheme), colour(ground, scheme)) >= READABLE


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), LINE_ON_GROUND)
def test_borders_of_controls_can_be_seen(line: str, ground: str, scheme: int) -> None:
    assert contrast(colour(line, scheme), colour(ground, scheme)) >= SEEN


def test_templates_keep_what_they_are_given_apart_from_markup() -> None:
    macro = templates().from_string(
        '{% from "components/forms.html" import field %}{{ field("Name", "name", typed.name, errors.name) }}'
    )

    page = macro.render(typed={"name": '"><script>'}, errors={})

    assert "<script>" not in page
    assert 'value="&#34;&gt;&lt;script&gt;"' in page
    assert "aria-invalid" not in page


def colour(name: str, scheme: int) -> tuple[float, float, float]:
    """Return a token's colour in linear light; scheme 0 is light, 1 dark."""
    found = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", CSS)
    assert found is not None, name
    text = found.group(scheme + 1)
    red, green, blue = (int(text[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return linear(red), linear(green), linear(blue)


def linear(value: float) -> float:
    """Return a channel of sRGB in linear light (WCAG 2.2, relative luminance)."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    low, high = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (one, other))
    return (high + 0.05) / (low + 0.05)
