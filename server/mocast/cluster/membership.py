"""The membership of one node: its heartbeats, the rooms that it holds, and where other rooms are."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from mocast.cluster.directory import (
    LEASE_S,
    PROVISIONAL,
    Directory,
    DirectoryUnreachable,
    NodeState,
    Ownership,
)
from mocast.cluster.held_rooms import HeldRooms
from mocast.cluster.known_nodes import KnownNodes
from mocast.cluster.placement import BALANCE, CANDIDATES
from mocast.cluster.single_flight import SingleFlight
from mocast.errors import Unavailable
from mocast.retry_delays import RetryDelays

RENEW_S: Final = 2.0
"""Between heartbeats: one may be lost before the lease ends."""

COMPARE_S: Final = 30.0
"""Between comparisons of what this node holds with what the directory says: a replica that became Redis' primary may
lack what was written last. A node of which nothing is asked learns of the others as seldom, which is enough: among the
nodes that it proposes for a room, the directory chooses by its own numbers."""

LONGEST_DELAY_S: Final = 2.0
"""Between attempts to reach the directory again. With the second that an attempt may take, all nodes are back and have
claimed their rooms within ``LEASE_S``, for which others do not take these."""

RANKED: Final = 64
"""Nodes that are tried for a room at most, in two calls."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a room is."""

    node: NodeState
    is_local: bool
    token: int
    "Fencing token; ``PROVISIONAL`` where the directory could not be asked."


def new_node_id() -> str:
    """Return an id for a process."""
    return secrets.token_urlsafe(9)


