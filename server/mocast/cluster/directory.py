"""The directory: which nodes there are, and which of them owns each room. One interface; siblings implement it.

A node announces itself under a lease. A room belongs to one node at a time and is free when that node's lease ends.
Each change of owner has a fencing token, larger than all before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

LEASE_S: Final = 4.5
"""A node that was not heard of for so long is gone, and its rooms are free: who waits for one is live within 5 s."""

PROVISIONAL: Final = 0
"""The token of a room that was opened while the directory could not be reached."""


class DirectoryUnreachable(Exception):
    """The directory does not answer, or not in time. What was asked for may have been done."""


@dataclass(frozen=True, slots=True)
class NodeState:
    """What a node announces."""

    id: str
    "Of the process, new in each: a node that comes back after a crash does not own what the old one did."
    tag: str
    "Of the node's name, the same in each process of that name."
    address: str
    "URL at which the other nodes reach it."
    capacity: float
    "Publishers that it takes, above 0."
    load: float = 0
    "How much of ``capacity`` is taken."
    draining: bool = False
    "It opens no room any more."


@dataclass(frozen=True, slots=True)
class Ownership:
    """A room's owner."""

    room: str
    node: NodeState
    "Its load counts the rooms that were placed there since it announced itself."
    token: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """The answer to a node that announced itself."""

    had_lapsed: bool
    "There was no lease: the node is new, or was cut off for longer than ``LEASE_S``, or the directory lost its data."
    version: int
    "Of the nodes, for the next renewal."
    nodes: tuple[NodeState, ...]
    "Those that changed since the version that was asked for."
    is_whole: bool
    "These are all nodes: others are gone."
    gone: tuple[str, ...] = ()
    "Ids of nodes that went since."


class Directory(Protocol):
    """Nodes and rooms. Every call is atomic, and raises ``DirectoryUnreachable``."""

    async def renew(self, node: NodeState, *, changed: bool, since: int, released: Mapping[str, int]) -> Renewal:
        """Announce a node, extend its lease, and give rooms back.

        ``changed``: it is to be told to the others; rooms that were placed there are counted in its load from now on.
        ``since``: the version of the nodes that are known to it; 0: none. ``released``: rooms and their tokens.
        """

    async def extend(self, node_id: str) -> bool:
        """Extend the lease of a node that renewed it before, and do nothing else. ``False``: it has to be renewed."""

    async def claim(self, room: str, candidates: Sequence[str], *, utilisation: float, move: bool) -> Ownership | None:
        """Find a room's owner; where it has none, make a candidate its owner.

        The first candidate is chosen whose ``load / capacity`` with one more room is within ``utilisation``, else the
        one with the least. ``None``: no candidate has a place for it. ``move``: an owner that drains does not count.
        """

    async def reclaim(self, node_id: str, rooms: Mapping[str, int]) -> Mapping[str, int] | None:
        """Make a node the owner of those among ``rooms`` that have none; return all rooms that it owns, with tokens.

        Those among ``rooms`` that are not returned belong to others. ``None``: the node has no lease.
        """

    async def find(self, room: str) -> Ownership | None:
        """Return a room's owner, if it has one."""

    async def leave(self, node_id: str) -> None:
        """End a node's lease: its rooms are free."""

    async def close(self) -> None:
        """Close the connection."""


def fits(node: NodeState, utilisation: float) -> bool:
    """Return whether a node with one more room stays within a share of its capacity; an empty one always does."""
    return node.load + 1 <= node.capacity and node.load + 1 <= max(1.0, utilisation * node.capacity)
