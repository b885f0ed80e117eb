"""The proxy: requests and WebSockets that another node of the cluster answers, passed on as they come, both ways."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import aiohttp
from aiohttp import WSCloseCode, hdrs, web
from multidict import CIMultiDict
from yarl import URL

from mocast.api.authentication import SOCKET_PROTOCOL
from mocast.api.bodies import kept_body
from mocast.api.forwarded_headers import (
    MOVED_HEADER,
    TO_MACHINE,
    TO_WORKER,
    returned_headers,
    sent_headers,
    target,
)
from mocast.api.http_connection import HttpConnection
from mocast.api.socket_life import BUFFER_BYTES, CLOSE_TIMEOUT_S, bound_buffers
from mocast.api.socket_relay import LOST, Close, closing, relay
from mocast.cluster.node_signature import NodeSignature
from mocast.errors import RequestError
from mocast.rooms.pose_feed import MOST_BYTES
from mocast.rooms.registry import STOPPING

T = TypeVar("T")

UNIX: Final = "unix:"
"""Prefix of addresses that are sockets of this machine."""

CONNECT_TIMEOUT_S: Final = 1.0
"""Within a cluster. Above it a node counts as out of reach."""
REFUSED_PAUSE_S: Final = 0.25
"""After which a node that refuses connections is tried once more before it counts as gone."""
LOOK_EVERY_S: Final = 1.0
"""How often a node that has not answered yet is looked for among those that live."""
SILENCE_TIMEOUT_S: Final = 120.0
"""Longest wait for the next bytes of an answer; trackers that are built for a session may take most of it."""
REPEATABLE_BYTES: Final = 65_536
"""Bodies up to this size, such as offers, are read whole first, so that they can be sent to a second node."""
POOL: Final = 160
"""Connections to one node that carry requests; sockets come on top. Below ``max_connections_per_address``, and above
the 100 that downloads, exports, uploads and readers of jobs' progress may hold for minutes."""
POOL_TIMEOUT_S: Final = 3.0
"""Longest wait for one of them."""


class OutOfReach(Exception):
    """The node did not get the request, or does not have the room: the request may be sent to another node."""

    def __init__(self, *, is_gone: bool = False) -> None:
        """``is_gone``: nothing listens at its address any more."""
        super().__init__()
        self.is_gone = is_gone


class Moved(OutOfReach):
    """The node answers, but does not have the room."""


class BrokenOff(Exception):
    """The node was lost while it worked on a request, which it may have done."""


class _GivenUpError(Exception):
    """The node does not answer, and its lease has ended: other nodes may have its rooms."""


class _Refused(Exception):
    """A node's answer to the request for a WebSocket, where it does not open one."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


class Proxy:
    """Has other nodes answer. Connections are kept; each WebSocket has one of its own on top."""

    def __init__(self, signature: NodeSignature, is_alive: Callable[[str], bool], closing: asyncio.Event) -> None:
        """``is_alive``: whether the lease of the node at an address holds. ``closing``: set when this server stops."""
        self._signature = signature
        self._is_alive = is_alive
        self._closing = closing
        self._clients: dict[tuple[str | None, int], aiohttp.ClientSession] = {}
        "By the path of a worker's socket (``None``: of all other machines) and the most connections to one node."

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Close all connections at the end, as a context of an application's life."""
        yield
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    async def answer(self, request: web.Request, address: str) -> web.StreamResponse:
        """Have the node at an address answer. Raises ``OutOfReach`` and ``BrokenOff``."""
        if request.method == "GET" and request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
            return await self._socket(request, address)
        client, url = self._client(address), _url(address, request)
        is_small = not request.can_read_body or (request.content_length or REPEATABLE_BYTES + 1) <= REPEATABLE_BYTES
        body = _Body(request, await kept_body(request, REPEATABLE_BYTES) if is_small else None)
        headers = self._headers(request, address)
        if not is_small and request.content_length is not None:
            headers[hdrs.CONTENT_LENGTH] = str(request.content_length)
        try:
            asking = client.request(request.method, url, headers=headers, data=body.data, allow_redirects=False)
            async with await self._while_alive(asking, address) as told:
                if MOVED_HEADER in told.headers and body.is_repeatable:
                    raise Moved
                return await _returned(request, told)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, _GivenUpError) as error:
            if not body.is_repeatable:
                raise BrokenOff from error
            raise OutOfReach(is_gone=await _refuses_again(error, address)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise (OutOfReach if request.method in ("GET", "HEAD") else BrokenOff) from error

    async def fetch(self, request: web.Request, address: str, timeout_s: float) -> bytes | None:
        """Return the body of a node's own answer to a request without a body; ``None``: it has none in time."""
        try:
            async with asyncio.timeout(timeout_s):
                headers = self._headers(request, address, method="GET")
                headers[hdrs.ACCEPT] = "*/*"
                async with self._client(address).get(_url(address, request), headers=headers) as told:
                    return await told.read() if told.status == HTTPStatus.OK else None
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def _socket(self, request: web.Request, address: str) -> web.StreamResponse:
        """Pass a WebSocket's messages on, both ways, until either side closes it."""
        wanted = request.headers.get("Sec-WebSocket-Protocol", "")
        protocols = (SOCKET_PROTOCOL,) if wanted.startswith(SOCKET_PROTOCOL) else ()
        opening = self._client(address, most=0).ws_connect(
            _url(address, request),
            headers=self._headers(request, address),
            protocols=protocols,
            autoping=False,
            autoclose=False,
            max_msg_size=0,  # a node is believed
            compress=0,
        )
        try:
            upstream = await self._while_alive(opening, address)
        except _Refused as refused:
            if MOVED_HEADER in refused.headers:
                raise Moved from refused
            return web.Response(status=refused.status, body=refused.body, headers=returned_headers(refused.headers))
        except (aiohttp.ClientError, TimeoutError, _GivenUpError) as error:
            raise OutOfReach(is_gone=await _refuses_again(error, address)) from error
        async with closing(upstream):
            downstream = web.WebSocketResponse(
                autoping=False,
                autoclose=False,
                compress=False,
                max_msg_size=MOST_BYTES,
                timeout=CLOSE_TIMEOUT_S,
                protocols=protocols,
                writer_limit=BUFFER_BYTES // 4,
            )
            await downstream.prepare(request)
            if isinstance(request.protocol, HttpConnection):
                request.protocol.feeds = True  # whether it may send so much is for the other node to say
            bound_buffers(request.transport)
            await relay(downstream, upstream, self._until_lost(address))
        return downstream

    async def _until_lost(self, address: str) -> Close:
        """Wait until this server stops or a node is given up: of a machine that is lost, no byte tells."""
        while self._is_alive(address):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._closing.wait()
                    return WSCloseCode.GOING_AWAY, STOPPING
        return WSCloseCode.GOING_AWAY, LOST

    async def _while_alive(self, asking: Coroutine[Any, Any, T], address: str) -> T:
        """Wait for a node's answer. Raises ``_GivenUpError`` where its lease ends first; then it asks no longer."""
        task = asyncio.ensure_future(asking)
        try:
            while not (await asyncio.wait([task], timeout=LOOK_EVERY_S))[0]:
                if not self._is_alive(address):
                    raise _GivenUpError
            return task.result()
        finally:
            task.cancel()

    def _headers(self, request: web.Request, address: str, method: str | None = None) -> CIMultiDict[str]:
        return sent_headers(request, self._signature, TO_WORKER if _is_socket(address) else TO_MACHINE, method)

    def _client(self, address: str, *, most: int = POOL) -> aiohttp.ClientSession:
        """Return what reaches an address. ``most``: connections to it at a time; 0: any number."""
        path = address.removeprefix(UNIX) if _is_socket(address) else None
        client = self._clients.get((path, most))
        if client is None:
            connector: aiohttp.BaseConnector = (
                aiohttp.TCPConnector(limit=0, limit_per_host=most, ssl=False)
                if path is None
                else aiohttp.UnixConnector(path, limit=most)
            )
            client = self._clients[path, most] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=(hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE),
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=POOL_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, sock_read=SILENCE_TIMEOUT_S
                ),
                middlewares=(_tell_refusals,),
            )
        return client


