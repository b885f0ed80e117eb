"""Packets leave as aiortc itself would send them, and what the client asks for is told."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender
from aiortc.codecs import depayload
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters, RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RTP_HISTORY_SIZE,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)
from tests.fakes import SettableClock

from mocast.webrtc.aiortc.loss_limit import MIN_BITS_PER_S
from mocast.webrtc.aiortc.video_sender import (
    KEY_FRAME_EVERY_S,
    RESENDS_AT_ONCE,
    RESENT_EVERY_S,
    RESENT_SHARE,
    RtpVideoSender,
)
from mocast.webrtc.transport import VideoSender
from mocast.webrtc.video_encoder import EncoderLimits, VideoEncoder

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
H264 = RTCRtpCodecParameters("video/H264", 90_000, payloadType=99)
EXTENSIONS = [
    RTCRtpHeaderExtensionParameters(1, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    RTCRtpHeaderExtensionParameters(2, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
]


class Dtls:
    """As much of a transport as a sender needs; it sends what it is given as it is."""

    def __init__(self) -> None:
        self._state = State.CONNECTED
        self._tx_srtp = SimpleNamespace(protect=lambda data: data)
        self.sent: list[bytes] = []
        pair = SimpleNamespace(
            remote_addr=None,
            protocol=SimpleNamespace(
                transport=SimpleNamespace(
                    get_extra_info=lambda _: "a socket",
                    get_write_buffer_size=lambda: 1,
                    sendto=lambda data, _: self.sent.append(data),
                )
            ),
        )
        self.transport = SimpleNamespace(_connection=SimpleNamespace(_nominated={1: pair}))
        self._stats_id = "a transport"
        self._RTCDtlsTransport__tx_bytes = self._RTCDtlsTransport__tx_packets = 0


class Output:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.senders: list[VideoSender] = []
        self.key_frames = 0
        self.bitrates: list[int] = []

    def start(self, sender: VideoSender) -> None:
        self.senders.append(sender)

    def request_key_frame(self) -> None:
        self.key_frames += 1

    def set_bandwidth(self, bits_per_s: int) -> None:
        self.bitrates.append(bits_per_s)


class Sending:
    """A sender of aiortc's, in whose place ours sends."""

    def __init__(self, codec: RTCRtpCodecParameters = VP8) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.inside: Any = self.pc.addTransceiver("video").sender
        self.dtls = Dtls()
        self.inside._RTCRtpSender__transport = self.dtls
        self.inside._RTCRtpSender__mid = "0"
        self.extensions = HeaderExtensionsMap()
        self.extensions.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS))
        self.inside._RTCRtpSender__rtp_header_extensions_map = self.extensions
        self.output, self.clock = Output(), SettableClock()
        self.sender = RtpVideoSender(self.inside, self.output, self.clock.monotonic)
        self.sender._codec = codec

    async def send(self, *payloads: bytes, timestamp: int = 3000) -> list[RtpPacket]:
        return self.sent(lambda: self.sender._send(list(payloads), timestamp & 0xFFFF_FFFF))

    async def ask_for(self, *numbers: int) -> list[RtpPacket]:
        """What is sent again when the client asks for these (NACK)."""
        self.dtls.sent.clear()
        nack = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=self.inside._ssrc, lost=list(numbers))
        await self.inside._handle_rtcp_packet(nack)
        return [RtpPacket.parse(data, self.extensions) for data in self.dtls.sent]

    def sent(self, send: Callable[[], None]) -> list[RtpPacket]:
        """What leaves."""
        self.dtls.sent.clear()
        send()
        return [RtpPacket.parse(data, self.extensions) for data in self.dtls.sent]


async def test_a_frames_packets_are_what_aiortc_would_make_of_them() -> None:
    sending = Sending()
    first = await sending.send(b"one", b"two", b"three", timestamp=2**32 + 7)
    second = await sending.send(b"four")
    packets = [*first, *second]
    assert [packet.payload for packet in packets] == [b"one", b"two", b"three", b"four"]
    assert [packet.marker for packet in packets] == [0, 0, 1, 1]
    assert [packet.timestamp for packet in packets] == [7, 7, 7, 3000]
    assert {(packet.payload_type, packet.ssrc) for packet in packets} == {(97, sending.inside._ssrc)}
    assert {packet.extensions.mid for packet in packets} == {"0"}
    assert all(packet.extensions.abs_send_time is not None for packet in packets)
    assert {(b.sequence_number - a.sequence_number) & 0xFFFF for a, b in pairwise(packets)} == {1}
    for data, packet in zip(sending.dtls.sent, second, strict=True):
        assert packet.serialize(sending.extensions) == data
    await sending.pc.close()


