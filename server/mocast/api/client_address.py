"""The address of the client that makes a request, also behind proxies that are trusted to tell it."""

import functools
import ipaddress
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.limiter import UNCOUNTED, Client
from mocast.outputs.destination import Networks

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

TRUSTED_PROXIES: Final = web.AppKey("trusted_proxies", Networks)
"""Networks whose ``X-Forwarded-For`` and ``-Prefix`` are believed; none where the application does not say."""

FORWARDED: Final = web.RequestKey("forwarded", int)
"""That another node of the cluster sends the request, for a client whose address it tells alone."""

MAX_HOPS: Final = 16
"""Proxies in a row. Longer chains are an attempt to keep the server busy."""

IPV6_CLIENT_BITS: Final = 64
"""What a provider gives to one customer at least (RFC 6177): addresses in it are one client's."""


def client_address(request: web.Request) -> str:
    """Return the client's address, without a port; empty where the connection is gone or has none.

    It is the last one in ``X-Forwarded-For`` that is not a trusted proxy's, if the request comes from one of these.
    What a client itself writes there stands before it, and is not believed.
    """
    if FORWARDED in request:
        return str(_parsed(request.headers.get("X-Forwarded-For", "")) or "")
    peer = _parsed(_peer(request))
    if peer is None:
        return ""
    if "X-Forwarded-For" not in request.headers or not comes_from_proxy(request):
        return str(peer)
    trusted = request.config_dict.get(TRUSTED_PROXIES, ())
    hops = ",".join(request.headers.getall("X-Forwarded-For")).rsplit(",", MAX_HOPS)[-MAX_HOPS:]
    return str(first_untrusted(peer, hops, trusted))


def first_untrusted(peer: IpAddress, hops: Sequence[str], trusted: Networks) -> IpAddress:
    """Return the address nearest to us that no trusted proxy has, or the farthest of the trusted ones.

    ``hops``: of ``X-Forwarded-For``, the nearest last. What cannot be read ends the walk.
    """
    client = peer
    for hop in reversed(hops):
        address = _parsed(_without_port(hop.strip()))
        if address is None:
            return client
        client = address
        if not _is_in(client, trusted):
            return client
    return client


def comes_from_proxy(request: web.Request) -> bool:
    """Return whether a request comes from a proxy, or a node, that is trusted to tell of what is before it."""
    if FORWARDED in request:
        return True
    peer = _parsed(_peer(request))
    return peer is not None and _is_in(peer, request.config_dict.get(TRUSTED_PROXIES, ()))


def client_of(request: web.Request) -> Client:
    """Return who makes a request, as limits count it."""
    principal = request.get(PRINCIPAL)
    return Client(counted_address(client_address(request)), principal.account if principal is not None else UNCOUNTED)


@functools.lru_cache(1024)
def counted_address(address: str, proxies: Networks = ()) -> str:
    """Return what an address is counted as: IPv4 by itself, IPv6 by its network.

    ``UNCOUNTED``, so that the server's limits alone hold, for whoever may be many clients: this machine, on which a
    proxy may tell no addresses, and ``proxies``; and for what is no address.
    """
    parsed = _parsed(address)
    if parsed is None or parsed.is_loopback or _is_in(parsed, proxies):
        return UNCOUNTED
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, IPV6_CLIENT_BITS), strict=False))


def _peer(request: web.Request) -> str:
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return str(peer[0]) if isinstance(peer, tuple) else ""


@functools.lru_cache(1024)
def _parsed(text: str) -> IpAddress | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@functools.lru_cache(1024)
def _is_in(address: IpAddress, networks: Networks) -> bool:
    return any(address in network for network in networks)


def _without_port(hop: str) -> str:
    """An address as proxies write it: some add a port, and then brackets to IPv6."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
