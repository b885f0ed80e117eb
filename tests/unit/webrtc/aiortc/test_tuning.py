"""One test for each reach into aiortc and aioice: a version that changes what is underneath fails here."""

import asyncio
import contextlib
import inspect
import queue
import threading
from typing import Any

import aioice.ice
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import ifaddr
import pytest
from aioice import Candidate, Connection, stun
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.opus import OpusDecoder, OpusEncoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import VIDEO_TIME_BASE, AudioStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcsctptransport import SCTP_DATA_FIRST_FRAG, SCTP_DATA_LAST_FRAG, DataChunk
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RTP_HISTORY_SIZE,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    pack_remb_fci,
)
from av import FFmpegError, VideoCodecContext, VideoFrame
from tests.fakes import SettableClock

from mocast.webrtc.aiortc import tuning as aiortc_tuning
from mocast.webrtc.aiortc.decoder_queue import DecoderQueue
from mocast.webrtc.aiortc.jitter_buffer import CAPACITY, GIVE_UP_S, MarkerJitterBuffer
from mocast.webrtc.aiortc.tuning import (
    CONSENT_FAILURES,
    CONSENT_INTERVAL_S,
    ENDLESS_MESSAGE,
    KEY_FRAME_REQUEST_EVERY_S,
    MAX_UNDECODABLE_IN_A_ROW,
    MAX_UNFINISHED_BYTES,
    MAX_UNFINISHED_CHUNKS,
    RESENDS_AT_ONCE,
    RESENDS_PER_S,
    UNDECODABLE,
    TunedReceiver,
    bound_messages,
    bound_resends,
    disable_receiver,
    listen_to_receiver,
    negotiated_codec,
    prefer_codecs,
)
from mocast.webrtc.encoders import EncoderLimits, LiveH264Encoder, LiveVp8Encoder
from mocast.webrtc.video_in import Decoded, FrameInlet

KEY = b"\x10\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00"
DELTA = b"\x11\x00\x00rest"
VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
H264 = RTCRtpCodecParameters("video/H264", 90_000, payloadType=99)


@pytest.fixture(autouse=True)
def installed() -> None:
    aiortc_tuning.install(EncoderLimits(max_bitrate=3_000_000, threads=2), decoder_threads=1)


def test_the_encoders_are_ours_with_the_operators_limits_and_audio_is_left_alone() -> None:
    for codec, expected in ((VP8, LiveVp8Encoder), (H264, LiveH264Encoder)):
        encoder = aiortc.rtcrtpsender.get_encoder(codec)  # type: ignore[attr-defined]
        assert isinstance(encoder, expected)
        encoder.target_bitrate = 10**9
        assert encoder.target_bitrate == 3_000_000
    opus = RTCRtpCodecParameters("audio/opus", 48_000, 2, 96)
    assert isinstance(aiortc.rtcrtpsender.get_encoder(opus), OpusEncoder)  # type: ignore[attr-defined]
    assert isinstance(aiortc.rtcrtpreceiver.get_decoder(opus), OpusDecoder)  # type: ignore[attr-defined]


def test_aiortc_looks_its_codecs_up_where_we_put_ours() -> None:
    assert "get_encoder" in aiortc.rtcrtpsender.RTCRtpSender._next_encoded_frame.__code__.co_names
    assert "decoder_worker" in aiortc.rtcrtpreceiver.RTCRtpReceiver.receive.__code__.co_names
    assert "get_decoder(codec)" in inspect.getsource(aiortc.rtcrtpreceiver)


@pytest.mark.parametrize(("codec", "expected"), [(VP8, Vp8Decoder), (H264, H264Decoder)], ids=["VP8", "H264"])
def test_decoders_have_bounded_threads_and_hold_no_frame_back(codec: RTCRtpCodecParameters, expected: type) -> None:
    decoder = aiortc.rtcrtpreceiver.get_decoder(codec)  # type: ignore[attr-defined]
    assert isinstance(decoder, expected)
    assert decoder.codec.thread_count == 1
    assert decoder.codec.thread_type.name == "SLICE"


