"""Receives datagrams: only what can be of use; all that wait in one step of the task, where aiortc takes one each."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, Final

import aioice.ice
import aiortc.rtcdtlstransport
import pylibsrtp
import structlog
from aiortc.rtp import is_rtcp
from OpenSSL import SSL

from mocast.token_bucket import TokenBucket
from mocast.webrtc.aiortc import steady_clock
from mocast.webrtc.aiortc.loop_budget import HELD_S, budget_of
from mocast.webrtc.aiortc.patch import patch
from mocast.webrtc.aiortc.rtp_receiver import RtpReceiver
from mocast.webrtc.aiortc.stun_header import LAST_STUN_BYTE

log = structlog.get_logger(__name__)

MAX_DATAGRAM_BYTES: Final = 2048
"""WebRTC's are made to fit into 1,500. A longer one can hold thousands of entries, each of which costs."""
MAX_STUN_BYTES: Final = 1280
"""A connectivity check has some 120; its user name at most 513 (RFC 8445, section 7.2.2)."""

MAX_WAITING: Final = 1024
"""Datagrams that wait for a session's task: three key frames. Before the handshake nobody reads them."""

MAX_SOURCES: Final = 16
"""Sources (SSRC) of RTP, and as many of RTCP, in a session: a video has two, and a new one after a collision.

Each costs memory in libsrtp and a line in every report, of which one has room for 31.
"""

_UNUSED: Final = 19
"""First byte of a datagram between STUN and DTLS, up to this."""

_RECORD_HEADER_BYTES: Final = 13
_1900_MS: Final = 2_208_988_800_000
"""From 1900, when aiortc's clock begins, to 1970."""

_failures = TokenBucket(rate=1, capacity=1)
"""Of log lines about packets that aiortc failed on: who sends them chooses how many."""


def install() -> None:
    """Patch aioice and aiortc. Doing it again does nothing."""
    connection: Any = aioice.ice.Connection
    connection.data_received = _nothing_else
    connection.mocast_addresses = frozenset()
    patch(aioice.ice.StunProtocol, "datagram_received", _take_only_what_is_of_use)
    patch(aiortc.rtcdtlstransport.RTCDtlsTransport, "_recv_next", _read_all_that_wait)


def _nothing_else(connection: Any, data: bytes, component: int) -> None:
    """Drop what begins like STUN and is not; takes the place of aioice's method."""


def _take_only_what_is_of_use(parse: Callable[..., None]) -> Callable[..., None]:
    """Parse as STUN only what begins like it (RFC 7983): aioice tries it with every datagram, at an exception each.

    Other datagrams are taken from the client's addresses only, as long as there is room. Whatever is wrong with one,
    nothing is raised into the event loop.
    """

    def datagram_received(self: Any, data: bytes, address: Any) -> None:
        first = data[0] if data else _UNUSED
        if first > _UNUSED:
            connection = self.receiver
            waiting = connection._queue
            if (
                len(data) <= MAX_DATAGRAM_BYTES
                and len(waiting._queue) < MAX_WAITING
                and (address in connection.mocast_addresses or _is_client(connection, address))
            ):
                item = data, self.local_candidate.component
                if waiting._queue:  # who reads has been woken for those before it, and reads all
                    waiting._queue.append(item)
                else:
                    waiting.put_nowait(item)
        elif first <= LAST_STUN_BYTE and len(data) <= MAX_STUN_BYTES:
            try:
                parse(self, data, address)
            except Exception as error:
                _note_failure("connectivity check", error)

    return datagram_received


def _is_client(connection: Any, address: tuple[Any, ...]) -> bool:
    """Whether an address is one of the client's candidates: named in signaling, or known by a check it has signed.

    It is remembered as it comes: of IPv6 with more than host and port.
    """
    if any((one._network_host, one.port) == address[:2] for one in connection._remote_candidates):
        connection.mocast_addresses |= {address}
        return True
    return False


def _read_all_that_wait(take_one: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    """After the handshake, read every datagram that waits before the task yields to the loop, but not for long."""

    async def recv_next(self: Any) -> None:
        if not self._RTCDtlsTransport__handshake_done or self._rx_srtp is None:
            await take_one(self)
            return
        waiting = self.transport._connection._queue
        item = await waiting.get()
        budget = budget_of(self)
        budget.began = perf_counter()
        more = waiting._queue
        while item is not None:
            await _take(self, item[0])
            if not more:
                return
            if perf_counter() - budget.began > HELD_S:
                await budget.rest()
            item = more.popleft()
        raise ConnectionError("Connection lost while receiving data")

    return recv_next


async def _take(dtls: Any, data: bytes) -> None:
    """Handle a datagram; one that aiortc fails on is dropped.

    Raises ``ConnectionError`` where the client closes the connection with it.
    """
    dtls._RTCDtlsTransport__rx_bytes += len(data)
    dtls._RTCDtlsTransport__rx_packets += 1
    first = data[0] if data else 0
    try:
        if _UNUSED < first < 64:
            await _take_encrypted(dtls, data)
        elif 127 < first < 192 and is_rtcp(data):
            await _take_rtcp(dtls, data)
        elif 127 < first < 192:
            await _take_rtp(dtls, data)
    except (pylibsrtp.Error, ConnectionError) as error:
        if isinstance(error, ConnectionError):
            raise
    except Exception as error:
        _note_failure("packet", error)


async def _take_encrypted(dtls: Any, data: bytes) -> None:
    """Decrypt the records of a datagram, which is nearly always one; those that are left would pile up in OpenSSL."""
    dtls._ssl.bio_write(data)
    is_one = int.from_bytes(data[11:13], "big") + _RECORD_HEADER_BYTES == len(data)
    while True:
        is_last = False
        try:
            message = dtls._ssl.recv(MAX_DATAGRAM_BYTES)
        except SSL.WantReadError:
            message = b""
        except SSL.Error:
            message, is_last = b"", True
        if not message:  # data is never answered; what was no data may be
            await dtls._write_ssl()
        if is_last:
            raise ConnectionError("the client has closed the connection, or broken it: nothing is read any more")
        if message and dtls._data_receiver:
            await dtls._data_receiver._handle_data(message)
        if is_one or not message:
            return


async def _take_rtcp(dtls: Any, data: bytes) -> None:
    sources: set[bytes] | None = getattr(dtls, "mocast_rtcp_sources", None)
    if sources is None:
        sources = dtls.mocast_rtcp_sources = set()
    source = data[4:8]
    if source not in sources and len(sources) >= MAX_SOURCES:
        return
    data = dtls._rx_srtp.unprotect_rtcp(data)
    sources.add(source)
    await dtls._handle_rtcp_data(data)


async def _take_rtp(dtls: Any, data: bytes) -> None:
    arrived_ms = steady_clock.time_ns() // 1_000_000 + _1900_MS
    sources = dtls._rtp_router.ssrc_table
    receiver = sources.get(int.from_bytes(data[8:12], "big"))
    if receiver is None and len(sources) >= MAX_SOURCES:
        return
    data = dtls._rx_srtp.unprotect(data)
    ours: RtpReceiver | None = getattr(receiver, "mocast_receiver", None)
    if ours is None or not await ours.take(data, arrived_ms):
        await dtls._handle_rtp_data(data, arrived_ms)


def _note_failure(what: str, error: Exception) -> None:
    if _failures.take():
        log.warning(f"{what} dropped", error=repr(error))
