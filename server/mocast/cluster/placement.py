"""Placement of rooms: a node's own table of all nodes, and rendezvous hashing weighted with their free capacity.

Nodes that know the same of each other name the same candidates for a room. Sources: Schindelhauer and Schomaker,
"Weighted Distributed Hash Tables" (2005), the logarithmic method; a bound on each node's load, by the mean of all:
Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded Loads" (2018).
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from mocast.cluster.directory import NodeState

CANDIDATES: Final = 16
"""Nodes that are tried for a room: the directory knows their loads of now, the table those of some seconds ago."""

BALANCE: Final = 1.1
"""A node takes a room while its utilisation stays within so many times the mean of all: bench/cluster.py."""

MOST_FORMER: Final = 4_096
"""Tags of nodes that have gone; some 0.5 MB. Above it those that went first are forgotten."""


class NodeTable:
    """All nodes, as far as this one was told."""

    def __init__(self) -> None:
        self._nodes: dict[str, NodeState] = {}
        self._tags: dict[str, str] = {}
        "The newest node of each tag."
        self._former: dict[str, None] = {}
        "Tags of nodes that went and have not come back, the last one last."
        self._changed: set[str] = set()
        "Nodes whose numbers are not in the arrays yet."
        self._rows: dict[str, int] = {}
        "Of each node in the arrays; empty: they are of other nodes."
        self._seeds: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self._capacities: npt.NDArray[np.float64] = np.empty(0)
        self._loads: npt.NDArray[np.float64] = np.empty(0)

    def replace(self, nodes: Iterable[NodeState]) -> None:
        """Know these nodes and no others."""
        before = self._tags
        self._nodes = {node.id: node for node in nodes}
        self._tags = {node.tag: node.id for node in self._nodes.values()}
        self._remember(before)
        self._rows = {}
        self._changed.clear()

    def update(self, node: NodeState) -> None:
        """Know a node as it is now."""
        if node.id not in self._nodes:
            self._tags[node.tag] = node.id
            self._rows = {}
        self._nodes[node.id] = node
        self._changed.add(node.id)

    def remove(self, node_id: str) -> None:
        """Know a node no more."""
        node = self._nodes.pop(node_id, None)
        if node is not None:
            self._rows = {}
            self._changed.discard(node_id)
            if self._tags[node.tag] == node_id:
                del self._tags[node.tag]
                # One that came back after a crash may have been told of before what it had been.
                self._tags |= {other.tag: other.id for other in self._nodes.values() if other.tag == node.tag}
                self._remember([node.tag])

    def candidates(self, room: str, most: int = CANDIDATES) -> list[str]:
        """Return ids of nodes that may take a room, the best first; empty where all are full or drain."""
        self._apply_changes()
        free = self._capacities - self._loads
        rows = np.flatnonzero(free > 0)
        if not rows.size:
            return []
        scores = free[rows] / -np.log(_uniform(self._seeds[rows] ^ np.uint64(_hash(room))))
        best = rows[np.argsort(-scores)[:most]]
        names = list(self._rows)
        return [names[row] for row in best]

    @property
    def utilisation(self) -> float:
        """Load of the nodes that take rooms, by their capacity."""
        self._apply_changes()
        is_open = self._capacities > 0
        return float(self._loads[is_open].sum() / max(1.0, self._capacities.sum()))

    def by_tag(self, tag: str) -> NodeState | None:
        """Return the node of a tag that was seen last."""
        node_id = self._tags.get(tag)
        return self._nodes.get(node_id) if node_id is not None else None

    def has_lost(self, tag: str) -> bool:
        """Return whether there was a node of a tag, as long as this process has run, and there is none now."""
        return tag in self._former and tag not in self._tags

    def _remember(self, tags: Iterable[str]) -> None:
        for tag in tags:
            if tag not in self._tags:
                self._former.pop(tag, None)
                self._former[tag] = None
        while len(self._former) > MOST_FORMER:
            del self._former[next(iter(self._former))]

    def __iter__(self) -> Iterator[NodeState]:
        return iter(tuple(self._nodes.values()))

    def _apply_changes(self) -> None:
        """Bring the arrays up to date: only who places a room needs them."""
        if not self._rows:
            self._rows = {node_id: row for row, node_id in enumerate(self._nodes)}
            self._seeds = np.array([_hash(node_id) for node_id in self._nodes], np.uint64)
            self._capacities, self._loads = np.zeros(len(self._rows)), np.zeros(len(self._rows))
            self._changed = set(self._nodes)
        for node_id in self._changed:
            node, row = self._nodes[node_id], self._rows[node_id]
            self._capacities[row], self._loads[row] = _open_capacity(node), node.load
        self._changed.clear()

    def __len__(self) -> int:
        return len(self._nodes)


def _open_capacity(node: NodeState) -> float:
    return 0.0 if node.draining else node.capacity


def _hash(text: str) -> int:
    """64 bits of a name."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _uniform(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Mix 64 bits to numbers in (0, 1). Source: the finaliser of SplitMix64, Steele, Lea and Flood (2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
