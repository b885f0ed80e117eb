"""The nodes of a cluster as one of them knows them, from one renewal to the next."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import structlog

from mocast.cluster.directory import LEASE_S, NodeState, Renewal
from mocast.cluster.placement import NodeTable

STARTED_S: Final = 10.0
"""A node that is known for this long listens or has ended; one that is known for less may not listen yet."""

log = structlog.get_logger(__name__)


class KnownNodes:
    """A table of nodes that each answer of the directory brings up to date.

    After the directory has lost its data it is recovering: for a lease's time it keeps nodes that the directory does
    not name, as they will announce themselves again.
    """

    def __init__(self, me: NodeState, clock: Callable[[], float]) -> None:
        """``me``: this node. ``clock``: seconds."""
        self._me = me
        self._clock = clock
        self.table = NodeTable()
        self.table.update(me)
        self._version = 0
        self.told_at = float("-inf")
        "When the directory told of them last."
        self._seen_at: dict[str, float] = {}
        "When each node was seen first."
        self._recovering_until = float("-inf")
        "Until then the directory may have lost its data; minus infinity once all nodes were learnt anew."
        self._has_twin = False
        "Whether a process of the same name has announced itself since this one began."

    def __iter__(self) -> Iterator[NodeState]:
        return iter(self.table)

    @property
    def is_recovering(self) -> bool:
        """Whether the directory may lack nodes that live."""
        return self._clock() < self._recovering_until

    @property
    def needs_all_nodes(self) -> bool:
        """Whether the directory has lost its data and all nodes have not been learnt anew since."""
        return self._recovering_until > float("-inf")

    def since(self) -> int:
        """Return the version since which the directory is asked for changes; 0: for all nodes."""
        return 0 if self.needs_all_nodes and not self.is_recovering else self._version

    def take(self, answer: Renewal, *, was_known: bool) -> None:
        """Take note of a directory's answer. ``was_known``: this node had a lease before."""
        now = self._clock()
        if answer.had_lapsed and was_known:
            self._recovering_until = now + LEASE_S
        self._version = answer.version
        self.told_at = now
        if answer.is_whole and not self.is_recovering:
            self.table.replace(answer.nodes)
            self._seen_at = {node.id: self._seen_at.get(node.id, now) for node in answer.nodes}
            self._recovering_until = float("-inf")
            return
        for node in answer.nodes:
            self.table.update(node)
            self._seen_at.setdefault(node.id, now)
        for node_id in answer.gone:
            self.remove(node_id)
        self._look_for_twin(answer.nodes)

    def remove(self, node_id: str) -> None:
        """Know a node no more."""
        self.table.remove(node_id)
        self._seen_at.pop(node_id, None)

    def add(self, node: NodeState) -> None:
        """Know a node that was not learnt of by a renewal."""
        self.table.update(node)
        self._seen_at.setdefault(node.id, self._clock())

    def gone_from(self, address: str) -> list[NodeState]:
        """Return the nodes at an address where nothing listens any more, but for this one, and for those that may be
        about to listen."""
        now = self._clock()
        there = [node for node in self.table if node.address == address != self._me.address]
        return [node for node in there if now - self._seen_at.get(node.id, now) >= STARTED_S]

    def predecessors(self) -> list[NodeState]:
        """Return processes of this node's name."""
        return [node for node in self.table if self._is_twin(node)]

    def _look_for_twin(self, changed: Iterable[NodeState]) -> None:
        """Tell the operator where two nodes have one name: each is asked for the other's sessions and recordings."""
        twin = None if self._has_twin else next(filter(self._is_twin, changed), None)
        if twin is not None:
            self._has_twin = True
            log.error("another node has this node's name; give each its own node_name", node=twin.address)

    def _is_twin(self, node: NodeState) -> bool:
        return node.tag == self._me.tag and node.id != self._me.id