@pytest.mark.parametrize(("width", "is_decoded"), [(4096, True), (4352, False)])
@pytest.mark.parametrize(
    ("codec", "encoder_name", "options"),
    [(VP8, "libvpx", {"deadline": "realtime"}), (H264, "libx264", {"preset": "ultrafast", "tune": "zerolatency"})],
    ids=["VP8", "H264"],
)
def test_a_picture_above_the_limit_is_refused_by_its_decoder(
    width: int, is_decoded: bool, codec: RTCRtpCodecParameters, encoder_name: str, options: dict[str, str]
) -> None:
    encoder = VideoCodecContext.create(encoder_name, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, 2304, "yuv420p", VIDEO_TIME_BASE
    encoder.options = options
    packet = [*encoder.encode(VideoFrame(width, 2304, "yuv420p")), *encoder.encode(None)][0]
    decoder = aiortc.rtcrtpreceiver.get_decoder(codec)  # type: ignore[attr-defined]
    with contextlib.nullcontext() if is_decoded else pytest.raises(FFmpegError):
        assert len(decoder.decode(JitterFrame(bytes(packet), 0))) == 1


class FailingDecoder:
    """Decodes what is not broken."""

    def decode(self, frame: JitterFrame) -> list[VideoFrame]:
        if frame.data == b"broken":
            raise FFmpegError(1, "broken")
        decoded = VideoFrame(64, 48, "yuv420p")
        decoded.pts = frame.timestamp
        return [decoded]


async def test_decoded_frames_are_handed_on_without_the_loop_and_their_end_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aiortc.rtcrtpreceiver, "get_decoder", lambda _: FailingDecoder())
    taken: list[int] = []
    ended = asyncio.Event()
    tasks: queue.Queue[Any] = queue.Queue()
    error = threading.Event()
    worker: Any = aiortc.rtcrtpreceiver.decoder_worker
    inlet = FrameInlet(lambda frame: taken.append(frame.pts), ended.set)
    thread = threading.Thread(target=worker, args=(asyncio.get_running_loop(), tasks, inlet, error))
    thread.start()
    for task in ((VP8, JitterFrame(KEY, 7)), (VP8, JitterFrame(b"broken", 8)), (VP8, JitterFrame(DELTA, 9)), None):
        tasks.put(task)
    thread.join()
    assert (len(taken), error.is_set(), ended.is_set()) == (2, True, False)
    await ended.wait()


async def test_frames_of_a_track_that_is_not_ours_are_queued_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiortc.rtcrtpreceiver, "get_decoder", lambda _: FailingDecoder())
    tasks: queue.Queue[Any] = queue.Queue()
    frames: asyncio.Queue[VideoFrame | None] = asyncio.Queue()
    worker: Any = aiortc.rtcrtpreceiver.decoder_worker
    tasks.put((VP8, JitterFrame(KEY, 7)))
    tasks.put(None)
    await asyncio.to_thread(worker, asyncio.get_running_loop(), tasks, frames, threading.Event())
    first = await frames.get()
    assert first is not None
    assert (first.pts, await frames.get()) == (7, None)


def test_installing_twice_changes_nothing_more() -> None:
    def installed() -> tuple[object, ...]:
        worker: object = aiortc.rtcrtpreceiver.decoder_worker
        return aioice.ice.get_host_addresses, aioice.ice.StunProtocol.request, Connection.query_consent, worker

    before = installed()
    aiortc_tuning.install(EncoderLimits())
    assert installed() == before


def test_a_machine_without_a_network_offers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = ifaddr.Adapter("lo", "lo", [ifaddr.IP("127.0.0.1", 8, "lo"), ifaddr.IP(("::1", 0, 0), 128, "lo")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback])
    assert aiortc_tuning.host_addresses() == ["127.0.0.1"]
    ethernet = ifaddr.Adapter("eth0", "eth0", [ifaddr.IP("192.0.2.7", 24, "eth0")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback, ethernet])
    assert aiortc_tuning.host_addresses() == ["192.0.2.7"]


async def test_a_machine_without_a_network_gathers_loopback_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = ifaddr.Adapter("lo", "lo", [ifaddr.IP("127.0.0.1", 8, "lo")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback])
    connection = Connection(ice_controlling=True)
    await connection.gather_candidates()
    assert [candidate.host for candidate in connection.local_candidates] == ["127.0.0.1"]
    await connection.close()


async def connected() -> tuple[Connection, Connection]:
    one, other = Connection(ice_controlling=True), Connection(ice_controlling=False)
    for connection, remote in ((one, other), (other, one)):
        await remote.gather_candidates()
        for candidate in remote.local_candidates:
            await connection.add_remote_candidate(Candidate.from_sdp(candidate.to_sdp()))
        await connection.add_remote_candidate(None)
        connection.remote_username, connection.remote_password = remote.local_username, remote.local_password
    await asyncio.gather(one.connect(), other.connect())
    return one, other


