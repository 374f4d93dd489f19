"""Make sure of what the tests need beyond Python: Chromium and a PostgreSQL server. Run by ``make test``."""

import os
import shutil
import subprocess
import sys

from tests.chromium import find_chromium
from tests.postgresql_server import find_binaries

APT_GET = ("apt-get", "-o", "DPkg::Lock::Timeout=120", "--quiet", "--assume-yes")
WAYS = "install the package `chromium`, or run `playwright install --with-deps chromium`"


def main() -> None:
    """Install what is missing, or say what to install and exit with 1."""
    print(f"Tests use {_chromium()}")
    try:
        print(f"Tests use PostgreSQL in {find_binaries()}", flush=True)
    except RuntimeError as missing:
        sys.exit(f"The tests need a PostgreSQL server: {missing}.")


def _chromium() -> str:
    for install in (_from_debian, _from_playwright):
        if (found := find_chromium()) is not None:
            return found
        install()
    return find_chromium() or sys.exit(f"The browser tests need Chromium: {WAYS}.")


def _from_debian() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium ...", flush=True)
        _try([*APT_GET, "update"])
        _try([*APT_GET, "install", "--no-install-recommends", "chromium"])


def _from_playwright() -> None:
    _try([sys.executable, "-m", "playwright", "install", "chromium"])


def _try(command: list[str]) -> None:
    """Run a command that may fail; its output is shown only then."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, check=False, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        print(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}", file=sys.stderr)


if __name__ == "__main__":
    main()
