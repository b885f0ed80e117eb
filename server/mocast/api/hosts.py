"""The names that this server goes by. A request to another is refused, which ends DNS rebinding."""

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from mocast.api.client_address import FORWARDED
from mocast.errors import Misdirected, RequestError

_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]{1,254})(?::[0-9]*)?")
"""Host and port (RFC 9110, section 4.2.1), without user names and percent-encoding, which no ``Host`` needs.
A name has at most 253 characters (RFC 1035, section 2.3.4) and a dot: each part of it is looked up."""


def only_own_hosts(names: Sequence[str]) -> Middleware:
    """Return a middleware that refuses requests to hosts that are not ours.

    A page of evil.example whose name suddenly resolves to this server's address (DNS rebinding) has the same origin as
    what it asks here, so no rule about origins stops it; but its requests name evil.example. Raises ``Misdirected``
    (RFC 9110, section 15.5.20), and ``RequestError`` where no host can be told (RFC 9112, section 3.2).
    """

    @web.middleware
    async def refuse_others(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = requested_host(request)
        if host is not None and FORWARDED not in request and not is_own(host, names):  # a node has looked already
            raise Misdirected(f"This server does not go by the name {host[:253]}; its operator can set allowed_hosts.")
        return await handler(request)

    return refuse_others


def requested_host(request: web.BaseRequest) -> str | None:
    """Return the host that a request is for, in lower case; ``None`` where it names none, as HTTP/1.0 may.

    Raises ``RequestError`` where it names several, or one that is malformed.
    """
    values = request.headers.getall(hdrs.HOST, [])
    if not values and request.version < (1, 1):
        return None
    match = _AUTHORITY.fullmatch(values[0]) if len(values) == 1 else None
    if match is None:
        raise RequestError("A request has one Host header, with a name and perhaps a port.")
    host = match["host"].lower()
    # Of a target in absolute form aiohttp takes the host, as RFC 9112, section 3.2.2 says: without brackets and port.
    if request.host not in (values[0], host.strip("[]")):
        raise RequestError("The request's target and its Host header name two hosts.")
    return host.removesuffix(".")


def is_own(host: str, names: Iterable[str]) -> bool:
    """Return whether a host, in lower case, is this machine or one of ``names`` (``*.`` and a name: all below it).

    Any IP address is: who resolves no name cannot be rebound, and a container does not know the addresses at which its
    ports are published. ``localhost`` and what is below it never leaves the machine (RFC 6761, section 6.3).
    """
    if host == "localhost" or host.endswith(".localhost") or _is_address(host):
        return True
    own = {name.lower() for name in names}
    parents = (f"*{host[at:]}" for at, letter in enumerate(host) if letter == ".")
    return not own.isdisjoint({"*", host, *parents})


def machine_names() -> tuple[str, ...]:
    """Return what this machine calls itself, alone and in mDNS (RFC 6762)."""
    name = socket.gethostname().lower()
    return name, f"{name.partition('.')[0]}.local"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
