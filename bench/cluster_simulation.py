"""A day of sessions on many nodes, in simulated time: placement, membership and directory are the server's, and Redis
is real.

What is not simulated: media, signaling, and the load that viewers are. A session is a publisher in a room of its own,
and a viewer who comes some time later.
"""

import asyncio
import functools
import heapq
import itertools
import math
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from redis import Redis, ResponseError

from mocast.cluster import placement, redis_directory
from mocast.cluster.directory import LEASE_S, PROVISIONAL, NodeState
from mocast.cluster.membership import RENEW_S, Membership
from mocast.cluster.node_rooms import LEFT_EVERY_S
from mocast.cluster.redis_directory import LEASES, PREFIX, RedisDirectory
from mocast.errors import Unavailable

STEP_S: Final = 0.1
SETTLED_S: Final = 2 * RENEW_S
"""After which all nodes know of the sessions of the first moment."""
DAY_S: Final = 86_400.0
"""Added to the clock that Redis is told, so that it is above 0 before midnight, too."""
SAMPLE_S: Final = 10.0
AT_ONCE: Final = 1024
"""Commands that are sent before their answers are read, which Redis keeps meanwhile."""
RETRY_S: Final = 1.0
"""After which a client whose node is gone, and one that was refused, tries again."""
HOUR_S: Final = 3600.0
BUSIEST_H: Final = 20
ZONES: Final = 3


@dataclass(frozen=True, slots=True)
class Day:
    """What comes, and what happens."""

    nodes: int
    places: int = 8
    "Publishers that a node takes: two for each of four cores."
    session_s: float = 600
    "Mean of an exponential distribution."
    night: float = 0.2
    "Utilisation at 8:00."
    evening: float = 0.8
    "Utilisation at 20:00."
    crowd_at_h: float = 17
    crowd: float = 0.15
    "Of all places: the sessions that come within a minute, beside the usual ones."
    loss_at_h: float = 14
    "When one of three zones is lost, for a quarter of an hour; 24: never."
    from_h: float = 0
    to_h: float = 24
    warm_up_s: float = SETTLED_S
    "So long before ``from_h`` it begins; what is then is not counted."
    step_s: float = STEP_S
    "What comes within so long comes at once."

    @property
    def begins_s(self) -> float:
        """When it begins."""
        return self.from_h * HOUR_S - self.warm_up_s

    def utilisation(self, time_s: float) -> float:
        """What the usual sessions take of all places."""
        phase = math.cos(2 * math.pi * (time_s / HOUR_S - BUSIEST_H) / 24)
        return self.night + (self.evening - self.night) * (1 + phase) / 2

    def arrivals_per_s(self, time_s: float) -> float:
        """The rate of new sessions."""
        usual = self.utilisation(time_s) * self.nodes * self.places / self.session_s
        since_s = time_s - self.crowd_at_h * HOUR_S
        return usual + (self.crowd * self.nodes * self.places / 60 if 0 <= since_s < 60 else 0)


@dataclass(slots=True)
class Tally:
    """What came of it."""

    counts: Counter[str] = field(default_factory=Counter)
    session_s: float = 0
    requests: int = 0
    "Of Redis."
    samples: list[tuple[float, float, float]] = field(default_factory=list)
    "Every ten seconds: time, utilisation, and the largest load by the mean."
    recovered_s: list[float] = field(default_factory=list)
    "How long after the loss of its zone each room was at another node."


class SimulatedDirectory(RedisDirectory):
    """The directory in Redis; what is asked of it in one pass of the event loop is sent together, and waited for: in
    simulated time nothing else has anything to do."""

    def __init__(self, url: str, clock: Callable[[], float], lease_s: float = LEASE_S) -> None:
        super().__init__(url, lease_s, clock)
        self._connection = Redis.from_url(
            url, decode_responses=True, socket_timeout=None
        ).connection_pool.get_connection()
        self._waiting: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        "Commands, and who waits for their answers."
        self._sending: asyncio.Task[None] | None = None
        self.requests = 0

    async def load(self) -> None:
        """Give Redis the scripts."""
        for script in self._scripts.values():
            await self._redis.script_load(script.script)

    async def _call(self, name: str, *arguments: str | bytes | float) -> Any:
        sha, now_ms = self._scripts[name].sha, round(self._now_ms())
        return await self._asked("EVALSHA", sha, 1, PREFIX, now_ms, *arguments)

    async def _extended(self, node_id: str, ends_at_ms: int) -> bool:
        return bool(await self._asked("ZADD", LEASES, "XX", "CH", ends_at_ms, node_id))

    async def _asked(self, *command: Any) -> Any:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.requests += 1
        self._waiting.append((command, answer))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return await answer

    async def _send(self) -> None:
        await asyncio.sleep(0)  # so that all who ask in this pass have
        waiting, self._waiting, self._sending = self._waiting, [], None
        for first in range(0, len(waiting), AT_ONCE):
            some = waiting[first : first + AT_ONCE]
            self._connection.send_packed_command(self._connection.pack_commands([command for command, _ in some]))
            for _, answer in some:
                try:
                    answer.set_result(self._connection.read_response())
                except ResponseError as error:
                    answer.set_exception(error)

    async def close(self) -> None:
        await super().close()
        self._connection.disconnect()


