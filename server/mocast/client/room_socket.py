"""A WebSocket of a room that is opened anew whenever it was lost: shared by who reads a room and who feeds it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

import aiohttp
from yarl import URL

from mocast.client.refusals import Unreachable, is_transient, translated
from mocast.errors import MocastError, Unauthorized
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


class RoomSocket:
    """Opens one connection after the other, and waits longer after each that fails."""

    def __init__(
        self, http: aiohttp.ClientSession, url: URL, token: str = "", on_connection: OnConnection = log_retry
    ) -> None:
        self.url = url
        self._http = http
        self._protocols = (BEARER_PROTOCOL, token) if token else ()
        self._on_connection = on_connection
        self._delays = RetryDelays()

    async def run(self, use: Callable[[aiohttp.ClientWebSocketResponse], Awaitable[None]]) -> NoReturn:
        """Call ``use`` with each connection, which it uses to its end, until cancelled.

        Raises ``MocastError`` where another attempt would be in vain.
        """
        while True:
            try:
                await self._follow(use)
            except MocastError as error:
                if not is_transient(error):
                    raise
                self._on_connection(error)
                await asyncio.sleep(self._delays.next_s(error.retry_after_s or 0))

    async def _follow(self, use: Callable[[aiohttp.ClientWebSocketResponse], Awaitable[None]]) -> NoReturn:
        """Use one connection to its end, which it raises as a ``MocastError``."""
        with translated():
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                socket = await self._http.ws_connect(
                    self.url,
                    protocols=self._protocols,
                    heartbeat=HEARTBEAT_S,
                    max_msg_size=MAX_MESSAGE_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                )
            try:
                self._delays.reset()
                self._on_connection(None)
                await use(socket)
            finally:
                await socket.close()
        if socket.close_code == EXPIRED:
            raise Unauthorized("The token has expired.")
        raise Unreachable("The server ended the connection.")
