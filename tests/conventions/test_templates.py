"""Every template can be read by Jinja, and none needs a hole in the Content-Security-Policy."""

import re
from pathlib import Path

import pytest

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


def test_every_letter_has_its_three_parts() -> None:
    folders = [path for path in MAIL.iterdir() if path.is_dir()]
    wanted = {"subject.txt", "body.txt", "body.html"}

    assert {path.name: wanted - {part.name for part in path.iterdir()} for path in folders} == {
        path.name: set() for path in folders
    }
