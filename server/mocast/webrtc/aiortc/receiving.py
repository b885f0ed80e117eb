"""What comes from a client, in fewer steps than aiortc 1.16 takes: all datagrams that wait are taken in one go."""

import time
from struct import Struct, error
from typing import Any, Final

import aioice.ice
import aiortc.rtcdtlstransport
import pylibsrtp
from aiortc import RTCRtpReceiver
from aiortc.codecs.h264 import h264_depayload
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, is_rtcp, pack_remb_fci
from OpenSSL import SSL

_HEADER: Final = Struct("!BBHLL")
"""RFC 3550, section 5.1: version and flags, marker and payload type, sequence number, timestamp, source."""
_EXTENSION: Final = Struct("!HH")
_ONE_BYTE_EXTENSIONS: Final = 0xBEDE  # RFC 8285, section 4.2
_HAS_EXTENSION: Final = 0x10
_PLAIN: Final = 0x80
"""First byte, but for the extension's flag, of RTP version 2 without padding and without contributing sources."""

_LAST_STUN_BYTE: Final = 3
"""First byte of a datagram, RFC 7983: up to 3 STUN, 20 to 63 DTLS, 128 to 191 RTP or RTCP."""

_DATAGRAM_BYTES = 1500
_1900_MS: Final = 2_208_988_800_000
"""From 1900, when aiortc's clock begins, to 1970."""

_SEND_TIME_UNITS_PER_S: Final = 1 << 18
"""Of the header extension for the absolute send time: 24 bits of seconds, 18 of them behind the point."""
_BURST_UNITS: Final = 5 * _SEND_TIME_UNITS_PER_S // 1000
_BURST_MS: Final = 5
"""What was sent within 5 ms is one group to the estimator of the bitrate, whatever its number of packets."""


def install() -> None:
    """Take datagrams off all connections of this process so; once, or again without effect."""
    _know_stun_by_its_first_byte()
    _take_all_that_waits()


def _know_stun_by_its_first_byte() -> None:
    """Parse as STUN what can be STUN: aioice tries it with everything, and finds out by the exception."""
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


def _take_all_that_waits() -> None:
    """After the handshake, go on with the next datagram without asking the loop first."""
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
    """Take a datagram. Raises ``ConnectionError`` where the client says that it was its last."""
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
    intake: VideoIntake | None = getattr(receiver, "mocast_intake", None)
    if intake is None or not await intake.take(data, arrived_ms):
        await dtls._handle_rtp_data(data, arrived_ms)


class VideoPacket:
    """What is needed of a packet once it was read."""

    __slots__ = ("_data", "marker", "sequence_number", "timestamp")

    def __init__(self, sequence_number: int, timestamp: int, marker: int, data: bytes) -> None:
        self.sequence_number = sequence_number
        self.timestamp = timestamp
        self.marker = marker
        self._data = data


