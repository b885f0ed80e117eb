"""Which node answers for a room or an id: what rooms and requests ask of the membership."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from mocast.cluster.directory import LEASE_S, NodeState
from mocast.cluster.membership import Membership, Placement
from mocast.cluster.node_signature import TAG_CHARACTERS
from mocast.cluster.single_flight import SingleFlight
from mocast.errors import Unavailable
from mocast.rooms.elsewhere import Elsewhere


@dataclass(frozen=True, slots=True)
class Siblings:
    """The workers of this node's machine, by their tags: they are reached by sockets of their own."""

    name: str = ""
    "Of this one among them."
    others: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    "By tag: name and address."
    first: str = ""
    "Tag of the one that has the operator's cameras, inputs and outputs."
    fed_rooms: Set[str] = frozenset()
    "Rooms that these are for."


ALONE = Siblings()

LOOK_EVERY_S: Final = 1.0
"""Seconds between two times that the directory is asked for ids that nobody made."""

LIST_EVERY_S: Final = 0.2
"""The same for lists, which somebody may poll."""

LEFT_EVERY_S: Final = 0.4
"""How often the directory is asked whether a room has left a node that is lost, by all requests that wait for it."""


class NodeRooms:
    """The rooms of all nodes, as one of them sees them."""

    def __init__(
        self,
        membership: Membership,
        tag: str,
        siblings: Siblings = ALONE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``tag``: this node's. ``clock``: seconds."""
        self._membership = membership
        self._tag = tag
        self._siblings = siblings
        self._clock = clock
        self._looked_at = float("-inf")
        self._looking = SingleFlight[NodeState | None]()
        self._learning = SingleFlight[None]()

    async def acquire(self, room: str, *, opens: bool, is_forwarded: bool) -> Elsewhere | None:
        """See ``RoomPlacement``."""
        is_fed = room in self._siblings.fed_rooms
        if is_fed and self._siblings.first != self._tag:
            return self._first()
        if is_fed:
            is_forwarded = opens = True  # it is here, whether or not anybody has asked for it
        if opens:
            placed = await self._placed(room, is_forwarded=is_forwarded)
            return None if placed.is_local else self._elsewhere(placed.node)
        node = await self._membership.find(room)
        return None if node is None or node.tag == self._tag else self._elsewhere(node)

    async def _placed(self, room: str, *, is_forwarded: bool) -> Placement:
        """Have a room placed. Where no node has a place for a publisher it is here: others may be in it."""
        try:
            return await self._membership.acquire(room, here=is_forwarded, move=not is_forwarded)
        except Unavailable:
            if is_forwarded:
                raise
            return await self._membership.acquire(room, here=True)

    async def has_left(self, room: str, where: Elsewhere, *, is_gone: bool) -> bool:
        """Wait until a room is no longer at a node that is out of reach, as its lease has ended; return whether it is.

        ``is_gone``: nothing listens at its address any more, so that nobody needs to wait for the lease's end.
        """
        if is_gone:
            await self._membership.evict(where.address)
        give_up_at, delay_s = self._clock() + LEASE_S, 0.0
        while True:
            node = await self._looking.run(room, partial(self._find_later, room, delay_s))
            if self._is_elsewhere(node, where, is_gone=is_gone):
                return True
            if self._clock() >= give_up_at:
                return False
            delay_s = LEFT_EVERY_S

    async def _find_later(self, room: str, delay_s: float) -> NodeState | None:
        await asyncio.sleep(delay_s)
        return await self._membership.find(room)

    def _is_elsewhere(self, node: NodeState | None, where: Elsewhere, *, is_gone: bool) -> bool:
        """Return whether what was found of a room says that another node than this one has it, or none.

        A directory that does not answer says nothing: that node may live, and the room would be at two.
        """
        if node is None:
            return is_gone or self._membership.is_connected
        return self._elsewhere(node) != where

    def release(self, room: str) -> None:
        """See ``RoomPlacement``."""
        self._membership.release(room)

    async def owner_of_id(self, made_id: str) -> Elsewhere | None:
        """Return the other node that made an id; ``None``: this one did, or a node that does not live.

        For an unknown node the directory is asked, at most every ``LOOK_EVERY_S``. Raises ``Unavailable`` where it does
        not answer: the node may live all the same, and still write files that this one would take for left behind.
        """
        tag = made_id[-TAG_CHARACTERS:]
        if tag == self._tag:
            return None
        now = self._clock()
        is_due = now - self._looked_at >= LOOK_EVERY_S or "nodes" in self._learning  # or somebody else has just asked
        if self._membership.by_tag(tag) is None and is_due:
            self._looked_at = now
            await self._learning.run("nodes", self._membership.learn)
        node = self._membership.by_tag(tag)
        if node is not None:
            return self._elsewhere(node)
        if tag in self._siblings.others and not self.has_lost(made_id):  # one that has begun, and is not known here yet
            _, address = self._siblings.others[tag]
            return Elsewhere(address)
        if not self._membership.is_connected:
            raise Unavailable("Which server has this is not known at present; try again in a moment.", retry_after_s=5)
        return None

    def has_lost(self, made_id: str) -> bool:
        """Return whether an id was made by a node that has gone, and may come back."""
        return self._membership.has_lost(made_id[-TAG_CHARACTERS:])

    async def others(self) -> Sequence[tuple[str, str]]:
        """Return names and addresses of the nodes of other machines: of each one, as that asks its others.

        The directory is asked first: a node that has just come is not left out.
        """
        await self._learning.run("list", partial(self._membership.learn, LIST_EVERY_S))
        tags = {self._tag, *self._siblings.others}
        by_address = {node.address: node.tag for node in self._membership.nodes if node.tag not in tags}
        return [(tag, address) for address, tag in by_address.items()]

    def workers(self) -> Sequence[tuple[str, str]]:
        """Return the names and addresses of those that serve the same port as this one."""
        return tuple(self._siblings.others.values())

    def is_alive(self, address: str) -> bool:
        """Return whether a node at an address has a lease, as far as is known here."""
        workers = {place: tag for tag, (_, place) in self._siblings.others.items()}
        return any(address == node.address or workers.get(address) == node.tag for node in self._membership.nodes)

    def is_sibling(self, where: Elsewhere) -> bool:
        """Return whether another node is a worker of this machine."""
        return any(address == where.address for _, address in self._siblings.others.values())

    @property
    def name(self) -> str:
        """This worker's name among those of its machine."""
        return self._siblings.name

    def _elsewhere(self, node: NodeState) -> Elsewhere:
        _, address = self._siblings.others.get(node.tag, ("", node.address))
        return Elsewhere(address)

    def _first(self) -> Elsewhere:
        """The worker that has the operator's own cameras, as long as it lives."""
        node = self._membership.by_tag(self._siblings.first)
        if node is None:
            raise Unavailable("The process that has this room is starting again; try again in a moment.", 1)
        return self._elsewhere(node)