class _Body:
    """A request's body on its way: bytes that were read, or as they come."""

    def __init__(self, request: web.Request, read: bytes | None) -> None:
        self._request = request
        self._begun = False
        self.data = self._pieces() if read is None else read or None

    @property
    def is_repeatable(self) -> bool:
        """Whether it can be sent from its start again."""
        return not self._begun

    async def _pieces(self) -> AsyncIterator[bytes]:
        self._begun = True
        async for piece in self._request.content.iter_any():
            yield piece


async def _tell_refusals(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep the answer to a request for a WebSocket that is refused, which aiohttp throws away.

    Raises ``_Refused``, and ``RequestError`` where what is asked for is no WebSocket.
    """
    answer = await handler(request)
    if hdrs.UPGRADE in request.headers and answer.status != HTTPStatus.SWITCHING_PROTOCOLS:
        raise _Refused(answer.status, answer.headers, await _small_body(answer))
    return answer


async def _small_body(answer: aiohttp.ClientResponse) -> bytes:
    """Return a body, which is a problem's. Raises ``RequestError`` where it is none, but a file, or has no end."""
    if (answer.content_length or REPEATABLE_BYTES + 1) > REPEATABLE_BYTES:
        answer.close()
        raise RequestError("This address speaks no WebSocket: ask for no upgrade.")
    return await answer.read()


async def _refuses_again(error: Exception, address: str) -> bool:
    """Return whether a machine that has refused a connection refuses the next one, too: no process listens there.

    A process that starts listens by then. ``False``, too, where nothing answers at all, and for workers, whose end
    their parent tells the directory.
    """
    refused = isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError)
    if not refused or _is_socket(address):
        return False
    await asyncio.sleep(REFUSED_PAUSE_S)
    url = URL(address)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(url.host, url.port)
    except ConnectionRefusedError:
        return True
    except OSError:  # a TimeoutError, too
        return False
    writer.close()
    return False


def _is_socket(address: str) -> bool:
    return address.startswith(UNIX)


def _url(address: str, request: web.Request) -> URL:
    base = "http://localhost" if _is_socket(address) else address
    return URL(f"{base}{target(request)}", encoded=True)


async def _returned(request: web.Request, told: aiohttp.ClientResponse) -> web.StreamResponse:
    """Send a node's answer on as it comes. Where it breaks off, the client's connection is closed, so that it knows."""
    length = told.headers.get(hdrs.CONTENT_LENGTH)
    headers = returned_headers(told.headers)
    if length is not None and int(length) <= REPEATABLE_BYTES and request.method != "HEAD":
        return web.Response(status=told.status, body=await told.read(), headers=headers)
    answer = web.StreamResponse(status=told.status, headers=headers)
    if length is not None:
        answer.headers[hdrs.CONTENT_LENGTH] = length
    await answer.prepare(request)
    try:
        async for piece in told.content.iter_any():
            await answer.write(piece)
    except (aiohttp.ClientError, TimeoutError) as error:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("The other node broke its answer off.") from error
    await answer.write_eof()
    return answer
