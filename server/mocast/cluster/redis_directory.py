"""The directory in Redis (6 or newer, or what speaks its protocol): each call is one script, by Redis' own clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from mocast.cluster.directory import LEASE_S, DirectoryUnreachable, NodeState, Ownership, Renewal

PREFIX: Final = "{mocast}"
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
        self._clock = clock

    async def renew(self, node: NodeState, *, changed: bool, since: int, released: Mapping[str, int]) -> Renewal:
        """See ``Directory``."""
        rooms = [part for room in released.items() for part in room]
        had_lapsed, version, is_whole, nodes, gone = await self._call(
            "renew", self._lease_ms, node.id, orjson.dumps(node), int(changed), since, *rooms
        )
        known = tuple(map(_node, _lines(nodes)))
        return Renewal(had_lapsed == "1", int(version), known, is_whole == "1", tuple(_lines(gone)))

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

    async def _call(self, name: str, *arguments: str | bytes | float) -> Any:
        now = round(self._clock() * 1000) if self._clock is not None else ""
        try:
            return await self._scripts[name](keys=[PREFIX], args=[now, *arguments])
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
