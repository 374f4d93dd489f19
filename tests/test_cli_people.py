"""``hearth staff`` and ``hearth keys``: the first steps of a new installation, from a shell."""

import asyncio
import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.actions.passkeys import is_enrolment_open
from scheduler.cli import main
from scheduler.domain.audit import Event
from scheduler.services import build_services
from scheduler.settings import Settings
from scheduler.storage.keyring import load_keyring
from tests.conftest import BASE_URL
from tests.engines import sqlite_url
from tests.log import events

ADD = ["staff", "add", "--email", "ada@people.test", "--name", "Ada Stone", "--role", "administrator"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of an installation that has no keys yet."""
    return {
        "HEARTH_DATABASE_URL": sqlite_url(tmp_path),
        "HEARTH_BASE_URL": BASE_URL,
        "HEARTH_KEYS_DIR": str(tmp_path / "keys"),
        "HEARTH_MAIL_URL": f"maildir:{tmp_path / 'mail'}",
        "HEARTH_MAIL_FROM": "Hearth <hello@hearth.test>",
    }


def run(environment: dict[str, str], *arguments: str) -> Result:
    """Run the command as a shell would."""
    return CliRunner().invoke(main, arguments, env=environment)


def settings_of(environment: dict[str, str]) -> Settings:
    values = {name.removeprefix("HEARTH_").lower(): value for name, value in environment.items()}
    return Settings.model_validate(values)


def test_new_keys_are_for_their_owner_only_and_are_never_overwritten(environment: dict[str, str]) -> None:
    folder = Path(environment["HEARTH_KEYS_DIR"])

    made = run(environment, "keys", "new")
    kept = {file.name: file.read_bytes() for file in folder.iterdir()}
    again = run(environment, "keys", "new")

    assert made.exit_code == 0
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.glob("*.key")} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (again.exit_code, "hearth keys rotate" in again.output) == (1, True)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == kept


def test_no_key_is_printed(environment: dict[str, str]) -> None:
    made = run(environment, "keys", "new")

    keys = [file.read_text() for file in Path(environment["HEARTH_KEYS_DIR"]).glob("*.key")]
    assert len(keys) == 3
    assert [key for key in keys if key in made.output] == []


def test_new_keys_need_nothing_but_their_folder(tmp_path: Path) -> None:
    made = run({}, "keys", "new", "--dir", str(tmp_path / "keys"))

    assert made.exit_code == 0
    assert len(load_keyring(tmp_path / "keys").kids) == 1


def test_a_rotated_key_opens_what_the_older_one_sealed_and_is_logged(environment: dict[str, str]) -> None:
    run(environment, "keys", "new")
    before = load_keyring(Path(environment["HEARTH_KEYS_DIR"]))
    run(environment, *ADD)

    rotated = run(environment, "keys", "rotate")

    after = load_keyring(Path(environment["HEARTH_KEYS_DIR"]))
    assert rotated.exit_code == 0
    assert after.kids[0] == before.kids[0]
    assert len(after.kids) == 2
    assert asyncio.run(log_of(environment))[-1] == Event.KEY_ROTATED


def test_a_key_that_cannot_be_logged_is_not_kept(environment: dict[str, str], tmp_path: Path) -> None:
    run(environment, "keys", "new")
    nowhere = environment | {"HEARTH_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/absent/hearth.db"}

    rotated = run(nowhere, "keys", "rotate")

    assert rotated.exit_code == 1
    assert len(load_keyring(Path(environment["HEARTH_KEYS_DIR"])).kids) == 1


def test_the_first_person_gets_a_one_time_link(environment: dict[str, str]) -> None:
    run(environment, "keys", "new")

    added = run(environment, *ADD)

    found = re.search(re.escape(BASE_URL) + r"/enrol/([A-Za-z0-9_-]{32})\n", added.output)
    assert added.exit_code == 0
    assert found is not None
    assert asyncio.run(is_open(environment, found[1]))
    assert asyncio.run(log_of(environment)) == [Event.PERSON_ADDED, Event.ENROLMENT_CREATED]


async def is_open(environment: dict[str, str], token: str) -> bool:
    services = build_services(settings_of(environment))
    try:
        return await is_enrolment_open(services, token)
    finally:
        await services.database.close()


async def log_of(environment: dict[str, str]) -> list[Event]:
    services = build_services(settings_of(environment))
    try:
        return await events(services)
    finally:
        await services.database.close()


def test_an_address_that_somebody_has_is_refused_in_one_sentence(environment: dict[str, str]) -> None:
    run(environment, "keys", "new")
    run(environment, *ADD)

    again = run(environment, *ADD)

    assert (again.exit_code, again.output) == (1, "Error: somebody has this e-mail address already\n")


@pytest.mark.parametrize(
    "wrong",
    [
        ["--email", "ada"],
        ["--name", " "],
        ["--role", "client"],
        ["--zone", "Mars/Olympus"],
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_added(environment: dict[str, str], wrong: list[str]) -> None:
    run(environment, "keys", "new")

    refused = run(environment, *ADD, *wrong)

    assert refused.exit_code == 2
    assert wrong[0] in refused.output
    assert asyncio.run(log_of(environment)) == []


def test_without_keys_nobody_is_added(environment: dict[str, str]) -> None:
    refused = run(environment, *ADD)

    assert refused.exit_code == 1
    assert "hearth keys new" in refused.output
