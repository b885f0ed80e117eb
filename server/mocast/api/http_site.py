"""Servers of the HTTP port, with TLS or without."""

import asyncio
import contextlib
import socket
import ssl
import sys
from collections.abc import Callable, Sequence
from typing import Final, cast

import structlog
from aiohttp import web

from mocast.api.connections import Connections
from mocast.api.http_connection import (
    IDLE_TIMEOUT_S,
    LINGERING_S,
    MAX_FIELD_BYTES,
    MAX_FIELDS,
    MAX_TARGET_BYTES,
    HttpConnection,
)

log = structlog.get_logger(__name__)

HANDSHAKE_TIMEOUT_S: Final = 10.0
"""A connection whose TLS handshake takes longer is closed."""
ACCEPTS_AT_ONCE: Final = 32
"""Connections that are accepted before the event loop does anything else."""
ACCEPT_RETRY_S: Final = 1.0
"""While the system has no file descriptor left. The listening socket stays readable, so it is not watched."""


class HttpSite(web.BaseSite):
    """An aiohttp site whose connections are ``HttpConnection``."""

    def __init__(  # noqa: PLR0917
        self,
        runner: web.BaseRunner,
        host: str,
        port: int,
        connections: Connections,
        tls: ssl.SSLContext | None,
        listening: socket.socket | None = None,
    ) -> None:
        """``listening``: a socket that listens already, in place of one at ``host`` and ``port``.

        Connections by a Unix socket are this server's own processes', which count their clients': none is refused.
        """
        super().__init__(runner, ssl_context=tls)
        self._host_port = host, port
        is_own = listening is not None and listening.family is socket.AF_UNIX
        self._connections = Connections(sys.maxsize, 0) if is_own else connections
        self._listening = listening
        self._tls_server: TlsServer | None = None

    @property
    def name(self) -> str:
        """Its address, as aiohttp's sites name theirs."""
        return f"{'https' if self._ssl_context else 'http'}://{':'.join(map(str, self._host_port))}"

    async def start(self) -> None:
        """Listen. Raises ``OSError`` where the port is taken."""
        await super().start()
        if self._ssl_context is None:
            self._server = await self._plain_server()
        else:
            listening = [self._listening] if self._listening else await listen(*self._host_port, self._backlog)
            self._tls_server = TlsServer(listening, self._ssl_context, self._connections, self._connection)
            self._server = cast(asyncio.AbstractServer, self._tls_server)  # aiohttp closes it and reads its sockets

    async def stop(self) -> None:
        """Listen no longer, and end handshakes that go on; connections stay."""
        await super().stop()
        if self._tls_server is not None:
            await self._tls_server.wait_closed()

    async def _plain_server(self) -> asyncio.AbstractServer:
        loop, listening = asyncio.get_running_loop(), self._listening
        if listening is None:
            return await loop.create_server(self._connection, *self._host_port, backlog=self._backlog)
        listening.setblocking(False)
        if listening.family is socket.AF_UNIX:
            return await loop.create_unix_server(self._connection, sock=listening)
        return await loop.create_server(self._connection, sock=listening, backlog=self._backlog)

    def _connection(self, counted: str | None = None) -> HttpConnection:
        server = self._runner.server
        assert server is not None
        return HttpConnection(
            server,
            self._connections,
            counted,
            loop=asyncio.get_running_loop(),
            access_log=None,
            auto_decompress=False,  # plain_bodies refuses what is compressed; what is read over is not inflated
            keepalive_timeout=IDLE_TIMEOUT_S,
            lingering_time=LINGERING_S,
            max_line_size=MAX_TARGET_BYTES,
            max_field_size=MAX_FIELD_BYTES,
            max_headers=MAX_FIELDS,
        )


class TlsServer:
    """Accepts connections, counts them, and has them shake hands.

    An event loop's own server reports a connection only after its handshake: silent ones would be uncounted for
    ``HANDSHAKE_TIMEOUT_S``. One too many is closed at once, without an answer, which would take a handshake.
    """

    def __init__(
        self,
        listening: Sequence[socket.socket],
        context: ssl.SSLContext,
        connections: Connections,
        connect: Callable[[str], HttpConnection],
    ) -> None:
        """``connect``: makes the connection that counts already, as that address."""
        self.sockets = tuple(listening)
        self._context = context
        self._connections = connections
        self._connect = connect
        self._loop = asyncio.get_running_loop()
        self._retries: dict[socket.socket, asyncio.TimerHandle] = {}
        self._handshakes: set[asyncio.Task[None]] = set()
        "As many as there may be connections."
        self._accepting: set[asyncio.Task[None]] = set()
        "One a listening socket, on event loops that do not watch sockets."
        for one in self.sockets:
            self._watch(one)

    def close(self) -> None:
        """Accept no more, and end handshakes that go on."""
        for timer in self._retries.values():
            timer.cancel()
        for task in self._handshakes | self._accepting:
            task.cancel()
        for one in self.sockets:
            if not self._accepting:
                self._loop.remove_reader(one)
            one.close()
        self.sockets = ()

    async def wait_closed(self) -> None:
        """Wait until no handshake goes on."""
        await asyncio.gather(*self._handshakes, *self._accepting, return_exceptions=True)

    def _watch(self, listening: socket.socket) -> None:
        try:
            self._loop.add_reader(listening, self._accept, listening)
        except NotImplementedError:  # on Windows
            self._accepting.add(self._loop.create_task(self._accept_for_ever(listening), name="accept"))

    async def _accept_for_ever(self, listening: socket.socket) -> None:
        while True:
            try:
                accepted, peer = await self._loop.sock_accept(listening)
            except OSError as error:
                log.error("no connection accepted", error=error.strerror)  # noqa: TRY400
                await asyncio.sleep(ACCEPT_RETRY_S)
            else:
                self._admit(accepted, str(peer[0]))

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                accepted, peer = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError as error:
                log.error("no connection accepted", error=error.strerror)  # noqa: TRY400
                self._loop.remove_reader(listening)
                self._retries[listening] = self._loop.call_later(ACCEPT_RETRY_S, self._watch, listening)
                return
            self._admit(accepted, str(peer[0]))

    def _admit(self, accepted: socket.socket, address: str) -> None:
        """Count a connection and begin its handshake, or close it where there are too many."""
        if self._connections.add(address) is not None:
            self._connections.remove(address)
            accepted.close()
            return
        accepted.setblocking(False)
        connection = self._connect(address)
        task = self._loop.create_task(self._shake_hands(accepted, connection), name="handshake")
        self._handshakes.add(task)

        def end(_: asyncio.Task[None]) -> None:
            self._handshakes.discard(task)
            if connection.transport is None:  # it failed, or has not even begun, or the connection has ended already
                connection.uncount()
                accepted.close()

        task.add_done_callback(end)

    async def _shake_hands(self, accepted: socket.socket, connection: HttpConnection) -> None:
        with contextlib.suppress(OSError):  # not TLS, too late, or gone
            await self._loop.connect_accepted_socket(
                lambda: connection, accepted, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S
            )


async def listen(host: str, port: int, backlog: int = 128) -> list[socket.socket]:
    """Return sockets that listen at all addresses of a host. Raises ``OSError`` where one of them is taken."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    with contextlib.ExitStack() as opened:
        listening: list[socket.socket] = []
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            one = opened.enter_context(socket.create_server(address, family=family, backlog=backlog))
            one.setblocking(False)
            listening.append(one)
        opened.pop_all()
    return listening
