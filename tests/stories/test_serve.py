"""`hearth serve` and `hearth jobs` as an operator runs them: processes of their own, stopped by a signal."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2

from scheduler.domain.notices import Rule
from scheduler.services import Services, build_services
from scheduler.settings import Settings
from scheduler.storage import audit, checkpoints
from tests.conftest import Clock
from tests.engines import apart, postgresql_url
from tests.gateways.mail_server import free_port
from tests.owed import add_world, owe
from tests.stories.demo_process import COMMAND

PATIENCE_TICKS = 300


def environment(folder: Path, database_url: str, base_url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEARTH_")}
    return kept | {
        "HEARTH_DATABASE_URL": database_url,
        "HEARTH_BASE_URL": base_url,
        "HEARTH_KEYS_DIR": str(folder / "keys"),
        "HEARTH_MAIL_URL": f"maildir:{folder / 'mail'}",
        "HEARTH_MAIL_FROM": "Hearth <hello@hearth.test>",
        "HEARTH_EXPORTS_DIR": str(folder / "exports"),
    }


@contextmanager
def running(*arguments: str, env: dict[str, str], says: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command until it has said something, lend it, and stop it as a system does."""
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    with process.stdout as lines:
        assert says in next(lines)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def wait_for(process: subprocess.Popen[str], met: Callable[[], bool]) -> None:
    """Let a process go on until a condition is met; it fails when the process ends first."""
    for _ in range(PATIENCE_TICKS):
        if met():
            return
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"it ended with {process.returncode}")
    raise AssertionError("it took too long")


def answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz").status_code == 200
    except httpx2.TransportError:
        return False


def settings_of(env: dict[str, str]) -> Settings:
    prefix = "HEARTH_"
    return Settings.model_validate(
        {name.removeprefix(prefix).lower(): value for name, value in env.items() if name.startswith(prefix)}
    )


def test_an_installation_is_made_served_and_stopped_with_its_log_signed_to_the_end(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://localhost:{port}"
    env = environment(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'hearth.db'}", url)
    for arguments in (("keys", "new"), ("migrate",)):
        subprocess.run([*COMMAND, *arguments], env=env, check=True, capture_output=True)
    with running("serve", "--port", str(port), env=env, says="Serving") as server:
        wait_for(server, lambda: answers(url))
        assert httpx2.get(f"{url}/compliance").status_code == 401
    assert server.returncode in (0, -signal.SIGTERM)

    async def signed_to_the_end(services: Services) -> bool:
        size, last = await services.database.read(lambda tx: (audit.size(tx), checkpoints.last(tx)))
        await services.database.close()
        return last is not None and last.size == size

    assert apart(lambda: asyncio.run(signed_to_the_end(build_services(settings_of(env)))))


def test_on_postgresql_the_clockwork_runs_by_itself_and_sends_what_is_owed(tmp_path: Path) -> None:
    with postgresql_url() as database_url:
        env = environment(tmp_path, database_url, "https://hearth.test")
        subprocess.run([*COMMAND, "keys", "new"], env=env, check=True, capture_output=True)
        with running("jobs", env=env, says="The clockwork runs") as clockwork:
            apart(lambda: asyncio.run(owe_something(build_services(settings_of(env)))))
            wait_for(clockwork, lambda: any((tmp_path / "mail" / "new").glob("*")))
        assert clockwork.returncode == 0


async def owe_something(services: Services) -> None:
    """Queue an invite to somebody."""
    now = services.now().replace(minute=0, second=0, microsecond=0)
    world = await add_world(replace(services, now=Clock(now)))
    await owe(services, world, Rule.BOOKED)
    await services.database.close()
