"""One word, one thing: public names use the words of the table in ``scheduler/__init__.py``."""

import re
from collections.abc import Collection

from scheduler.settings import Settings
from scheduler.storage.tables import METADATA
from scheduler.web.routes import DEBUG_PAGES, PAGES, SOCKETS, demo
from tests.conventions.house import modules

SAY_INSTEAD = {
    "appointment": "session",
    "attendee": "place",
    "curriculum": "program",
    "guest": "family member",
    "invitation": "invite",
    "lobby": "waiting room",
    "login": "sign-in",
    "magic": "join link",
    "meeting": "session",
    "notification": "notice",
    "patient": "client",
    "principal": "actor",
    "roi": "release",
    "user": "person or actor",
}
NEUTRAL = {"appointment"}  # what addresses, mail and calendars say outside, so that they hint at nothing


def words(name: str) -> set[str]:
    """Return the words of a name in snake_case, CamelCase or dotted, in the singular."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return {part.lower().removesuffix("s") for part in parts}


def wrong(names: list[str], *, allowed: Collection[str] = ()) -> list[str]:
    """Return the names that use a word for something that has another."""
    return [
        f"{name}: say {SAY_INSTEAD[word]}"
        for name in names
        for word in sorted((words(name.rpartition(" ")[2]) & SAY_INSTEAD.keys()) - set(allowed))
    ]


def test_code_calls_things_by_their_one_name() -> None:
    found = modules("scheduler/")
    public = [f"{module.where(node)} {node.name}" for module in found for node in module.public]

    assert wrong(public) == []


def test_files_are_called_by_the_one_name_of_their_thing() -> None:
    inside, pages = modules("scheduler/"), modules("scheduler/web/")

    assert wrong([module.name for module in inside if module not in pages]) == []
    assert wrong([module.name for module in pages], allowed=NEUTRAL) == []


def test_tables_call_things_by_their_one_name() -> None:
    columns = [f"{table.name}.{column.name}" for table in METADATA.sorted_tables for column in table.columns]

    assert wrong(columns) == []


def test_addresses_call_things_by_their_one_name() -> None:
    pages = [*PAGES, *demo.PAGES, *DEBUG_PAGES]
    names = [page.name for page in pages] + [socket.name for socket in SOCKETS]
    paths = [page.path for page in pages] + [socket.path for socket in SOCKETS]

    assert wrong(names + paths, allowed=NEUTRAL) == []


def test_settings_call_things_by_their_one_name() -> None:
    assert wrong(list(Settings.model_fields), allowed=NEUTRAL) == []
