"""Packets are taken as aiortc would take them; what is not ordinary is left to it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from aioice import Connection, stun
from aioice.ice import StunProtocol
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.codecs import depayload
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters, RTCRtpSendParameters
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, unpack_remb_fci

from mocast.webrtc.aiortc import receiving as aiortc_receiving
from mocast.webrtc.aiortc import tuning as aiortc_tuning
from mocast.webrtc.aiortc.receiving import VideoIntake, _codec_data
from mocast.webrtc.aiortc.tuning import TunedReceiver
from mocast.webrtc.encoders import EncoderLimits
from mocast.webrtc.video_in import FrameInlet

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
H264 = RTCRtpCodecParameters("video/H264", 90_000, payloadType=99)
RTX = RTCRtpCodecParameters("video/rtx", 90_000, payloadType=98, parameters={"apt": 97})
EXTENSIONS = [
    RTCRtpHeaderExtensionParameters(1, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    RTCRtpHeaderExtensionParameters(2, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
]
KEY = b"\x10\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00"
SSRC = 7


@pytest.fixture(autouse=True)
def installed() -> None:
    aiortc_tuning.install(EncoderLimits())


class Receiver:
    """A receiver of aiortc's with our queues. ``take`` goes our way, ``handle`` aiortc's."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.inside: Any = self.pc.addTransceiver("video").receiver
        self.inside._track = RemoteStreamTrack("video")
        for codec in (VP8, H264, RTX):
            self.inside._RTCRtpReceiver__codecs[codec.payloadType] = codec
        self.inside._RTCRtpReceiver__decoder_thread = True
        self.inside._set_rtcp_ssrc(1)
        self.told: list[Any] = []
        self.inside._send_rtcp = self._tell
        self.inside.transport._rtp_header_extensions_map.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS))
        self.tuned = TunedReceiver(self.inside, FrameInlet(lambda _: None, lambda: None))
        self.intake: VideoIntake = self.inside.mocast_intake

    async def _tell(self, packet: Any) -> None:
        self.told.append(packet)

    async def handle(self, data: bytes, arrived_ms: int = 0) -> None:
        packet = RtpPacket.parse(data, self.inside.transport._rtp_header_extensions_map)
        await self.inside._handle_rtp_packet(packet, arrival_time_ms=arrived_ms)

    async def take(self, data: bytes, arrived_ms: int = 0) -> bool:
        return await self.intake.take(data, arrived_ms)

    def queued(self) -> list[tuple[str, bytes, int]]:
        found = []
        while not self.tuned.queue.empty():
            task = self.tuned.queue.get_nowait()
            assert task is not None
            found.append((task[0].name, task[1].data, task[1].timestamp))
        return found

    @property
    def stats(self) -> tuple[Any, ...]:
        stream = self.inside._RTCRtpReceiver__remote_streams[SSRC]
        return stream.packets_received, stream.max_seq, stream.packets_expected, stream.packets_lost

    async def close(self) -> None:
        self.tuned.close()
        self.inside._RTCRtpReceiver__decoder_thread = None
        await self.pc.close()


def packet(
    number: int, payload: bytes, timestamp: int, *, marker: int = 1, codec: RTCRtpCodecParameters = VP8, at_s: float = 0
) -> bytes:
    made = RtpPacket(codec.payloadType or 0, marker, number & 0xFFFF, timestamp, SSRC)
    made.payload = payload
    made.extensions.mid = "0"
    made.extensions.abs_send_time = int(at_s * 2**18) & 0xFF_FFFF
    extensions = HeaderExtensionsMap()
    extensions.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS))
    return made.serialize(extensions)


def vp8_frames(count: int) -> list[bytes]:
    """Frames in three packets each, in order."""
    packets = []
    for frame in range(count):
        parts = [KEY if frame == 0 else b"\x11more", b"middle" * frame, b"end"]
        for place, part in enumerate(parts):
            descriptor = bytes(VpxPayloadDescriptor(int(place == 0), 0, picture_id=frame))
            number, is_last = 65_530 + 3 * frame + place, place == 2
            packets.append(packet(number, descriptor + part, 3000 * frame, marker=int(is_last), at_s=frame / 30))
    return packets


