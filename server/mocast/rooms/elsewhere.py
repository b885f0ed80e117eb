"""The node of a room, where a server is one of several nodes."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another node that has what is asked for."""

    address: str
    "At which this node reaches it: a URL, or ``unix:`` and a path."


class RoomPlacement(Protocol):
    """Says which node has a room: the part of a cluster that rooms need."""

    async def acquire(self, room: str, *, opens: bool, is_forwarded: bool) -> Elsewhere | None:
        """Return the other node that has a room; ``None``: this one has it, or none.

        ``opens``: a room that no node has is placed, on this node where another one has forwarded the request
        (``is_forwarded``). Raises ``Unavailable`` where no node has a place for it.
        """

    def release(self, room: str) -> None:
        """Give up a room of this node's in which nobody is any more: any node may have it next."""
