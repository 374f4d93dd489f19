"""Cross-origin refusal by ``Sec-Fetch-Site``, then ``Origin``, in place of hidden tokens in forms.

Browsers set these headers themselves and pages cannot forge them (Fetch Metadata; RFC 6454). A request that
carries neither comes from no browser, so no signed-in browser can have been tricked into sending it. Foreign
``Host`` names are refused before, or else another name that points at this address (DNS rebinding) would
count as our own origin.

Where ``Sec-Fetch-Site`` is there, a form's ``Origin`` is not read: ``Referrer-Policy: no-referrer`` makes
it "null" (Fetch, section 3.2). Older browsers (Safari before 16.4) send no ``Sec-Fetch-Site``; for them every
page says ``same-origin`` in a meta tag, which makes the ``Origin`` of our own forms true. A WebSocket's is
always true and always looked at.
"""

import re
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

from scheduler.domain.errors import CrossOrigin, WrongHost
from scheduler.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::\d{1,5})?"
)  # RFC 9110, 7.2
OWN_SITES = frozenset({"same-origin", "none"})  # "none": typed, or from a bookmark


def check(scope: Scope, settings: Settings) -> None:
    """Return when the request may come from where it comes from.

    Raises:
        WrongHost: the host is none of ours.
        CrossOrigin: a page of another origin asks for a change or a WebSocket.
    """
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not scope["state"]["is_proxied"] and not _is_ours(host, settings):
        raise WrongHost("host")
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return
    site = headers.get("sec-fetch-site")
    if site is not None and site not in OWN_SITES:
        raise CrossOrigin("sec-fetch-site")
    origin = headers.get("origin")
    if origin is None or (site is not None and scope["type"] == "http"):
        return
    if origin not in (settings.origin, f"{_scheme(scope)}://{host}"):
        raise CrossOrigin("origin")


def _scheme(scope: Scope) -> str:
    scheme: str = scope["scheme"]
    return scheme.replace("ws", "http", 1)


def _is_ours(host: str, settings: Settings) -> bool:
    """Tell whether a Host header names us, or a bare address, which no foreign name can stand for."""
    parts = _HOST.fullmatch(host)
    name = (parts["name"] or parts["address"]).lower() if parts else ""
    return name in (settings.host, "localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
