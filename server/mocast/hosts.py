"""Hosts, and the addresses in which they are, as text."""

import ipaddress
from urllib.parse import urlsplit


def bracketed(host: str) -> str:
    """Return a host as an address needs it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_and_port(text: str) -> tuple[str, int | None] | None:
    """Return host and port of ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``; ``None`` where it is none of these."""
    try:
        address = urlsplit(f"//{text}")
        host, port = address.hostname, address.port
    except ValueError:
        return None
    return (host, port) if host and address.netloc == text and "@" not in text else None


def address_name(url: str) -> str:
    """Return what of an address may be in a log: scheme, host and port. User, path and query may hold passwords."""
    address = urlsplit(url)
    host = bracketed(address.hostname or "")
    return f"{address.scheme}://{host}" + (f":{address.port}" if address.port else "")
