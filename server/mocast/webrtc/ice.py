"""How the server takes part in ICE: ports, addresses, relay; read from what an operator writes."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Credentials = tuple[str, str]
"""A user name and its password."""

_PORTS = re.compile(r"(\d{1,5})-(\d{1,5})")
_TURN_URL = re.compile(
    r"(?P<scheme>turns?):(?P<host>\[[0-9a-fA-F:.]+\]|\{host\}|[^\s:?/\[\]{}]+)"
    r"(?::(?P<port>\d{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)
"""RFC 7065, section 3.1."""
_TURN_PORTS = {"turn": 3478, "turns": 5349}


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """An address that NAT maps 1:1 to one of this machine's."""

    public: str
    local: str | None = None
    "The machine's own address behind it; ``None``: every one of the same IP version."

    def is_of(self, local: str) -> bool:
        """Whether this is what one of the machine's addresses looks like from outside."""
        same_version = ipaddress.ip_address(local).version == ipaddress.ip_address(self.public).version
        return same_version and self.local in (None, local) and self.public != local


@dataclass(frozen=True, slots=True)
class TurnServer:
    """A TURN server, as its URL names it."""

    host: str
    port: int
    transport: Literal["udp", "tcp"]
    tls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IceOptions:
    """What an operator chose for the server's side of every connection."""

    udp_port: int = 0
    "The port of all connections; 0: each has ports of its own."
    tcp: bool = False
    "Whether connections come in by TCP, too, on the same number."
    udp_ports: range = range(0)
    "Where the connections' own ports are; empty: any that the system hands out."
    public_addresses: tuple[PublicAddress, ...] = ()
    interfaces: tuple[str, ...] = ()
    "Names of interfaces, and networks, whose addresses are used; empty: all but loopback."
    relay_only: bool = False
    "Whether clients reach the server through ``relay`` alone."
    relay: TurnServer | None = None
    relay_credentials: Callable[[], Credentials] = lambda: ("", "")
    denied: tuple[Network, ...] = ()
    "Networks that no connectivity check goes to, whatever a client names."


def may_be_checked(options: IceOptions, address: str, port: int, *, loopback: bool) -> bool:
    """Return whether a connectivity check may go to an address that a client named.

    The client learns nothing by it of what is there, but a service there might misread the check. So none goes to
    multicast or broadcast, to loopback (but with ``loopback``: this machine has no other address), to ``denied``
    networks, or to ports of system services, except 80 and 443 on public addresses, where media servers are (as in
    libwebrtc).
    """
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    is_reserved = ip.is_reserved and not ip.is_loopback  # ::1 is both
    if ip.is_multicast or ip.is_unspecified or is_reserved or str(ip) == "255.255.255.255":
        return False
    if ip.is_loopback and not loopback:
        return False
    if port < 1024 and not (port in (80, 443) and ip.is_global):
        return False
    return not any(ip in network for network in options.denied)


def parse_port_range(text: str) -> range:
    """Return the ports of ``first-last``; none for an empty text. Raises ``ValueError`` where it is no range."""
    if not text:
        return range(0)
    match = _PORTS.fullmatch(text.strip())
    first, last = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1024 <= first <= last <= 65535:
        raise ValueError(f'"{text}" is not a range of ports between 1024 and 65535, such as 50000-50100')
    return range(first, last + 1)


def parse_public_addresses(texts: Sequence[str]) -> tuple[PublicAddress, ...]:
    """Return what ``203.0.113.7`` and ``203.0.113.7/10.0.0.5`` (public/local) mean.

    Raises ``ValueError`` where one is no address, or the two are of different IP versions.
    """
    addresses = []
    for text in texts:
        public, _, local = text.partition("/")
        try:
            versions = {ipaddress.ip_address(address).version for address in (public, local) if address}
        except ValueError:
            versions = set()
        if len(versions) != 1 or not public or text.endswith("/"):
            raise ValueError(f'"{text}" is not an IP address, nor one and a local one such as 203.0.113.7/10.0.0.5')
        addresses.append(PublicAddress(public, local or None))
    return tuple(addresses)


def parse_interfaces(texts: Sequence[str]) -> tuple[str, ...]:
    """Return names of interfaces, networks and addresses. Raises ``ValueError`` where a network is malformed."""
    for text in texts:
        if "/" in text or ":" in text:
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError as error:
                raise ValueError(f'"{text}" is neither the name of an interface nor a network') from error
    return tuple(texts)


def is_chosen(interfaces: Sequence[str], name: str, address: str) -> bool:
    """Return whether the address of the interface ``name`` is one of those that ``parse_interfaces`` named."""
    return any(text == name or _contains(text, address) for text in interfaces)


def parse_turn_url(url: str) -> TurnServer:
    """Return what a TURN URL names. ``turns`` is TLS over TCP. Raises ``ValueError`` where it is none."""
    match = _TURN_URL.fullmatch(url)
    port = int(match["port"] or _TURN_PORTS[match["scheme"]]) if match else 0
    if not match or not 0 < port <= 65535 or (match["scheme"] == "turns" and match["transport"] == "udp"):
        raise ValueError(f'"{url}" is not a TURN server such as turn:turn.example.org:3478?transport=tcp')
    tls = match["scheme"] == "turns"
    transport: Literal["udp", "tcp"] = "tcp" if tls or match["transport"] == "tcp" else "udp"
    return TurnServer(match["host"].strip("[]"), port, transport, tls)


def _contains(network: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
