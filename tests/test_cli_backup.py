"""`hearth backup` and `hearth restore` as an operator uses them."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import main
from tests.engines import postgresql_url, sqlite_url

OK = re.compile(r"OK \d+ entries, root [0-9a-f]{64}")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An installation with keys and an empty database."""
    found = {
        "HEARTH_DATABASE_URL": sqlite_url(tmp_path),
        "HEARTH_BASE_URL": "https://hearth.test",
        "HEARTH_KEYS_DIR": str(tmp_path / "keys"),
        "HEARTH_MAIL_URL": f"maildir:{tmp_path / 'mail'}",
        "HEARTH_MAIL_FROM": "Hearth <hello@hearth.test>",
    }
    assert run("keys", "new", env=found)[0] == 0
    name = ("--name", "Lee Tran", "--email", "lee@staff.test", "--role", "administrator")
    assert run("staff", "add", *name, env=found)[0] == 0
    return found


def run(*arguments: str, env: dict[str, str]) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments, env=env)
    return result.exit_code, result.output


def test_a_backup_ends_with_a_verified_log_and_is_never_written_over(
    env: dict[str, str], tmp_path: Path
) -> None:
    file = str(tmp_path / "house.zip")
    code, output = run("backup", "--out", file, env=env)
    assert code == 0
    assert OK.search(output)
    code, output = run("backup", "--out", file, env=env)
    assert code == 1
    assert "there already" in output


def test_a_restore_leaves_a_database_in_use_alone_until_told(env: dict[str, str], tmp_path: Path) -> None:
    file = str(tmp_path / "house.zip")
    run("backup", "--out", file, env=env)
    code, output = run("restore", file, env=env)
    assert code == 1
    assert "--replace" in output
    code, output = run("restore", file, "--replace", env=env)
    assert code == 0
    assert OK.search(output)
    assert len(list(tmp_path.glob("hearth.db.2*"))) >= 1


def test_a_restore_into_a_new_place_needs_no_database_there(env: dict[str, str], tmp_path: Path) -> None:
    file = str(tmp_path / "house.zip")
    run("backup", "--out", file, env=env)
    elsewhere = env | {"HEARTH_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'new' / 'hearth.db'}"}
    code, output = run("restore", file, env=elsewhere)
    assert code == 0
    assert OK.search(output)


def test_what_is_no_backup_changes_nothing(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("hello")
    code, output = run("restore", str(tmp_path / "letter.txt"), "--replace", env=env)
    assert code == 1
    assert "no whole backup" in output
    assert list(tmp_path.glob("hearth.db.2*")) == []


def test_a_restore_into_postgresql_replaces_what_is_there_when_told(
    env: dict[str, str], tmp_path: Path
) -> None:
    file = str(tmp_path / "house.zip")
    run("backup", "--out", file, env=env)
    with postgresql_url() as url:
        there = env | {"HEARTH_DATABASE_URL": url}
        assert run("restore", file, env=there)[0] == 0
        assert "--replace" in run("restore", file, env=there)[1]
        code, output = run("restore", file, "--replace", env=there)
    assert code == 0
    assert OK.search(output)
