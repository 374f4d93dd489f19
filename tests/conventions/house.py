"""The checkout as the convention tests read it: committed files, and Python files with their syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """One Python file; ``name`` is its path from the root of the checkout."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.name)

    @property
    def functions(self) -> Iterator[Function]:
        """Every function and method, the nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    @property
    def public(self) -> Iterator[Definition]:
        """Every class, function and method without an underscore in front, except those inside functions."""
        return _public(self.tree)

    @property
    def imports(self) -> Iterator[str]:
        """The full name of every module imported."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or ""

    def where(self, node: ast.stmt | ast.expr | ast.ExceptHandler) -> str:
        """Return "file:line" of a node, for a failure's message."""
        return f"{self.name}:{node.lineno}"


def modules(*folders: str) -> list[Module]:
    """Return the Python files under these folders of the checkout."""
    return [module for module in _all_modules() if module.name.startswith(folders)]


@lru_cache(maxsize=1)
def committed() -> list[Path]:
    """Return every file that git keeps or would keep; in an unpacked archive without git, every file."""
    asked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607  # git of the machine
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return [path for name in asked.stdout.splitlines() if (path := ROOT / name).is_file()]


def readable(path: Path) -> str:
    """Return a committed file's text, empty where it is a picture or a font."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@lru_cache(maxsize=1)
def _all_modules() -> list[Module]:
    paths = [path for path in committed() if path.suffix == ".py"]
    return [Module(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths]


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    for node in parent.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)
