"""What of an address may be in a log."""

from urllib.parse import urlsplit


def address_name(url: str) -> str:
    """Return scheme, host and port of an address, as its user, path and query may hold passwords."""
    address = urlsplit(url)
    host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname
    return f"{address.scheme}://{host}" + (f":{address.port}" if address.port else "")
