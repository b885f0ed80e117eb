"""The connection of an HTTP client: how long a head may take, how much may wait, and what broken HTTP is told.

A refusal goes one of two ways. Where aiohttp has no request to answer (too many connections, a head that is late or too
large), ``HttpConnection`` writes to the transport: ``_refuse_without_request``. Where aiohttp has begun to answer (its
parser or a handler raises), it is given a ``LastAnswer`` by ``handle_error``. Both close the connection, and nothing
more of it is read.
"""

import asyncio
import contextlib
from http import HTTPStatus
from typing import Any, Final

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong

from mocast.api.connections import Connections
from mocast.api.problems import problem
from mocast.api.response_headers import secure

log = structlog.get_logger(__name__)

HEAD_TIMEOUT_S: Final = 10.0
"""From a connection's start, or a later request's first byte, until the request's head is whole."""
IDLE_TIMEOUT_S: Final = 75.0
"""Between requests. Longer than common proxies (nginx: 60 s) keep theirs, so that it is them who close."""
LINGERING_S: Final = 1.0
"""How long the rest of a refused request is read and discarded: closing at once would reset the connection, and its
sender might not get to see the answer (RFC 9112, section 9.6)."""
STALLED_S: Final = 30.0
"""An answer of which less than ``LEAST_BYTES`` are taken in this time is abandoned."""
LEAST_BYTES: Final = 16_384

MAX_TARGET_BYTES: Final = 8_000
"""RFC 9112, section 3, recommends to take at least as much."""
MAX_SEGMENTS: Final = 64
"""Of a target's path. Each beginning of it is looked up: 7,900 slashes held the event loop for 6 ms."""
MAX_FIELD_BYTES: Final = 8_190
"""Name and value of one header. Not the same number as above: it tells which of the two was exceeded."""
MAX_FIELDS: Final = 64
MAX_HEAD_BYTES: Final = 65_536
"""Of a whole head; more by what the system hands over with its last piece."""

MAX_SOCKET_BYTES: Final = 16_384
"""That a WebSocket's reader may have sent when the event loop comes to it. Readers have nothing to send; the system
hands over a quarter of a megabyte at once, which is 40,000 frames."""

MAX_WAITING_BYTES: Final = 524_288
"""Of a WebSocket that feeds a room, which may send much at once: what waits to be read, ``MAX_SOCKET_BYTES`` in each
turn of the event loop."""

MAX_LINES: Final = 8_192
"""That may be in what the system hands over at once: two for each chunk of a body, and 40,000 chunks hold the event
loop for 30 ms. A body of a known length may have any number, as it is not parsed."""

CONTINUE: Final = "100-continue"
_REASONS: Final = {
    400: "This is not a request in HTTP/1.1 that can be understood.",
    408: f"The request's head did not arrive within {HEAD_TIMEOUT_S:g} s.",
    414: f"The request's target has more than {MAX_TARGET_BYTES} bytes, or its path more than {MAX_SEGMENTS} parts.",
    417: f"Of what a request may expect there is {CONTINUE} alone.",
    429: "There are too many connections from this address.",
    431: f"The request has more than {MAX_FIELDS} headers, or too long ones.",
    500: "Something went wrong in the server; its log says what.",
    503: "The server has as many connections as it takes.",
}
RETRY_AFTER_S: Final = 5


