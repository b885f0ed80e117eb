"""A room's stream over a WebSocket that is opened anew whenever it was lost."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol, Self, TypeVar

import aiohttp
from yarl import URL

from mocast.client.room_socket import OnConnection, RoomSocket, log_retry
from mocast.pipeline.bounded_queue import BoundedQueue


class RoomReader:
    """Reads a room's messages in a task of its own, and keeps the newest: whoever is slow loses those between."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: URL,
        token: str = "",
        on_connection: OnConnection = log_retry,
        most: int = 1,
    ) -> None:
        """``url``: of the WebSocket, with what it is to send. ``most``: how many of the newest messages are kept."""
        self._socket = RoomSocket(http, url, token, on_connection)
        self._changed = asyncio.Event()
        self._newest: BoundedQueue[str] = BoundedQueue(most, self._changed.set)
        self._end: BaseException | None = None
        self._is_closed = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"read {self._socket.url.path}")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self.close()
        self._task.cancel()
        await asyncio.wait([self._task])

    def close(self, error: BaseException | None = None) -> None:
        """Have ``newest`` raise this error, or return ``None``, once what came was taken."""
        self._is_closed, self._end = True, self._end or error
        self._changed.set()

    async def newest(self) -> str | None:
        """Return the newest text, or the oldest of those that are kept, once; wait until there is one.

        ``None``: the reader was closed.

        May be cancelled without losing a text. Raises ``MocastError`` where another attempt would be in vain.
        """
        while True:
            text = self._newest.take()
            if text is not None:
                return text
            if self._end is not None:
                raise self._end
            if self._is_closed:
                return None
            self._changed.clear()
            await self._changed.wait()

    async def _run(self) -> None:
        try:
            await self._socket.run(self._read)
        except Exception as error:
            self._end = error
            self._changed.set()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._newest.put(message.data)


class _Parsed(Protocol):
    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return what a text says; ``None`` where it is of another type."""


_Frame = TypeVar("_Frame", bound=_Parsed)


async def frames(reader: RoomReader, kind: type[_Frame]) -> AsyncIterator[_Frame]:
    """Yield what a reader reads, as frames of a kind, until it is closed."""
    async with reader:
        while (text := await reader.newest()) is not None:
            frame = kind.parse(text)
            if frame is not None:
                yield frame
