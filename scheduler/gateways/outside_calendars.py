"""Fetching outside calendars: an address typed by a person is followed from within our network, with care.

https only; the name is looked up once, every address it has must lie on the open internet, and the
connection goes to one of those very addresses (no second look-up that could answer otherwise), while name and
certificate are checked for the name; no redirects, no proxies, nothing packed; a megabyte and five seconds at
most.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

import httpcore2
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from scheduler.domain.outside_calendars import CannotBeRead, Fault

MOST_BYTES = 1024 * 1024
SECONDS = 5.0
MOST_ADDRESSES = 4
LONGEST_VALIDATOR = 512

ZONE_NAMES = WINDOWS_TO_OLSON  # what Outlook calls the zones

_NOT_OPEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
_OPEN_IPV6 = ipaddress.IPv6Network("2000::/3")  # all others are local, mapped, translated or not given out

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: the ``file``, None where it is as it was, and what to ask with the next time."""

    file: bytes | None
    etag: str = ""
    last_modified: str = ""


class OutsideCalendars(Protocol):
    """Where other calendars are fetched from."""

    async def fetch(self, address: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        """Return the file behind an https address; with what came with the last copy, perhaps none.

        Raises:
            CannotBeRead: says why.
        """


def is_open(address: str) -> bool:
    """Tell whether an IP address lies on the open internet.

    Refused are private, loopback, link-local, shared (CGNAT), multicast, reserved and documentation
    addresses, and all IPv6 addresses in which an IPv4 address is wrapped (mapped, NAT64, 6to4, Teredo).
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if found.version == 6 and found not in _OPEN_IPV6:
        return False
    return found.is_global and not any(found in network for network in _NOT_OPEN)


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, IPv4 first, in a thread.

    Raises:
        OSError: it has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ordered = sorted(found, key=lambda one: one[0] != socket.AF_INET)
    return list(dict.fromkeys(str(one[4][0]) for one in ordered))


@lru_cache(maxsize=1)
def system_trust() -> ssl.SSLContext:
    """Return what the machine trusts; read once."""
    return ssl.create_default_context()


class _ToCheckedAddresses(httpcore2.AnyIOBackend):
    """Connects to the addresses that were checked, whatever the name leads to by now."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # as the library calls it
        local_address: str | None = None,
        socket_options: object = None,
    ) -> httpcore2.AsyncNetworkStream:
        for address in self._addresses[:-1]:
            try:
                return await super().connect_tcp(address, port, timeout)
            except httpcore2.ConnectError:
                continue
        return await super().connect_tcp(self._addresses[-1], port, timeout)


@dataclass(frozen=True, slots=True)
class HttpsCalendars:
    """The real thing. ``may_connect`` judges every address; a test alone lets loopback through."""

    may_connect: Callable[[str], bool] = is_open
    resolve: Resolve = look_up
    trust: Callable[[], ssl.SSLContext] = system_trust
    most_bytes: int = MOST_BYTES
    seconds: float = SECONDS

    async def fetch(self, address: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        """Return the file behind an https address; with what came with the last copy, perhaps none.

        Raises:
            CannotBeRead: says why.
        """
        headers: dict[bytes | str, bytes | str] = {
            "Accept": "text/calendar",
            "Accept-Encoding": "identity",
            "User-Agent": "calendar-reader",
        }
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        try:
            async with asyncio.timeout(self.seconds):
                return await self._fetch(address, headers)
        except (TimeoutError, httpcore2.TimeoutException) as late:
            raise CannotBeRead(Fault.TOO_SLOW) from late
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError, UnicodeError) as broken:
            is_certificate = any(isinstance(one, ssl.SSLCertVerificationError) for one in broken.args)
            raise CannotBeRead(Fault.UNTRUSTED if is_certificate else Fault.UNREACHABLE) from broken

    async def _fetch(self, address: str, headers: Mapping[bytes | str, bytes | str]) -> Fetched:
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname:
            raise CannotBeRead(Fault.UNREACHABLE)
        addresses = await self.resolve(parts.hostname, parts.port or 443)
        if not addresses or not all(map(self.may_connect, addresses)):
            raise CannotBeRead(Fault.PRIVATE)
        backend = _ToCheckedAddresses(addresses[:MOST_ADDRESSES])
        async with (
            httpcore2.AsyncConnectionPool(ssl_context=self.trust(), network_backend=backend) as pool,
            pool.stream("GET", address, headers=headers) as answer,
        ):
            return await self._read(answer)

    async def _read(self, answer: httpcore2.Response) -> Fetched:
        told = {name.lower(): value for name, value in answer.headers}
        etag, last_modified = (_validator(told.get(name, b"")) for name in (b"etag", b"last-modified"))
        if answer.status == 304:
            return Fetched(None, etag, last_modified)
        if answer.status != 200:
            raise CannotBeRead(_fault_of(answer.status))
        if told.get(b"content-encoding", b"identity").lower() != b"identity":
            raise CannotBeRead(Fault.NOT_A_CALENDAR)
        body = bytearray()
        async for part in answer.aiter_stream():
            body += part
            if len(body) > self.most_bytes:
                raise CannotBeRead(Fault.TOO_LARGE)
        return Fetched(bytes(body), etag, last_modified)


def _fault_of(status: int) -> Fault:
    if 300 <= status < 400:
        return Fault.MOVED
    if status in (404, 410):
        return Fault.MISSING
    return Fault.CLOSED if status in (401, 403, 407) else Fault.TROUBLE


def _validator(value: bytes) -> str:
    """Return an ETag or date as it may be sent back, empty where it could not be."""
    text = value.decode("latin-1").strip()
    return text if len(text) <= LONGEST_VALIDATOR and text.isascii() and text.isprintable() else ""
