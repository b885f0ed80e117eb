"""A source of a room's mixer over a WebSocket that is opened anew whenever it was lost."""

import asyncio
import contextlib
import socket as sockets
import time
from typing import Final, Self

import aiohttp
from yarl import URL

from mocast.client.room_socket import OnConnection, RoomSocket, log_retry
from mocast.pipeline.bounded_queue import BoundedQueue

BUFFER_BYTES: Final = 65_536
"""That may be on their way: some twenty poses. Unbounded, a slow network would delay them by seconds."""

HIGHEST_RATE: Final = 100.0
"""Poses a second that are sent; a server takes 120."""


class RoomFeeder:
    """Sends the newest of the texts that it is given, in a task of its own."""

    def __init__(
        self, http: aiohttp.ClientSession, url: URL, token: str = "", on_connection: OnConnection = log_retry
    ) -> None:
        """``url``: of the WebSocket, with what it feeds."""
        self._socket = RoomSocket(http, url, token, on_connection)
        self._filled = asyncio.Event()
        self._newest: BoundedQueue[str] = BoundedQueue(1, self._wake)
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None

    def put(self, text: str) -> None:
        """Send this text in place of one that waits. From any thread."""
        self._newest.put(text)

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._filled.set)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._socket.run(self._feed), name=f"feed {self._socket.url.path}")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def ended(self) -> None:
        """Wait for ever. Raises ``MocastError`` where another attempt to connect would be in vain."""
        assert self._task is not None
        await asyncio.shield(self._task)

    async def _feed(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        _bound_buffers(socket)
        sending = asyncio.create_task(self._send(socket))
        try:
            async for _ in socket:  # problems and notices: what is wrong with a pose is for its maker to know
                pass
        finally:
            sending.cancel()
            await asyncio.wait([sending])

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._newest.take()  # of before: the person is elsewhere by now
        while True:
            self._filled.clear()
            text = self._newest.take()
            if text is None:
                await self._filled.wait()
                continue
            sent_at_s = time.monotonic()
            await socket.send_str(text)
            await asyncio.sleep(max(sent_at_s + 1 / HIGHEST_RATE - time.monotonic(), 0))


def _bound_buffers(socket: aiohttp.ClientWebSocketResponse) -> None:
    connection = socket.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, BUFFER_BYTES)