async def test_consent_is_checked_so_often_that_a_silent_peer_is_dropped_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = await connected()
    assert one._query_consent_task is not None
    one._query_consent_task.cancel()
    waited, sends = [], 0

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    class Unanswered(stun.Transaction):
        async def run(self) -> Any:
            nonlocal sends
            tries = self._Transaction__tries_max  # type: ignore[attr-defined]
            sends += tries
            waited.append(sum(stun.RETRY_RTO * 2**n for n in range(tries)))
            raise stun.TransactionTimeout

    monkeypatch.setattr(aioice.ice.random, "random", lambda: 1.0)
    monkeypatch.setattr(aioice.ice.stun, "Transaction", Unanswered)
    real_sleep = asyncio.sleep
    monkeypatch.setattr(aioice.ice.asyncio, "sleep", sleep)
    await one.query_consent()
    monkeypatch.setattr(aioice.ice.asyncio, "sleep", real_sleep)
    assert one._closed
    assert sum(waited) == pytest.approx(CONSENT_FAILURES * (1.2 * CONSENT_INTERVAL_S + 1.5))
    assert sum(waited) < 9
    assert sends == 2 * CONSENT_FAILURES, "each check is resent once"
    await other.close()


async def test_a_connection_closed_while_it_connects_starts_no_consent_checks() -> None:
    one, other = await connected()
    await one.close()
    await other.close()
    await asyncio.wait_for(one.query_consent(), 60)


