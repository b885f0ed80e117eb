"""ICE over TCP (RFC 6544) for clients whose network blocks UDP: the server waits (passive candidates), clients connect.

Datagrams travel in frames with their length before them (RFC 4571). A connection's first frame must be a check with a
session's user name; until it has answered a check of ours, nothing but checks is taken from it.
"""

import asyncio
import socket
from collections import Counter
from struct import Struct
from time import perf_counter
from typing import Any, Final, cast

from aioice import Candidate, Connection, stun
from aioice.candidate import candidate_foundation

from mocast.webrtc.aiortc.loop_budget import HELD_S, PAUSE_S
from mocast.webrtc.aiortc.shared_port import PartProtocol, PartTransport, SharedPort, Source
from mocast.webrtc.aiortc.stun_header import (
    BINDING_REQUEST,
    LAST_STUN_BYTE,
    LONGEST_CHECK_BYTES,
    kind_of,
    receiver_of,
)
from mocast.webrtc.aiortc.udp_mux import bound_socket

MOST_UNPROVEN = 128
MOST_UNPROVEN_OF_ADDRESS = 16
"""Streams that have not proven to be a session's; more are closed at once."""

PROVEN_WITHIN_S = 10.0
"""Seconds in which a stream must prove it: a browser needs a round trip or two."""

MOST_STREAMS = 8
"""Of one session and address of this machine."""

MOST_WAITING_BYTES = 262_144
"""To be sent on a stream. Above, packets are dropped as UDP would drop them: a second of 2 Mbit/s is old by then."""

FRAMES_HELD_S = 2 * HELD_S / MOST_STREAMS
"""How long one stream's frames may hold the event loop: the system hands over 256 KB of them at once, which may be tens
of thousands. All of a session's streams together keep to the 5 ms that are promised."""

_LENGTH: Final = Struct("!H")
_HOST_TCP: Final = 90
_PASSIVE: Final = (4 << 13) | 8191
_PRIORITY: Final = (_HOST_TCP << 24) | (_PASSIVE << 8) | 255
"""RFC 6544, section 4.2: below UDP's 126, above a relay's 0; for component 1."""


class TcpListeners(SharedPort["Listener"]):
    """A TCP port for all connections."""

    async def open(self, connection: Connection, address: str) -> "StreamsProtocol":
        """Return what takes a connection's streams. Raises ``OSError`` where the port is taken."""
        return StreamsProtocol(connection, await self.listen(address))

    async def _open(self, address: str) -> "Listener":
        listener = Listener()
        await listener.listen(bound_socket(address, self._port, socket.SOCK_STREAM))
        return listener


class Listener:
    """A listening socket; finds the session that a stream is for."""

    def __init__(self) -> None:
        self.by_name: dict[bytes, StreamsProtocol] = {}
        self.sockname: Source = ("", 0)
        self.unproven: dict[TcpStream, None] = {}
        self._by_address: Counter[str] = Counter()
        self._server: asyncio.Server | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it listens no more."""
        return self._server is None or not self._server.is_serving()

    async def listen(self, bound: socket.socket) -> None:
        """Listen on a socket."""
        self._server = await asyncio.get_running_loop().create_server(lambda: TcpStream(self), sock=bound)
        self.sockname = bound.getsockname()[:2]

    def close(self) -> None:
        """Listen no more, and close what has proven nothing yet."""
        if self._server is not None:
            self._server.close()
        for stream in tuple(self.unproven):
            stream.close()

    def admit(self, stream: "TcpStream") -> bool:
        """Return whether one more stream may try to prove that it is a session's."""
        host = stream.source[0]
        if len(self.unproven) >= MOST_UNPROVEN or self._by_address[host] >= MOST_UNPROVEN_OF_ADDRESS:
            return False
        self.unproven[stream] = None
        self._by_address[host] += 1
        return True

    def release(self, stream: "TcpStream") -> None:
        """A stream has proven it, or is gone."""
        if stream in self.unproven:
            del self.unproven[stream]
            host = stream.source[0]
            self._by_address[host] -= 1
            if not self._by_address[host]:
                del self._by_address[host]