class Membership:
    """Takes part in a directory. On the event loop."""

    def __init__(
        self,
        directory: Directory,
        state: Callable[[], NodeState],
        on_lost: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``state``: of this node, at present, always with the same id. ``on_lost`` is called with each room that this
        node held and that is another's now: its sessions have to end. ``clock``: seconds."""
        self._directory = directory
        self._state = state
        self._on_lost = on_lost
        self._clock = clock
        self._me = state()
        self._known = KnownNodes(self._me, clock)
        self._rooms = HeldRooms()
        self._acquiring = SingleFlight[Placement]()
        self._was_given_rooms = False
        "Since the last heartbeat."
        self._renewed_at = float("-inf")
        self._has_to_know = False
        "Whether somebody has asked for the others since the last heartbeat: the next one asks for what is new."
        self._connected_at: float | None = None
        self._compared_at = float("-inf")
        self._has_warned = False
        self._renewing = asyncio.Lock()

    @property
    def is_connected(self) -> bool:
        """Whether the directory answered last time."""
        return self._connected_at is not None

    @property
    def nodes(self) -> tuple[NodeState, ...]:
        """All nodes, this one too, as they were some seconds ago. While this is asked for, each heartbeat renews it."""
        self._has_to_know = True
        return tuple(self._known)

    def by_tag(self, tag: str) -> NodeState | None:
        """Return the node of a tag, as it was some seconds ago. While this is asked for, each heartbeat renews it."""
        self._has_to_know = True
        return self._known.table.by_tag(tag)

    def has_lost(self, tag: str) -> bool:
        """Return whether the node of a tag has gone, and may come back."""
        return self._known.table.has_lost(tag)

    async def learn(self, unless_within_s: float = 0.0) -> None:
        """Learn of the others, where the directory answers and has not told of them within so many seconds."""
        if self.is_connected and self._clock() - self._known.told_at >= unless_within_s:
            try:
                await self.renew()
            except DirectoryUnreachable as error:
                self._cut_off(error)

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Take part as long as the context of an app's life lasts. The directory may come later."""
        with suppress(DirectoryUnreachable):
            await self.renew()
            await self._end_predecessors()
        heart = asyncio.create_task(self._beat(), name="heartbeats")
        try:
            yield
        finally:
            heart.cancel()
            await asyncio.wait([heart])
            with suppress(DirectoryUnreachable):
                await self._directory.leave(self._me.id)
            await self._directory.close()

    async def acquire(self, room: str, *, here: bool = False, move: bool = False) -> Placement:
        """Return where a room is; a room that is nowhere is placed.

        ``here``: at this node, as another has placed it here. ``move``: not at a node that drains. Where the directory
        cannot be reached, or may have lost its data and knows of no owner yet, it is here. Raises ``Unavailable`` where
        no node has a place for it.
        """
        if self._rooms.is_returning(room):
            async with self._renewing:
                pass
        if room in self._rooms and not (move and self._me.draining):
            return self._hold(room, self._rooms.token(room))
        asking = partial(self._acquire, room, here=here, move=move)
        placed = await self._acquiring.run((room, here, move), asking)
        return self._hold(room, placed.token) if placed.is_local else placed

    async def _acquire(self, room: str, *, here: bool, move: bool) -> Placement:
        """Return where a room is. Nothing is held here by that: all who have asked may have gone meanwhile."""
        try:
            await self._require_lease()
            owner = await self._owner(room, here=here, move=move)
        except DirectoryUnreachable as error:
            self._cut_off(error)
            owner = None
        if owner is None:
            self._compared_at = float("-inf")  # the next heartbeat that may claim it does
            return Placement(self._me, True, self._rooms.token(room))
        if owner.node.id == self._me.id:
            self._was_given_rooms = True
            return Placement(self._me, True, owner.token)
        self._known.add(owner.node)
        return Placement(owner.node, False, owner.token)

    async def find(self, room: str) -> NodeState | None:
        """Return the node where a room is, if it is anywhere; ``None``, too, where the directory cannot be reached."""
        if room in self._rooms:
            return self._me
        try:
            await self._require_lease()
            owner = await self._directory.find(room)
        except DirectoryUnreachable as error:
            self._cut_off(error)
            return None
        return owner.node if owner is not None else None

    async def evict(self, address: str) -> None:
        """End the leases of nodes at an address where nothing listens any more: their rooms are free at once.

        One that lives all the same announces itself again, and loses what others have taken meanwhile. One that was
        seen first less than ``STARTED_S`` ago is left alone.
        """
        for node in self._known.gone_from(address):
            log.warning("a node is gone: its address refuses connections", node=address)
            self._known.remove(node.id)
            with suppress(DirectoryUnreachable):
                await self._directory.leave(node.id)

    def release(self, room: str) -> None:
        """Give a room back with the next heartbeat, unless it is acquired again before."""
        self._rooms.release(room)

    async def beat(self) -> None:
        """Send one heartbeat: only the lease is extended where there is nothing to tell. Raises
        ``DirectoryUnreachable``."""
        sent_at = self._clock()
        if not self._has_news(sent_at) and await self._directory.extend(self._me.id):
            self._connected(sent_at)
        else:
            await self.renew()

    def _has_news(self, now_s: float) -> bool:
        """Return whether the directory is to be told, or asked, more than that this node lives."""
        return (
            self._has_to_know
            or self._was_given_rooms
            or self._rooms.has_any_to_return
            or self._connected_at is None
            or self._known.needs_all_nodes
            or now_s - self._compared_at >= COMPARE_S
            or self._state() != self._me
            or self._me.draining
        )

    async def renew(self) -> None:
        """Announce this node, give rooms back, and learn of the others. Raises ``DirectoryUnreachable``."""
        async with self._renewing:
            await self._renew()

    async def _renew(self) -> None:
        state = self._state()
        changed = self._was_given_rooms or state != self._me
        self._me, self._was_given_rooms = state, False
        sent_at = self._clock()
        try:
            with self._rooms.returning() as released:
                answer = await self._directory.renew(
                    state, changed=changed, since=self._known.since(), released=released
                )
        except DirectoryUnreachable:
            self._was_given_rooms = True  # whether it heard of them is not known
            raise
        self._known.take(answer, was_known=self._renewed_at > float("-inf") or self._has_warned)
        self._has_to_know = False
        self._connected(sent_at)
        if answer.had_lapsed or state.draining or self._clock() - self._compared_at >= COMPARE_S:
            await self._compare()

    async def _compare(self) -> None:
        """Claim what is held here, let go of what is another's, and give back what is not here."""
        connected_s = self._clock() - self._connected_at if self._connected_at is not None else 0.0
        may_claim_all = connected_s >= LEASE_S and not self._known.is_recovering
        claimed = self._rooms.claimed(with_provisional=may_claim_all)
        owned = await self._directory.reclaim(self._me.id, claimed)
        if owned is None:
            return
        is_whole = may_claim_all or len(claimed) == len(self._rooms)
        self._compared_at = self._clock() if is_whole else float("-inf")
        for room in self._rooms.compare(claimed, owned):
            log.warning("a room is another node's now", room=room)
            self._on_lost(room)

    async def _owner(self, room: str, *, here: bool, move: bool) -> Ownership | None:
        """A room's owner, found or made; ``None`` while nodes that may have it announce themselves again."""
        if here:
            return await self._taken(room)
        if self._known.is_recovering:
            return await self._directory.find(room)
        return await self._placed(room, move)

    async def _placed(self, room: str, move: bool) -> Ownership:
        """A room's owner, found or made."""
        while True:
            asked_at = self._clock()
            ranked = self._known.table.candidates(room, RANKED)
            utilisation = BALANCE * self._known.table.utilisation
            for candidates in (ranked[:CANDIDATES], ranked[CANDIDATES:]):
                owner = await self._directory.claim(room, candidates, utilisation=utilisation, move=move)
                if owner is not None:
                    return owner
            if asked_at - self._known.told_at < RENEW_S:
                break
            async with self._renewing:
                if self._known.told_at < asked_at:  # those that are known here may have gone, and others come
                    await self._renew()
        raise Unavailable("Every node of this server is full; try again later.")

    async def _taken(self, room: str) -> Ownership:
        """A room's owner: this node, where it has no other."""
        owned = await self._directory.reclaim(self._me.id, {room: PROVISIONAL})
        if owned is not None and room in owned:
            return Ownership(room, self._me, owned[room])
        owner = await self._directory.find(room)
        if owner is None:
            raise Unavailable("The room is moving to another node; try again.", retry_after_s=1)
        return owner

    async def _require_lease(self) -> None:
        """Renew a lease that has ended, as this process was stopped. Raises ``DirectoryUnreachable``."""
        if self._connected_at is None:
            raise DirectoryUnreachable("it did not answer before")
        if self._clock() - self._renewed_at >= LEASE_S:
            await self.renew()

    def _hold(self, room: str, token: int) -> Placement:
        self._rooms.hold(room, token)
        return Placement(self._me, True, token)

    def _connected(self, renewed_at: float) -> None:
        self._renewed_at = renewed_at
        if self._connected_at is None:
            log.info("the directory answers", nodes=len(self._known.table))
            self._connected_at = self._clock()
            self._compared_at = float("-inf")
            self._has_warned = False

    def _cut_off(self, error: DirectoryUnreachable) -> None:
        self._connected_at = None
        if not self._has_warned:
            self._has_warned = True
            log.warning("the directory cannot be reached; new rooms are opened here", reason=str(error))

    async def _end_predecessors(self) -> None:
        """End the leases of processes of this node's name: they are dead, as this one took their place."""
        for node in self._known.predecessors():
            log.info("a process of the same name is gone", node=node.address)
            await self._directory.leave(node.id)

    async def _beat(self) -> None:
        delays = RetryDelays(LONGEST_DELAY_S)
        while True:
            try:
                await self.beat()
                delays.reset()
                pause_s = RENEW_S
            except DirectoryUnreachable as error:
                self._cut_off(error)
                pause_s = delays.next_s()
            except Exception:  # without heartbeats it would be no node for ever
                log.exception("a heartbeat failed")
                pause_s = delays.next_s()
            await asyncio.sleep(pause_s)
