"""Receives a client's video: RTP packets → jitter buffer → decoder."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from struct import error
from typing import Any, Final

from aiortc import RTCRtpReceiver
from aiortc.codecs.h264 import h264_depayload
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, RtpPacket, pack_remb_fci

from mocast.model.pts import PTS_PER_S
from mocast.model.wrapping import ahead
from mocast.webrtc.aiortc.bandwidth_estimator import BoundedEstimator
from mocast.webrtc.aiortc.jitter_buffer import RETRY_S, AssembledFrame, JitterBuffer
from mocast.webrtc.aiortc.lost_packets import LostPackets
from mocast.webrtc.aiortc.rtp_header import EXTENSION, HAS_EXTENSION, HEADER, PLAIN
from mocast.webrtc.aiortc.rtp_receiver import RtpReceiver
from mocast.webrtc.video_decoder import VideoDecoder

KEY_FRAME_REQUEST_EVERY_S: Final = 0.3
"""A round trip or two: asking again sooner only makes the sender send more key frames."""

MOST_REQUESTS_DOUBLE: Final = 3
"""Each request in vain doubles the time to the next, up to 2.4 s: on a slow line a key frame takes its time."""

MOST_BITS_PER_S: Final = 20_000_000
"""OBS sends 6 Mbit/s, 1080p at 60 fps takes some 12."""

_ONE_BYTE_EXTENSIONS: Final = 0xBEDE  # RFC 8285, section 4.2

_SEND_TIME_UNITS_PER_S: Final = 1 << 18
"""Of the header extension for the absolute send time: 24 bits of seconds, 18 of them behind the point."""
_BURST_UNITS: Final = 5 * _SEND_TIME_UNITS_PER_S // 1000
_BURST_MS: Final = 5
"""What was sent within 5 ms is one group to the estimator of the bitrate, whatever its number of packets."""


class VideoPacket:
    """An RTP packet of a video, as far as the jitter buffer needs it."""

    __slots__ = ("data", "marker", "sequence_number", "timestamp")

    def __init__(self, sequence_number: int, timestamp: int, marker: int, data: bytes) -> None:
        """``data``: the payload without the codec's payload descriptor."""
        self.sequence_number = sequence_number
        self.timestamp = timestamp
        self.marker = marker
        self.data = data


class TimestampUnwrapper:
    """RTP timestamps beyond their 32 bits."""

    def __init__(self) -> None:
        self._last: int | None = None

    def unwrap(self, timestamp: int) -> int:
        """Return the timestamp, the same modulo 2³², next to the one before: it may go back by up to half of that."""
        self._last = timestamp if self._last is None else self._last + ahead(timestamp, self._last)
        return self._last


