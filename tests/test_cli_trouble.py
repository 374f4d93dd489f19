"""Trouble that an operator can mend: every command says it in plain lines, and none prints a traceback."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import main
from tests.engines import sqlite_url, sqlite_url_of

COMMANDS = {
    "audit export": ("audit", "export", "--out", "{folder}/export.zip", "--purpose", "review"),
    "audit fsck": ("audit", "fsck"),
    "backup": ("backup", "--out", "{folder}/backup.zip"),
    "keys rotate": ("keys", "rotate"),
    "migrate": ("migrate",),
    "migrate --check": ("migrate", "--check"),
    "restore": ("restore", "{folder}/whole.zip"),
    "serve": ("serve",),
    "staff add": ("staff", "add", "--email", "lee@staff.test", "--name", "Lee", "--role", "administrator"),
}
EXPORT = ("audit", "export", "--out", "{folder}/x.zip", "--purpose", "x")
NEED_THE_SCHEMA = sorted(COMMANDS.keys() - {"migrate", "restore"})

Env = dict[str, str]


@pytest.fixture
def env(tmp_path: Path) -> Env:
    """An installation with keys, an empty database and a backup."""
    found = {
        "HEARTH_DATABASE_URL": sqlite_url(tmp_path),
        "HEARTH_BASE_URL": "https://hearth.test",
        "HEARTH_KEYS_DIR": str(tmp_path / "keys"),
        "HEARTH_MAIL_URL": f"maildir:{tmp_path / 'mail'}",
        "HEARTH_MAIL_FROM": "Hearth <hello@hearth.test>",
    }
    assert run(("keys", "new"), found, tmp_path)[0] == 0
    (tmp_path / "whole.zip").write_bytes(b"")
    return found


def run(command: tuple[str, ...], env: Env, folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [part.format(folder=folder) for part in command], env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def schema_at(folder: Path, revision: str) -> None:
    connection = sqlite3.connect(folder / "hearth.db")
    connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BASE_URL", "hearth", "valid URL"),
        ("BASE_URL", "https://hearth.test/here", "scheme and host only"),
        ("DATABASE_URL", "mysql://hearth", "use sqlite+aiosqlite"),
        ("DATABASE_URL", "sqlite+aiosqlite:///", "use sqlite+aiosqlite"),
        ("DATABASE_URL", "postgresql+asyncpg://hearth@db.test:port/hearth", "port"),
        ("LOG_NAME", "two words", "no space and no plus"),
        ("MAIL_FROM", "nobody", "use one address"),
        ("MAIL_FROM", "a@hearth.test\nBcc: b@hearth.test", "use one address"),
        ("MAIL_URL", "maildir:", "maildir:DIR"),
        ("MAIL_URL", "smtp://", "smtp://HOST"),
        ("MAIL_URL", "smtp://mail.test:port", "Port"),
        ("STAFF_IDLE_MINUTES", "x", "valid integer"),
        ("TRUSTED_PROXIES", "the proxy", "does not appear to be"),
    ],
)
@pytest.mark.parametrize("command", ["audit fsck", "serve"])
def test_a_wrong_setting_is_named_with_what_would_be_right(
    env: Env, tmp_path: Path, command: str, name: str, value: str, words: str
) -> None:
    status, output = run(COMMANDS[command], env | {f"HEARTH_{name}": value}, tmp_path)

    assert status == 1
    assert f"HEARTH_{name}: " in output
    assert words in output


@pytest.mark.parametrize("command", NEED_THE_SCHEMA)
@pytest.mark.parametrize(
    ("revision", "words"), [("0001", "run hearth migrate"), ("9999", "of a newer hearth")]
)
def test_a_schema_that_is_not_the_codes_own_is_said(
    env: Env, tmp_path: Path, command: str, revision: str, words: str
) -> None:
    schema_at(tmp_path, revision)

    status, output = run(COMMANDS[command], env, tmp_path)

    assert status == 1
    assert words in output
    assert len(list((tmp_path / "keys").glob("master-*.key"))) == 1


def no_folder(keys: Path) -> None:
    shutil.rmtree(keys)


def no_lookup_key(keys: Path) -> None:
    (keys / "lookup.key").unlink()


def garbled_key(keys: Path) -> None:
    next(keys.glob("master-*.key")).write_text("no key")


def no_signer(keys: Path) -> None:
    (keys / "signer.key").unlink()


@pytest.mark.parametrize("command", NEED_THE_SCHEMA)
@pytest.mark.parametrize("damage", [no_folder, no_lookup_key, garbled_key, no_signer])
def test_missing_and_garbled_keys_are_said_and_no_others_are_made(
    env: Env, tmp_path: Path, command: str, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "keys")
    before = sorted((tmp_path / "keys").glob("*.key"))

    status, output = run(COMMANDS[command], env, tmp_path)

    assert status == 1
    assert "hearth keys new" in output or "bring it back from your copy" in output
    assert sorted((tmp_path / "keys").glob("*.key")) == before


def test_a_garbled_memory_of_the_signer_is_said(env: Env, tmp_path: Path) -> None:
    (tmp_path / "keys" / "signer.state").write_bytes(b"\xff")

    status, output = run(COMMANDS["audit export"], env, tmp_path)

    assert status == 1
    assert "signer.state is garbled" in output


@pytest.mark.parametrize("command", sorted(COMMANDS))
@pytest.mark.parametrize("place", ["file/hearth.db", "folder", "garbage.db"])
def test_a_database_that_cannot_be_opened_is_said(env: Env, tmp_path: Path, command: str, place: str) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    (tmp_path / "garbage.db").write_bytes(b"no database" * 1000)

    there = env | {"HEARTH_DATABASE_URL": sqlite_url_of(tmp_path / place)}
    status, output = run(COMMANDS[command], there, tmp_path)

    assert status == 1
    assert output.startswith("Error: ")
    assert len(output.splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("audit", "export", "--out", "{folder}/no/x.zip", "--purpose", "x"), "is no folder"),
        (("audit", "export", "--out", "/proc/x.zip", "--purpose", "x"), "No such file"),
        ((*EXPORT, "--client", "nobody"), "no client"),
        ((*EXPORT, "--actor", "nobody"), "no person"),
        ((*EXPORT, "--since", "2026-11-03", "--until", "2026-11-02"), "is not after --since"),
        ((*EXPORT, "--since", "0001-01-01T00:00+14:00"), "is no date"),
        (("backup", "--out", "{folder}/no/x.zip"), "No such file"),
        (("keys", "new", "--dir", "/proc/keys-of-hearth"), "No such file"),
        (("serve", "--port", "99999"), "is not in the range"),
        (("--env", "{folder}/binary", "audit", "fsck"), "no file of KEY=value lines"),
        (("staff", "add", "--email", "a\0@b", "--name", "Lee", "--role", "administrator"), "use an address"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_made(
    env: Env, tmp_path: Path, command: tuple[str, ...], words: str
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\0")

    status, output = run(command, env, tmp_path)

    assert status != 0
    assert words in output
    assert not (tmp_path / "no").exists()
    assert not (tmp_path / "x.zip").exists()


def test_the_progress_of_an_export_is_shown_to_people_and_not_written_into_logs(
    env: Env, tmp_path: Path
) -> None:
    status, output = run(COMMANDS["audit export"], env, tmp_path)

    assert status == 0
    assert output == f"Wrote 1 entries to {tmp_path / 'export.zip'}.\n"
