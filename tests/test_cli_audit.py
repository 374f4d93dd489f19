"""``hearth audit``: an export that an outsider checks, with us and without us."""

import asyncio
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from scheduler.cli import main
from scheduler.domain.audit import Event
from scheduler.domain.people import SYSTEM
from scheduler.services import Services, build_services, utc_now
from scheduler.settings import Settings
from scheduler.storage import audit
from scheduler.storage.database import Transaction
from scheduler.storage.keyring import new_master_key
from scheduler.storage.signer import load_signer, new_signer_key
from tests.bundles import contents, packed_by_another_program
from tests.engines import sqlite_url

ENTRIES = 7


@pytest.fixture
def house(tmp_path: Path) -> dict[str, str]:
    """The environment of an installation on SQLite with some entries."""
    new_master_key(tmp_path / "keys", utc_now())
    new_signer_key(tmp_path / "keys")
    env = {
        "HEARTH_DATABASE_URL": sqlite_url(tmp_path),
        "HEARTH_BASE_URL": "https://hearth.test",
        "HEARTH_KEYS_DIR": str(tmp_path / "keys"),
        "HEARTH_MAIL_URL": f"maildir:{tmp_path / 'mail'}",
        "HEARTH_MAIL_FROM": "Hearth <hello@hearth.test>",
    }
    asyncio.run(on_house(env, fill))
    return env


async def on_house(env: dict[str, str], work: object) -> None:
    values = {name.removeprefix("HEARTH_").lower(): value for name, value in env.items()}
    services = build_services(Settings.model_validate(values))
    await work(services)  # type: ignore[operator]
    await services.database.close()


async def fill(services: Services) -> None:
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> None:
        for number in range(ENTRIES):
            audit.append(tx, trail, Event.CLIENT_READ, client_id=f"client{number % 2}")

    await services.database.write(work)


async def change_an_entry(services: Services) -> None:
    def work(tx: Transaction) -> None:
        tx.execute(text("DROP TRIGGER audit_entries_is_never_changed"))
        tx.execute(text("UPDATE audit_entries SET leaf = leaf_hash WHERE seq = 3"))

    await services.database.write(work)


def run(*arguments: str | Path, env: dict[str, str] | None = None) -> tuple[int, list[str]]:
    result = CliRunner().invoke(main, ["audit", *map(str, arguments)], env=env or {})
    return result.exit_code, result.output.splitlines()


def export(house: dict[str, str], tmp_path: Path, *arguments: str, name: str = "export.zip") -> Path:
    path = tmp_path / name
    status, lines = run("export", "--out", path, "--purpose", "review", *arguments, env=house)
    assert status == 0, lines
    return path


def test_an_export_is_checked_with_no_settings_at_all(house: dict[str, str], tmp_path: Path) -> None:
    path = export(house, tmp_path)
    vkey = load_signer(tmp_path / "keys", "hearth.test/audit").vkey
    status, lines = run("verify", path, "--vkey", vkey)
    assert status == 0
    assert len(lines) == 1
    assert re.fullmatch(rf"OK {ENTRIES + 1} entries, root [0-9a-f]{{64}}", lines[0])


def test_without_a_pinned_key_the_check_says_so(house: dict[str, str], tmp_path: Path) -> None:
    status, lines = run("verify", export(house, tmp_path))
    assert status == 0
    assert lines[0].startswith(f"OK {ENTRIES + 1} entries, root ")
    assert "compare it with one you trust: hearth.test/audit+" in lines[1]


def test_remarks_leave_one_line_on_the_output(house: dict[str, str], tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["audit", "verify", str(export(house, tmp_path))])

    assert re.fullmatch(rf"OK {ENTRIES + 1} entries, root [0-9a-f]{{64}}\n", result.stdout)


def test_an_export_of_chosen_entries_says_how_many_there_are(house: dict[str, str], tmp_path: Path) -> None:
    path = export(house, tmp_path, "--client", "client1", "--event", "client.read", "--since", "2020-01-01")
    status, lines = run("verify", path)
    assert status == 0
    assert lines[0].startswith("OK 3 entries, root ")
    assert lines[1] == f"These are 3 of the {ENTRIES + 1} entries of the log."


