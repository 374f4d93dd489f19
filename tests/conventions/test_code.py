"""Rules of the code that no linter holds as we mean them."""

import ast
import sys
from collections.abc import Iterator

from tests.conventions.house import Function, Module, modules

CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
PLACES_OF_TRANSACTIONS = (
    "scheduler/actions/",
    "scheduler/cli",
    "scheduler/demo",
    "scheduler/jobs",
)


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Yield each call with the name called, as it is written."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def test_everything_public_says_what_its_name_cannot() -> None:
    silent = [
        f"{module.where(node)} {node.name}"
        for module in modules("scheduler/", "benchmarks/", "migrations/")
        for node in module.public
        if ast.get_docstring(node) is None
    ]
    silent += [
        module.name
        for module in modules("scheduler/", "benchmarks/", "migrations/", "tests/", "asgi.py")
        if ast.get_docstring(module.tree) is None
    ]

    assert silent == []


def test_the_time_comes_from_services_alone() -> None:
    read = [
        f"{module.where(call)} {name}"
        for module in modules("scheduler/")
        for call, name in calls(module)
        if any(name == clock or name.endswith(f".{clock}") for clock in CLOCKS)
    ]

    assert [place for place in read if not place.startswith("scheduler/services.py")] == []
    assert len(read) == 1


def test_imports_stand_at_the_top() -> None:
    hidden = [
        module.where(node)
        for module in modules("scheduler/", "benchmarks/", "tests/", "migrations/env.py")
        if not module.name.startswith("scheduler/cli")  # so that `hearth --help` is instant
        for function in module.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert hidden == []


def test_only_the_clockwork_goes_on_after_any_error() -> None:
    swallowed = [
        module.where(node)
        for module in modules("scheduler/")
        if module.name != "scheduler/jobs.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) == "Exception")
    ]

    assert swallowed == []


def test_the_domain_knows_the_standard_library_and_itself_only() -> None:
    foreign = [
        f"{module.name} imports {name}"
        for module in modules("scheduler/domain/")
        for name in module.imports
        if name != "scheduler"  # its version
        and not name.startswith("scheduler.domain")
        and name.split(".")[0] not in sys.stdlib_module_names
    ]

    assert foreign == []


def test_the_domain_awaits_nothing() -> None:
    waiting = [
        module.where(function)
        for module in modules("scheduler/domain/")
        for function in module.functions
        if isinstance(function, ast.AsyncFunctionDef)
    ]

    assert waiting == []


def test_only_actions_and_the_clockwork_open_transactions() -> None:
    opened = [
        module.where(call)
        for module in modules("scheduler/")
        if not module.name.startswith(PLACES_OF_TRANSACTIONS)
        for call, name in calls(module)
        if name.endswith(("database.read", "database.write"))
    ]

    assert opened == []


def test_what_runs_in_a_transaction_never_commits_by_itself() -> None:
    doors = ("scheduler/storage/sqlite.py", "scheduler/storage/postgresql.py")
    committed = [
        module.where(call)
        for module in modules("scheduler/")
        if module.name not in doors
        for call, name in calls(module)
        if name.endswith((".commit", ".rollback"))
    ]

    assert committed == []


def test_work_in_a_transaction_cannot_wait() -> None:
    waiting = [
        module.where(function)
        for module in modules("scheduler/")
        for function in module.functions
        if isinstance(function, ast.AsyncFunctionDef) and _takes_a_transaction(function)
    ]

    assert waiting == []


def _takes_a_transaction(function: Function) -> bool:
    return any(
        argument.annotation is not None and ast.unparse(argument.annotation) == "Transaction"
        for argument in function.args.args
    )
