"""The directory in Redis (6 or newer, or what speaks its protocol): each call is one script, by Redis' own clock."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from mocast.cluster.directory import LEASE_S, DirectoryUnreachable, NodeState, Ownership, Renewal

PREFIX: Final = "{mocast}"
LEASES: Final = f"{PREFIX}:leases"
"""As redis_scripts/shared.lua names it."""
TIMEOUT_S: Final = 1.0
"""For each step of a call: a connection that is free, one that is made, an answer."""
MOST_CONNECTIONS: Final = 4
SCRIPTS: Final = Path(__file__).parent / "redis_scripts"


class RedisDirectory:
    """A few connections to one Redis, made when they are needed."""

    def __init__(self, url: str, lease_s: float = LEASE_S, clock: Callable[[], float] | None = None) -> None:
        """``url``: ``redis://``, ``rediss://`` or ``unix://``, as redis-py reads it. ``clock``: seconds; ``None``:
        Redis' own. Raises ``ValueError`` where the URL is none."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            decode_responses=True,
        )
        self._redis = Redis.from_pool(pool)
        shared = (SCRIPTS / "shared.lua").read_text("utf-8")
        names = ("renew", "claim", "reclaim", "find", "leave")
        self._scripts = {
            name: self._redis.register_script(shared + (SCRIPTS / f"{name}.lua").read_text("utf-8")) for name in names
        }
        self._lease_ms = round(lease_s * 1000)
        self._is_clock_given = clock is not None
        self._clock = clock if clock is not None else time.monotonic
        self._leases: dict[str, tuple[float, float]] = {}
        "Of nodes that renewed theirs here: when they ended first by this process's clock; Redis' clock less this one."

    async def renew(self, node: NodeState, *, changed: bool, since: int, released: Mapping[str, int]) -> Renewal:
        """See ``Directory``."""
        rooms = [part for room in released.items() for part in room]
        self._leases.pop(node.id, None)
        sent_ms = self._now_ms()
        had_lapsed, version, is_whole, nodes, gone, now_ms = await self._call(
            "renew", self._lease_ms, node.id, orjson.dumps(node), int(changed), since, *rooms
        )
        # Redis told its time before the answer was here: what follows of it ends a lease too early, never too late.
        self._leases[node.id] = (sent_ms + self._lease_ms, int(now_ms) - self._now_ms())
        known = tuple(map(_node, _lines(nodes)))
        return Renewal(had_lapsed == "1", int(version), known, is_whole == "1", tuple(_lines(gone)))

    async def extend(self, node_id: str) -> bool:
        """See ``Directory``. One command, and by Redis' clock as it was at the last renewal."""
        ends_ms, ahead_ms = self._leases.get(node_id, (0.0, 0.0))
        now_ms = self._now_ms()
        if now_ms >= ends_ms:
            return False
        next_ms = now_ms + self._lease_ms
        if not await self._extended(node_id, math.floor(next_ms + ahead_ms)):
            self._leases.pop(node_id, None)
            return False
        self._leases[node_id] = (next_ms, ahead_ms)
        return True

    async def claim(self, room: str, candidates: Sequence[str], *, utilisation: float, move: bool) -> Ownership | None:
        """See ``Directory``."""
        return _ownership(room, await self._call("claim", room, int(move), utilisation, *candidates))

    async def reclaim(self, node_id: str, rooms: Mapping[str, int]) -> Mapping[str, int] | None:
        """See ``Directory``."""
        answer = await self._call("reclaim", node_id, *rooms)
        return dict(zip(answer[::2], map(int, answer[1::2]), strict=True)) if answer is not None else None

    async def find(self, room: str) -> Ownership | None:
        """See ``Directory``."""
        return _ownership(room, await self._call("find", room))

    async def leave(self, node_id: str) -> None:
        """See ``Directory``."""
        await self._call("leave", node_id)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _now_ms(self) -> float:
        return self._clock() * 1000

    async def _extended(self, node_id: str, ends_at_ms: int) -> bool:
        with _reached():
            return bool(await self._redis.zadd(LEASES, {node_id: ends_at_ms}, xx=True, ch=True))

    async def _call(self, name: str, *arguments: str | bytes | float) -> Any:
        now = round(self._now_ms()) if self._is_clock_given else ""
        with _reached():
            return await self._scripts[name](keys=[PREFIX], args=[now, *arguments])


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise DirectoryUnreachable(f"Redis: {error}") from error


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _node(text: str) -> NodeState:
    return NodeState(**orjson.loads(text))


def _ownership(room: str, answer: tuple[str, str, str] | None) -> Ownership | None:
    if answer is None:
        return None
    token, text, placed = answer
    node = _node(text)
    return Ownership(room, replace(node, load=node.load + int(placed)), int(token))