def test_a_changed_entry_is_named(house: dict[str, str], tmp_path: Path) -> None:
    path = export(house, tmp_path)
    data = path.read_bytes()
    line = next(line for line in data.split(b"\n") if b',"seq":5,' in line)
    path.write_bytes(data.replace(line, line.replace(b"client.read", b"session.read")[: len(line)]))
    status, lines = run("verify", path)
    assert status == 1
    assert lines == ["FAULT entry 5: its bytes are not those that were hashed"]


def test_a_bundle_packed_anew_is_not_the_exported_file_and_what_changed_in_it_is_named(
    house: dict[str, str], tmp_path: Path
) -> None:
    path = export(house, tmp_path)
    files = contents(path.read_bytes())
    path.write_bytes(packed_by_another_program(files))
    status, lines = run("verify", path)
    assert status == 1
    assert lines[0].startswith("FAULT the container is not the exported file byte by byte")
    files["entries.jsonl"] = files["entries.jsonl"].replace(b"client0", b"client9", 1)
    path.write_bytes(packed_by_another_program(files))
    status, lines = run("verify", path)
    assert status == 1
    assert lines[0].startswith(
        "FAULT entry 1: its bytes are not those that were hashed; the container is not"
    )


def test_an_earlier_checkpoint_shows_that_the_log_only_grew(house: dict[str, str], tmp_path: Path) -> None:
    with zipfile.ZipFile(export(house, tmp_path, name="early.zip")) as archive:
        archive.extract("checkpoint", tmp_path)
    late = export(house, tmp_path, name="late.zip")
    assert run("verify", late, "--earlier", tmp_path / "checkpoint")[0] == 0
    (tmp_path / "checkpoint").write_text("rubbish")
    status, lines = run("verify", late, "--earlier", tmp_path / "checkpoint")
    assert (status, lines) == (1, ["FAULT the earlier checkpoint: a note ends with signature lines"])


@pytest.mark.parametrize("content", [b"", b"something else"])
def test_a_file_that_is_no_bundle_is_at_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "export.zip").write_bytes(content)
    status, lines = run("verify", tmp_path / "export.zip")
    assert status == 1
    assert lines[0].startswith("FAULT ")


def test_a_whole_kept_log_is_whole(house: dict[str, str], tmp_path: Path) -> None:
    status, lines = run("fsck", env=house)
    assert status == 0
    assert re.fullmatch(rf"OK {ENTRIES} entries, root [0-9a-f]{{64}}", lines[0])


def test_a_changed_kept_log_is_at_fault_and_is_not_exported(house: dict[str, str], tmp_path: Path) -> None:
    asyncio.run(on_house(house, change_an_entry))
    assert run("fsck", env=house) == (1, ["FAULT entry 3: its bytes are not those that were hashed"])
    status, lines = run("export", "--out", tmp_path / "export.zip", "--purpose", "review", env=house)
    assert status == 1
    assert lines[-1] == "Error: entry 3: its bytes are not those that were hashed"
    assert not (tmp_path / "export.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--purpose", " "], "an export needs a purpose"),
        (["--purpose", "x", "--since", "yesterday"], "is no date"),
        (["--purpose", "x", "--event", "nothing.happened"], "Invalid value for '--event'"),
        ([], "Missing option '--purpose'"),
    ],
)
def test_an_export_says_what_is_wrong_with_what_was_asked(
    house: dict[str, str], tmp_path: Path, arguments: list[str], words: str
) -> None:
    status, lines = run("export", "--out", tmp_path / "export.zip", *arguments, env=house)
    assert status != 0
    assert words in "\n".join(lines)
    assert not (tmp_path / "export.zip").exists()


def test_an_export_never_writes_over_a_file(house: dict[str, str], tmp_path: Path) -> None:
    path = export(house, tmp_path)
    status, lines = run("export", "--out", path, "--purpose", "review", env=house)
    assert status == 1
    assert "is there already" in lines[-1]


def test_the_way_without_us_that_an_export_explains_works(house: dict[str, str], tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(export(house, tmp_path, "--client", "client1")) as archive:
        archive.extractall(unpacked)
    explanation = (unpacked / "VERIFY.md").read_text(encoding="utf-8")
    script = explanation.split("```python\n")[1].split("```")[0]
    (unpacked / "check.py").write_text(script)

    def checked() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "check.py"], cwd=unpacked, capture_output=True, text=True, check=False
        )

    assert checked().stdout.startswith(f"3 of {ENTRIES + 1} entries of hearth.test/audit, root ")
    entries = unpacked / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"success"', b'"failure"', 1))
    assert "entry 2 was changed" in checked().stderr
