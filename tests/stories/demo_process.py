"""The demo as a newcomer starts it: a process of its own, on a free port, in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

COMMAND = (sys.executable, "-c", "from scheduler.cli import main; main()")
READY = "Stop with Ctrl+C."


@dataclass(frozen=True)
class Demo:
    """A demo that answers: its address, its folder, and what it said at the start."""

    url: str
    folder: Path
    greeting: str

    @property
    def people(self) -> list[dict[str, str]]:
        """What stands in people.json."""
        found: list[dict[str, str]] = json.loads((self.folder / "people.json").read_text())
        return found

    def person(self, name: str) -> dict[str, str]:
        """The line of one person."""
        return next(person for person in self.people if person["name"] == name)

    def browser(self) -> httpx2.Client:
        """A browser that follows redirects."""
        headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        return httpx2.Client(base_url=self.url, headers=headers, follow_redirects=True, timeout=30)


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Run a demo in a folder, and stop it as Ctrl+C does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEARTH_")}
    process = subprocess.Popen(
        [*COMMAND, "demo", "--port", "0", "--data", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    with process.stdout as lines:
        greeting = ""
        while READY not in greeting:
            line = lines.readline()
            assert line, f"the demo did not start: {greeting}"
            greeting += line
        url = greeting.split("Hearth is ready:")[1].split()[0]
        try:
            yield Demo(url, folder, greeting)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def hearth(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=120)
