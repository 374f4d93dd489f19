"""What `hearth serve` refuses to start with, and what every command says about missing settings."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scheduler import cli_serve
from scheduler.cli import main
from scheduler.settings import Settings
from tests.engines import sqlite_url, sqlite_url_of

NEEDED = ("DATABASE_URL", "BASE_URL", "KEYS_DIR", "MAIL_URL", "MAIL_FROM")


def house(folder: Path, **changed: object) -> Settings:
    values: dict[str, object] = {
        "database_url": sqlite_url_of(folder / "hearth.db"),
        "base_url": "https://hearth.test",
        "keys_dir": folder / "keys",
        "mail_url": f"maildir:{folder / 'mail'}",
        "mail_from": "Hearth <hello@hearth.test>",
    }
    return Settings.model_validate(values | changed)


def objections(settings: Settings, *, host: str = "127.0.0.1", workers: int = 1) -> str:
    return "\n".join(cli_serve.objections(settings, host=host, workers=workers))


def environment(folder: Path, **changed: str) -> dict[str, str]:
    return {
        "HEARTH_DATABASE_URL": sqlite_url_of(folder / "hearth.db"),
        "HEARTH_BASE_URL": "https://hearth.test",
        "HEARTH_KEYS_DIR": str(folder / "keys"),
        "HEARTH_MAIL_URL": f"maildir:{folder / 'mail'}",
        "HEARTH_MAIL_FROM": "Hearth <hello@hearth.test>",
    } | changed


def run(*arguments: str, env: dict[str, str]) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments, env=env)
    return result.exit_code, result.output


def test_a_house_behind_a_proxy_on_the_same_machine_is_served(tmp_path: Path) -> None:
    assert objections(house(tmp_path)) == ""


def test_a_house_behind_a_named_proxy_is_served_to_the_network(tmp_path: Path) -> None:
    assert objections(house(tmp_path, trusted_proxies="10.0.0.2"), host="0.0.0.0") == ""  # noqa: S104


def test_plain_http_on_this_machine_alone_is_served(tmp_path: Path) -> None:
    assert objections(house(tmp_path, base_url="http://localhost:8000")) == ""


@pytest.mark.parametrize(
    ("changed", "host", "words"),
    [
        ({}, "0.0.0.0", "HEARTH_TRUSTED_PROXIES"),  # noqa: S104
        ({"base_url": "http://hearth.test"}, "127.0.0.1", "plain http"),
        ({"base_url": "https://localhost", "trusted_proxies": "10.0.0.2"}, "192.0.2.1", "public address"),
        ({"turn_urls": "turn:relay.test"}, "127.0.0.1", "HEARTH_TURN_SECRET"),
        ({"is_demo": True}, "127.0.0.1", "HEARTH_IS_DEMO"),
    ],
)
def test_a_house_that_would_be_open_or_unreachable_is_not_served(
    tmp_path: Path, changed: dict[str, object], host: str, words: str
) -> None:
    assert words in objections(house(tmp_path, **changed), host=host)


def test_several_workers_are_refused_on_each_engine_with_the_reason(tmp_path: Path) -> None:
    assert "need PostgreSQL" in objections(house(tmp_path), workers=2)
    postgresql = house(tmp_path, database_url="postgresql+asyncpg://hearth@db.test/hearth")
    assert "only one worker" in objections(postgresql, workers=2)


@pytest.mark.parametrize("command", ["serve", "jobs", "migrate"])
def test_all_missing_settings_are_named_at_once(tmp_path: Path, command: str) -> None:
    code, output = run(command, env={f"HEARTH_{name}": "" for name in NEEDED})
    assert code == 1
    assert all(f"HEARTH_{name}" in output for name in NEEDED[:2])
    assert "Traceback" not in output


def test_missing_keys_are_one_sentence(tmp_path: Path) -> None:
    code, output = run("serve", env=environment(tmp_path))
    assert code == 1
    assert "hearth keys new" in output


def test_a_schema_behind_the_code_is_not_served(tmp_path: Path) -> None:
    assert run("keys", "new", env=environment(tmp_path))[0] == 0
    code, output = run("serve", env=environment(tmp_path))
    assert code == 1
    assert "run hearth migrate" in output


def test_migrate_brings_an_absent_database_to_head_and_check_only_says(tmp_path: Path) -> None:
    env = environment(tmp_path / "new")
    run("keys", "new", env=env)
    assert run("migrate", "--check", env=env)[0] == 1
    assert "went from nothing to" in run("migrate", env=env)[1]
    code, output = run("migrate", "--check", env=env)
    assert (code, "is at head" in output) == (0, True)


def test_settings_are_read_from_a_file_of_lines(tmp_path: Path) -> None:
    sqlite_url(tmp_path)
    file = tmp_path / "env"
    file.write_text("".join(f"{name}={value}\n" for name, value in environment(tmp_path).items()))
    nothing = dict.fromkeys(environment(tmp_path), "")
    run("--env", str(file), "keys", "new", env=nothing)
    code, output = run("--env", str(file), "migrate", "--check", env=nothing)
    assert (code, "is at head" in output) == (0, True)


def test_the_clockwork_alone_is_not_for_sqlite(tmp_path: Path) -> None:
    code, output = run("jobs", env=environment(tmp_path))
    assert code == 1
    assert "serve` runs the clockwork itself" in output


def test_no_objection_refuses_nothing() -> None:
    cli_serve.refuse_if_any(iter(()))
    with pytest.raises(click.ClickException, match="will not serve"):
        cli_serve.refuse_if_any(iter(["a reason"]))
