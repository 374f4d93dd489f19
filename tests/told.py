"""Everything that a stranger can tell from a response; two that must look alike are compared by it."""

import re

import httpx2

RANDOM = frozenset({"date", "x-request-id"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def told(response: httpx2.Response) -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers, less what is random in every response."""
    heard = {name: value for name, value in response.headers.items() if name not in RANDOM}
    return response.status_code, response.text, {name: _TOKEN.sub("", value) for name, value in heard.items()}
