"""Another machine's server with one room, as far as commands on a person's own machine see it, and what these tell."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSMsgType, web

from mocast import retry_delays
from mocast.commands import room_link
from tests.peers import HANG_S
from tests.ports import free_port


class RemoteRoom:
    """A server's WebSocket of one room, as ``docs/http-api.md`` describes it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.readers: set[web.WebSocketResponse] = set()
        self.joined = asyncio.Event()
        self.asked: list[str] = []
        self.protocols: str | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, on the same port as before."""
        app = web.Application()
        app.router.add_get("/v1/rooms/{room}/landmarks", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        assert self._runner is not None
        for reader in tuple(self.readers):
            await reader.close()
        await self._runner.cleanup()

    async def send(self, text: str) -> None:
        for reader in tuple(self.readers):
            await reader.send_str(text)

    async def wait_for_readers(self, count: int) -> None:
        async with asyncio.timeout(HANG_S):
            while len(self.readers) < count:
                self.joined.clear()
                await self.joined.wait()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        self.asked.append(str(request.rel_url))
        self.protocols = request.headers.get("Sec-WebSocket-Protocol")
        reader = web.WebSocketResponse()
        await reader.prepare(request)
        self.readers.add(reader)
        self.joined.set()
        async for message in reader:
            assert message.type is not WSMsgType.TEXT, "nothing is expected of a reader"
        self.readers.discard(reader)
        return reader


class Told:
    """What the bridge says, and a way to wait for it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, who: str, state: str) -> None:
        self.lines.append(f"{who}: {state}")
        self._loop.call_soon_threadsafe(self._changed.set)

    async def says(self, part: str, timeout_s: float = HANG_S) -> str:
        """Wait for a line with this in it, and forget it and all before."""
        async with asyncio.timeout(timeout_s):
            while True:
                for index, line in enumerate(self.lines):
                    if part in line:
                        del self.lines[: index + 1]
                        return line
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def remote_room() -> AsyncIterator[RemoteRoom]:
    """A room whose server runs; a test may have stopped it by the end."""
    room = RemoteRoom()
    await room.start()
    yield room
    with contextlib.suppress(RuntimeError):
        await room.stop()


def retry_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have links to rooms try again, and tell that a room is quiet, at once."""
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(retry_delays, "LONGEST_DELAY_S", 0.05)
    monkeypatch.setattr(room_link, "QUIET_AFTER_S", 0.1)
