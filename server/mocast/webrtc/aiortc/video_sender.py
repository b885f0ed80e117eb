"""Sends encoded frames as RTP packets, and hands on the client's RTCP feedback: key frames, bandwidth."""

import asyncio
import time
from collections.abc import Callable
from struct import Struct
from typing import Any, Final

from aiortc import RTCRtpSender, VideoStreamTrack, clock
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_RTPFB_NACK,
    RTP_HISTORY_SIZE,
    HeaderExtensions,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    unpack_remb_fci,
)
from aiortc.utils import random16, uint16_add

from mocast.model.wrapping import wrapped
from mocast.token_bucket import TokenBucket
from mocast.webrtc.aiortc.datagrams_out import Datagrams, count_sent
from mocast.webrtc.transport import VideoOutput
from mocast.webrtc.video_encoder import EncodedFrame

RESENDS_AT_ONCE = 128
"""As many packets as aiortc keeps to send them again."""

RESENDS_PER_S = 250
"""More than half the packets of 4 Mbit/s. One request can name thousands; without a limit, each costs a packet."""

_HEADER: Final = Struct("!BBHLL")
"""RFC 3550, section 5.1: version and flags, marker and payload type, sequence number, timestamp, source."""
_EXTENSION: Final = Struct("!HH")
_VERSION, _HAS_EXTENSION, _MARKER = 0x80, 0x10, 0x80
_PICTURE_IDS = 1 << 15


class RtpVideoSender:
    """Makes packets of encoded frames and sends them; replaces that part of aiortc's sender.

    Headers are made once for a frame, and only bytes are kept for sending again. A frame's timestamp is its pts,
    without aiortc's random origin, so that a page can match picture and landmarks by it. The rest of aiortc's sender,
    what it counts for its reports included, stays in use.
    """

    def __init__(
        self, sender: RTCRtpSender, output: VideoOutput, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """To be made before aiortc starts the sender, which then starts ``output``."""
        inside: Any = sender
        self._inside = inside
        self._output = output
        self._codec: RTCRtpCodecParameters | None = None
        self._handle_rtcp = inside._handle_rtcp_packet
        self._sequence_number = random16()
        self._picture_id = random16() % _PICTURE_IDS
        self._history: dict[int, tuple[int, bytes]] = {}
        self._datagrams: Datagrams | None = None
        self._resends = TokenBucket(RESENDS_PER_S, RESENDS_AT_ONCE, monotonic)
        sender.replaceTrack(VideoStreamTrack())  # aiortc sends nothing without one; nobody reads it
        inside._next_encoded_frame = self._start
        inside._send_keyframe = output.request_key_frame
        inside._handle_rtcp_packet = self._read_rtcp

    def send(self, frame: EncodedFrame) -> None:
        """Send a picture; it is dropped where there is no connection."""
        assert self._codec is not None
        if self._codec.name == "H264":
            payloads = H264Encoder._packetize(H264Encoder._split_bitstream(frame.data))
        else:
            payloads = Vp8Encoder._packetize(frame.data, self._picture_id)
            self._picture_id = (self._picture_id + 1) % _PICTURE_IDS
        self._send(payloads, wrapped(frame.pts))

    async def _start(self, codec: RTCRtpCodecParameters) -> None:
        """Called by aiortc, for the first frame, when connected. It never returns one: frames come by ``send``."""
        self._codec = codec
        self._output.start(self)
        await asyncio.get_running_loop().create_future()

    def _send(self, payloads: list[bytes], timestamp: int) -> None:
        inside, dtls = self._inside, self._inside.transport
        if dtls._state != State.CONNECTED or self._codec is None:
            return
        now = clock.current_ntp_time()
        extensions = HeaderExtensions(abs_send_time=(now >> 14) & 0xFF_FFFF, mid=inside._RTCRtpSender__mid)
        profile, value = inside._RTCRtpSender__rtp_header_extensions_map.set(extensions)
        extension = _EXTENSION.pack(profile, len(value) >> 2) + value if value else b""
        first_byte = _VERSION | (_HAS_EXTENSION if value else 0)
        payload_type = self._codec.payloadType or 0
        number = self._sequence_number
        last = len(payloads) - 1
        packets = []
        for place, payload in enumerate(payloads):
            marked = payload_type | _MARKER if place == last else payload_type
            packet = _HEADER.pack(first_byte, marked, number, timestamp, inside._ssrc) + extension + payload
            self._history[number % RTP_HISTORY_SIZE] = number, packet
            packets.append(dtls._tx_srtp.protect(packet))
            number = uint16_add(number, 1)
        self._sequence_number = number
        if not self._send_protected(packets):
            return
        inside._RTCRtpSender__ntp_timestamp = now
        inside._RTCRtpSender__rtp_timestamp = timestamp
        inside._RTCRtpSender__octet_count += sum(map(len, payloads))
        inside._RTCRtpSender__packet_count += len(payloads)

    def _send_protected(self, packets: list[bytes]) -> bool:
        """Send encrypted packets; return whether there is a connection."""
        dtls = self._inside.transport
        if self._datagrams is None or self._datagrams._connection is not dtls.transport._connection:
            self._datagrams = Datagrams(dtls.transport)
        try:
            self._datagrams.send(packets)
        except ConnectionError:
            return False
        count_sent(dtls, packets)
        return True

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
        dtls = self._inside.transport
        if dtls._state != State.CONNECTED:
            return
        packets = []
        for asked in dict.fromkeys(sequence_numbers):
            number, packet = self._history.get(asked % RTP_HISTORY_SIZE, (-1, b""))
            if number == asked and self._resends.take():
                packets.append(dtls._tx_srtp.protect(self._as_resent(packet)))
        if packets:
            self._send_protected(packets)

    def _as_resent(self, packet: bytes) -> bytes:
        """A packet as it is sent again: in a stream of its own (RTX, RFC 4588), where the client takes one."""
        inside = self._inside
        payload_type: int | None = inside._RTCRtpSender__rtx_payload_type
        if payload_type is None:
            return packet
        first_byte, marked, number, timestamp, _ = _HEADER.unpack_from(packet)
        at = _HEADER.size
        if first_byte & _HAS_EXTENSION:
            at += _EXTENSION.size + 4 * _EXTENSION.unpack_from(packet, at)[1]
        rtx_number: int = inside._RTCRtpSender__rtx_sequence_number
        inside._RTCRtpSender__rtx_sequence_number = uint16_add(rtx_number, 1)
        header = _HEADER.pack(first_byte, marked & _MARKER | payload_type, rtx_number, timestamp, inside._rtx_ssrc)
        resent: bytes = header + packet[_HEADER.size : at] + number.to_bytes(2, "big") + packet[at:]
        return resent
