"""What no committed file may hold, and what the lock and the package must."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from scheduler.storage.schema import MIGRATIONS
from tests.conventions.house import ROOT, committed, modules, readable

PLACES_OF_ONE_MACHINE = re.compile(r"(?<![\w.<])/(?:root|home|Users|work|tmp)/[\w.]")
REGISTRIES = re.compile(r"\b(?:pypi|pythonhosted|npmjs|npm|crates|debian)\.(?:org|com|io)\b", re.IGNORECASE)
THIS_FILE = Path(__file__)
PART_OF_WHAT_WE_ASK_FOR = {"hearth", "uvloop"}  # uvicorn[standard] asks for uvloop


DECISIONS = ROOT / "docs" / "decisions"
PARTS_OF_A_DECISION = ["Context.", "Decision.", "Consequences.", "Alternatives.", "Enforced by"]


def holding(pattern: re.Pattern[str]) -> list[str]:
    """Return "file: match" of every committed file but this one."""
    return [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in committed()
        if path != THIS_FILE and (found := pattern.search(readable(path)))
    ]


def test_no_file_names_a_place_of_one_machine() -> None:
    assert holding(PLACES_OF_ONE_MACHINE) == []


def test_no_file_names_a_registry() -> None:
    assert holding(REGISTRIES) == []


def test_the_lock_names_versions_and_hashes_and_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==\S+.* \\\n    --hash=sha256:", lock, re.MULTILINE)

    assert "//" not in lock
    assert len(pinned) == len(re.findall(r"^[a-z]", lock, re.MULTILINE))
    assert set(wanted("project", "dev")) <= set(pinned)


def test_every_library_that_is_imported_is_asked_for() -> None:
    assert imported("scheduler/", "migrations/", "asgi.py") - set(wanted("project")) == set()
    assert imported("tests/", "benchmarks/") - set(wanted("project", "dev")) == set()


def imported(*folders: str) -> set[str]:
    """Return the packages whose modules these folders import, as a lock spells them."""
    origins = packages_distributions()
    names = {name.split(".")[0] for module in modules(*folders) for name in module.imports}
    return {spelled(origins[name][0]) for name in names if name in origins} - PART_OF_WHAT_WE_ASK_FOR


def wanted(*groups: str) -> list[str]:
    """Return the names of the packages that the project asks for ("project") and its tests ("dev")."""
    file = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {"project": file["project"]["dependencies"], "dev": file["dependency-groups"]["dev"]}
    return [spelled(re.split(r"[\[>=<;~ ]", text)[0]) for group in groups for text in asked[group]]


def spelled(name: str) -> str:
    """Return a package's name as a lock spells it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_decision_has_its_five_parts_and_is_listed() -> None:
    index = readable(DECISIONS / "README.md")
    records = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")

    for record in records:
        assert re.findall(r"^\*\*(.+?)\*\*", readable(record), re.MULTILINE) == PARTS_OF_A_DECISION, (
            record.name
        )
    assert re.findall(r"\((\d{4}-.+?\.md)\)", index) == [record.name for record in records]


def test_every_picture_and_page_that_a_page_links_to_is_there() -> None:
    pages = [path for path in committed() if path.suffix == ".md"]
    links = [
        (page, link) for page in pages for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", readable(page))
    ]

    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_the_migrations_are_found_from_the_checkout() -> None:
    assert MIGRATIONS == ROOT / "migrations"
