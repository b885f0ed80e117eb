"""One UDP port for all connections: checks are told apart by user name, everything else by its source.

A source belongs to a connection once it has answered a check of ours (RFC 8445, section 7.2.5): only who receives at an
address can claim it. What comes from any other source is dropped unanswered, but for checks that carry a session's user
name; those that are not signed with its password are not answered either.
"""

import asyncio
import socket
import sys
from typing import Any, Final, cast

from aioice import Connection, stun

from mocast.webrtc.aiortc.shared_port import PartProtocol, PartTransport, SharedPort, Source
from mocast.webrtc.aiortc.stun_header import (
    BINDING_ANSWERS,
    BINDING_REQUEST,
    LAST_STUN_BYTE,
    kind_of,
    receiver_of,
    transaction_of,
)

MOST_SOURCES = 32
"""Of a connection. A client has some ten candidates; more come with its changes of address."""

RECEIVE_BUFFER_BYTES: Final = 4 << 20
"""All sessions' packets of some 50 ms; the system allows less by default (``net.core.rmem_max``)."""


class UdpMux(SharedPort["MuxedSocket"]):
    """A UDP port for all connections."""

    async def open(self, connection: Connection, address: str) -> "MuxedProtocol":
        """Return a connection's part of the port. Raises ``OSError`` where the port is taken by somebody else."""
        return MuxedProtocol(connection, await self.listen(address))

    @property
    def strangers(self) -> int:
        """Datagrams that belonged to no session."""
        return sum(one.strangers for one in self._sockets.values())

    async def _open(self, address: str) -> "MuxedSocket":
        udp = bound_socket(address, self._port, socket.SOCK_DGRAM)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        _, opened = await asyncio.get_running_loop().create_datagram_endpoint(MuxedSocket, sock=udp)
        return opened


class MuxedSocket(asyncio.DatagramProtocol):
    """A socket that several connections share."""

    transport: asyncio.DatagramTransport

    def __init__(self) -> None:
        self.strangers = 0
        "Datagrams that belonged to no connection."
        self.by_name: dict[bytes, MuxedProtocol] = {}
        self.by_transaction: dict[bytes, MuxedProtocol] = {}
        self.by_source: dict[Source, MuxedProtocol] = {}

    @property
    def is_closed(self) -> bool:
        """Whether it takes nothing any more."""
        return self.transport.is_closing()

    def close(self) -> None:
        """Close it."""
        self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket's transport."""
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: Any) -> None:
        """Hand a datagram to its connection."""
        if data and data[0] > LAST_STUN_BYTE:
            protocol = self.by_source.get(source[:2])
        else:
            kind = kind_of(data)
            if kind == BINDING_REQUEST:
                protocol = self.by_name.get(receiver_of(data))
            elif kind in BINDING_ANSWERS:
                protocol = self.by_transaction.get(transaction_of(data))
            else:
                protocol = None
        if protocol is None:
            self.strangers += 1
        else:
            protocol.datagram_received(data, source)

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is closed, and with it every connection's part."""
        for protocol in tuple(self.by_name.values()):
            protocol.connection_lost(error)


class MuxedProtocol(PartProtocol):
    """A connection's part of a shared UDP port."""

    def __init__(self, connection: Connection, shared: MuxedSocket) -> None:
        super().__init__(connection, shared.by_name)
        self._shared = shared
        self._sources: dict[Source, None] = {}
        self.connection_made(_MuxedTransport(self, shared.transport))

    async def request(self, request: stun.Message, addr: Source, *args: Any, **more: Any) -> Any:
        """Send a check and wait for its answer, after which ``addr`` belongs to this connection."""
        by_transaction = self._shared.by_transaction
        by_transaction[request.transaction_id] = self
        try:
            response = await super().request(request, addr, *args, **more)
        finally:
            del by_transaction[request.transaction_id]
        if response[1] == addr:
            self._own(addr)
        return response

    def forget(self) -> None:
        """Give up the connection's part of the port."""
        super().forget()
        by_source = self._shared.by_source
        for source in self._sources:
            if by_source.get(source) is self:
                del by_source[source]
        self._sources.clear()

    def _own(self, source: Source) -> None:
        if self.transport.is_closing():
            return
        # The oldest goes first; one that is in use is told anew by each consent check.
        self._sources.pop(source, None)
        self._sources[source] = None
        self._shared.by_source[source] = self
        if len(self._sources) > MOST_SOURCES:
            oldest = next(iter(self._sources))
            del self._sources[oldest]
            if self._shared.by_source.get(oldest) is self:
                del self._shared.by_source[oldest]


class _MuxedTransport(PartTransport):
    """The shared socket's transport, as one connection's own that it can close."""

    def __init__(self, protocol: MuxedProtocol, shared: asyncio.DatagramTransport) -> None:
        super().__init__(protocol)
        # Called for every packet, so not by way of this class.
        self.sendto = shared.sendto  # type: ignore[method-assign]
        self.get_write_buffer_size: Any = getattr(shared, "get_write_buffer_size")  # noqa: B009 (not typed)
        self.get_extra_info = shared.get_extra_info  # type: ignore[method-assign]


def bound_socket(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """Return a non-blocking socket at an address. Raises ``OSError`` where it cannot be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, kind)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM and sys.platform != "win32":  # where it would let two programs have the port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound
