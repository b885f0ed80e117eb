"""Where rooms are, where a server is one of several nodes."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another node has what is asked for."""

    address: str
    "At which this node reaches it: a URL, or ``unix:`` and a path."


class RoomPlacement(Protocol):
    """Says which node has a room: the part of a cluster that rooms need."""

    async def acquire(self, room: str, *, opens: bool, is_forwarded: bool) -> Elsewhere | None:
        """Return the node that has a room; ``None``: this one, or none does.

        ``opens``: a room that nobody has is placed, and is its node's from then on; not elsewhere where another node
        has forwarded the request (``is_forwarded``). Raises ``Unavailable`` where there is no place for it.
        """

    def release(self, room: str) -> None:
        """Take note that nobody is in a room here: any node may have it next. Others' rooms are ignored."""
