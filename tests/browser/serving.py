"""The application served by a thread on a free port of this machine, for a real browser."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from scheduler.app import create_app
from scheduler.demo.folder import Folder
from scheduler.demo.start import make, open_house
from scheduler.services import Services, build_services, utc_now
from scheduler.serving import config
from scheduler.settings import Settings
from scheduler.storage.keyring import new_master_key
from scheduler.storage.signer import new_signer_key
from tests.engines import apart, sqlite_url

MOST_SECONDS = 20


def free_socket() -> socket.socket:
    """Return a socket bound to a free port; handed to the server, so that nobody else can take the port."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def origin_of(bound: socket.socket) -> str:
    """Return the origin at which a browser finds the server: ``localhost``, as passkeys refuse addresses."""
    return f"http://localhost:{bound.getsockname()[1]}"


@contextmanager
def serving(app: Starlette, bound: socket.socket) -> Iterator[None]:
    """Serve the application on the socket until the block ends."""
    server = uvicorn.Server(config(app, host="127.0.0.1", port=bound.getsockname()[1]))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + MOST_SECONDS
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        thread.join(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(MOST_SECONDS)


def small_installation(folder: Path, origin: str, *, debug: bool = True) -> Services:
    """Return real services on SQLite in ``folder``, with nobody in it."""
    settings = Settings(
        database_url=sqlite_url(folder),
        base_url=origin,  # type: ignore[arg-type]  # pydantic reads it
        keys_dir=folder / "keys",
        mail_url=f"maildir:{folder / 'mail'}",
        mail_from="Hearth <hello@hearth.test>",
        exports_dir=folder / "exports",
        debug=debug,
    )
    new_master_key(settings.keys_dir, utc_now())
    new_signer_key(settings.keys_dir)
    return build_services(settings)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a small installation with ``/patterns`` and lend its origin."""
    bound = free_socket()
    origin = origin_of(bound)
    with serving(create_app(small_installation(folder, origin)), bound):
        yield origin


@dataclass(frozen=True)
class Demo:
    """A demo that is being served: where, and the address that signs each person in, by e-mail address."""

    origin: str
    sign_in_urls: dict[str, str]
    roles: dict[str, str]

    def anyone(self, role: str) -> str:
        """Return the e-mail address of the first person in a role."""
        return next(email for email, has in self.roles.items() if has == role)


@contextmanager
def demo_served(folder: Path) -> Iterator[Demo]:
    """Make the demo in a folder that is not there yet, serve it, and lend it."""
    bound = free_socket()
    port = bound.getsockname()[1]
    apart(lambda: make(Folder(folder), port))  # the browser's loop runs in this thread
    app, _ = apart(lambda: open_house(Folder(folder), port))
    people = json.loads((folder / "people.json").read_text())
    with serving(app, bound):
        yield Demo(
            origin=origin_of(bound),
            sign_in_urls={person["email"]: person["sign_in_url"] for person in people},
            roles={person["email"]: person["role"] for person in people},
        )