def read_lines_once() -> None:
    """Let all nodes of this process, which are sent the same lines and names, read and hash each of them once."""
    if not hasattr(redis_directory._node, "cache_info"):
        redis_directory._node = functools.lru_cache(1 << 16)(redis_directory._node)
        placement._hash = functools.lru_cache(1 << 16)(placement._hash)


class SimulatedNode:
    """One node: its membership, and how many publishers it has."""

    def __init__(
        self, number: int, day: Day, directory: RedisDirectory, clock: Callable[[], float], process: int = 0
    ) -> None:
        self.number = number
        self.rooms: set[str] = set()
        self.is_alive = True
        self._id = f"node-{number:04}-{process:04}"
        self._places = day.places
        self._directory = directory
        self.membership = Membership(directory, self._state, lambda _: None, clock)

    async def hold_all(self) -> None:
        """Own all its rooms by one call, as if each had been opened here."""
        owned = await self._directory.reclaim(self._id, dict.fromkeys(self.rooms, PROVISIONAL))
        assert owned is not None
        for room, token in owned.items():
            self.membership._rooms.hold(room, token)

    def _state(self) -> NodeState:
        address = f"http://10.0.{self.number // 256}.{self.number % 256}:8080"
        return NodeState(self._id, f"t{self.number:05}", address, self._places, len(self.rooms))