class VideoReceiver(RtpReceiver):
    """Reads a client's packets and puts their frames into a decoder.

    Ordinary datagrams have no extensions, or such with headers of one byte. Packets sent again (RTX) are not ordinary.
    """

    def __init__(
        self,
        receiver: RTCRtpReceiver,
        decoder: VideoDecoder,
        on_end: Callable[[], None],
        most_bits_per_s: Callable[[], int] = lambda: MOST_BITS_PER_S,
    ) -> None:
        """To be made before aiortc starts the receiver. ``on_end``: the track or the connection has ended.

        ``most_bits_per_s``: returns what the client is told at most that its link carries, twice a second.
        """
        super().__init__(receiver, PTS_PER_S, on_end)
        inside = self._inside
        self._decoder = decoder
        self._lost = inside._RTCRtpReceiver__nack_generator = LostPackets()
        inside._RTCRtpReceiver__remote_bitrate_estimator = BoundedEstimator(most_bits_per_s)
        self._jitter = JitterBuffer()
        self._timestamps = TimestampUnwrapper()
        self._codec_name = ""
        "Of the packets that came last."
        self._burst: Burst | None = None
        self._loop = asyncio.get_running_loop()
        self._asked_at = float("-inf")
        self._asked_in_vain = 0
        "How often a key frame was asked for again since one came."
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, data: bytes, arrived_ms: int) -> bool:
        """Take an RTP datagram if it is an ordinary one; return whether it was."""
        inside = self._inside
        try:
            flags, kind, number, timestamp, ssrc = HEADER.unpack_from(data)
            codec, source = self._codecs.get(kind & 0x7F), self._sources.get(ssrc)
            if flags & ~HAS_EXTENSION != PLAIN or codec is None or source is None or not inside._enabled:
                return False
            sent_at, start = self._extension(data) if flags & HAS_EXTENSION else (None, HEADER.size)
            body = _codec_data(codec.name, data, start)
        except (error, IndexError, ValueError):
            return False
        if body is None:
            return False
        packet = VideoPacket(number, timestamp, kind >> 7, body)
        if sent_at is not None:
            await self._estimate(sent_at, arrived_ms, len(data) - start, ssrc)
        source.add(packet)
        if self._lost.add(packet):
            await inside._send_rtcp_nack(ssrc, sorted(self._lost.missing))
        self._receive(codec.name, packet)
        return True

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """Take a packet from aiortc's slow path. Its answer leaves aiortc nothing to request or decode."""
        data: bytes = packet._data  # type: ignore[attr-defined]
        codec = self._codecs[packet.payload_type]
        self._receive(codec.name, VideoPacket(packet.sequence_number, packet.timestamp, packet.marker, data))
        return False, None

    def close(self) -> None:
        """Cancel the timer and the requests that are being sent."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()

    def _receive(self, codec_name: str, packet: VideoPacket) -> None:
        self._codec_name = codec_name
        if self._decoder.take_error():
            self._send_to_sources(self._inside._send_rtcp_pli)
        jitter, are_given_up = self._jitter, self._lost.are_given_up
        frames = jitter.add(packet)
        if frames or jitter.has_lost:
            self._decode(frames)
        if are_given_up:
            self._lost.forget()
            self._decode(jitter.give_up())
        if jitter.has_gap and self._timer is None and not self._is_closed:
            self._timer = self._loop.call_later(RETRY_S, self._retry)

    def _decode(self, frames: list[AssembledFrame]) -> None:
        if self._jitter.take_loss():
            self._lost.forget()
            self._decoder.await_key_frame()
            self._request_key_frame()
        for frame in frames:
            self.clock.arrived(frame.timestamp, time.monotonic())
            if self._decoder.put(self._codec_name, frame.data, self._timestamps.unwrap(frame.timestamp)):
                self._asked_in_vain = 0
            else:
                self._request_key_frame()

    def _retry(self) -> None:
        """Ask again for what is missing, or go on without it."""
        missing, frames = self._jitter.retry()
        if missing:
            # aiortc packs them in their order as numbers, also where they go round.
            self._send_to_sources(self._inside._send_rtcp_nack, sorted(missing))
        self._decode(frames)
        self._timer = self._loop.call_later(RETRY_S, self._retry) if self._jitter.has_gap else None

    def _request_key_frame(self) -> None:
        doubled = min(max(self._asked_in_vain - 1, 0), MOST_REQUESTS_DOUBLE)
        if self._loop.time() - self._asked_at >= KEY_FRAME_REQUEST_EVERY_S * 2**doubled:
            self._asked_at = self._loop.time()
            self._asked_in_vain += 1
            self._send_to_sources(self._inside._send_rtcp_pli)

    def _send_to_sources(self, send: Callable[..., Coroutine[Any, Any, None]], *content: object) -> None:
        rtx = self._inside._RTCRtpReceiver__rtx_ssrc
        for ssrc in self._sources:
            if ssrc not in rtx:
                task = self._loop.create_task(send(ssrc, *content))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _extension(self, data: bytes) -> tuple[int | None, int]:
        """Return the absolute send time and where the payload begins. Raises ``ValueError`` for other extensions."""
        profile, words = EXTENSION.unpack_from(data, HEADER.size)
        at = HEADER.size + EXTENSION.size
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
        """Feed bursts, not packets, to aiortc's bandwidth estimator; send its estimate to the client (REMB)."""
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
            remb = RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own, media_ssrc=0, fci=pack_remb_fci(*estimate))
            await inside._send_rtcp(remb)


class Burst:
    """Packets that were sent, and arrived, within 5 ms: the time of the last, the size of all."""

    __slots__ = ("_began_at", "_began_ms", "arrived_ms", "sent_at", "size", "ssrc")

    def __init__(self, sent_at: int, arrived_ms: int, size: int, ssrc: int) -> None:
        self._began_at, self._began_ms = sent_at, arrived_ms
        self.sent_at, self.arrived_ms, self.size, self.ssrc = sent_at, arrived_ms, size, ssrc

    def takes(self, sent_at: int, arrived_ms: int, ssrc: int) -> bool:
        """Return whether a packet belongs to it."""
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
