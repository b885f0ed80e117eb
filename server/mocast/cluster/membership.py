"""The membership of one node: its heartbeats, the rooms that it holds, and where other rooms are."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from mocast.cluster.directory import (
    LEASE_S,
    PROVISIONAL,
    Directory,
    DirectoryUnreachable,
    NodeState,
    Ownership,
    Renewal,
)
from mocast.cluster.placement import BALANCE, CANDIDATES, NodeTable
from mocast.errors import Unavailable
from mocast.retry_delays import RetryDelays

RENEW_S: Final = 2.0
"""Between heartbeats: one may be lost before the lease ends."""

COMPARE_S: Final = 30.0
"""Between comparisons of what this node holds with what the directory says: a replica that became Redis' primary may
lack what was written last. A node that nobody asks learns of the others as seldom: whom it proposes for a room is
chosen by the directory's own numbers."""

LONGEST_DELAY_S: Final = 4.0
"""Between attempts to reach the directory again."""

STARTED_S: Final = 10.0
"""A node that is known for so long listens, or has ended; one that has only announced itself may be about to."""

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
        self._table = NodeTable()
        self._table.update(self._me)
        self._seen_at: dict[str, float] = {}
        "When each node was seen first."
        self._held: dict[str, int] = {}
        "Tokens of the rooms here."
        self._empty: set[str] = set()
        "Of these, those that are given back with the next heartbeat."
        self._returning: dict[str, int] = {}
        "Those that are being given back."
        self._strays: dict[str, int] = {}
        "Rooms that are this node's by the directory, and that were not here when both were compared last."
        self._unused: dict[str, int] = {}
        "Those that were not here the time before, either: they are given back with the next heartbeat."
        self._was_given_rooms = False
        "Since the last heartbeat."
        self._version = 0
        self._patient_until = float("-inf")
        "Until then the directory may have lost its data: nodes that it does not name are known, and no room is placed."
        self._renewed_at = float("-inf")
        self._told_at = float("-inf")
        "When this node learnt of the others last."
        self._has_to_know = False
        "Whether somebody has asked for the others since: the next heartbeat asks for what is new."
        self._connected_at: float | None = None
        self._compared_at = float("-inf")
        self._has_warned = False
        self._has_twin = False
        "Whether a process of the same name has announced itself since this one began."
        self._renewing = asyncio.Lock()

    @property
    def is_connected(self) -> bool:
        """Whether the directory answered last time."""
        return self._connected_at is not None

    @property
    def nodes(self) -> tuple[NodeState, ...]:
        """All nodes, this one too, as they were some seconds ago. While this is asked for, each heartbeat renews it."""
        self._has_to_know = True
        return tuple(self._table)

    def by_tag(self, tag: str) -> NodeState | None:
        """Return the node of a tag, as it was some seconds ago. While this is asked for, each heartbeat renews it."""
        self._has_to_know = True
        return self._table.by_tag(tag)

    def has_lost(self, tag: str) -> bool:
        """Return whether the node of a tag has gone, and may come back."""
        return self._table.has_lost(tag)

    async def learn(self) -> None:
        """Learn of the others, where this was done ``RENEW_S`` ago or longer and the directory answers."""
        if self._clock() - self._told_at >= RENEW_S:
            with suppress(DirectoryUnreachable):
                await self.renew()

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Take part as long as the context of an app's life lasts. The directory may come later."""
        with suppress(DirectoryUnreachable):
            await self.renew()
            await self._evict_predecessors()
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
        if room in self._returning:
            async with self._renewing:
                pass
        if room in self._held and not (move and self._me.draining):
            return self._hold(room, self._held[room])
        try:
            await self._require_lease()
            owner = await self._owner(room, here=here, move=move)
        except DirectoryUnreachable as error:
            self._cut_off(error)
            owner = None
        if owner is None:
            self._compared_at = float("-inf")  # the next heartbeat that may claim it does
            return self._hold(room, self._held.get(room, PROVISIONAL))
        if owner.node.id == self._me.id:
            self._was_given_rooms = True
            return self._hold(room, owner.token)
        self._table.update(owner.node)
        return Placement(owner.node, False, owner.token)

    async def find(self, room: str) -> NodeState | None:
        """Return the node where a room is, if it is anywhere; ``None``, too, where the directory cannot be reached."""
        if room in self._held:
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
        now = self._clock()
        for node in self._table:
            has_started = now - self._seen_at.get(node.id, now) >= STARTED_S
            if node.address == address != self._me.address and has_started:
                log.warning("a node is gone: its address refuses connections", node=address)
                self._table.remove(node.id)
                with suppress(DirectoryUnreachable):
                    await self._directory.leave(node.id)

    def release(self, room: str) -> None:
        """Give a room back with the next heartbeat, unless it is acquired again before."""
        if room in self._held:
            self._empty.add(room)

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
            or bool(self._empty or self._unused)
            or self._connected_at is None
            or self._patient_until > float("-inf")
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
        self._returning = {room: token for room, token in self._unused.items() if room not in self._held}
        self._returning |= {room: self._held.pop(room) for room in self._empty}
        self._empty, self._unused = set(), {}
        sent_at = self._clock()
        is_patience_over = float("-inf") < self._patient_until <= sent_at
        try:
            answer = await self._directory.renew(
                state, changed=changed, since=0 if is_patience_over else self._version, released=self._returning
            )
        except DirectoryUnreachable:
            self._was_given_rooms = True  # whether it heard of them is not known
            raise
        finally:
            self._returning = {}
        self._take_nodes(answer)
        self._connected(sent_at)
        if answer.had_lapsed or state.draining or self._clock() - self._compared_at >= COMPARE_S:
            await self._compare()

    async def _compare(self) -> None:
        """Claim what is held here, let go of what is another's, and give back what is not here."""
        connected_s = self._clock() - self._connected_at if self._connected_at is not None else 0.0
        may_claim_all = connected_s >= LEASE_S and self._clock() >= self._patient_until
        asked = {room: token for room, token in self._held.items() if token != PROVISIONAL or may_claim_all}
        owned = await self._directory.reclaim(self._me.id, asked)
        if owned is None:
            return
        self._compared_at = self._clock() if may_claim_all or len(asked) == len(self._held) else float("-inf")
        for room in asked:
            if room in owned:
                self._held[room] = owned[room]
            else:
                self._lose(room)
        strays = {room: token for room, token in owned.items() if room not in self._held}
        self._unused = {room: token for room, token in strays.items() if room in self._strays}
        self._strays = strays

    def _lose(self, room: str) -> None:
        log.warning("a room is another node's now", room=room)
        del self._held[room]
        self._empty.discard(room)
        self._on_lost(room)

    async def _owner(self, room: str, *, here: bool, move: bool) -> Ownership | None:
        """A room's owner, found or made; ``None`` while nodes that may have it announce themselves again."""
        if here:
            return await self._taken(room)
        if self._clock() < self._patient_until:
            return await self._directory.find(room)
        return await self._placed(room, move)

    async def _placed(self, room: str, move: bool) -> Ownership:
        """A room's owner, found or made."""
        while True:
            asked_at = self._clock()
            ranked = self._table.candidates(room, RANKED)
            utilisation = BALANCE * self._table.utilisation
            for candidates in (ranked[:CANDIDATES], ranked[CANDIDATES:]):
                owner = await self._directory.claim(room, candidates, utilisation=utilisation, move=move)
                if owner is not None:
                    return owner
            if asked_at - self._told_at < RENEW_S:
                break
            async with self._renewing:
                if self._told_at < asked_at:  # those that are known here may have gone, and others come
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
        self._held[room] = token
        self._empty.discard(room)
        return Placement(self._me, True, token)

    def _take_nodes(self, answer: Renewal) -> None:
        if answer.had_lapsed and (self._renewed_at > float("-inf") or self._has_warned):
            self._patient_until = self._clock() + LEASE_S
        self._version = answer.version
        self._told_at, self._has_to_know = self._clock(), False
        if answer.is_whole and self._clock() >= self._patient_until:
            self._table.replace(answer.nodes)
            self._patient_until = float("-inf")
        else:
            for node in answer.nodes:
                self._table.update(node)
            for node_id in answer.gone:
                self._table.remove(node_id)
            self._look_for_twin(answer.nodes)
        if answer.nodes or answer.gone:
            now = self._clock()
            self._seen_at = {node.id: self._seen_at.get(node.id, now) for node in self._table}

    def _look_for_twin(self, changed: Iterable[NodeState]) -> None:
        """Tell the operator where two nodes have one name: each is asked for the other's sessions and recordings."""
        twins = (node for node in changed if node.tag == self._me.tag and node.id != self._me.id)
        twin = None if self._has_twin else next(twins, None)
        if twin is not None:
            self._has_twin = True
            log.error("another node has this node's name; give each its own node_name", node=twin.address)

    def _connected(self, renewed_at: float) -> None:
        self._renewed_at = renewed_at
        if self._connected_at is None:
            log.info("the directory answers", nodes=len(self._table))
            self._connected_at = self._clock()
            self._compared_at = float("-inf")
            self._has_warned = False

    def _cut_off(self, error: DirectoryUnreachable) -> None:
        self._connected_at = None
        if not self._has_warned:
            self._has_warned = True
            log.warning("the directory cannot be reached; new rooms are opened here", reason=str(error))

    async def _evict_predecessors(self) -> None:
        """End the lease of a process of this node's name: it is dead, as this one took its place."""
        for node in self._table:
            if node.tag == self._me.tag and node.id != self._me.id:
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
