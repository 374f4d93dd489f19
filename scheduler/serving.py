"""How uvicorn runs the application, in production and in the demo."""

import logging
import socket
import sys

import uvicorn
from starlette.applications import Starlette

GRACE_SECONDS = 10


def config(app: Starlette, *, host: str, port: int) -> uvicorn.Config:
    """Return uvicorn's configuration.

    No access log, because join links must not reach logs (``web/shields`` writes a safe one); no proxy
    headers, because ``web/shields`` believes trusted proxies only; no name of the server.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        log_config=LOGGING,
    )


class Announced(uvicorn.Server):
    """A server that says a greeting once it answers."""

    def __init__(self, configuration: uvicorn.Config, greeting: str) -> None:
        super().__init__(configuration)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then greet."""
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self._greeting)
            sys.stdout.flush()


class FalseAlarms(logging.Filter):
    """Keeps back an alarm of uvicorn's that is none: a WebSocket refused with a real response, as asked."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line is to be written."""
        return record.getMessage() != "ASGI callable returned without completing handshake."


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"false alarms": {"()": FalseAlarms}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "hearth": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "uvicorn.error": {"filters": ["false alarms"]},
    },
}