class Simulation:
    """Runs one day, or a part of it."""

    def __init__(self, url: str, day: Day, seed: int = 1) -> None:
        self._day = day
        self.now_s = day.begins_s
        self._random = random.Random(seed)
        read_lines_once()
        self._directory = SimulatedDirectory(url, lambda: self.now_s + DAY_S)
        self._nodes = [SimulatedNode(i, day, self._directory, lambda: self.now_s) for i in range(day.nodes)]
        self._by_address = {node.membership._me.address: node for node in self._nodes}
        self._alive = self._nodes
        self._events: list[tuple[float, int, Callable[[], Any]]] = []
        "What happens at a time, by time."
        self._numbers = itertools.count()
        self.tally = Tally()

    async def run(self, on_start: Callable[[], Awaitable[None]] | None = None) -> Tally:
        """Run it; ``on_start`` is awaited when counting begins."""
        day = self._day
        await self._directory.load()
        await asyncio.gather(*(node.membership.renew() for node in self._nodes))
        await self._prefill(day.utilisation(self.now_s) * day.places)
        if day.nodes >= ZONES and day.from_h <= day.loss_at_h < day.to_h:
            self._at(day.loss_at_h * HOUR_S, self._lose_zone)
        first = round(day.from_h * HOUR_S / day.step_s)
        for step in range(round(day.begins_s / day.step_s), round(day.to_h * HOUR_S / day.step_s)):
            self.now_s = step * day.step_s
            if step == first:
                self.tally, self._directory.requests = Tally(), 0
                if on_start is not None:
                    await on_start()
            await self._step(step)
        self.tally.requests = self._directory.requests
        await self._directory.close()
        return self.tally

    async def _prefill(self, sessions: float) -> None:
        """Give each node the sessions of the first moment: some a whole number below the mean, some one above."""
        for node in self._nodes:
            count = int(sessions + self._random.random())
            node.rooms = {f"room-{next(self._numbers)}" for _ in range(count)}
            await node.hold_all()
            for room in sorted(node.rooms):
                ends_s = self.now_s + self._random.expovariate(1 / self._day.session_s)
                self._at(ends_s, self._ending(room, node))

    def _ending(self, room: str, owner: SimulatedNode) -> Callable[[], None]:
        return lambda: self._end(room, owner)

    async def _step(self, step: int) -> None:
        step_s = self._day.step_s
        steps_a_heartbeat = round(RENEW_S / step_s)
        beating = self._nodes[step % steps_a_heartbeat :: steps_a_heartbeat]
        work = [node.membership.beat() for node in beating if node.is_alive]
        for _ in range(self._poisson(self._day.arrivals_per_s(self.now_s) * step_s)):
            self._at(self.now_s, self._new_session())
        while self._events and self._events[0][0] <= self.now_s:
            awaitable = heapq.heappop(self._events)[2]()
            if awaitable is not None:
                work.append(awaitable)
        await asyncio.gather(*work)
        taken = sum(len(node.rooms) for node in self._alive)
        self.tally.session_s += taken * step_s
        if step % round(SAMPLE_S / step_s) == 0 and taken:
            mean = taken / len(self._alive)
            most = max(len(node.rooms) for node in self._alive)
            self.tally.samples.append((self.now_s, mean / self._day.places, most / mean))

    def _poisson(self, mean: float) -> int:
        """A random number of arrivals. Source: Knuth, TAOCP 2, 3.4.1."""
        limit, product, count = math.exp(-mean), self._random.random(), 0
        while product > limit:
            product *= self._random.random()
            count += 1
        return count

    def _at(self, time_s: float, does: Callable[[], Any]) -> None:
        heapq.heappush(self._events, (time_s, next(self._numbers), does))

    def _new_session(self) -> Callable[[], Any]:
        """A session that begins when it is called."""
        room = f"room-{next(self._numbers)}"
        ends_s = self._random.expovariate(1 / self._day.session_s)
        return lambda: self._publish(room, self.now_s + ends_s)

    async def _publish(self, room: str, ends_s: float, lost_at_s: float | None = None) -> None:
        """Open a room by a node that nobody has chosen. A room of a node that was lost tries until it is elsewhere."""
        owner = await self._acquired(room)
        if owner is None or len(owner.rooms) >= self._day.places:
            self.tally.counts["blocked" if lost_at_s is None else "blocked after the loss"] += 1
        elif owner.is_alive:
            placed = await owner.membership.acquire(room, here=True)
            assert placed.is_local
            owner.rooms.add(room)
            self._at(ends_s, self._ending(room, owner))
            if lost_at_s is None:
                self.tally.counts["sessions"] += 1
                self._at(self._random.uniform(self.now_s, ends_s), lambda: self._acquired(room))
            else:
                self.tally.recovered_s.append(self.now_s - lost_at_s)
            return
        again_s = self.now_s + (RETRY_S if owner is None else LEFT_EVERY_S)  # its client waits at the node it has asked
        if lost_at_s is not None and again_s < ends_s:
            self._at(again_s, lambda: self._publish(room, ends_s, lost_at_s))
        elif owner is not None and not owner.is_alive:
            self._at(again_s, lambda: self._publish(room, ends_s))

    async def _acquired(self, room: str) -> SimulatedNode | None:
        entry = self._random.choice(self._alive)
        try:
            placed = await entry.membership.acquire(room)
        except Unavailable:
            return None
        return self._by_address[placed.node.address]

    def _end(self, room: str, owner: SimulatedNode) -> None:
        if owner.is_alive:
            owner.rooms.discard(room)
            owner.membership.release(room)

    def _lose_zone(self) -> None:
        lost = [node for node in self._nodes if node.number % ZONES == 0]
        for node in lost:
            node.is_alive = False
            for room in sorted(node.rooms):
                ends_s = self.now_s + self._random.expovariate(1 / self._day.session_s)
                again_s = self.now_s + self._random.uniform(0.5, 0.5 + RETRY_S)
                self._at(again_s, self._retry(room, ends_s, self.now_s))
        self._alive = [node for node in self._nodes if node.is_alive]
        self._at(self.now_s + HOUR_S / 4, self._return_zone)

    async def _return_zone(self) -> None:
        """Other processes take the place of those that were lost."""
        for place, node in enumerate(self._nodes):
            if not node.is_alive:
                made = SimulatedNode(node.number, self._day, self._directory, lambda: self.now_s, process=1)
                await made.membership.renew()
                self._nodes[place] = self._by_address[node.membership._me.address] = made
        self._alive = self._nodes

    def _retry(self, room: str, ends_s: float, lost_at_s: float) -> Callable[[], Any]:
        return lambda: self._publish(room, ends_s, lost_at_s)