@pytest.mark.parametrize("lost", [[], [4], [4, 5], [9, 13]])
@pytest.mark.parametrize("late", [[], [7], [6, 7]])
async def test_frames_figures_and_requests_are_those_of_aiortc(lost: list[int], late: list[int]) -> None:
    packets = vp8_frames(10)
    order = [n for n in range(30) if n not in lost and n not in late]
    order[12:12] = late
    ours, aiortcs = Receiver(), Receiver()
    for receiver in (ours, aiortcs):
        await receiver.handle(packets[0])
    for number in order[1:]:
        assert await ours.take(packets[number])
        await aiortcs.handle(packets[number])
    assert ours.queued() == aiortcs.queued()
    assert ours.stats == aiortcs.stats
    assert [str(told) for told in ours.told] == [str(told) for told in aiortcs.told]
    await ours.close()
    await aiortcs.close()


async def test_the_first_packet_of_a_source_is_left_to_aiortc_and_so_are_others_that_are_not_ordinary() -> None:
    receiver = Receiver()
    first, second, *_ = vp8_frames(2)
    assert not await receiver.take(first)
    await receiver.handle(first)
    assert await receiver.take(second)
    padded = RtpPacket(97, 0, 5, 0, SSRC, b"\x10x")
    padded.padding_size = 4
    with_source = RtpPacket(97, 0, 5, 0, SSRC, b"\x10x")
    with_source.csrc = [1]
    for other in (
        packet(5, b"\0\1x", 0, codec=RTX),
        packet(5, b"x", 0, codec=RTCRtpCodecParameters("video/AV1", 90_000, payloadType=100)),
        packet(5, b"\x90", 0),
        packet(5, b"\x90\x80", 0),
        packet(5, b"\x90\xf0\x80\x01\x02", 0),
        packet(5, b"\x1c", 0, codec=H264),
        padded.serialize(),
        with_source.serialize(),
        first[:11],
        first[:14],
        b"\x90" + first[1:12] + b"\x10\x00\x00\x01\0\0\0\0x",
        b"\x90" + first[1:12] + b"\xbe\xde\x00\x01\x10\x00\x00\x2f\x10x",
        b"\x90" + first[1:12] + b"\xbe\xde\x00\x09\x10\x00",
    ):
        before = receiver.stats
        assert not await receiver.take(other)
        assert receiver.stats == before
    receiver.inside._enabled = False
    assert not await receiver.take(second)
    await receiver.close()


async def test_no_bytes_make_it_fail() -> None:
    receiver = Receiver()
    await receiver.handle(vp8_frames(1)[0])
    random = np.random.default_rng(1)
    for good in (vp8_frames(1)[1], packet(9, b"\x7c\x85rest", 0, codec=H264)):
        for _ in range(2000):
            data = bytearray(good[: random.integers(8, len(good) + 1)])
            for at in random.integers(0, len(data), 3):
                if not 8 <= at < 12:
                    data[at] = random.integers(256)
            if len(data) >= 12:
                await receiver.take(bytes(data))
    await receiver.close()


@pytest.mark.parametrize(
    "descriptor",
    [
        VpxPayloadDescriptor(1, 0),
        VpxPayloadDescriptor(0, 3, picture_id=5),
        VpxPayloadDescriptor(1, 0, picture_id=5000, tl0picidx=3),
        VpxPayloadDescriptor(1, 0, tl0picidx=3, tid=(1, 1)),
        VpxPayloadDescriptor(1, 0, picture_id=9, tl0picidx=3, tid=(1, 1), keyidx=4),
        VpxPayloadDescriptor(1, 0, keyidx=4),
    ],
    ids=repr,
)
def test_vp8_is_unpacked_as_aiortc_does(descriptor: VpxPayloadDescriptor) -> None:
    for data in (b"", b"x", b"frame"):
        payload = bytes(descriptor) + data
        assert _codec_data("VP8", b"head" + payload, 4) == depayload(VP8, payload) == data
    assert _codec_data("VP8", b"head\x90\x80\x05x", 4) == depayload(VP8, b"\x90\x80\x05x") == b"x"


def test_h264_is_unpacked_as_aiortc_does() -> None:
    unit = b"\x65" + bytes(range(256)) * 12
    for payload in H264Encoder._packetize(iter([b"\x67abc", b"\x68d", unit])):
        assert _codec_data("H264", b"head" + payload, 4) == depayload(H264, payload)


