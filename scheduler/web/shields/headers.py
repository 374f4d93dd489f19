"""The headers of every response (OWASP ASVS 5.0, chapter 3; Fetch; CSP level 3).

Everything starts from "nothing is allowed"; each exception says why it is there.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.types import Message, Scope

from scheduler.domain.people import Source
from scheduler.settings import Settings

STATIC = "/static/"
CAMERA_PAGES = ("/room/", "/join/camera", "/join/room")  # the room, and the check before it

HSTS_SECONDS = 365 * 24 * 3600
STATIC_SECONDS = 3600
VERSIONED_SECONDS = 365 * 24 * 3600

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",  # our modules never build HTML from text, so no policy is needed
}

_NO_DEVICES = (
    "accelerometer=(), autoplay=(), browsing-topics=(), display-capture=(), geolocation=(), "
    "gyroscope=(), hid=(), magnetometer=(), midi=(), payment=(), serial=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
_DEVICES = (
    "camera=(self), microphone=(self), autoplay=(self), display-capture=(self), screen-wake-lock=(self), "
    "accelerometer=(), browsing-topics=(), geolocation=(), gyroscope=(), hid=(), "
    "magnetometer=(), midi=(), payment=(), serial=(), usb=()"
)

_ALWAYS = (
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),  # for browsers that do not know frame-ancestors
)

_EACH_TIME = frozenset({b"cache-control", b"x-request-id"})

Pairs = list[tuple[bytes, bytes]]


def has_camera(path: str) -> bool:
    """Tell whether a page may use camera and microphone."""
    return path.startswith(CAMERA_PAGES)


class SecurityHeaders:
    """The headers of one installation, put together once."""

    def __init__(self, settings: Settings) -> None:
        self._fixed = {is_camera: _fixed(settings, is_camera=is_camera) for is_camera in (False, True)}

    def complete(self, scope: Scope, start: Message) -> Pairs:
        """Return a response's headers with ours, which replace those of the same name."""
        fixed = self._fixed[has_camera(scope["path"])]
        source: Source = scope["state"]["source"]
        theirs: Sequence[tuple[bytes, bytes]] = start.get("headers", [])
        return [
            *(pair for pair in theirs if pair[0].lower() not in fixed and pair[0].lower() not in _EACH_TIME),
            *fixed.items(),
            (b"cache-control", _cache_control(scope, start["status"])),
            (b"x-request-id", source.request_id.encode()),
        ]


def _fixed(settings: Settings, *, is_camera: bool) -> dict[bytes, bytes]:
    policy, permissions = dict(_POLICY), "camera=(), microphone=(), " + _NO_DEVICES
    if is_camera:
        policy["media-src"] = "'self' blob:"
        policy["connect-src"] += f" {_socket_origin(settings)}"  # older Safari reads 'self' without wss:
        permissions = _DEVICES
    fixed = dict(_ALWAYS)
    fixed[b"content-security-policy"] = "; ".join(
        f"{name} {value}" for name, value in policy.items()
    ).encode()
    fixed[b"permissions-policy"] = permissions.encode()
    if settings.is_https:
        fixed[b"strict-transport-security"] = f"max-age={HSTS_SECONDS}; includeSubDomains".encode()
    return fixed


def _socket_origin(settings: Settings) -> str:
    parts = urlsplit(settings.origin)
    return f"{'wss' if settings.is_https else 'ws'}://{parts.netloc}"


def _cache_control(scope: Scope, status: int) -> bytes:
    if not scope["path"].startswith(STATIC) or status not in (200, 206, 304):
        return b"no-store"
    if scope.get("query_string"):  # addressed by its content's hash
        return f"public, max-age={VERSIONED_SECONDS}, immutable".encode()
    return f"public, max-age={STATIC_SECONDS}".encode()
