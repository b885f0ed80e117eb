"""Three nodes on loopback addresses of their own, a Redis that they share, and a front door that finds a living one."""

import asyncio
import contextlib
import itertools
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from mocast.api.forwarded_headers import FORWARDED_HEADER, TO_WORKER
from mocast.client import MocastClient
from mocast.cluster.node_signature import NodeSignature
from tests.cluster.node_starter import NodeStarter
from tests.e2e.server import Server
from tests.peers import HANG_S, SQUARE
from tests.polling import wait_until
from tests.ports import free_port
from tests.redis_server import RedisServer, find_redis

ENGINE = Path(__file__).parent / "engine"
SECRET = "a secret that all nodes of the tests share"


class Node(Server):
    """A node, which the starter forks."""

    def __init__(self, starter: NodeStarter, log: Path, **settings: str) -> None:
        super().__init__(log, **settings)
        self._starter = starter
        self.port = int(settings["port"])
        self.url = settings["node_url"]

    def launch(self) -> None:
        """Start it, and go on."""
        assert self._process is None, "the node runs already"
        self._process = self._starter.start(self.environment, self.log)  # type: ignore[assignment]


class Cluster:
    """The nodes; each may be killed and started again."""

    def __init__(self, folder: Path, redis: RedisServer, starter: NodeStarter, count: int = 3, **settings: str) -> None:
        self.redis = redis
        self.folder = folder
        self._starter = starter
        port = free_port()
        self.nodes = [self._node(index, port, settings) for index in range(count)]

    def _node(self, index: int, port: int, settings: dict[str, str]) -> Node:
        host = f"127.0.0.{index + 2}"
        own = {
            "host": host,
            "port": str(port),
            "node_url": f"http://{host}:{port}",
            "node_name": f"node-{index}",
            "redis_url": self.redis.url,
            "cluster_secret": SECRET,
            "max_sessions": "8",
            "max_sockets_per_address": "3",
            "recordings_folder": str(self.folder / "recordings"),
            "cache_dir": "",
            "jobs_folder": str(self.folder / "jobs"),
        }
        return Node(self._starter, self.folder / f"node-{index}.log", **own | settings)

    def start(self, count: int) -> None:
        """Start so many of them, and return when they serve."""
        for node in self.nodes[:count]:
            node.launch()
        for node in self.nodes[:count]:
            wait_until(lambda node=node: is_ready(node))

    def owner_of(self, room: str) -> int:
        """Return which node has a room, by its own count of what it serves."""
        owners = [index for index, node in enumerate(self.nodes) if node.runs and room in own_rooms(node)]
        assert len(owners) == 1, (room, owners)
        return owners[0]


def faked(server: Server) -> Server:
    """Have a server, and its workers, track with fakes."""
    server.environment["PYTHONPATH"] = str(ENGINE)
    return server


@contextmanager
def cluster_of(folder: Path, starter: NodeStarter, running: int = 3, **settings: str) -> Iterator[Cluster]:
    """Run Redis and three nodes; ``running``: of which so many are started."""
    program = find_redis()
    if program is None:
        pytest.skip("redis-server is not to be had")
    with RedisServer(program, folder) as redis:
        cluster = Cluster(folder, redis, starter, **settings)
        try:
            cluster.start(running)
            yield cluster
        finally:
            for node in cluster.nodes:
                if node.runs:
                    node.kill()


def is_ready(node: Server) -> bool:
    """Return whether a node serves."""
    with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"{node.url}/readyz", timeout=5):
        return True
    return False


def own_rooms(node: Server) -> set[str]:
    """Return the rooms that are at a node itself: asked as by another node, it asks no others."""
    signature = NodeSignature(SECRET).sign(str(TO_WORKER), "GET", "/v1/rooms", "", "")
    headers = {FORWARDED_HEADER: f"{TO_WORKER}.{signature}"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{node.url}/v1/rooms", headers=headers), timeout=HANG_S
    ) as answer:
        return {room["room"] for room in orjson.loads(answer.read())["rooms"]}


class Front:
    """A front door: each connection goes to the next node that takes one."""

    def __init__(self, nodes: Sequence[Server]) -> None:
        self._addresses = [(node.url.split("//")[1].split(":")[0], node.port) for node in nodes]
        self._turns = itertools.count()
        self._left_out: set[int] = set()
        self.url = ""

    @contextmanager
    def without(self, index: int) -> Iterator[None]:
        """Send nobody to a node while the context lasts."""
        self._left_out.add(index)
        try:
            yield
        finally:
            self._left_out.discard(index)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Front"]:
        """Listen as long as the context lasts."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(self._turns)
        for turn in range(len(self._addresses)):
            index = (first + turn) % len(self._addresses)
            if index in self._left_out:
                continue
            host, port = self._addresses[index]
            try:
                async with asyncio.timeout(1):
                    there = await asyncio.open_connection(host, port)
            except (OSError, TimeoutError):
                continue
            ends = [asyncio.create_task(_pipe(reader, there[1])), asyncio.create_task(_pipe(there[0], writer))]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()
            there[1].close()
            break
        writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


class Watched:
    """When frames came of some rooms."""

    def __init__(self, rooms: Sequence[str]) -> None:
        self.frames_at: dict[str, list[float]] = {room: [] for room in rooms}

    def seen_since(self, at: float) -> bool:
        """Return whether a frame of each room has come after a time of the monotonic clock."""
        return all(times and times[-1] > at for times in self.frames_at.values())

    def longest_pauses(self) -> str:
        """The longest time without a frame of each room, in words."""
        pauses = [max(later - at for at, later in itertools.pairwise(times)) for times in self.frames_at.values()]
        return ", ".join(f"{pause:.1f}" for pause in sorted(pauses)) + " s"


@asynccontextmanager
async def watching(client: MocastClient, rooms: Sequence[str]) -> AsyncIterator[Watched]:
    """Read rooms as long as the context lasts."""
    watched = Watched(rooms)

    async def read(room: str) -> None:
        async with aclosing(client.landmarks(room)) as frames:
            async for _ in frames:
                watched.frames_at[room].append(time.monotonic())

    reading = [asyncio.create_task(read(room)) for room in rooms]
    try:
        yield watched
    finally:
        for each in reading:
            each.cancel()
        await asyncio.wait(reading)


async def camera(fps: float = 15) -> AsyncIterator[NDArray[np.uint8]]:
    """A white square that stands still."""
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[40 : 40 + SQUARE, 60 : 60 + SQUARE] = 255
    while True:
        yield picture
        await asyncio.sleep(1 / fps)


@asynccontextmanager
async def asking(tls: ssl.SSLContext | bool = True) -> AsyncIterator[aiohttp.ClientSession]:
    """A client with a connection of its own for each request, as from different visitors."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, ssl=tls)) as client:
        yield client
