"""The directory of another process of this machine, on a Unix socket: the other side of ``directory_server.py``."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from mocast.cluster.directory import DirectoryUnreachable, NodeState, Ownership, Renewal
from mocast.cluster.directory_server import MOST_BYTES

TIMEOUT_S: Final = 1.0


class SocketDirectory:
    """One connection, made when it is needed; one call at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def renew(self, node: NodeState, *, changed: bool, since: int, released: Mapping[str, int]) -> Renewal:
        """See ``Directory``."""
        answer = await self._call("renew", node=node, changed=changed, since=since, released=dict(released))
        nodes = tuple(NodeState(**known) for known in answer["nodes"])
        return Renewal(**answer | {"nodes": nodes, "gone": tuple(answer["gone"])})

    async def extend(self, node_id: str) -> bool:
        """Have it renewed, which takes no longer. See ``Directory``."""
        return False

    async def claim(self, room: str, candidates: Sequence[str], *, utilisation: float, move: bool) -> Ownership | None:
        """See ``Directory``."""
        return _ownership(
            await self._call("claim", room=room, candidates=candidates, utilisation=utilisation, move=move)
        )

    async def reclaim(self, node_id: str, rooms: Mapping[str, int]) -> Mapping[str, int] | None:
        """See ``Directory``."""
        owned: dict[str, int] | None = await self._call("reclaim", node_id=node_id, rooms=dict(rooms))
        return owned

    async def find(self, room: str) -> Ownership | None:
        """See ``Directory``."""
        return _ownership(await self._call("find", room=room))

    async def leave(self, node_id: str) -> None:
        """See ``Directory``."""
        await self._call("leave", node_id=node_id)

    async def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _call(self, name: str, **arguments: Any) -> Any:
        try:
            async with asyncio.timeout(TIMEOUT_S), self._turn:
                return await self._exchange(orjson.dumps({"call": name, "arguments": arguments}) + b"\n")
        except (OSError, ValueError) as error:  # TimeoutError is an OSError; ValueError: half a line
            raise DirectoryUnreachable(f"{self._path.name}: {error}") from error

    async def _exchange(self, line: bytes) -> Any:
        is_answered = False
        try:
            if self._streams is None:
                self._streams = await asyncio.open_unix_connection(str(self._path), limit=MOST_BYTES)
            reader, writer = self._streams
            writer.write(line)
            await writer.drain()
            answer: Any = orjson.loads(await reader.readline())
            is_answered = True
        finally:
            if not is_answered:  # an answer that comes later would be taken for that to the next call
                await self.close()
        return answer


def _ownership(answer: dict[str, Any] | None) -> Ownership | None:
    return Ownership(**answer | {"node": NodeState(**answer["node"])}) if answer is not None else None
