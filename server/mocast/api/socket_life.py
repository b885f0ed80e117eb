"""The life of a WebSocket, whatever it carries: until its work ends, its token expires or the server stops."""

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any, Final

import orjson
from aiohttp import WSCloseCode, web

from mocast.api.authentication import PRINCIPAL, SOCKET_PROTOCOL
from mocast.api.problems import REFUSED
from mocast.errors import RequestError
from mocast.rooms.client_limits import RateLimit
from mocast.rooms.expiry import EXPIRED, has_expired, wait_expired
from mocast.rooms.registry import MOVED, STOPPING, Rooms
from mocast.rooms.room import Room

HEARTBEAT_S: Final = 10.0
"""Interval of pings; a client that does not answer one within half of it is disconnected."""

SEND_TIMEOUT_S: Final = 10.0
"""A client that takes nothing for this long is disconnected."""

CLOSE_TIMEOUT_S: Final = 2.0

BUFFER_BYTES: Final = 65_536
"""Size of a reader's send buffer: a few frames. Unbounded, the system would buffer megabytes, seconds of delay."""

UNAUTHORIZED: Final = 3000
"""The close code of a socket whose token has expired (IANA's WebSocket Close Code Number Registry)."""

DRAINING: Final = orjson.dumps({"type": "notice", "notice": "draining", "detail": STOPPING}).decode()


def open_socket(request: web.Request, most_received_bytes: int, writer_limit: int = 65_536) -> web.WebSocketResponse:
    """Return the answer to a request for a WebSocket, not prepared yet. Raises ``RequestError`` where it is none."""
    answer = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S,
        max_msg_size=most_received_bytes,
        timeout=CLOSE_TIMEOUT_S,
        autoping=False,  # it would answer all that wait before the loop does anything else
        compress=False,  # it would be done on the event loop, anew for each client
        protocols=(SOCKET_PROTOCOL,),
        writer_limit=writer_limit,
    )
    if not answer.can_prepare(request):
        raise RequestError("This address speaks WebSocket: ask for an upgrade.")
    return answer


async def serve_until_end(
    answer: web.WebSocketResponse,
    request: web.Request,
    rooms: Rooms,
    room: Room,
    messages: RateLimit,
    *duties: Coroutine[Any, Any, object],
) -> None:
    """Run a socket's duties until one ends, and close it with the reason.

    ``messages``: the rate limit of the client's messages, which one of the duties counts.
    """
    principal = request[PRINCIPAL]
    await _first_of(*duties, _closing(answer, rooms), room.moved.wait(), wait_expired(principal))
    if messages.is_flooded:
        request.config_dict[REFUSED]["message_rate"] += 1
        await _close(answer, request, WSCloseCode.POLICY_VIOLATION, "too many messages")
    elif has_expired(principal):
        await _close(answer, request, UNAUTHORIZED, EXPIRED)
    elif rooms.closing.is_set():
        await _close(answer, request, WSCloseCode.GOING_AWAY, STOPPING)
    elif room.moved.is_set():
        await _close(answer, request, WSCloseCode.GOING_AWAY, MOVED)
    else:
        await _close(answer, request, WSCloseCode.OK, "")


def bound_buffers(transport: asyncio.Transport | None) -> None:
    """Bound what is buffered for a slow reader, by us and by the system."""
    if transport is None:  # the reader has gone
        return
    transport.set_write_buffer_limits(high=BUFFER_BYTES // 4)
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)


async def _first_of(*duties: Coroutine[Any, Any, object]) -> None:
    """Wait until one of them ends, and cancel the others. An unexpected exception is raised."""
    tasks = [asyncio.create_task(duty) for duty in duties]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, ConnectionError | TimeoutError):
            raise end


async def _closing(answer: web.WebSocketResponse, rooms: Rooms) -> None:
    """Tell the client when the server drains, and return when it ends its sessions."""
    await rooms.draining.wait()
    if not rooms.closing.is_set():
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await answer.send_str(DRAINING)
    await rooms.closing.wait()


async def _close(answer: web.WebSocketResponse, request: web.Request, code: int, reason: str) -> None:
    """Send the close frame; abort the connection where the client does not take it in time."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await answer.close(code=code, message=reason.encode())
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