class TcpStream(asyncio.Protocol):
    """A client's TCP connection."""

    transport: asyncio.Transport

    def __init__(self, listener: Listener) -> None:
        self.source: Source = ("", 0)
        self.is_proven = False
        "Whether it has answered a check of ours."
        self._listener = listener
        self._protocol: StreamsProtocol | None = None
        self._waiting = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._pause: asyncio.TimerHandle | None = None
        "Until when nothing is read: others have the loop."

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first check, where there is a place for one more."""
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.source = peer[:2] if peer else ("", 0)
        if peer and self._listener.admit(self):
            self._timer = asyncio.get_running_loop().call_later(PROVEN_WITHIN_S, self.close)
        else:
            self.close()

    def data_received(self, data: bytes) -> None:
        """Take whole frames."""
        self._waiting += data
        if self._pause is None:
            self._take_frames()

    def connection_lost(self, error: Exception | None) -> None:
        """The client has closed it, or we have."""
        for timer in (self._timer, self._pause):
            if timer is not None:
                timer.cancel()
        self._listener.release(self)
        if self._protocol is not None:
            self._protocol.remove(self)

    def prove(self) -> None:
        """It has answered a check of ours."""
        if not self.is_proven:
            self.is_proven = True
            self._listener.release(self)
            if self._timer is not None:
                self._timer.cancel()

    def send(self, data: bytes) -> None:
        """Send a datagram, unless too much waits already."""
        if self.transport.get_write_buffer_size() < MOST_WAITING_BYTES and not self.transport.is_closing():
            self.transport.write(_LENGTH.pack(len(data)) + data)

    def close(self) -> None:
        """Close it at once."""
        self.transport.abort()

    def _take_frames(self) -> None:
        """Take what is whole of the frames that wait, for ``FRAMES_HELD_S``; then others get the loop."""
        waiting, at, began = self._waiting, 0, perf_counter()
        while len(waiting) - at >= _LENGTH.size and not self.transport.is_closing():
            (length,) = _LENGTH.unpack_from(waiting, at)
            if length > LONGEST_CHECK_BYTES and not self.is_proven:
                self.close()
                return
            end = at + _LENGTH.size + length
            if end > len(waiting):
                break
            self._take(bytes(waiting[at + _LENGTH.size : end]))
            at = end
            if perf_counter() - began > FRAMES_HELD_S:
                self.transport.pause_reading()
                self._pause = asyncio.get_running_loop().call_later(PAUSE_S, self._go_on)
                break
        del waiting[:at]

    def _go_on(self) -> None:
        """Take the frames that were left, and read again."""
        self._pause = None
        if not self.transport.is_closing():
            self.transport.resume_reading()
            self._take_frames()

    def _take(self, data: bytes) -> None:
        if self._protocol is None:
            protocol = self._listener.by_name.get(receiver_of(data)) if kind_of(data) == BINDING_REQUEST else None
            if protocol is None or not protocol.add(self):
                self.close()
                return
            self._protocol = protocol
        if self.is_proven or (data and data[0] <= LAST_STUN_BYTE):
            self._protocol.datagram_received(data, self.source)


class StreamsProtocol(PartProtocol):
    """A connection's streams at one address of this machine."""

    def __init__(self, connection: Connection, listener: Listener) -> None:
        super().__init__(connection, listener.by_name)
        self.streams: dict[Source, TcpStream] = {}
        self.connection_made(_StreamsTransport(self, listener.sockname))
        self.local_candidate = PassiveCandidate(*listener.sockname)

    async def request(self, request: stun.Message, addr: Source, *args: Any, **more: Any) -> Any:
        """Send a check and wait for its answer, after which the stream is proven to be the session's."""
        response = await super().request(request, addr, *args, **more)
        if (stream := self.streams.get(addr)) is not None:
            stream.prove()
        return response

    def add(self, stream: TcpStream) -> bool:
        """Return whether one more stream is taken."""
        if len(self.streams) >= MOST_STREAMS:
            return False
        self.streams[stream.source] = stream
        return True

    def remove(self, stream: TcpStream) -> None:
        """A stream is gone."""
        if self.streams.get(stream.source) is stream:
            del self.streams[stream.source]

    def forget(self) -> None:
        """Give up the connection's part of the port, and close its streams."""
        super().forget()
        for stream in tuple(self.streams.values()):
            stream.close()


class PassiveCandidate(Candidate):
    """A host candidate that waits for TCP; the server never connects to a client's (RFC 6544, section 6.2)."""

    def __init__(self, host: str, port: int) -> None:
        foundation = candidate_foundation("host", "tcp", host)
        super().__init__(foundation, 1, "tcp", _PRIORITY, host, port, "host", tcptype="passive")

    def can_pair_with(self, other: Candidate) -> bool:
        """Return that no check begins here: pairs come from the clients' checks."""
        return False


class _StreamsTransport(PartTransport):
    """Sends datagrams to the streams that they are for."""

    def __init__(self, protocol: StreamsProtocol, sockname: Source) -> None:
        super().__init__(protocol, {"sockname": sockname})
        self._streams = protocol.streams

    def sendto(self, data: Any, addr: Any = None) -> None:
        """Send a datagram; it is dropped where there is no stream."""
        stream = self._streams.get(addr)
        if stream is not None:
            stream.send(data)
