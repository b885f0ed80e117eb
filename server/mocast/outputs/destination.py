"""The destination of an output: a host that is resolved, and checked against the allowed networks, before each use."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from mocast.errors import Forbidden
from mocast.hosts import bracketed

Networks = tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A socket address that may be sent to."""

    family: int
    "``AF_INET`` or ``AF_INET6``."
    sockaddr: tuple[Any, ...]
    "As ``socket.connect`` takes it: host, port, and for IPv6 flow and scope."

    @property
    def host(self) -> str:
        """The address in numbers."""
        return str(self.sockaddr[0])


@dataclass(frozen=True, slots=True)
class Destination:
    """A host and a port, and which networks they may be in."""

    host: str
    port: int
    networks: Networks | None = None
    "``None``: any; this is the operator's own output, or a program of the user's own machine."

    def resolve(self) -> Address:
        """Look the host up and return the first of its addresses that is allowed. Blocks while a name is looked up.

        Send to this very address and do not resolve the name again, as it may resolve to another one by then. Raises
        ``OSError`` where there is no such host and ``Forbidden`` where all its addresses are outside the networks.
        """
        if self.networks is not None and not self.networks:
            raise Forbidden("Outputs over the API are off: the operator's setting output_networks names no network.")
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)
        except UnicodeError as error:  # a part of a name that is empty, or longer than 63
            raise socket.gaierror(socket.EAI_NONAME, "no host can have such a name") from error
        for family, _, _, _, sockaddr in found:
            if self.networks is None or is_inside(str(sockaddr[0]), self.networks):
                return Address(family, sockaddr)
        raise Forbidden(
            f"The address {self.host} is outside the networks that the operator's setting output_networks allows."
        )

    def __str__(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"


def parse_networks(texts: Iterable[str]) -> Networks:
    """Return networks given as CIDR (``192.168.1.0/24``) or as single addresses. Raises ``ValueError``."""
    return tuple(ip_network(text) for text in texts)


def is_inside(host: str, networks: Networks) -> bool:
    """Return whether an address in numbers is in one of the networks; an IPv4-mapped IPv6 address counts as IPv4."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
