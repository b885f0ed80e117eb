"""Settings that are lists, as text: parts separated by commas."""

from collections.abc import Set
from typing import Annotated

from pydantic import AfterValidator

from mocast.outputs.destination import parse_networks


def split(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated setting."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def require_known(name: str, text: str, known: Set[str]) -> None:
    """Raise ``ValueError`` where a comma-separated setting has a part that is not known."""
    unknown = set(split(text)) - known
    if unknown:
        raise ValueError(f"{name}: {', '.join(sorted(unknown))} is not one of {', '.join(sorted(known))}")


def _are_networks(text: str) -> str:
    parse_networks(split(text))
    return text


Networks = Annotated[str, AfterValidator(_are_networks)]
"""Networks (``192.168.1.0/24``) and addresses, comma-separated."""