class VideoIntake:
    """Takes a video receiver's ordinary packets, as aiortc's own method does; any others are left to that.

    Ordinary are those of a source and a codec that are known, without padding and with extensions of one byte's header,
    if any. What was sent again (RTX) is not.
    """

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        """After the receiver's queues were replaced."""
        inside: Any = receiver
        self._inside = inside
        self._codecs = inside._RTCRtpReceiver__codecs
        self._streams = inside._RTCRtpReceiver__remote_streams
        self._nacks = inside._RTCRtpReceiver__nack_generator
        self._jitter = inside._RTCRtpReceiver__jitter_buffer
        self._decoder = inside._RTCRtpReceiver__decoder_queue
        self._decoder_error = inside._RTCRtpReceiver__decoder_error
        self._timestamps = inside._RTCRtpReceiver__timestamp_mapper
        self._burst: Burst | None = None
        inside.mocast_intake = self

    async def take(self, data: bytes, arrived_ms: int) -> bool:
        """Take a packet; return whether it is an ordinary one, as only those are taken."""
        inside = self._inside
        try:
            flags, kind, number, timestamp, ssrc = _HEADER.unpack_from(data)
            codec, stream = self._codecs.get(kind & 0x7F), self._streams.get(ssrc)
            if flags & ~_HAS_EXTENSION != _PLAIN or codec is None or stream is None or not inside._enabled:
                return False
            sent_at, start = self._extension(data) if flags & _HAS_EXTENSION else (None, _HEADER.size)
            body = _codec_data(codec.name, data, start)
        except (error, IndexError, ValueError):
            return False
        if body is None:
            return False
        packet = VideoPacket(number, timestamp, kind >> 7, body)
        if sent_at is not None:
            await self._estimate(sent_at, arrived_ms, len(data) - start, ssrc)
        stream.add(packet)
        if self._nacks.add(packet):
            await inside._send_rtcp_nack(ssrc, sorted(self._nacks.missing))
        needs_key_frame, frame = self._jitter.add(packet)
        if self._decoder_error.is_set():
            self._decoder_error.clear()
            needs_key_frame = True
        if needs_key_frame:
            await inside._send_rtcp_pli(ssrc)
        if frame is not None and inside._RTCRtpReceiver__decoder_thread:
            frame.timestamp = self._timestamps.map(frame.timestamp)
            self._decoder.put((codec, frame))
        return True

    def _extension(self, data: bytes) -> tuple[int | None, int]:
        """Return the absolute send time and where the payload begins. Raises ``ValueError`` for other extensions."""
        profile, words = _EXTENSION.unpack_from(data, _HEADER.size)
        at = _HEADER.size + _EXTENSION.size
        end = at + 4 * words
        if profile != _ONE_BYTE_EXTENSIONS or end > len(data):
            raise ValueError("not one-byte extensions")
        wanted = self._inside.transport._rtp_header_extensions_map._HeaderExtensionsMap__ids.abs_send_time
        sent_at = None
        while at < end:
            head = data[at]
            if head == 0:
                at += 1
                continue
            length = (head & 15) + 1
            if head >> 4 == wanted and length == 3:
                sent_at = int.from_bytes(data[at + 1 : at + 4], "big")
            at += 1 + length
        if at > end:
            raise ValueError("an extension is cut short")
        return sent_at, end

    async def _estimate(self, sent_at: int, arrived_ms: int, size: int, ssrc: int) -> None:
        """Tell the estimator of bursts, not of packets; what it answers goes to the client (REMB)."""
        burst = self._burst
        if burst is not None and burst.takes(sent_at, arrived_ms, ssrc):
            burst.sent_at, burst.arrived_ms, burst.size = sent_at, arrived_ms, burst.size + size
            return
        self._burst = Burst(sent_at, arrived_ms, size, ssrc)
        if burst is None:
            return
        inside = self._inside
        estimate = inside._RTCRtpReceiver__remote_bitrate_estimator.add(
            abs_send_time=burst.sent_at, arrival_time_ms=burst.arrived_ms, payload_size=burst.size, ssrc=burst.ssrc
        )
        own = inside._RTCRtpReceiver__rtcp_ssrc
        if estimate is not None and own is not None:
            told = RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own, media_ssrc=0, fci=pack_remb_fci(*estimate))
            await inside._send_rtcp(told)


class Burst:
    """Packets that were sent, and arrived, within 5 ms: the time of the last, the size of all."""

    __slots__ = ("_began_at", "_began_ms", "arrived_ms", "sent_at", "size", "ssrc")

    def __init__(self, sent_at: int, arrived_ms: int, size: int, ssrc: int) -> None:
        self._began_at, self._began_ms = sent_at, arrived_ms
        self.sent_at, self.arrived_ms, self.size, self.ssrc = sent_at, arrived_ms, size, ssrc

    def takes(self, sent_at: int, arrived_ms: int, ssrc: int) -> bool:
        """Whether a packet belongs to it."""
        return (
            (sent_at - self._began_at) & 0xFF_FFFF <= _BURST_UNITS
            and (sent_at - self.sent_at) & 0xFF_FFFF <= _BURST_UNITS
            and 0 <= arrived_ms - self._began_ms <= _BURST_MS
            and ssrc == self.ssrc
        )


def _codec_data(codec_name: str, data: bytes, start: int) -> bytes | None:
    """Return the codec's data in a packet whose payload begins at ``start``; ``None`` where that is not known how.

    Raises ``IndexError`` or ``ValueError`` where the payload is cut short.
    """
    if start >= len(data):
        return b""
    if codec_name == "H264":
        return h264_depayload(data[start:])
    if codec_name != "VP8":
        return None
    # The payload descriptor, RFC 7741, section 4.2.
    at = start + 1
    if data[start] & 0x80:
        more = data[at]
        at += 1
        if more & 0x80:
            at += 2 if data[at] & 0x80 else 1
        if more & 0x40:
            at += 1
        if more & 0x30:
            at += 1
    if at > len(data):
        raise ValueError("the payload descriptor is cut short")
    return data[at:]
