"""Packets are taken as aiortc would take them; what is not ordinary is left to it."""

import asyncio
import inspect
from typing import Any

import aiortc.rtcrtpreceiver
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.codecs import depayload
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcrtpparameters import (
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTP_HISTORY_SIZE,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    unpack_remb_fci,
    wrap_rtx,
)

from mocast.webrtc.aiortc import installation, video_receiver
from mocast.webrtc.aiortc.jitter_buffer import CAPACITY, GIVE_UP_S
from mocast.webrtc.aiortc.lost_packets import MOST_AT_ONCE
from mocast.webrtc.aiortc.video_receiver import (
    KEY_FRAME_REQUEST_EVERY_S,
    TimestampUnwrapper,
    VideoReceiver,
    _codec_data,
)
from mocast.webrtc.video_decoder import is_key_frame

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
H264 = RTCRtpCodecParameters("video/H264", 90_000, payloadType=99)
RTX = RTCRtpCodecParameters("video/rtx", 90_000, payloadType=98, parameters={"apt": 97})
EXTENSIONS = [
    RTCRtpHeaderExtensionParameters(1, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    RTCRtpHeaderExtensionParameters(2, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
]
DELTA = b"\x11\x00\x00rest"
KEY = b"\x10\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00"
SSRC = 7


@pytest.fixture(autouse=True)
def installed() -> None:
    installation.install()


class NotedDecoder:
    """Keeps what it should decode."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, bytes, int]] = []
        self.awaits_key_frame = True
        self.has_failed = False

    def put(self, codec_name: str, data: bytes, pts: int) -> bool:
        if self.awaits_key_frame and not is_key_frame(codec_name, data):
            return False
        self.awaits_key_frame = False
        self.frames.append((codec_name, data, pts))
        return True

    def await_key_frame(self) -> None:
        self.awaits_key_frame = True

    def take_error(self) -> bool:
        has_failed, self.has_failed = self.has_failed, False
        return has_failed


class Receiver:
    """A receiver of aiortc's with our queues. ``take`` goes our way, ``handle`` aiortc's."""

    def __init__(self, **limits: int) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.inside: Any = self.pc.addTransceiver("video").receiver
        self.inside._track = RemoteStreamTrack("video")
        for codec in (VP8, H264, RTX):
            self.inside._RTCRtpReceiver__codecs[codec.payloadType] = codec
        self.inside._set_rtcp_ssrc(1)
        self.told: list[Any] = []
        self.inside._send_rtcp = self._tell
        self.inside.transport._rtp_header_extensions_map.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS))
        self.ended = 0
        self.decoder = NotedDecoder()
        decoder: Any = self.decoder
        self.video = VideoReceiver(self.inside, decoder, self._end, **limits)

    def _end(self) -> None:
        self.ended += 1

    async def _tell(self, packet: Any) -> None:
        self.told.append(packet)

    async def handle(self, data: bytes, arrived_ms: int = 0) -> None:
        packet = RtpPacket.parse(data, self.inside.transport._rtp_header_extensions_map)
        await self.inside._handle_rtp_packet(packet, arrival_time_ms=arrived_ms)

    async def take(self, data: bytes, arrived_ms: int = 0) -> bool:
        return await self.video.take(data, arrived_ms)

    def queued(self) -> list[tuple[str, bytes, int]]:
        queued, self.decoder.frames = self.decoder.frames, []
        return queued

    @property
    def nacks(self) -> list[list[int]]:
        return [told.lost for told in self.told if isinstance(told, RtcpRtpfbPacket)]

    @property
    def estimates(self) -> list[int]:
        return [unpack_remb_fci(told.fci)[0] for told in self.told if told.fmt == 15]

    @property
    def plis(self) -> int:
        return sum(isinstance(told, RtcpPsfbPacket) and told.fmt == RTCP_PSFB_PLI for told in self.told)

    @property
    def stats(self) -> tuple[Any, ...]:
        stream = self.inside._RTCRtpReceiver__remote_streams[SSRC]
        return stream.packets_received, stream.max_seq, stream.packets_expected, stream.packets_lost

    async def close(self) -> None:
        self.video.close()
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


async def test_what_is_missing_where_the_numbers_go_round_is_asked_for() -> None:
    receiver = Receiver()
    await receiver.handle(packet(65_533, b"\x10" + KEY, 0))
    await receiver.take(packet(3, b"\x10" + DELTA, 3000))
    receiver.video._retry()
    await asyncio.sleep(0)
    asked = [RtcpRtpfbPacket.parse(bytes(told)[4:], 1).lost for told in receiver.told]
    assert [sorted(lost) for lost in asked] == [[0, 1, 2, 65_534, 65_535]] * 2
    await receiver.close()


async def test_the_bitrate_that_the_client_is_told_is_the_one_that_comes() -> None:
    ours, aiortcs = Receiver(), Receiver()
    flow = constant_rate(2_000_000, 12)
    for receiver in (ours, aiortcs):
        await receiver.handle(flow[0][2], flow[0][1])
    for _, arrived_ms, data in flow[1:]:
        assert await ours.take(data, arrived_ms)
        await aiortcs.handle(data, arrived_ms)

    assert len(ours.estimates) > 10
    assert ours.estimates[-1] == pytest.approx(aiortcs.estimates[-1], rel=0.05)
    assert abs(len(ours.estimates) - len(aiortcs.estimates)) <= 2
    await ours.close()
    await aiortcs.close()


async def test_a_client_is_told_of_no_more_than_it_may_send_just_then() -> None:
    most = 1_000_000
    receiver = Receiver(most_bits_per_s=lambda: most)
    flow = constant_rate(2_000_000, 6)
    await receiver.handle(flow[0][2], flow[0][1])
    for number, (_, arrived_ms, data) in enumerate(flow[1:]):
        await (receiver.take if number % 2 else receiver.handle)(data, arrived_ms)
    assert len(receiver.estimates) > 3
    assert max(receiver.estimates) == pytest.approx(1_000_000, rel=0.01)
    most = 400_000
    for _, arrived_ms, data in constant_rate(2_000_000, 8)[len(flow) :]:
        await receiver.take(data, arrived_ms)
    assert receiver.estimates[-1] == pytest.approx(400_000, rel=0.01)
    await receiver.close()


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


@pytest.mark.parametrize(
    ("timestamps", "expected"),
    [
        ([50_000, 53_000, 56_000], [50_000, 53_000, 56_000]),
        ([2**32 - 3_000, 0, 3_000], [2**32 - 3_000, 2**32, 2**32 + 3_000]),
        ([2**32 - 1, 2**31 - 2, 2**32 - 3, 2_997], [2**32 - 1, 3 * 2**31 - 2, 2**33 - 3, 2**33 + 2_997]),
        ([3_000, 0, 6_000], [3_000, 0, 6_000]),
        ([9_000, 12_000, 9_000, 15_000], [9_000, 12_000, 9_000, 15_000]),
        ([1_000, 2**32 - 2_000, 4_000], [1_000, -2_000, 4_000]),
    ],
    ids=["within them", "round", "twice round", "back", "back and on", "back across the end"],
)
def test_timestamps_go_on_beyond_their_32_bits_and_back_by_what_they_go_back(
    timestamps: list[int], expected: list[int]
) -> None:
    unwrapper = TimestampUnwrapper()
    assert [unwrapper.unwrap(timestamp) for timestamp in timestamps] == expected


def rtx_of(data: bytes, number: int) -> bytes:
    """A packet as it is sent again."""
    extensions = HeaderExtensionsMap()
    extensions.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS))
    resent = wrap_rtx(RtpPacket.parse(data, extensions), payload_type=98, sequence_number=number, ssrc=SSRC + 1)
    return resent.serialize(extensions)


async def test_a_packet_that_was_sent_again_completes_its_frame_in_the_same_buffer() -> None:
    receiver = Receiver()
    receiver.inside._RTCRtpReceiver__rtx_ssrc[SSRC + 1] = SSRC
    packets = vp8_frames(4)
    await receiver.handle(packets[0])
    for number in (1, 2, 3, 5, *range(6, 12)):
        assert await receiver.take(packets[number])
    assert [pts for _, _, pts in receiver.queued()] == [0]
    resent = rtx_of(packets[4], 1)
    assert not await receiver.take(resent)
    await receiver.handle(resent)
    assert [(codec, pts) for codec, _, pts in receiver.queued()] == [("VP8", 3000), ("VP8", 6000), ("VP8", 9000)]
    await receiver.close()


async def test_padded_packets_are_frames_like_others() -> None:
    receiver = Receiver()
    for number, body in enumerate((KEY, b"\x11delta", b"\x11more")):
        padded = RtpPacket(97, 1, number, 3000 * number, SSRC, b"\x10" + body)
        padded.padding_size = 4 * (number == 1)
        if not await receiver.take(padded.serialize()):
            await receiver.handle(padded.serialize())
    assert receiver.queued() == [("VP8", KEY, 0), ("VP8", b"\x11delta", 3000), ("VP8", b"\x11more", 6000)]
    await receiver.close()


async def test_aiortc_decodes_nothing_and_tells_the_end_of_the_track_without_waiting() -> None:
    receiver = Receiver()
    inside = receiver.inside
    assert inside._RTCRtpReceiver__jitter_buffer is receiver.video
    inside.transport._register_rtp_receiver = lambda *_: None
    await inside.receive(RTCRtpReceiveParameters(codecs=[VP8]))
    thread = inside._RTCRtpReceiver__decoder_thread
    thread.join(60)
    assert not thread.is_alive()
    inside._handle_disconnect()
    assert receiver.ended == 1
    source = inspect.getsource(aiortc.rtcrtpreceiver)
    for name in ("__jitter_buffer.add(", "__decoder_queue.put(None)", "self.__decoder_queue,"):
        assert name in source, f"aiortc no longer uses {name}"
    await receiver.close()


async def test_a_frame_goes_to_the_decoder_at_its_marker_with_its_timestamp() -> None:
    receiver = Receiver()
    await receiver.handle(packet(10, b"\x10" + KEY, 50_000, marker=0))
    assert receiver.queued() == []
    assert await receiver.take(packet(11, b"\x00more", 50_000))
    assert await receiver.take(packet(12, b"\x10" + DELTA, 53_000))
    assert receiver.queued() == [("VP8", KEY + b"more", 50_000), ("VP8", DELTA, 53_000)]
    await receiver.close()


async def test_a_backlog_goes_to_the_decoder_in_one_go() -> None:
    receiver = Receiver()
    await receiver.handle(packet(10, b"\x10" + KEY, 0))
    for number in (12, 13, 14):
        await receiver.take(packet(number, b"\x10" + DELTA, 3000 * (number - 10)))
    assert receiver.queued() == [("VP8", KEY, 0)]
    await receiver.take(packet(11, b"\x10" + DELTA, 3000))
    assert [pts for _, _, pts in receiver.queued()] == [3000, 6000, 9000, 12000]
    await receiver.close()


async def test_what_cannot_be_decoded_is_followed_by_a_request_for_a_key_frame() -> None:
    receiver = Receiver()
    await receiver.handle(packet(10, b"\x10" + KEY, 0))
    receiver.decoder.has_failed = True
    await receiver.take(packet(11, b"\x10" + DELTA, 3000))
    await asyncio.sleep(0)
    assert receiver.plis == 1
    await receiver.close()


async def test_a_disabled_receiver_keeps_nothing() -> None:
    receiver = Receiver()
    receiver.inside._enabled = False
    await receiver.handle(packet(10, b"\x10" + KEY, 0))
    assert not await receiver.take(packet(11, b"\x10" + KEY, 0))
    assert receiver.queued() == []
    await receiver.close()


def test_the_buffer_holds_all_that_a_sender_can_still_resend() -> None:
    assert CAPACITY >= 2 * RTP_HISTORY_SIZE


class FakeLoop:
    """The running loop with a clock of the test's own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now, self._loop, self.calls = 0.0, loop, []

    def time(self) -> float:
        return self.now

    def create_task(self, coroutine: Any) -> asyncio.Task[None]:
        return self._loop.create_task(coroutine)

    def call_later(self, delay: float, call: Any) -> asyncio.TimerHandle:
        handle = self._loop.call_later(3600, call)
        self.calls.append((self.now + delay, call, handle))
        return handle

    async def advance(self, seconds: float) -> None:
        end = self.now + seconds + 1e-9
        while due := sorted((c for c in self.calls if c[0] <= end and not c[2].cancelled()), key=lambda c: c[0]):
            self.now = due[0][0]
            self.calls.remove(due[0])
            due[0][2].cancel()
            due[0][1]()
        self.now = end
        await asyncio.sleep(0)


def on_a_clock(monkeypatch: pytest.MonkeyPatch) -> tuple[Receiver, FakeLoop]:
    clock = FakeLoop(asyncio.get_running_loop())
    monkeypatch.setattr(video_receiver.asyncio, "get_running_loop", lambda: clock)
    receiver = Receiver()
    monkeypatch.undo()
    return receiver, clock


async def test_a_gap_is_asked_for_again_skipped_and_followed_by_a_request_for_a_key_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver, clock = on_a_clock(monkeypatch)
    await receiver.handle(packet(10, b"\x10" + KEY, 0))
    await receiver.take(packet(12, b"\x10" + DELTA, 6000))
    assert receiver.nacks == [[11]], "at once"
    await clock.advance(GIVE_UP_S - 0.01)
    assert receiver.nacks == [[11]] * 6
    assert receiver.plis == 0
    await clock.advance(0.01)
    assert receiver.plis == 1
    assert [data for _, data, _ in receiver.queued()] == [KEY], "what refers to the lost frame is not decoded"
    for number in range(13, 20):
        await receiver.take(packet(number, b"\x10" + DELTA, 3000 * (number - 10)))
    await asyncio.sleep(0)
    assert receiver.plis == 1, "one request is enough for a while"
    await clock.advance(KEY_FRAME_REQUEST_EVERY_S)
    await receiver.take(packet(20, b"\x10" + DELTA, 30_000))
    await asyncio.sleep(0)
    assert receiver.plis == 2, "it may have been lost"
    await receiver.take(packet(21, b"\x10" + KEY, 33_000))
    await receiver.take(packet(22, b"\x10" + DELTA, 36_000))
    assert receiver.queued() == [("VP8", KEY, 33_000), ("VP8", DELTA, 36_000)]
    await receiver.close()


async def test_what_a_full_queue_lost_is_not_asked_for_and_key_frames_ever_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver, clock = on_a_clock(monkeypatch)
    await receiver.handle(packet(10, b"\x10" + KEY, 0))
    await receiver.take(packet(11 + MOST_AT_ONCE + 1, b"\x10" + DELTA, 6000))
    await asyncio.sleep(0)
    assert (receiver.nacks, receiver.plis) == ([], 1), "at once, as nothing is waited for"
    await clock.advance(GIVE_UP_S)
    for number in range(1, 75):
        await clock.advance(0.1)
        await receiver.take(packet(100 + number, b"\x10" + DELTA, 9000 * number))
    await asyncio.sleep(0)
    assert receiver.plis == 6, "after 0, 0.3, 0.9, 2.1, 4.5 and 6.9 s"
    await receiver.take(packet(175, b"\x10" + KEY, 900_000))
    await receiver.take(packet(177, b"\x10" + DELTA, 906_000))
    assert receiver.nacks == [[176]]
    await clock.advance(GIVE_UP_S)
    assert receiver.plis == 7, "once one has come, the next is asked for at once"
    await receiver.close()


async def test_what_a_jump_beyond_the_buffer_has_lost_is_given_up_with_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver, clock = on_a_clock(monkeypatch)
    await receiver.handle(packet(10, b"\x10" + KEY, 0))
    for number in range(12, 221):
        await receiver.take(packet(number, b"\x10" + DELTA, 3000 * number))
    await receiver.take(packet(621, b"\x10" + DELTA, 3000 * 621))
    await clock.advance(GIVE_UP_S)
    assert receiver.nacks == [[11]]
    assert receiver.plis >= 1
    await receiver.close()


async def test_after_closing_nothing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver, clock = on_a_clock(monkeypatch)
    await receiver.handle(packet(10, b"\x10" + KEY, 0))
    await receiver.take(packet(12, b"\x10" + DELTA, 6000))
    receiver.video.close()
    await receiver.take(packet(14, b"\x10" + DELTA, 12_000))
    nacks = len(receiver.nacks)
    await clock.advance(5)
    assert (len(receiver.nacks), receiver.plis) == (nacks, 0)
    await receiver.close()