async def test_what_aiortc_reports_is_counted_on() -> None:
    sending = Sending()
    await sending.send(b"one", b"three", timestamp=9000)
    inside = sending.inside
    assert (inside._RTCRtpSender__packet_count, inside._RTCRtpSender__octet_count) == (2, 8)
    assert inside._RTCRtpSender__rtp_timestamp == 9000
    assert inside._RTCRtpSender__ntp_timestamp > 0
    assert sending.dtls._RTCDtlsTransport__tx_packets == 2
    assert sending.dtls._RTCDtlsTransport__tx_bytes == sum(map(len, sending.dtls.sent))
    await sending.pc.close()


@pytest.mark.parametrize("rtx", [None, 98])
async def test_a_packet_is_sent_again_as_it_was_while_it_is_kept(rtx: int | None) -> None:
    sending = Sending()
    sending.inside._RTCRtpSender__rtx_payload_type = rtx
    packets = await sending.send(b"one", b"two")
    numbers = [packet.sequence_number for packet in packets]
    before = sending.dtls.sent[1]
    (again,) = await sending.ask_for(numbers[1])
    if rtx is not None:
        assert (again.payload_type, again.ssrc) == (rtx, sending.inside._rtx_ssrc)
        again = unwrap_rtx(again, 97, sending.inside._ssrc)
        again.extensions.abs_send_time = packets[1].extensions.abs_send_time
    assert again.serialize(sending.extensions) == before
    sending.clock.now += 2 * RESENT_EVERY_S
    later, first = await sending.ask_for(numbers[1], numbers[0])
    if rtx is not None:
        assert later.sequence_number == (first.sequence_number - 1) & 0xFFFF
    for _ in range(RTP_HISTORY_SIZE):
        await sending.send(b"later")
    assert await sending.ask_for(numbers[1], (numbers[0] - 1) & 0xFFFF) == []
    await sending.pc.close()


async def test_without_a_connection_nothing_is_sent() -> None:
    sending = Sending()
    sending.dtls._state = State.CLOSED
    assert await sending.send(b"one") == []
    sending.dtls._state = State.CONNECTED
    sending.dtls.transport._connection._nominated.clear()
    assert await sending.send(b"one") == []
    await sending.pc.close()


async def test_its_source_begins_when_aiortc_asks_for_the_first_frame_which_it_is_not_given() -> None:
    sending = Sending()
    asked = asyncio.create_task(sending.inside._next_encoded_frame(VP8))
    await asyncio.sleep(0)
    assert sending.output.senders == [sending.sender]
    assert not asked.done()
    asked.cancel()
    assert "_next_encoded_frame" in RTCRtpSender._run_rtp.__code__.co_names
    await sending.pc.close()


@pytest.mark.parametrize("codec", [VP8, H264], ids=lambda codec: codec.name)
async def test_a_picture_is_cut_once_for_all_clients(codec: RTCRtpCodecParameters) -> None:
    clients = Sending(codec), Sending(codec)
    encoder = VideoEncoder(codec.name, EncoderLimits())
    for number in range(3):
        encoded = encoder.encode(np.full((48, 64, 3), 40 * number, np.uint8), 3000 * number)
        first, second = ([packet.payload for packet in one.sent(lambda: one.sender.send(encoded))] for one in clients)  # noqa: B023 (called at once)
        assert first == second == encoded.payloads
        if codec is VP8:
            assert int.from_bytes(first[0][2:4], "big") & 0x7FFF == encoded.number % 2**15
    for one in clients:
        await one.pc.close()


@pytest.mark.parametrize("codec", [VP8, H264], ids=["VP8", "H264"])
async def test_a_picture_is_cut_into_packets_and_put_together_again(codec: RTCRtpCodecParameters) -> None:
    sending = Sending(codec)
    pictures = np.random.default_rng(0).integers(0, 255, (2, 480, 640, 3), np.uint8)
    encoder = VideoEncoder(codec.name, EncoderLimits())
    for number, rgb in enumerate(pictures):
        encoded = encoder.encode(rgb, 2**32 + 3000 + number)
        packets = sending.sent(lambda encoded=encoded: sending.sender.send(encoded))  # type: ignore[misc]
        assert len(packets) > 1
        assert max(len(packet.payload) for packet in packets) <= 1300
        assert {packet.timestamp for packet in packets} == {3000 + number}, "it goes round as on the wire"
        data = b"".join(depayload(codec, packet.payload) for packet in packets)
        assert data.replace(b"\0\0\0\1", b"\0\0\1") == encoded.data.replace(b"\0\0\0\1", b"\0\0\1")
    await sending.pc.close()


