"""Every template can be read by Jinja, and none needs a hole in the Content-Security-Policy."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes
from jinja2.meta import find_referenced_templates

from scheduler.gateways import letters
from scheduler.web import pages
from tests.conventions.house import ROOT, readable

FOLDER = ROOT / "scheduler" / "templates"
MAIL = FOLDER / "mail"  # mail programs read inline styles only
PAGES = sorted(path for path in FOLDER.rglob("*.html") if MAIL not in path.parents)
LETTERS = sorted(path for path in MAIL.rglob("*.*"))

INLINE = {
    "a script without a file": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a style sheet within": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "a file of another host": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "unescaped output": re.compile(r"[^\"'\s]\s*\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
}
FIELDS = frozenset(
    {"checkbox", "date_field", "field", "file_field", "radios", "select", "textarea", "time_field"}
)


def named(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_can_be_read(path: Path) -> None:
    pages.templates().get_template(named(path))


@pytest.mark.parametrize("path", LETTERS, ids=named)
def test_a_letter_can_be_read(path: Path) -> None:
    letters.templates().get_template(path.relative_to(MAIL).as_posix())


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_has_nothing_inline(path: Path) -> None:
    text = readable(path)

    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


def calls(template: nodes.Template, macros: frozenset[str]) -> Iterator[nodes.Call]:
    for call in template.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in macros:
            yield call


def fields(template: nodes.Template) -> dict[str, str]:
    """Return the fields of a template and of the parts that it is made of: name and label."""
    found: dict[str, str] = {}
    for part in find_referenced_templates(template):
        if part is not None and not part.startswith(("components/", "layout")):
            found |= fields(pages.templates().parse((FOLDER / part).read_text()))
    for call in calls(template, FIELDS):
        label, name = call.args[:2]
        has_own_id = any(one.key == "id" for one in call.kwargs)  # the list links to "f-" and the name
        if isinstance(label, nodes.Const) and isinstance(name, nodes.Const) and not has_own_id:
            found[name.value] = label.value
    return found


def labels(summary: nodes.Call) -> dict[str, str]:
    """Return the labels that a list of errors is given, as a literal or by ``dict(more, name="Label")``."""
    given: Any = next((one.value for one in summary.kwargs if one.key == "labels"), nodes.Dict([]))
    items: list[Any] = given.items if isinstance(given, nodes.Dict) else []
    more: list[Any] = given.kwargs if isinstance(given, nodes.Call) else []
    return {one.key.value: one.value.value for one in items} | {one.key: one.value.value for one in more}


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_list_of_errors_calls_each_field_of_the_page_by_its_label(path: Path) -> None:
    template = pages.templates().parse(readable(path))

    for summary in calls(template, frozenset({"error_summary"})):
        assert fields(template).items() - labels(summary).items() == set()


def test_every_letter_has_its_three_parts() -> None:
    folders = [path for path in MAIL.iterdir() if path.is_dir()]
    wanted = {"subject.txt", "body.txt", "body.html"}

    assert {path.name: wanted - {part.name for part in path.iterdir()} for path in folders} == {
        path.name: set() for path in folders
    }
