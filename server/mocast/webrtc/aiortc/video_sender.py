"""Sends encoded frames as RTP packets, and hands on the client's RTCP feedback: key frames, bandwidth."""

import time
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpSender, VideoStreamTrack
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_RTPFB_NACK,
    RTP_HISTORY_SIZE,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    unpack_remb_fci,
)
from aiortc.utils import random16, uint16_add

from mocast.model.wrapping import wrapped
from mocast.token_bucket import TokenBucket
from mocast.webrtc.aiortc.rtp_header import EXTENSION, HAS_EXTENSION, HEADER, MARKER
from mocast.webrtc.aiortc.rtp_sender import RtpSender
from mocast.webrtc.transport import VideoOutput
from mocast.webrtc.video_encoder import EncodedFrame

RESENDS_AT_ONCE = 128
"""As many packets as aiortc keeps to send them again."""

RESENDS_PER_S = 250
"""More than half the packets of 4 Mbit/s. One request can name thousands; without a limit, each costs a packet."""

_PICTURE_IDS = 1 << 15


class RtpVideoSender(RtpSender):
    """Makes packets of encoded frames and sends them.

    Headers are made once for a frame, and only bytes are kept for sending again. A frame's timestamp is its pts,
    without aiortc's random origin, so that a page can match picture and landmarks by it.
    """

    def __init__(
        self, sender: RTCRtpSender, output: VideoOutput, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """To be made before aiortc starts the sender, which then starts ``output``."""
        super().__init__(sender, VideoStreamTrack())
        self._output = output
        self._sequence_number = random16()
        self._picture_id = random16() % _PICTURE_IDS
        self._history: dict[int, tuple[int, bytes]] = {}
        self._resends = TokenBucket(RESENDS_PER_S, RESENDS_AT_ONCE, monotonic)
        self._inside._send_keyframe = output.request_key_frame

    def send(self, frame: EncodedFrame) -> None:
        """Send a picture; it is dropped where there is no connection."""
        assert self._codec is not None
        if self._codec.name == "H264":
            payloads = H264Encoder._packetize(H264Encoder._split_bitstream(frame.data))
        else:
            payloads = Vp8Encoder._packetize(frame.data, self._picture_id)
            self._picture_id = (self._picture_id + 1) % _PICTURE_IDS
        self._send(payloads, wrapped(frame.pts))

    def _start(self) -> None:
        self._output.start(self)

    def _send(self, payloads: list[bytes], timestamp: int) -> None:
        for packet in self._send_packets(payloads, self._sequence_number, timestamp):
            self._history[self._sequence_number % RTP_HISTORY_SIZE] = self._sequence_number, packet
            self._sequence_number = uint16_add(self._sequence_number, 1)

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
                self._output.set_bandwidth(bitrate)

    def _send_again(self, sequence_numbers: list[int]) -> None:
        """Send packets again, each once and rate-limited: a receiver may ask for any number, any number of times."""
        if not self._is_connected:
            return
        packets = []
        for asked in dict.fromkeys(sequence_numbers):
            number, packet = self._history.get(asked % RTP_HISTORY_SIZE, (-1, b""))
            if number == asked and self._resends.take():
                packets.append(self._as_resent(packet))
        if packets:
            self._send_protected(packets)

    def _as_resent(self, packet: bytes) -> bytes:
        """A packet as it is sent again: in a stream of its own (RTX, RFC 4588), where the client takes one."""
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
        header = HEADER.pack(first_byte, marked & MARKER | payload_type, rtx_number, timestamp, inside._rtx_ssrc)
        resent: bytes = header + packet[HEADER.size : at] + number.to_bytes(2, "big") + packet[at:]
        return resent
