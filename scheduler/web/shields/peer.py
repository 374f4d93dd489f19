"""Who is really asking: the peer's address, or what a trusted proxy says about it.

``X-Forwarded-For`` and ``X-Forwarded-Proto`` count only when the connection comes from an address or network
of ``HEARTH_TRUSTED_PROXIES``; of the forwarded addresses the last one that is no trusted proxy counts, for
everything left of it may be made up.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from scheduler.domain.people import Source

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return addresses and networks ("10.0.0.0/8") as networks.

    Raises:
        ValueError: one is neither.
    """
    return tuple(ip_network(text, strict=False) for text in texts)


def attach(scope: Scope, proxies: Sequence[Network], *, reference: str) -> None:
    """Put the request's `Source` into its state, and the scheme people really use into its scope."""
    ip = scope["client"][0] if scope.get("client") else ""
    is_proxied = is_in(ip, proxies)
    if is_proxied:
        headers = Headers(scope=scope)
        ip = _forwarded_for(headers.getlist("x-forwarded-for"), proxies) or ip
        _take_scheme(scope, headers.get("x-forwarded-proto", ""))
    state = scope.setdefault("state", {})
    state["source"] = Source(ip=ip, request_id=reference)
    state["is_proxied"] = is_proxied


def is_in(text: str, known: Sequence[Network]) -> bool:
    """Tell whether an address lies in one of the networks; what is no address lies in none."""
    address = _address(text) if known else None
    return address is not None and any(address in network for network in known)


def _forwarded_for(values: Sequence[str], proxies: Sequence[Network]) -> str:
    hops = [hop.strip() for hop in ",".join(values).split(",")]
    for hop in reversed(hops):
        address = _address(hop)
        if address is None:
            return ""
        if not is_in(hop, proxies):
            return str(address)
    return ""


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _take_scheme(scope: Scope, proto: str) -> None:
    if proto in ("http", "https"):
        is_socket = scope["type"] == "websocket"
        scope["scheme"] = proto.replace("http", "ws") if is_socket else proto
