"""``hearth demo``: a seeded program on this machine, ready to be tried."""

import asyncio
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port on this machine; 0 for any free one.",
)
@click.option(
    "--data",
    default=Path("var/demo"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of keys, database and mail.",
)
def demo(port: int, data: Path) -> None:
    """Make the demo on first use, then serve it at http://localhost:PORT, to this machine only."""
    from scheduler.demo.folder import Folder, NotADemo
    from scheduler.demo.start import make, open_house
    from scheduler.serving import Announced, config

    folder = Folder(data.resolve())
    sockets = bind(port)
    chosen = sockets[0].getsockname()[1]
    with alone(folder.path):
        try:
            make(folder, chosen)
        except NotADemo as other:
            raise click.ClickException(f"{other}; choose another folder: --data DIR") from other
        app, greeting = open_house(folder, chosen)
        server = Announced(config(app, host="localhost", port=chosen), greeting)
        asyncio.run(server.serve(sockets))


def bind(port: int) -> list[socket.socket]:
    """Return sockets on the loopback addresses, IPv4 and, where the machine has it, IPv6.

    Raises:
        ClickException: the port is taken.
    """
    try:
        first = _bound(socket.AF_INET, "127.0.0.1", port)
    except OSError as taken:
        raise click.ClickException(f"port {port} is taken; choose another: make demo PORT=8001") from taken
    try:
        return [first, _bound(socket.AF_INET6, "::1", first.getsockname()[1])]
    except OSError:
        return [first]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second demo off the same folder, for SQLite is served by one process (flock(2)).

    Raises:
        ClickException: another one runs.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder.with_name(f".{folder.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        raise click.ClickException(f"a demo is being served from {folder} already") from taken
    try:
        yield
    finally:
        os.close(descriptor)


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    bound.bind((address, port))
    return bound
