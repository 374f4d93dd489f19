"""One line a request, with nothing secret in it: no query, no token of a link, no cookie, no referrer."""

import logging
import re
import time

from starlette.types import Scope

from scheduler.domain.people import Source

log = logging.getLogger("hearth.access")

LONGEST_PART = 24  # public ids are shorter, tokens longer

_SECRET = re.compile(r"^(.*?/(?:c|j|enrol|calendar)/).+$", re.IGNORECASE | re.DOTALL)
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")


def tick() -> float:
    """Return a moment from which a length can be measured; no time of day."""
    return time.perf_counter()


def write(scope: Scope, status: int, started_at: float) -> None:
    """Write the line of a finished request: reference, address, method, safe path, status, milliseconds."""
    source: Source = scope["state"]["source"]
    method = scope.get("method", "WEBSOCKET")
    spent_ms = (time.perf_counter() - started_at) * 1_000
    log.info(
        "%s %s %s %s %d %.1fms",
        source.request_id,
        source.ip,
        method,
        safe_path(scope["path"]),
        status,
        spent_ms,
    )


def safe_path(path: str) -> str:
    """Return a path fit for a log: secrets cut off, no line breaks, no overlong part."""
    cut = _SECRET.sub(r"\1…", path)
    parts = [part if len(part) <= LONGEST_PART else "…" for part in cut.split("/")]
    return "/".join(_UNPRINTABLE.sub("?", part) if part != "…" else part for part in parts)
