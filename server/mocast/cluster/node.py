"""This process as one of several that are one server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

import structlog

from mocast.cluster.directory import Directory, DirectoryUnreachable, NodeState
from mocast.cluster.membership import Membership, new_node_id
from mocast.cluster.node_rooms import ALONE, NodeRooms, Siblings
from mocast.cluster.node_signature import NodeSignature
from mocast.limiter import Limiter
from mocast.rooms.registry import MOVED, Rooms

log = structlog.get_logger(__name__)

TELL_TIMEOUT_S: Final = 1.0
"""A directory that does not answer holds up no stop of the server."""


class Node:
    """Announces how much is held here, and lets go of rooms that another node has."""

    def __init__(
        self,
        directory: Directory,
        signature: NodeSignature,
        limiter: Limiter,
        *,
        tag: str,
        address: str,
        siblings: Siblings = ALONE,
    ) -> None:
        """``address``: at which other machines reach this one."""
        self.signature = signature
        self.tag = tag
        self._address = address
        self._limiter = limiter
        self._id = new_node_id()
        self._rooms: Rooms | None = None
        self._on_lost: list[Callable[[str], object]] = []
        self.membership = Membership(directory, self._state, self._lose)
        self.rooms = NodeRooms(self.membership, tag, siblings)

    def serves(self, rooms: Rooms, *on_lost: Callable[[str], object]) -> None:
        """Take note of this process's rooms. ``on_lost``: what else ends where another node has one of them."""
        self._rooms = rooms
        self._on_lost += on_lost

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Take part as long as the context of an application's life lasts."""
        async for _ in self.membership.running():
            yield

    async def tell_draining(self) -> None:
        """Tell the others that this node drains: whoever opens one of its rooms from now on has it at another node."""
        with suppress(DirectoryUnreachable, TimeoutError):
            async with asyncio.timeout(TELL_TIMEOUT_S):
                await self.membership.renew()

    def _state(self) -> NodeState:
        limiter, rooms = self._limiter, self._rooms
        share = max(limiter.held(kind) / max(limiter.most(kind), 1) for kind in ("sessions", "viewers"))
        capacity = max(limiter.most("sessions"), 1)
        is_draining = rooms is not None and rooms.draining.is_set()
        return NodeState(self._id, self.tag, self._address, capacity, share * capacity, is_draining)

    def _lose(self, room: str) -> None:
        assert self._rooms is not None
        self._rooms.move(room, MOVED)
        for end in self._on_lost:
            end(room)
