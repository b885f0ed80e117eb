"""A port that all connections share: a socket for each address of the machine, and a part of it for each connection."""

import asyncio
from abc import ABC, abstractmethod
from typing import Any, Generic, Protocol, TypeVar

import aioice.ice
from aioice import Connection, stun

from mocast.webrtc.aiortc.stun_header import is_silent

Source = tuple[str, int]


class PortSocket(Protocol):
    """A socket that several connections share."""

    @property
    def is_closed(self) -> bool:
        """Whether it takes nothing any more."""

    def close(self) -> None:
        """Close it."""


SocketT = TypeVar("SocketT", bound=PortSocket)


class SharedPort(ABC, Generic[SocketT]):
    """A port's sockets, each opened when it is first needed."""

    def __init__(self, port: int) -> None:
        """``port`` 0: any that is free, another for each address."""
        self._port = port
        self._sockets: dict[str, SocketT] = {}
        self._lock = asyncio.Lock()

    async def listen(self, address: str) -> SocketT:
        """Return the socket at an address. Raises ``OSError`` where the port is taken by somebody else."""
        async with self._lock:
            found = self._sockets.get(address)
            if found is None or found.is_closed:
                found = self._sockets[address] = await self._open(address)
            return found

    def close(self) -> None:
        """Close all sockets."""
        for one in self._sockets.values():
            one.close()

    @abstractmethod
    async def _open(self, address: str) -> SocketT:
        """Open a socket at an address. Raises ``OSError``."""


class PartProtocol(aioice.ice.StunProtocol):
    """A connection's part of a shared port, to aioice one more socket. Checks find it by the connection's user name."""

    def __init__(self, connection: Connection, by_name: dict[bytes, Any]) -> None:
        """``by_name``: the parts of the socket, this one among them until ``forget``."""
        super().__init__(connection)
        self._by_name = by_name
        self._name = connection.local_username.encode()
        by_name[self._name] = self

    def send_stun(self, message: stun.Message, addr: Source) -> None:
        """Send a STUN message, unless it is the refusal of a stranger's."""
        if not is_silent(message):
            super().send_stun(message, addr)

    def forget(self) -> None:
        """Give up the connection's part of the port."""
        if self._by_name.get(self._name) is self:
            del self._by_name[self._name]


class PartTransport(asyncio.DatagramTransport):
    """The transport of a connection's part, which it can close; the socket stays open for the others."""

    def __init__(self, protocol: PartProtocol, extra: dict[str, Any] | None = None) -> None:
        """``extra``: what ``get_extra_info`` tells."""
        super().__init__(extra)
        self._protocol = protocol
        self._is_closing = False

    def is_closing(self) -> bool:
        """Whether the connection has given it up."""
        return self._is_closing

    def close(self) -> None:
        """Give up the connection's part."""
        if not self._is_closing:
            self._is_closing = True
            self._protocol.forget()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    abort = close
