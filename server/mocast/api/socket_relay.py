"""The relay of a WebSocket that another node serves: messages both ways, until a side closes or is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from mocast.api.socket_life import CLOSE_TIMEOUT_S, SEND_TIMEOUT_S

AnySocket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse

Close = tuple[int, str]
"""With which code and reason a socket is closed."""

LOST: Final = "the connection was lost"
"""Why a socket is closed whose other side has gone without a word, or does not live any more."""


@contextlib.asynccontextmanager
async def closing(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[None]:
    """Close a socket at the end of the context, within ``CLOSE_TIMEOUT_S``."""
    try:
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await socket.close()


async def relay(
    downstream: web.WebSocketResponse, upstream: aiohttp.ClientWebSocketResponse, lost: Coroutine[Any, Any, Close]
) -> None:
    """Pass messages on both ways until a side closes or is lost; then close the other with the same code.

    ``lost``: ends where both are to be closed.
    """
    sides: tuple[AnySocket, AnySocket] = (downstream, upstream)
    ends = [*(_pump(source, to) for source, to in (sides, sides[::-1])), lost]
    pumps = [asyncio.create_task(end) for end in ends]
    try:
        done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    closed: tuple[AnySocket, ...] = (upstream, downstream, downstream)
    for to, pump in zip(closed, pumps, strict=True):
        if pump in done and pump.exception() is None:
            code, reason = pump.result()
            await to.close(code=code, message=reason.encode())


async def _pump(source: AnySocket, to: AnySocket) -> Close:
    """Pass messages on until the source closes; return with which code and reason. Raises where the other is lost."""
    while True:
        message = await source.receive()
        async with asyncio.timeout(SEND_TIMEOUT_S):
            match message.type:
                case WSMsgType.TEXT:
                    await to.send_str(message.data)
                case WSMsgType.BINARY:
                    await to.send_bytes(message.data)
                case WSMsgType.PING:
                    await to.ping(message.data)
                case WSMsgType.PONG:
                    await to.pong(message.data)
                case WSMsgType.CLOSE:
                    return message.data or WSCloseCode.OK, message.extra or ""
                case _:
                    return WSCloseCode.GOING_AWAY, LOST
