"""Every kind of client behind nginx, when the node of its room is killed: all meet again at a living one.

How long each was without frames is printed: ``make test-cluster ARGS="tests/cluster/test_clients.py -s"``.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest
from playwright.async_api import Browser, Page, async_playwright

from mocast.client import MocastClient
from tests.cluster.films import write_film
from tests.cluster.nginx import nginx_before
from tests.cluster.node_starter import NodeStarter
from tests.cluster.nodes import Cluster, cluster_of
from tests.e2e.browser import ARGUMENTS, DISPLAY_OF_20_HZ, VIEWPORT, find_chromium
from tests.ffmpeg_whip import publishing
from tests.peers import HANG_S
from tests.ports import free_port

OBS_RETRY_S = 2
"""OBS's own: Settings, Advanced, Automatically Reconnect, Retry Delay."""
IN_FLIGHT_S = 0.3
IN_BROWSER_S = 2.5
"""What comes sooner after a node's end may have been sent before: a page that draws by the processor is late, and
notices a server's end after 3 s of silence."""

NOTE_FRAMES = """read => {
  window.framesAt = [];
  let last = null;
  setInterval(() => {
    const now = read === "landmarks" ? window.mocast.lastFrame?.frame : window.mocastAvatar.rigs;
    if (now !== undefined && now !== last) window.framesAt.push(Date.now());
    last = now;
  }, 10);
}"""


class Client:
    """One client, and when frames of its room came."""

    def __init__(self, name: str, in_flight_s: float = IN_FLIGHT_S) -> None:
        self.name = name
        self._in_flight_s = in_flight_s
        self.frames_at: list[float] = []
        "On the wall clock, which browsers share."
        self._came = asyncio.Event()

    def saw(self, at: float | None = None) -> None:
        """Take note of a frame, by default of one that comes now."""
        self.frames_at.append(time.time() if at is None else at)
        self._came.set()

    async def sees(self, after: float = 0) -> float:
        """Wait until a frame has come that was sent after a time; return when it came."""
        while True:
            found = next((at for at in self.frames_at if at > after + self._in_flight_s), None)
            if found is not None:
                return found
            self._came.clear()
            await self._came.wait()


@pytest.fixture
def cluster(tmp_path: Path, starter: NodeStarter) -> Iterator[Cluster]:
    """Nodes of which the first runs, so that it has all rooms of the beginning."""
    with cluster_of(tmp_path, starter, running=1) as cluster:
        yield cluster


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser whose camera is Chromium's own fake."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=[*ARGUMENTS, "--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def page_of(browser: Browser, url: str, read: str) -> AsyncIterator[tuple[Page, Client]]:
    """A tab at an address, whose frames are noted."""
    context = await browser.new_context(permissions=["camera"], viewport=VIEWPORT)
    await context.add_init_script(DISPLAY_OF_20_HZ)
    page = await context.new_page()
    await page.goto(url)
    client = Client("avatar.html" if "avatar.html" in url else "page", IN_BROWSER_S)
    await page.evaluate(NOTE_FRAMES, read)

    async def follow() -> None:
        while True:
            for at_ms in await page.evaluate("window.framesAt.splice(0)"):
                client.saw(at_ms / 1000)
            await asyncio.sleep(0.1)

    following = asyncio.create_task(follow())
    try:
        yield page, client
    finally:
        following.cancel()
        await asyncio.wait([following])
        await context.close()


@asynccontextmanager
async def reader_of(server: MocastClient, room: str, name: str) -> AsyncIterator[Client]:
    """A subscription to a room's landmarks by the Python client."""
    client = Client(name)

    async def read() -> None:
        async with aclosing(server.landmarks(room)) as frames:
            async for _ in frames:
                client.saw()

    reading = asyncio.create_task(read())
    try:
        yield client
    finally:
        reading.cancel()
        await asyncio.wait([reading])


@contextmanager
def command(*words: str) -> Iterator[None]:
    """Run a command of ours while the context lasts."""
    process = Popen([sys.executable, "-m", "mocast", *words], stdout=DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def bridge_of(url: str) -> AsyncIterator[Client]:
    """``mocast bridge``, which says when motion comes in: once for each connection, so that each counts."""
    client = Client("bridge")
    words = ("-m", "mocast", "bridge", url, "--vmc", f"127.0.0.1:{free_port()}")
    process = await asyncio.create_subprocess_exec(sys.executable, "-u", *words, stdout=PIPE)

    async def follow() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            if b"motion comes in" in line:
                client.saw()

    following = asyncio.create_task(follow())
    try:
        yield client
    finally:
        process.terminate()
        await following
        await process.wait()


async def test_all_clients_of_a_killed_node_meet_again(cluster: Cluster, browser: Browser, tmp_path: Path) -> None:
    film = await asyncio.to_thread(write_film, tmp_path / "film.mp4", HANG_S)
    async with asyncio.timeout(2 * HANG_S), AsyncExitStack() as stack:
        with ExitStack() as held:
            front = held.enter_context(nginx_before(cluster.nodes, tmp_path))
            server = await stack.enter_async_context(MocastClient(front, on_connection=lambda _: None))
            page, by_page = await stack.enter_async_context(
                page_of(browser, f"{front}/?room=studio&tracker=pose", "landmarks")
            )
            await page.get_by_role("button", name="Start", exact=True).click()
            await by_page.sees()
            clients = [by_page, await stack.enter_async_context(reader_of(server, "studio", "Python client"))]
            obs = await stack.enter_async_context(page_of(browser, f"{front}/avatar.html?room=studio", "rigs"))
            clients += [obs[1], await stack.enter_async_context(bridge_of(f"{front}/?room=studio"))]
            clients.append(await stack.enter_async_context(reader_of(server, "whip", "reader of the WHIP sender")))
            clients.append(await stack.enter_async_context(reader_of(server, "film", "reader of mocast source")))
            again = {"retry_s": OBS_RETRY_S, "room": f"{front}/v1/rooms/whip"}
            held.enter_context(publishing(f"{front}/whip/whip?tracker=pose", json.dumps(again)))
            held.enter_context(command("source", f"{film}#tracker=pose", "--room", "film", "--server", front))
            await asyncio.gather(*(client.sees() for client in clients))
            for node in cluster.nodes[1:]:
                await asyncio.to_thread(node.start)

            killed_at = time.time()
            await asyncio.to_thread(cluster.nodes[0].kill)
            again_at = await asyncio.gather(*(client.sees(killed_at) for client in clients))
            for client, at in zip(clients, again_at, strict=True):
                print(f"{client.name}: a frame again {at - killed_at:.1f} s after the kill")
            for room in ("studio", "whip", "film"):
                await asyncio.to_thread(cluster.owner_of, room)  # one node's
                assert (await server.room(room)).publisher is not None