class HttpConnection(web.RequestHandler):
    """One connection. aiohttp bounds neither the time nor the size of a head, and tells errors as plain text."""

    def __init__(
        self, server: web.Server, connections: Connections, counted: str | None = None, **options: Any
    ) -> None:
        """``counted``: the address under which it is counted already; ``None``: it is counted when it is made."""
        super().__init__(server, **options)
        self._route, self._request_handler = server.request_handler, self._answer
        self._connections = connections
        self._address = counted
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._is_ending = False
        "Whether it has been refused, either way."
        self._gone = asyncio.Event()
        self.feeds = False
        "Whether it is a WebSocket of which much may come at once."
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it, unless it is counted, and refuse it where there are too many."""
        super().connection_made(transport)
        if self._address is None:
            peer = transport.get_extra_info("peername")
            self._address = str(peer[0]) if peer else ""
            status = self._connections.add(self._address)
            if status is not None:
                self._refuse_without_request(status)
                return
        self._head_timer = self._loop.call_later(HEAD_TIMEOUT_S, self._end_slow_head)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop its timers, and count it no longer."""
        self._gone.set()
        for timer in (self._head_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        self.uncount()
        super().connection_lost(exc)

    def uncount(self) -> None:
        """Count it no longer. Calling it again does nothing."""
        if self._address is not None:
            self._connections.remove(self._address)
            self._address = None

    def data_received(self, data: bytes) -> None:
        """Take bytes; those of a head are counted and timed. Many at once of a WebSocket end it, as do many chunks."""
        if self._is_ending:
            return
        if self._waiting or (self._payload_parser is not None and len(data) > MAX_SOCKET_BYTES):
            self._read_in_turns(data)
            return
        if not self._is_of_known_length(len(data)) and data.count(b"\r\n") > MAX_LINES:
            self.force_close()
            return
        super().data_received(data)
        if self._upgraded and len(self._message_tail) > MAX_SOCKET_BYTES:  # behind the head that asks for a WebSocket
            self.force_close()
            return
        if not self._awaits_head:
            self._head_bytes = 0
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_without_request(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._head_timer is None:
            self._head_timer = self._loop.call_later(HEAD_TIMEOUT_S, self._end_slow_head)

    def _read_in_turns(self, data: bytes) -> None:
        """Read what came of a WebSocket in pieces, with other work between; end one that may not send so much."""
        begins = not self._waiting
        self._waiting += data
        if not self.feeds or len(self._waiting) > MAX_WAITING_BYTES:
            self.force_close()
        elif begins:
            self._loop.call_soon(self._read_piece)

    def _read_piece(self) -> None:
        piece, self._waiting = self._waiting[:MAX_SOCKET_BYTES], self._waiting[MAX_SOCKET_BYTES:]
        if self.transport is None or self._is_ending:
            self._waiting = b""
            return
        super().data_received(piece)
        if self._waiting:
            self._loop.call_soon(self._read_piece)

    def pause_writing(self) -> None:
        """Watch an answer that its client takes slowly."""
        super().pause_writing()
        self._watch_stall()

    def resume_writing(self) -> None:
        """Watch it no longer."""
        super().resume_writing()
        if self._stall_timer is not None:
            self._stall_timer.cancel()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Refuse where aiohttp has begun to answer: what its parser rejects, or what fails outside of the routes."""
        self._is_ending = True
        if isinstance(exc, BadHttpMessage):
            return LastAnswer(_status_of(exc), self)
        if isinstance(exc, ConnectionError):
            raise exc  # an answer that had begun ends here
        log.error("request_failed", exc_info=exc)
        return LastAnswer(500, self)

    async def linger(self) -> None:
        """Send nothing more, and wait until the client closes the connection or ``LINGERING_S`` are over."""
        if self.transport is not None and self.transport.can_write_eof():
            self.transport.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGERING_S):
                await self._gone.wait()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.rel_url.raw_path.count("/") > MAX_SEGMENTS:
            return LastAnswer(414, self)
        expected = request.headers.get(hdrs.EXPECT)  # empty where a client was told to expect nothing
        if expected and expected.lower() != CONTINUE:
            return LastAnswer(417, self)  # aiohttp's own is plain text, and fails where it is no UTF-8
        return await self._route(request)

    @property
    def _awaits_head(self) -> bool:
        """Whether it waits for a request's head, or for the rest of it."""
        return self._request_count == 0 or (self._waiter is not None and not self._waiter.done())

    def _is_of_known_length(self, size: int) -> bool:
        """Whether the next ``size`` bytes belong to a body whose length the head says."""
        request = self._current_request
        if request is None or request.content_length is None:
            return False
        return request.content_length - request.content.total_bytes >= size

    def _end_slow_head(self) -> None:
        self._head_timer = None
        if self._head_bytes:
            self._refuse_without_request(HTTPStatus.REQUEST_TIMEOUT)
        elif self._awaits_head:
            self.force_close()

    def _refuse_without_request(self, status: int) -> None:
        """Refuse where aiohttp has no request to answer: write the answer past it, and close."""
        self._is_ending = True
        transport = self.transport
        if transport is None:
            return
        transport.write(_bytes_of(_answer(status)))
        if transport.can_write_eof():
            transport.write_eof()
        self._loop.call_later(LINGERING_S, transport.abort)

    def _watch_stall(self) -> None:
        transport = self.transport
        if transport is not None:
            waiting = transport.get_write_buffer_size()
            self._stall_timer = self._loop.call_later(STALLED_S, self._end_stalled, waiting)

    def _end_stalled(self, waited: int) -> None:
        transport = self.transport
        if transport is None:
            return
        if transport.get_write_buffer_size() > waited - LEAST_BYTES:
            transport.abort()
        else:
            self._watch_stall()


class LastAnswer(web.Response):
    """An answer that aiohttp sends, and after which the connection is closed."""

    def __init__(self, status: int, connection: HttpConnection) -> None:
        answer = _answer(status)
        super().__init__(status=status, body=answer.body, headers=answer.headers)
        self.force_close()
        self._connection = connection

    async def write_eof(self, data: bytes = b"") -> None:
        """Send the rest of it, and wait."""
        await super().write_eof(data)
        await self._connection.linger()


def _status_of(error: BadHttpMessage) -> int:
    if isinstance(error, LineTooLong):
        return 414 if error.args[1] == MAX_TARGET_BYTES else 431
    return 431 if error.message == "Too many headers received" else 400


def _answer(status: int) -> web.Response:
    retry: dict[str, str] | None = {hdrs.RETRY_AFTER: str(RETRY_AFTER_S)} if status in (429, 503) else None
    answer = problem(status, _REASONS[status], retry)
    secure(answer)
    return answer


def _bytes_of(answer: web.Response) -> bytes:
    """An answer as it is sent where aiohttp has no request to answer."""
    body = answer.body
    assert isinstance(body, bytes)
    headers = {**answer.headers, hdrs.CONTENT_LENGTH: str(len(body)), hdrs.CONNECTION: "close"}
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
