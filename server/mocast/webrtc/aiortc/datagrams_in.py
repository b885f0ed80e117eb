"""Receives datagrams: all that wait are read in one step of the task, where aiortc 1.16 takes a step for each."""

import time
from typing import Any, Final

import aioice.ice
import aiortc.rtcdtlstransport
import pylibsrtp
from aiortc.rtp import is_rtcp
from OpenSSL import SSL

from mocast.webrtc.aiortc.video_receiver import VideoReceiver

_LAST_STUN_BYTE: Final = 3
"""First byte of a datagram, RFC 7983: up to 3 STUN, 20 to 63 DTLS, 128 to 191 RTP or RTCP."""

_DATAGRAM_BYTES = 1500
_1900_MS: Final = 2_208_988_800_000
"""From 1900, when aiortc's clock begins, to 1970."""


def install() -> None:
    """Patch aioice and aiortc. Doing it again does nothing."""
    _parse_as_stun_by_first_byte()
    _read_all_that_wait()


def _parse_as_stun_by_first_byte() -> None:
    """Parse as STUN only what begins like it (RFC 7983): aioice tries it with every datagram, at an exception each."""
    protocol: Any = aioice.ice.StunProtocol
    parse = protocol.datagram_received
    if getattr(parse, "is_ours", False):
        return

    def datagram_received(self: Any, data: bytes, address: Any) -> None:
        if data and data[0] > _LAST_STUN_BYTE:
            self.receiver.data_received(data, self.local_candidate.component)
        else:
            parse(self, data, address)

    datagram_received.is_ours = True  # type: ignore[attr-defined]
    protocol.datagram_received = datagram_received


def _read_all_that_wait() -> None:
    """After the handshake, read every datagram that waits before the task yields to the loop."""
    transport: Any = aiortc.rtcdtlstransport.RTCDtlsTransport
    take_one = transport._recv_next
    if getattr(take_one, "is_ours", False):
        return

    async def recv_next(self: Any) -> None:
        if not self._RTCDtlsTransport__handshake_done or self._rx_srtp is None:
            await take_one(self)
            return
        waiting = self.transport._connection._queue
        item = await waiting.get()
        while item is not None:
            await _take(self, item[0])
            if waiting.empty():
                return
            item = waiting.get_nowait()
        raise ConnectionError("Connection lost while receiving data")

    recv_next.is_ours = True  # type: ignore[attr-defined]
    transport._recv_next = recv_next


async def _take(dtls: Any, data: bytes) -> None:
    """Handle a datagram. Raises ``ConnectionError`` where the client closes the connection with it."""
    dtls._RTCDtlsTransport__rx_bytes += len(data)
    dtls._RTCDtlsTransport__rx_packets += 1
    first = data[0] if data else 0
    try:
        if 19 < first < 64:
            await _take_encrypted(dtls, data)
        elif 127 < first < 192 and is_rtcp(data):
            await dtls._handle_rtcp_data(dtls._rx_srtp.unprotect_rtcp(data))
        elif 127 < first < 192:
            await _take_rtp(dtls, dtls._rx_srtp.unprotect(data))
    except pylibsrtp.Error:
        return


async def _take_encrypted(dtls: Any, data: bytes) -> None:
    dtls._ssl.bio_write(data)
    is_last = False
    try:
        message = dtls._ssl.recv(_DATAGRAM_BYTES)
    except SSL.ZeroReturnError:
        message, is_last = b"", True
    except SSL.Error:
        message = b""
    await dtls._write_ssl()
    if is_last:
        raise ConnectionError("the client has closed the connection")
    if message and dtls._data_receiver:
        await dtls._data_receiver._handle_data(message)


async def _take_rtp(dtls: Any, data: bytes) -> None:
    arrived_ms = time.time_ns() // 1_000_000 + _1900_MS
    receiver = dtls._rtp_router.ssrc_table.get(int.from_bytes(data[8:12], "big"))
    video: VideoReceiver | None = getattr(receiver, "mocast_receiver", None)
    if video is None or not await video.take(data, arrived_ms):
        await dtls._handle_rtp_data(data, arrived_ms)
