"""The server's process of a benchmark: ``python -m benchmarks.serve MODULE:FACTORY FD``."""

import importlib
import socket
import sys

import uvicorn
from starlette.applications import Starlette

from scheduler.app import create_app
from scheduler.services import build_services
from scheduler.serving import config
from scheduler.settings import Settings


def hearth() -> Starlette:
    """Return the application, without the clockwork."""
    return create_app(build_services(Settings()))  # type: ignore[call-arg]  # the environment fills it


def main(factory: str, descriptor: int) -> None:
    """Serve what the factory makes on a socket that listens already."""
    module, name = factory.split(":")
    app: Starlette = getattr(importlib.import_module(module), name)()
    server = uvicorn.Server(config(app, host="127.0.0.1", port=0))
    server.run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