async def test_what_the_client_asks_for_is_told() -> None:
    sending = Sending()
    ssrc = sending.inside._ssrc

    async def tell(fmt: int, fci: bytes = b"") -> None:
        await sending.inside._handle_rtcp_packet(RtcpPsfbPacket(fmt=fmt, ssrc=1, media_ssrc=ssrc, fci=fci))

    await tell(RTCP_PSFB_PLI)
    await tell(RTCP_PSFB_FIR)
    assert sending.output.key_frames == 2
    await tell(RTCP_PSFB_APP, pack_remb_fci(640_000, [ssrc]))
    await tell(RTCP_PSFB_APP, pack_remb_fci(10, [ssrc ^ 1]))
    await tell(RTCP_PSFB_APP, b"no estimate")
    assert sending.output.bitrates == [640_000]
    await sending.pc.close()


async def test_packets_are_sent_again_as_often_as_a_bad_line_needs_and_no_more() -> None:
    sending = Sending()
    kept = [packet.sequence_number for _ in range(RTP_HISTORY_SIZE) for packet in await sending.send(b"one")]
    assert len(await sending.ask_for(*[kept[-1]] * 5_000)) == 1
    assert len(await sending.ask_for(*kept, *kept)) == RESENDS_AT_ONCE - 1
    assert await sending.ask_for(kept[-1]) == [], "it is on its way"
    kept = [packet.sequence_number for _ in range(40) for packet in await sending.send(b"one")]
    assert len(await sending.ask_for(*kept)) == 40 * RESENT_SHARE
    await sending.send(b"one", b"two")
    sending.clock.now += 2 * RESENT_EVERY_S
    assert len(await sending.ask_for(kept[0], kept[1])) == 1
    await sending.pc.close()


async def test_what_is_not_sent_again_is_replaced_by_a_key_frame_now_and_then() -> None:
    sending = Sending()
    kept = [packet.sequence_number for _ in range(RTP_HISTORY_SIZE) for packet in await sending.send(b"one")]
    await sending.ask_for(*kept[:RESENDS_AT_ONCE])
    assert sending.output.key_frames == 0
    for seconds, key_frames in ((0, 1), (KEY_FRAME_EVERY_S - 0.1, 1), (0.1, 2)):
        sending.clock.now += seconds
        await sending.ask_for(*kept)
        assert sending.output.key_frames == key_frames
    await sending.ask_for(kept[0] - 1 & 0xFFFF)
    assert sending.output.key_frames == 2, "what nobody could send again is nobody's loss"
    await sending.pc.close()


async def test_what_is_sent_again_says_when() -> None:
    sending = Sending()
    sending.inside._RTCRtpSender__rtx_payload_type = 98
    (packet,) = await sending.send(b"one")
    await asyncio.sleep(0.01)
    (again,) = await sending.ask_for(packet.sequence_number)
    assert again.extensions.mid == "0"
    assert 0 < (again.extensions.abs_send_time - packet.extensions.abs_send_time) & 0xFF_FFFF < 2**23
    await sending.pc.close()


@pytest.mark.parametrize("kind", [RtcpRrPacket, RtcpSrPacket])
async def test_heavy_loss_that_a_client_reports_lowers_the_bandwidth_and_its_estimate_bounds_it(kind: Any) -> None:
    sending = Sending()
    ssrc = sending.inside._ssrc

    async def report(highest: int, lost: int) -> None:
        sending.clock.now += 1
        info = RtcpReceiverInfo(ssrc, 0, lost, highest, 0, 0, 0)
        other = RtcpReceiverInfo(ssrc ^ 1, 255, 10 * highest, highest, 0, 0, 0)
        head = {"sender_info": RtcpSenderInfo(0, 0, 0, 0)} if kind is RtcpSrPacket else {}
        await sending.inside._handle_rtcp_packet(kind(ssrc=1, reports=[info, other], **head))

    async def estimate(bits_per_s: int) -> None:
        fci = pack_remb_fci(bits_per_s, [ssrc])
        await sending.inside._handle_rtcp_packet(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=ssrc, fci=fci))

    await report(0, 0)
    await sending.send(*[bytes(1000)] * 100)
    await report(100, 50)
    (limit,) = sending.output.bitrates
    assert 400_000 < limit < 420_000, "half of what was sent"
    await estimate(5_000_000)
    await estimate(200_000)
    await estimate(12_000)
    assert sending.output.bitrates[1:] == [limit, 200_000, MIN_BITS_PER_S]
    await sending.pc.close()