class Receiving:
    """A tuned receiver without a network: packets in, frames, requests and the decoder's queue out."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.receiver: Any = self.pc.addTransceiver("video").receiver
        self.receiver._track = aiortc.rtcrtpreceiver.RemoteStreamTrack("video")
        self.receiver._RTCRtpReceiver__codecs[VP8.payloadType] = VP8
        self.receiver._RTCRtpReceiver__decoder_thread = True
        self.receiver._set_rtcp_ssrc(1)
        self.nacks: list[list[int]] = []
        self.plis = 0
        self.receiver._send_rtcp_nack = self._nack
        self.receiver._send_rtcp_pli = self._pli
        self.handed_on: list[Decoded] = []
        self.inlet = FrameInlet(self.handed_on.append, lambda: None)
        self.unusable: list[str] = []
        self.dropped = 0
        self.tuned = TunedReceiver(self.receiver, self.inlet, self.unusable.append, self._drop)

    def _drop(self) -> None:
        self.dropped += 1

    async def _nack(self, ssrc: int, missing: list[int]) -> None:
        assert ssrc == 7
        self.nacks.append(missing)

    async def _pli(self, ssrc: int) -> None:
        assert ssrc == 7
        self.plis += 1

    async def take(self, number: int, data: bytes, timestamp: int, *, marker: bool = True) -> None:
        packet = RtpPacket(VP8.payloadType, int(marker), number, timestamp, 7)
        packet.payload = b"\x10" + data
        await self.receiver._handle_rtp_packet(packet, 0)

    def queued(self) -> list[tuple[bytes, int]]:
        found = []
        while not self.tuned.queue.empty():
            task = self.tuned.queue.get_nowait()
            assert task is not None
            found.append((task[1].data, task[1].timestamp))
        return found

    async def close(self) -> None:
        self.tuned.close()
        self.receiver._RTCRtpReceiver__decoder_thread = None
        await self.pc.close()


async def test_the_receivers_three_queues_are_ours() -> None:
    receiving = Receiving()
    assert isinstance(receiving.receiver._RTCRtpReceiver__jitter_buffer, MarkerJitterBuffer)
    assert isinstance(receiving.receiver._RTCRtpReceiver__decoder_queue, DecoderQueue)
    assert receiving.receiver.track._queue is receiving.inlet
    source = inspect.getsource(aiortc.rtcrtpreceiver)
    for name in ("__jitter_buffer.add(", "__decoder_queue.put(", "self.__decoder_queue,", "self._track._queue,"):
        assert name in source, f"aiortc no longer uses {name}"
    await receiving.close()


async def test_a_frame_goes_to_the_decoder_at_its_marker_with_its_time_since_the_first() -> None:
    receiving = Receiving()
    await receiving.take(10, KEY, 50_000, marker=False)
    assert receiving.queued() == []
    await receiving.take(11, b"more", 50_000)
    await receiving.take(12, DELTA, 53_000)
    assert receiving.queued() == [(KEY + b"more", 0), (DELTA, 3_000)]
    await receiving.close()


async def test_video_that_was_not_decoded_for_too_long_is_given_up_once() -> None:
    receiving = Receiving()

    async def fail(times: int) -> None:
        for _ in range(times):
            receiving.receiver._RTCRtpReceiver__decoder_error.set()
        await asyncio.sleep(0)

    await fail(MAX_UNDECODABLE_IN_A_ROW - 1)
    receiving.inlet.take(VideoFrame(64, 48, "yuv420p"))
    await fail(MAX_UNDECODABLE_IN_A_ROW - 1)
    assert receiving.unusable == []
    await fail(2 * MAX_UNDECODABLE_IN_A_ROW)
    assert receiving.unusable == [UNDECODABLE]
    assert receiving.dropped == 4 * MAX_UNDECODABLE_IN_A_ROW - 2
    assert "self.__decoder_error," in inspect.getsource(aiortc.rtcrtpreceiver), "what the decoder's thread is given"
    await receiving.close()


async def test_a_backlog_goes_to_the_decoder_in_one_go() -> None:
    receiving = Receiving()
    await receiving.take(10, KEY, 0)
    for number in (12, 13, 14):
        await receiving.take(number, DELTA, 3000 * (number - 10))
    assert receiving.queued() == [(KEY, 0)]
    await receiving.take(11, DELTA, 3000)
    assert [timestamp for _, timestamp in receiving.queued()] == [3000, 6000, 9000, 12000]
    await receiving.close()


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


async def test_a_gap_is_asked_for_again_skipped_and_followed_by_a_request_for_a_key_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = FakeLoop(asyncio.get_running_loop())
    monkeypatch.setattr(aiortc_tuning.asyncio, "get_running_loop", lambda: clock)
    receiving = Receiving()
    monkeypatch.undo()
    await receiving.take(10, KEY, 0)
    await receiving.take(12, DELTA, 6000)
    assert receiving.nacks == [[11]], "aiortc's own, once"
    await clock.advance(GIVE_UP_S - 0.01)
    assert receiving.nacks == [[11]] * 6
    assert receiving.plis == 0
    await clock.advance(0.01)
    assert receiving.plis == 1
    assert [data for data, _ in receiving.queued()] == [KEY], "what refers to the lost frame is not decoded"
    for number in range(13, 20):
        await receiving.take(number, DELTA, 3000 * (number - 10))
    await asyncio.sleep(0)
    assert receiving.plis == 1, "one request is enough for a while"
    await clock.advance(KEY_FRAME_REQUEST_EVERY_S)
    await receiving.take(20, DELTA, 30_000)
    await asyncio.sleep(0)
    assert receiving.plis == 2, "it may have been lost"
    await receiving.take(21, KEY, 33_000)
    await receiving.take(22, DELTA, 36_000)
    assert receiving.queued() == [(KEY, 33_000), (DELTA, 36_000)]
    await receiving.close()


async def test_after_closing_nothing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeLoop(asyncio.get_running_loop())
    monkeypatch.setattr(aiortc_tuning.asyncio, "get_running_loop", lambda: clock)
    receiving = Receiving()
    monkeypatch.undo()
    await receiving.take(10, KEY, 0)
    await receiving.take(12, DELTA, 6000)
    receiving.tuned.close()
    await receiving.take(14, DELTA, 12_000)
    nacks = len(receiving.nacks)
    await clock.advance(5)
    assert (len(receiving.nacks), receiving.plis) == (nacks, 0)
    await receiving.close()


def test_the_buffer_holds_all_that_a_sender_can_still_resend() -> None:
    assert CAPACITY >= 2 * RTP_HISTORY_SIZE


class Association:
    """A peer's data transport with bounded messages, fed with chunks by hand."""

    def __init__(self, size: int) -> None:
        self.pc, self.size, self.reasons = RTCPeerConnection(), size, list[str]()
        self.pc.createDataChannel("control")
        self.sctp: Any = self.pc.sctp
        bound_messages(self.sctp, self.reasons.append)
        self.sctp._last_received_tsn = 0

    async def take(self, tsn: int, flags: int = 0) -> None:
        chunk = DataChunk(flags)
        chunk.tsn, chunk.stream_id, chunk.stream_seq, chunk.protocol = tsn, 0, 0, 51
        chunk.user_data = b"x" * self.size
        await self.sctp._receive_data_chunk(chunk)

    @property
    def kept(self) -> int:
        return len(self.sctp._inbound_streams[0].reassembly)


