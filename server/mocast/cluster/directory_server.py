"""A directory for other processes of this machine, on a Unix socket: a line of JSON for each call and for its answer.

Only the user that runs it may connect.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from mocast.cluster.directory import Directory, NodeState

MOST_BYTES: Final = 4 << 20
"""Of a line: all rooms of a node."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def serve_directory(directory: Directory, path: Path) -> AsyncIterator[None]:
    """Answer calls on a socket as long as the context lasts. Raises ``OSError`` where the path is taken."""
    connections: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            with closing(writer):
                await _answer_all(directory, reader, writer)
        finally:
            connections.discard(task)

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        try:
            path.chmod(0o600)  # noqa: ASYNC240 (before it listens)
            server = await asyncio.start_unix_server(answer, sock=listener, limit=MOST_BYTES)
            try:
                yield
            finally:
                server.close()
                for task in connections:
                    task.cancel()
                if connections:
                    await asyncio.wait(connections)
        finally:
            path.unlink(missing_ok=True)  # noqa: ASYNC240


async def _answer_all(directory: Directory, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection's calls, in order, until it ends."""
    try:
        while line := await reader.readline():
            writer.write(orjson.dumps(await _answered(directory, orjson.loads(line))) + b"\n")
            await writer.drain()
    except ConnectionError:
        pass
    except (ValueError, KeyError, TypeError):
        log.exception("a call of the directory is wrong")


async def _answered(directory: Directory, call: Mapping[str, Any]) -> Any:
    arguments = call["arguments"]
    match call["call"]:
        case "renew":
            return await directory.renew(NodeState(**arguments.pop("node")), **arguments)
        case "claim":
            return await directory.claim(**arguments)
        case "reclaim":
            return await directory.reclaim(**arguments)
        case "find":
            return await directory.find(**arguments)
        case "leave":
            return await directory.leave(**arguments)
        case name:
            raise ValueError(f"the directory has no call {name}")
