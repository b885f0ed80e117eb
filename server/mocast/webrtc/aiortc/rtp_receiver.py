"""The part of an aiortc receiver that reads packets and decodes, replaced by ours."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpReceiver
from aiortc.rtp import RtcpSrPacket, RtpPacket

from mocast.webrtc.sender_clock import SenderClock


class RtpReceiver(ABC):
    """Reads a client's packets. The rest of aiortc's receiver stays in use; its decoder thread ends at once.

    ``take`` is given datagrams, and takes the ordinary ones: those of a source and a codec that are known, without
    padding. Others go through aiortc's own method, which calls ``add`` in place of its jitter buffer's.
    """

    def __init__(self, receiver: RTCRtpReceiver, ticks_per_s: int, on_end: Callable[[], None] = lambda: None) -> None:
        """To be made before aiortc starts the receiver. ``on_end``: the track or the connection has ended.

        ``ticks_per_s``: of the RTP timestamps.
        """
        inside: Any = receiver
        self.clock = SenderClock(ticks_per_s)
        self._inside = inside
        self._codecs = inside._RTCRtpReceiver__codecs
        self._sources = inside._RTCRtpReceiver__remote_streams
        self._handle_rtcp = inside._handle_rtcp_packet
        inside.mocast_receiver = self
        inside._handle_rtcp_packet = self._read_rtcp
        inside._RTCRtpReceiver__jitter_buffer = self
        inside._RTCRtpReceiver__decoder_queue = _EndOfTrackQueue(on_end)

    @abstractmethod
    async def take(self, data: bytes, arrived_ms: int) -> bool:
        """Take an RTP datagram if it is an ordinary one; return whether it was."""

    @abstractmethod
    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """Take a packet from aiortc's slow path. Its answer leaves aiortc nothing to request or decode."""

    async def _read_rtcp(self, packet: Any) -> None:
        """Tell the clock of each report of the client's (SR)."""
        if isinstance(packet, RtcpSrPacket):
            self.clock.report(packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)
        await self._handle_rtcp(packet)


class _EndOfTrackQueue:
    """Stands in for aiortc's queue to its decoder; the end of the track is put into it."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        self._on_end = on_end

    def get(self) -> None:
        """Return the mark of the end, in aiortc's decoder thread."""

    def put(self, _: None) -> None:
        """Take the mark of the end: an RTCP BYE, or the connection is lost or closed."""
        self._on_end()
