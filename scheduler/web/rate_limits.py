"""Rate limits: token buckets in memory, of bounded number, for each person, each address, and everybody.

A bucket holds as many tokens as a minute allows and fills evenly; a request takes one, and finds 429 with
``Retry-After`` when there is none. Whoever is signed in has a bucket as a person, all others have one of
their address (an IPv6 network of 64 bits counts as one). What opens doors (codes, passkeys, proofs) has a
stricter one.

``GET /j/…`` is unlimited, because mail scanners open links too, and a family behind them must still get in.
With several workers each keeps its own buckets.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from starlette.types import ASGIApp, Receive, Scope, Send

from scheduler.domain.errors import TooManyRequests
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.web.shields import refusing

MOST_BUCKETS = 20_000
UNLIMITED = ("/j/", "/healthz", "/readyz")
FILES = "/static/"
DOORS = ("/sign-in", "/enrol", "/step-up", "/join/prove", "/join/code", "/join/fresh")

CODES_FOR_ONE_ADDRESS = (
    10  # e-mail codes that can be asked for at once for one e-mail address, then one a minute
)
CODES_A_MINUTE = 1
FETCHES_AT_ONCE = 10  # outside calendars that one person can have tried at once, then two a minute
FETCHES_A_MINUTE = 2
INQUIRIES_AT_ONCE = 4  # first conversations asked for from one address, then one in ten minutes
INQUIRIES_A_MINUTE = 0.1
INQUIRIES_AT_ONCE_IN_ALL = 30  # by everybody together, then one in two minutes
INQUIRIES_A_MINUTE_IN_ALL = 0.5


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float  # epoch seconds


class Buckets:
    """Token buckets by key; the one that rested longest gives way when there are too many."""

    def __init__(self, *, most: int = MOST_BUCKETS) -> None:
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Return how many buckets are kept."""
        return len(self._buckets)

    def take(self, key: str, *, a_minute: float, at_once: float, now: float) -> int:
        """Take one token; return 0, or the seconds until there will be one.

        ``now`` is in epoch seconds. A clock set back neither fills nor empties.
        """
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(tokens=at_once, at=now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        filled = max(0.0, now - bucket.at) * a_minute / 60
        bucket.tokens, bucket.at = min(at_once, bucket.tokens + filled), now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return max(1, math.ceil((1 - bucket.tokens) * 60 / a_minute))


class RateLimits:
    """Pure ASGI middleware; stands after ``signed_in``, so that it knows who asks."""

    def __init__(self, app: ASGIApp, *, services: Services) -> None:
        self._app = app
        self._services = services
        self._buckets = Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it for a while."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope["state"]["rate_limits"] = self
        wait = 0 if _is_unlimited(scope) else self._wait(scope)
        if wait:
            await refusing.answer(scope, receive, send, TooManyRequests(wait))
            return
        await self._app(scope, receive, send)

    def require_code(self, key: str) -> None:
        """Return when one more e-mail code may be asked for under ``key``, a keyed hash of the address typed.

        Whether anybody has that address makes no difference.

        Raises:
            TooManyRequests: too many were.
        """
        now = self._services.now().timestamp()
        wait = self._buckets.take(
            f"code {key}", a_minute=CODES_A_MINUTE, at_once=CODES_FOR_ONE_ADDRESS, now=now
        )
        if wait:
            raise TooManyRequests(wait)

    def require_fetch(self, actor: Actor) -> None:
        """Return when the actor may have one more address fetched from within our network.

        Raises:
            TooManyRequests: too many were.
        """
        now = self._services.now().timestamp()
        wait = self._buckets.take(
            f"fetch {actor.person_id}", a_minute=FETCHES_A_MINUTE, at_once=FETCHES_AT_ONCE, now=now
        )
        if wait:
            raise TooManyRequests(wait)

    def require_inquiry(self, actor: Actor) -> None:
        """Return when one more first conversation may be asked for; staff ask for callers without a limit.

        Who it is for makes no difference: a limit on an address or a number would tell that it asked before.

        Raises:
            TooManyRequests: too many were.
        """
        if actor.is_staff:
            return
        now = self._services.now().timestamp()
        wait = self._buckets.take(
            f"inquiry {_asker(actor)}", a_minute=INQUIRIES_A_MINUTE, at_once=INQUIRIES_AT_ONCE, now=now
        ) or self._buckets.take(
            "inquiry everybody",
            a_minute=INQUIRIES_A_MINUTE_IN_ALL,
            at_once=INQUIRIES_AT_ONCE_IN_ALL,
            now=now,
        )
        if wait:
            raise TooManyRequests(wait)

    def _wait(self, scope: Scope) -> int:
        """Take a token from each bucket, the narrowest first: one that is empty spares those of everybody."""
        settings, now = self._services.settings, self._services.now().timestamp()
        wanted = [("everybody", settings.requests_a_minute_in_all)]
        if not scope["path"].startswith(FILES):
            asker = _asker(scope["state"]["actor"])
            wanted.insert(0, (asker, settings.requests_a_minute))
            if scope.get("method") == "POST" and scope["path"].startswith(DOORS):
                wanted.insert(0, (f"doors {asker}", settings.sign_ins_a_minute))
        waits = (self._buckets.take(key, a_minute=rate, at_once=rate, now=now) for key, rate in wanted)
        return next(filter(None, waits), 0)


def _is_unlimited(scope: Scope) -> bool:
    is_reading = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    path: str = scope["path"]
    return is_reading and path.startswith(UNLIMITED)


def _asker(actor: Actor) -> str:
    if actor.person_id is not None:
        return f"person {actor.person_id}"
    return f"address {_network(actor.source.ip)}"


def _network(ip: str) -> str:
    if ":" not in ip:
        return ip
    try:
        address = IPv6Address(ip)
    except ValueError:
        return ip
    return str(IPv6Network((address, 64), strict=False))
