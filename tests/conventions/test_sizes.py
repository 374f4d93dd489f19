"""How large a file and a function may be, and what a file may not be called.

A function's length is the number of its lines from the first statement after the docstring to the last,
blank lines not counted.
"""

import ast

from tests.conventions.house import ROOT, Function, Module, committed, modules, readable

FILE_LINES = 350
STYLE_SHEET_LINES = 400
FUNCTION_LINES = 25
TEST_LINES = 40  # a test may tell a longer story
CODE = ("scheduler/", "benchmarks/", "asgi.py", "migrations/env.py")
COUNTED = {".py": FILE_LINES, ".html": FILE_LINES, ".js": FILE_LINES, ".css": STYLE_SHEET_LINES}
NAMES_THAT_SAY_NOTHING = {"common", "handler", "helpers", "manager", "service", "util", "utils"}


def length(module: Module, function: Function) -> int:
    """Return how many lines a function has."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) else function.body
    if not body:
        return 0
    lines = module.text.splitlines()[body[0].lineno - 1 : function.end_lineno]
    return sum(1 for line in lines if line.strip())


def too_long(found: list[Module], limit: int) -> list[str]:
    """Return the functions over the limit."""
    return [
        f"{module.where(function)} {function.name}: {lines} lines"
        for module in found
        for function in module.functions
        if (lines := length(module, function)) > limit
    ]


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    sizes = {path: len(readable(path).splitlines()) for path in committed() if path.suffix in COUNTED}

    assert [f"{path.relative_to(ROOT)}: {n}" for path, n in sizes.items() if n > COUNTED[path.suffix]] == []


def test_no_function_is_longer_than_half_a_screen() -> None:
    assert too_long(modules(*CODE), FUNCTION_LINES) == []


def test_no_test_is_longer_than_a_screen() -> None:
    assert too_long(modules("tests/"), TEST_LINES) == []


def test_a_file_is_named_for_what_it_is_about() -> None:
    named = [path.relative_to(ROOT).as_posix() for path in committed() if path.stem in NAMES_THAT_SAY_NOTHING]

    assert named == []
