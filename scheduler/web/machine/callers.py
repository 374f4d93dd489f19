"""Who calls: a program on this machine, or one with a token."""

import hmac
import ipaddress

from starlette.requests import Request

from scheduler.web.pages import actor_of

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


def is_loopback(request: Request) -> bool:
    """Tell whether a request comes from this machine itself, and not through a proxy on it."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(actor_of(request).source.ip).is_loopback
    except ValueError:
        return False


def has_token(request: Request, token: str) -> bool:
    """Tell whether a request carries this bearer token (RFC 6750, section 2.1); an empty one fits nothing."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())