def constant_rate(bits_per_s: int, seconds: float) -> list[tuple[float, int, bytes]]:
    """When sent, when arrived (ms) and the bytes of packets: 30 frames a second, each spread over 2 ms."""
    size = bits_per_s // 30 // 8 // 8
    found = []
    for frame in range(int(30 * seconds)):
        for place in range(8):
            at_s = frame / 30 + place * 0.00025
            arrived_ms = 1_000_000 + round(1000 * at_s + 20 + frame % 3)
            data = packet(8 * frame + place, b"\x10" + bytes(size), 3000 * frame, marker=int(place == 7), at_s=at_s)
            found.append((at_s, arrived_ms, data))
    return found


async def test_the_bitrate_that_the_client_is_told_is_the_one_that_comes() -> None:
    ours, aiortcs = Receiver(), Receiver()
    flow = constant_rate(2_000_000, 12)
    for receiver in (ours, aiortcs):
        await receiver.handle(flow[0][2], flow[0][1])
    for _, arrived_ms, data in flow[1:]:
        assert await ours.take(data, arrived_ms)
        await aiortcs.handle(data, arrived_ms)

    def estimates(receiver: Receiver) -> list[int]:
        return [unpack_remb_fci(told.fci)[0] for told in receiver.told if told.fmt == 15]

    assert len(estimates(ours)) > 10
    assert estimates(ours)[-1] == pytest.approx(estimates(aiortcs)[-1], rel=0.05)
    assert abs(len(estimates(ours)) - len(estimates(aiortcs))) <= 2
    await ours.close()
    await aiortcs.close()


async def test_the_estimator_is_told_once_of_packets_that_came_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(RemoteBitrateEstimator, "add", lambda *_, payload_size, **__: sizes.append(payload_size))
    receiver = Receiver()
    flow = constant_rate(2_000_000, 1)
    await receiver.handle(flow[0][2], flow[0][1])
    for _, arrived_ms, data in flow[1:]:
        await receiver.take(data, arrived_ms)
    whole = sum(len(data) - 24 for _, _, data in flow)
    assert len(sizes) == 30
    assert sum(sizes) == pytest.approx(whole, rel=0.05)
    await receiver.close()


def test_only_what_can_be_stun_is_read_as_stun() -> None:
    taken: list[bytes] = []
    protocol: Any = SimpleNamespace(
        receiver=SimpleNamespace(data_received=lambda data, _: taken.append(data), request_received=taken.append),
        local_candidate=SimpleNamespace(component=1),
        transactions={},
    )
    protocol._StunProtocol__log_debug = lambda *_: None
    message = stun.Message(stun.Method.BINDING, stun.Class.INDICATION)
    for data in (b"\x80media", b"\x16dtls", b"\x04", b"\x01broken", b""):
        StunProtocol.datagram_received(protocol, data, ("127.0.0.1", 1))
    StunProtocol.datagram_received(protocol, bytes(message), ("127.0.0.1", 1))
    assert taken == [b"\x80media", b"\x16dtls", b"\x04", b"\x01broken", b""]
    assert "datagram_received" in vars(StunProtocol)
    assert callable(Connection.data_received)


async def test_all_datagrams_that_wait_are_taken_in_order_and_the_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []

    async def take(_: Any, data: bytes) -> None:
        taken.append(data)

    monkeypatch.setattr(aiortc_receiving, "_take", take)
    waiting: asyncio.Queue[tuple[bytes, int] | None] = asyncio.Queue()
    connection = SimpleNamespace(_queue=waiting)
    dtls: Any = SimpleNamespace(
        _RTCDtlsTransport__handshake_done=True, _rx_srtp=object(), transport=SimpleNamespace(_connection=connection)
    )
    for number in range(3):
        waiting.put_nowait((bytes([number]), 1))
    await RTCDtlsTransport._recv_next(dtls)
    assert taken == [b"\0", b"\1", b"\2"]
    waiting.put_nowait((b"last", 1))
    waiting.put_nowait(None)
    with pytest.raises(ConnectionError):
        await RTCDtlsTransport._recv_next(dtls)
    assert taken[-1] == b"last"


def test_installing_twice_changes_nothing_more() -> None:
    before = (StunProtocol.datagram_received, RTCDtlsTransport._recv_next)
    aiortc_receiving.install()
    assert (StunProtocol.datagram_received, RTCDtlsTransport._recv_next) == before
