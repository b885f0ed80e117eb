"""The directory in the memory of one process: for the workers of one machine (``directory_server.py``)."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mocast.cluster.directory import LEASE_S, NodeState, Ownership, Renewal, fits


class MemoryDirectory:
    """Nodes and rooms in dictionaries. On one thread."""

    def __init__(self, lease_s: float = LEASE_S, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds."""
        self._lease_s = lease_s
        self._clock = clock
        self._nodes: dict[str, NodeState] = {}
        self._expires_at: dict[str, float] = {}
        self._placed: Counter[str] = Counter()
        "Rooms that were placed at each node since it announced itself."
        self._rooms: dict[str, tuple[str, int]] = {}
        "Owner and token of each."
        self._token = 0
        self._version = 0
        self._changed: dict[str, int] = {}
        "The version in which each node changed last."
        self._gone = 0
        "The version in which a node went last."

    async def renew(self, node: NodeState, *, changed: bool, since: int, released: Mapping[str, int]) -> Renewal:
        """See ``Directory``."""
        self._end_leases()
        had_lapsed = node.id not in self._nodes
        self._expires_at[node.id] = self._clock() + self._lease_s
        if changed or had_lapsed:
            self._nodes[node.id] = node
            self._version += 1
            self._changed[node.id] = self._version
            del self._placed[node.id]
        for room, token in released.items():
            if self._rooms.get(room) == (node.id, token):
                del self._rooms[room]
        is_whole = had_lapsed or since == 0 or self._gone > since
        nodes = (known for known in self._nodes.values() if is_whole or self._changed[known.id] > since)
        return Renewal(had_lapsed, self._version, tuple(nodes), is_whole)

    async def extend(self, node_id: str) -> bool:
        """Have it renewed, which takes no longer. See ``Directory``."""
        return False

    async def claim(self, room: str, candidates: Sequence[str], *, utilisation: float, move: bool) -> Ownership | None:
        """See ``Directory``."""
        owner = await self.find(room)
        if owner is not None and not (move and owner.node.draining):
            return owner
        nodes = [self._counted(node_id) for node_id in candidates if node_id in self._nodes]
        nodes = [node for node in nodes if not node.draining and fits(node, 1)]
        if not nodes:
            return None
        least = min(nodes, key=lambda node: (node.load + 1) / node.capacity)
        chosen = next((node for node in nodes if fits(node, utilisation)), least)
        self._own(room, chosen.id)
        self._placed[chosen.id] += 1
        return await self.find(room)

    async def reclaim(self, node_id: str, rooms: Mapping[str, int]) -> Mapping[str, int] | None:
        """See ``Directory``."""
        self._end_leases()
        if node_id not in self._nodes:
            return None
        for room in rooms:
            if room not in self._rooms:
                self._own(room, node_id)
        return {room: token for room, (owner, token) in self._rooms.items() if owner == node_id}

    async def find(self, room: str) -> Ownership | None:
        """See ``Directory``."""
        self._end_leases()
        if room not in self._rooms:
            return None
        node_id, token = self._rooms[room]
        return Ownership(room, self._counted(node_id), token)

    async def leave(self, node_id: str) -> None:
        """See ``Directory``."""
        self._forget(node_id)

    async def close(self) -> None:
        """Do nothing."""

    def _own(self, room: str, node_id: str) -> None:
        self._token += 1
        self._rooms[room] = (node_id, self._token)

    def _counted(self, node_id: str) -> NodeState:
        node = self._nodes[node_id]
        return replace(node, load=node.load + self._placed[node_id])

    def _end_leases(self) -> None:
        now = self._clock()
        for node_id in [node_id for node_id, expires_at in self._expires_at.items() if expires_at <= now]:
            self._forget(node_id)

    def _forget(self, node_id: str) -> None:
        if self._nodes.pop(node_id, None) is None:
            return
        del self._expires_at[node_id], self._changed[node_id], self._placed[node_id]
        self._rooms = {room: owned for room, owned in self._rooms.items() if owned[0] != node_id}
        self._version += 1
        self._gone = self._version
