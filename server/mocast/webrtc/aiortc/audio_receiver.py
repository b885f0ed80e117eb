"""Receives a client's audio: RTP packets → Opus packets, which nothing here decodes."""

import time
from collections.abc import Callable
from struct import error
from typing import Final

from aiortc import RTCRtpReceiver
from aiortc.rtp import RtpPacket

from mocast.webrtc.aiortc.rtp_header import EXTENSION, HAS_EXTENSION, HEADER, PLAIN
from mocast.webrtc.aiortc.rtp_receiver import RtpReceiver
from mocast.webrtc.transport import OPUS_TICKS_PER_S, OpusPacket

MOST_BYTES: Final = 1_276
"""Of a packet: Opus' longest with one frame (RFC 6716, section 3.2). pylibsrtp encrypts few more for viewers."""


class AudioReceiver(RtpReceiver):
    """Reads a client's packets and hands them on, each as soon as it has come.

    Nothing waits here, and nothing is asked for again: what overtook what, and what is missing, is seen by the numbers.
    """

    def __init__(self, receiver: RTCRtpReceiver, on_packet: Callable[[OpusPacket], None]) -> None:
        """To be made before aiortc starts the receiver. ``on_packet`` is called on the loop."""
        super().__init__(receiver, OPUS_TICKS_PER_S)
        self._on_packet = on_packet

    async def take(self, data: bytes, arrived_ms: int) -> bool:
        """Take an RTP datagram if it is an ordinary one; return whether it was."""
        try:
            flags, kind, number, timestamp, ssrc = HEADER.unpack_from(data)
            source, start = self._sources.get(ssrc), HEADER.size
            if flags & HAS_EXTENSION:
                start += EXTENSION.size + 4 * EXTENSION.unpack_from(data, start)[1]
        except error:
            return False
        is_ordinary = flags & ~HAS_EXTENSION == PLAIN and kind & 0x7F in self._codecs and start <= len(data)
        if not is_ordinary or source is None or not self._inside._enabled:
            return False
        packet = OpusPacket(data[start:], ssrc, number, timestamp, kind >> 7, time.monotonic())
        source.add(packet)
        self._receive(packet)
        return True

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """Take a packet from aiortc's slow path. Its answer leaves aiortc nothing to request or decode."""
        number, timestamp = packet.sequence_number, packet.timestamp
        self._receive(OpusPacket(packet.payload, packet.ssrc, number, timestamp, packet.marker, time.monotonic()))
        return False, None

    def _receive(self, packet: OpusPacket) -> None:
        self.clock.arrived(packet.timestamp, packet.arrived_at_s)
        if 0 < len(packet.data) <= MOST_BYTES:  # padding has none
            self._on_packet(packet)
