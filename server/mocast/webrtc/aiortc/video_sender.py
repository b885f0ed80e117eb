"""Sends encoded frames as RTP packets, and hands on the client's RTCP feedback: key frames, bandwidth."""

import time
from collections.abc import Callable
from typing import Any, Final

from aiortc import RTCRtpSender, VideoStreamTrack, clock
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_RTPFB_NACK,
    RTP_HISTORY_SIZE,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)
from aiortc.utils import random16, uint16_add

from mocast.model.wrapping import wrapped
from mocast.webrtc.aiortc.loss_limit import MIN_BITS_PER_S, LossLimit
from mocast.webrtc.aiortc.rtp_header import EXTENSION, HAS_EXTENSION, HEADER, MARKER
from mocast.webrtc.aiortc.rtp_sender import RtpSender
from mocast.webrtc.transport import VideoOutput
from mocast.webrtc.video_encoder import EncodedFrame

RESENDS_AT_ONCE: Final = 32
"""Packets: a tenth of a second of 4 Mbit/s, or a second of 0.3."""

RESENT_SHARE: Final = 0.5
"""Packets that may be sent again, as a share of those that were sent: where a tenth is lost, each is asked for a few
times. One request can name thousands, and in a full queue each packet that is sent again takes the place of a new
one."""

RESENT_EVERY_S: Final = 0.04
"""Least time between two times that a packet is sent again: until then the last one may still be on its way."""

KEY_FRAME_EVERY_S: Final = 2.0
"""Least time between key frames that are made in place of packets that are not sent again."""

MOST_BITS_PER_S: Final = 20_000_000
"""Bandwidth that is reported once neither the client nor its losses limit it any more: above any encoder's bitrate."""

_NEVER: Final = float("-inf")
_PICTURE_IDS = 1 << 15
"""RFC 7741, section 4.2. They skip the pictures that a client was not sent, after which it gets a key frame."""


class RtpVideoSender(RtpSender):
    """Makes packets of encoded frames and sends them.

    Payloads are made once for all clients, headers once for a frame, and only bytes are kept for sending again. A
    frame's timestamp is its pts, without aiortc's random origin, so that a page can match picture and landmarks by it.
    """

    def __init__(
        self, sender: RTCRtpSender, output: VideoOutput, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """To be made before aiortc starts the sender, which then starts ``output``."""
        super().__init__(sender, VideoStreamTrack())
        self._output = output
        self._sequence_number = random16()
        self._history: dict[int, tuple[int, bytes, float]] = {}
        "Packets, with their numbers and when they were sent again."
        self._resends: float = RESENDS_AT_ONCE
        "How many packets may be sent again."
        self._clock = monotonic
        self._replaced_at = _NEVER
        self._estimate: int | None = None
        "The client's (REMB), bits a second."
        self._loss_limit = LossLimit(monotonic)
        self._inside._send_keyframe = output.request_key_frame

    def send(self, frame: EncodedFrame) -> None:
        """Send a picture; it is dropped where there is no connection."""
        assert self._codec is not None
        if frame.payloads is None:
            frame.payloads = (
                H264Encoder._packetize(H264Encoder._split_bitstream(frame.data))
                if self._codec.name == "H264"
                else Vp8Encoder._packetize(frame.data, frame.number % _PICTURE_IDS)
            )
        self._send(frame.payloads, wrapped(frame.pts))

    def _start(self) -> None:
        self._output.start(self)

    def _send(self, payloads: list[bytes], timestamp: int) -> None:
        packets = self._send_packets(payloads, self._sequence_number, timestamp)
        for packet in packets:
            self._history[self._sequence_number % RTP_HISTORY_SIZE] = self._sequence_number, packet, _NEVER
            self._sequence_number = uint16_add(self._sequence_number, 1)
        self._resends = min(RESENDS_AT_ONCE, self._resends + RESENT_SHARE * len(packets))
        self._loss_limit.sent(sum(map(len, packets)))

    async def _read_rtcp(self, packet: Any) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._send_again(packet.lost)
            return
        await self._handle_rtcp(packet)
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                bitrate, ssrcs = unpack_remb_fci(packet.fci)
            except ValueError:
                return
            if self._inside._ssrc in ssrcs:
                self._estimate = bitrate
                self._tell_bandwidth()
        elif isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._inside._ssrc and self._loss_limit.report(
                    report.highest_sequence, report.packets_lost
                ):
                    self._tell_bandwidth()

    def _tell_bandwidth(self) -> None:
        estimate = MOST_BITS_PER_S if self._estimate is None else max(self._estimate, MIN_BITS_PER_S)
        self._output.set_bandwidth(min(estimate, self._loss_limit.bits_per_s or estimate))

    def _send_again(self, sequence_numbers: list[int]) -> None:
        """Send packets again, each once and rate-limited: a receiver may ask for any number, any number of times."""
        if not self._is_connected:
            return
        packets, now = [], self._clock()
        for asked in dict.fromkeys(sequence_numbers):
            place = asked % RTP_HISTORY_SIZE
            number, packet, resent_at = self._history.get(place, (-1, b"", _NEVER))
            if number != asked or now - resent_at < RESENT_EVERY_S:
                continue
            if self._resends < 1:
                self._replace()
                break
            self._resends -= 1
            self._history[place] = number, packet, now
            packets.append(self._as_resent(packet))
        if packets:
            self._send_protected(packets)
            self._loss_limit.sent(sum(map(len, packets)))

    def _replace(self) -> None:
        """Have a key frame made, now and then, in place of what will not be sent again."""
        if self._clock() - self._replaced_at >= KEY_FRAME_EVERY_S:
            self._replaced_at = self._clock()
            self._output.request_key_frame()

    def _as_resent(self, packet: bytes) -> bytes:
        """A packet as it is sent again: in a stream of its own (RTX, RFC 4588), where the client takes one.

        In that stream the header extension has the time of this sending, not of the first: clients measure the line
        by it.
        """
        inside = self._inside
        payload_type: int | None = inside._RTCRtpSender__rtx_payload_type
        if payload_type is None:
            return packet
        first_byte, marked, number, timestamp, _ = HEADER.unpack_from(packet)
        at = HEADER.size
        if first_byte & HAS_EXTENSION:
            at += EXTENSION.size + 4 * EXTENSION.unpack_from(packet, at)[1]
        rtx_number: int = inside._RTCRtpSender__rtx_sequence_number
        inside._RTCRtpSender__rtx_sequence_number = uint16_add(rtx_number, 1)
        extension = self._extension(clock.current_ntp_time())
        header = HEADER.pack(first_byte, marked & MARKER | payload_type, rtx_number, timestamp, inside._rtx_ssrc)
        resent: bytes = header + extension + number.to_bytes(2, "big") + packet[at:]
        return resent
