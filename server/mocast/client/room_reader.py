"""A room's stream over a WebSocket that is opened anew whenever it was lost."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol, Self, TypeVar

import aiohttp
from yarl import URL

from mocast.client.refusals import Unreachable, is_transient, translated
from mocast.errors import MocastError, Unauthorized
from mocast.pipeline.bounded_queue import BoundedQueue
from mocast.retry_delays import RetryDelays

log = logging.getLogger("mocast.client")

BEARER_PROTOCOL: Final = "mocast.bearer"
"""The WebSocket sub-protocol that is followed by the token. A header would exclude a proxy's name and password."""

EXPIRED: Final = 3000
"""The close code of a socket whose token has expired."""

CONNECT_TIMEOUT_S: Final = 10.0
HEARTBEAT_S: Final = 15.0
CLOSE_S: Final = 1.0
"""Longest wait for the server's close frame, so that Ctrl-C takes effect soon."""
MAX_MESSAGE_BYTES: Final = 262_144
"""Landmarks with a face are about 17 KB."""

OnConnection = Callable[[MocastError | None], None]
"""Called with ``None`` when a connection was made, and with what went wrong before another attempt."""


def log_retry(error: MocastError | None) -> None:
    """Log what went wrong; without a set-up of logging Python writes it to standard error."""
    if error is not None:
        log.warning("%s Trying again.", error)


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
        self._http = http
        self._url = url
        self._protocols = (BEARER_PROTOCOL, token) if token else ()
        self._on_connection = on_connection
        self._delays = RetryDelays()
        self._changed = asyncio.Event()
        self._newest: BoundedQueue[str] = BoundedQueue(most, self._changed.set)
        self._end: BaseException | None = None
        self._is_closed = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"read {self._url.path}")
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
            while True:
                try:
                    await self._follow()
                except MocastError as error:
                    if not is_transient(error):
                        raise
                    self._on_connection(error)
                    await asyncio.sleep(self._delays.next_s(error.retry_after_s or 0))
        except Exception as error:
            self._end = error
            self._changed.set()

    async def _follow(self) -> None:
        """Read one connection to its end, which it raises as a ``MocastError``."""
        with translated():
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                socket = await self._http.ws_connect(
                    self._url,
                    protocols=self._protocols,
                    heartbeat=HEARTBEAT_S,
                    max_msg_size=MAX_MESSAGE_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                )
            try:
                self._delays.reset()
                self._on_connection(None)
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        self._newest.put(message.data)
            finally:
                await socket.close()
        if socket.close_code == EXPIRED:
            raise Unauthorized("The token has expired.")
        raise Unreachable("The server ended the connection.")


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
