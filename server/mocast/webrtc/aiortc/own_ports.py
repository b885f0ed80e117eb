"""UDP ports of a connection's own, of a range or any that the system hands out."""

import asyncio
import errno
import socket
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

import aioice.ice
from aioice import Connection

from mocast.errors import Unavailable
from mocast.webrtc.aiortc.udp_mux import bound_socket

RECEIVE_BUFFER_BYTES: Final = 262_144
"""As aioice's own sockets have it."""

MOST_TRIES = 64
"""Ports of the range that other programs hold, tried for one connection; the next one goes on from there."""


class OwnPorts:
    """Opens a socket for each connection and address."""

    def __init__(self, ports: range) -> None:
        """``ports``: the only ones to use; empty: any."""
        self._ports = ports
        self._free: dict[str, deque[int]] = {}
        "By address: those that no connection of ours holds, the one that has been free longest first."

    async def open(self, connection: Connection, address: str) -> aioice.ice.StunProtocol:
        """Open a connection's socket at an address.

        Raises ``Unavailable`` where no port of the range is free, ``OSError`` where the address cannot be used.
        """
        if not self._ports:
            return await _endpoint(connection, bound_socket(address, 0, socket.SOCK_DGRAM), _nothing)
        free = self._free.setdefault(address, deque(self._ports))
        for _ in range(min(MOST_TRIES, len(free))):
            port = free.popleft()
            try:
                bound = bound_socket(address, port, socket.SOCK_DGRAM)
            except OSError as error:
                free.append(port)
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return await _endpoint(connection, bound, partial(free.append, port))
        raise Unavailable(f"No UDP port from {self._ports[0]} to {self._ports[-1]} is free.")


class _OwnProtocol(aioice.ice.StunProtocol):
    """A socket that says when it is closed."""

    def __init__(self, connection: Connection, on_closed: Callable[[], None]) -> None:
        super().__init__(connection)
        self._on_closed = on_closed

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._on_closed()


async def _endpoint(
    connection: Connection, bound: socket.socket, on_closed: Callable[[], None]
) -> aioice.ice.StunProtocol:
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_datagram_endpoint(lambda: _OwnProtocol(connection, on_closed), sock=bound)
    return protocol


def _nothing() -> None:
    """What is done with a port that the system handed out."""