@pytest.mark.parametrize(("size", "most"), [(1, MAX_UNFINISHED_CHUNKS), (1024, MAX_UNFINISHED_BYTES // 1024)])
async def test_what_waits_behind_a_gap_is_bounded_and_taken_when_it_comes_again(size: int, most: int) -> None:
    association = Association(size)
    for tsn in range(2, 3_000):
        await association.take(tsn)
    assert association.kept == most
    await association.take(1, SCTP_DATA_FIRST_FRAG)
    await association.take(most + 2, SCTP_DATA_LAST_FRAG)
    assert (association.kept, association.reasons) == (0, [])
    await association.pc.close()


@pytest.mark.parametrize(("size", "most"), [(1, MAX_UNFINISHED_CHUNKS), (1024, MAX_UNFINISHED_BYTES // 1024)])
async def test_a_message_without_end_is_not_kept(size: int, most: int) -> None:
    association = Association(size)
    await association.take(1, SCTP_DATA_FIRST_FRAG)
    for tsn in range(2, 3_000):
        await association.take(tsn)
    assert (association.kept, association.reasons) == (2 * most, [ENDLESS_MESSAGE])
    await association.pc.close()


async def test_a_disabled_receiver_keeps_nothing() -> None:
    receiving = Receiving()
    disable_receiver(receiving.receiver)
    await receiving.take(10, KEY, 0)
    assert receiving.queued() == []
    await receiving.close()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["video/VP8", "video/H264"], ["VP8", "H264", "H264"]),
        (["video/h264", "video/vp8"], ["H264", "H264", "VP8"]),
        (["video/H264"], ["H264", "H264"]),
        (["video/VP8"], ["VP8"]),
        (["video/AV1"], ["VP8", "H264", "H264"]),
    ],
)
async def test_codecs_are_answered_in_the_operators_order(wanted: list[str], expected: list[str]) -> None:
    client, server = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    client.addTransceiver("video")
    client.addTrack(AudioStreamTrack())
    await client.setLocalDescription(await client.createOffer())
    await server.setRemoteDescription(client.localDescription)
    prefer_codecs(server.getTransceivers()[0], wanted)
    await server.setLocalDescription(await server.createAnswer())
    video = server.localDescription.sdp.split("m=video")[1].split("m=")[0]
    maps = [line.split(" ")[1].split("/")[0] for line in video.splitlines() if line.startswith("a=rtpmap:")]
    assert [name for name in maps if name != "rtx"] == expected
    assert maps.count("rtx") == len(expected), "each codec keeps its resending"
    assert "opus" in server.localDescription.sdp
    await client.close()
    await server.close()


async def test_what_a_receiver_asks_of_a_sender_is_told() -> None:
    client, server = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    client.addTransceiver("video", direction="recvonly")
    await client.setLocalDescription(await client.createOffer())
    await server.setRemoteDescription(client.localDescription)
    (transceiver,) = server.getTransceivers()
    prefer_codecs(transceiver, ["video/H264"])
    assert negotiated_codec(transceiver) == "video/H264"
    key_frames, bitrates = [], []
    sender: Any = transceiver.sender
    listen_to_receiver(sender, lambda: key_frames.append(1), bitrates.append)

    async def tell(fmt: int, fci: bytes = b"") -> None:
        await sender._handle_rtcp_packet(RtcpPsfbPacket(fmt=fmt, ssrc=1, media_ssrc=sender._ssrc, fci=fci))

    await tell(RTCP_PSFB_PLI)
    await tell(RTCP_PSFB_FIR)
    assert len(key_frames) == 2
    await tell(RTCP_PSFB_APP, pack_remb_fci(640_000, [sender._ssrc]))
    await tell(RTCP_PSFB_APP, pack_remb_fci(10, [sender._ssrc ^ 1]))
    await tell(RTCP_PSFB_APP, b"no estimate")
    assert bitrates == [640_000]
    await client.close()
    await server.close()


async def test_packets_are_sent_again_as_often_as_a_bad_line_needs_and_no_more() -> None:
    server, clock, resent = RTCPeerConnection(), SettableClock(), []
    sender: Any = server.addTransceiver("video").sender

    async def resend(sequence_number: int) -> None:
        resent.append(sequence_number)

    sender._retransmit = resend
    bound_resends(sender, clock.monotonic)
    flood = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=sender._ssrc, lost=[7] * 5_000)
    await sender._handle_rtcp_packet(flood)
    assert len(resent) == RESENDS_AT_ONCE
    clock.now += 0.1
    await sender._handle_rtcp_packet(flood)
    assert len(resent) == RESENDS_AT_ONCE + RESENDS_PER_S // 10
    await server.close()
