"""The decoder of a publisher's video: bounded, and after a loss nothing but a key frame goes in."""

import asyncio
import contextlib
import threading

import numpy as np
import pytest
from av import FFmpegError, Packet, VideoCodecContext, VideoFrame

from mocast.model.frame import MAX_PIXELS
from mocast.webrtc import video_decoder
from mocast.webrtc.video_decoder import (
    CAPACITY,
    CATCH_UP,
    H264_BYTES_SEARCHED,
    H264_UNITS_SEARCHED,
    MAX_UNDECODABLE_IN_A_ROW,
    TIME_BASE,
    TOO_LARGE,
    UNDECODABLE,
    Codec,
    VideoDecoder,
    is_key_frame,
    open_decoder,
    vp8_pixels,
)
from mocast.webrtc.video_encoder import EncoderLimits, VideoEncoder

KEY = b"\x10\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00"
DELTA = b"\x11\x00\x00rest"


class Decoder:
    """A decoder whose thread never begins, with what it says."""

    def __init__(self) -> None:
        self.asked = 0
        self.dropped = 0
        self.unusable: list[str] = []
        self.decoder = VideoDecoder(lambda _: None, self._drop, self.unusable.append)
        self.decoder._thread = threading.Thread()

    def _drop(self) -> None:
        self.dropped += 1

    def put(self, *frames: bytes) -> None:
        for number, data in enumerate(frames):
            self.asked += not self.decoder.put("VP8", data, number)

    def inside(self) -> list[bytes | None]:
        found = []
        while len(self.decoder):
            frame = self.decoder._queue.get_nowait()
            found.append(frame.data if frame else None)
        return found


def test_decoding_starts_with_a_key_frame_which_is_asked_for() -> None:
    decoder = Decoder()
    decoder.put(DELTA, DELTA, KEY, DELTA)
    assert decoder.asked == 2
    assert decoder.dropped == 2
    assert decoder.inside() == [KEY, DELTA]


def test_after_a_loss_nothing_goes_in_before_the_next_key_frame() -> None:
    decoder = Decoder()
    decoder.put(KEY, DELTA)
    decoder.decoder.await_key_frame()
    decoder.put(DELTA, DELTA)
    assert decoder.asked == 2
    assert decoder.inside() == [KEY, DELTA]
    decoder.put(KEY, DELTA)
    assert decoder.inside() == [KEY, DELTA]


def test_the_rest_of_a_frame_whose_beginning_was_lost_is_no_key_frame() -> None:
    assert not is_key_frame("VP8", b"\x00" * 40)
    assert not is_key_frame("VP8", b"")
    assert not is_key_frame("H264", b"")
    assert not is_key_frame("H264", b"\x65" * 40)


class SearchedBytes(bytes):
    """Counts the searches."""

    searches = 0

    def find(self, *arguments: object) -> int:
        SearchedBytes.searches += 1
        return super().find(*arguments)  # type: ignore[arg-type]


def test_a_key_frame_is_searched_for_near_the_beginning_only() -> None:
    access_unit = b"\0\0\0\1\x09\xf0" + b"\0\0\1\x06sei" * 3 + b"\0\0\1\x67sps"
    assert is_key_frame("H264", access_unit)
    assert is_key_frame("H264", b"\0\0\1\x06" + b"s" * 4_000 + access_unit)
    assert not is_key_frame("H264", SearchedBytes(b"\0\0\1\x0c" * 190_000))
    assert SearchedBytes.searches == H264_UNITS_SEARCHED
    assert not is_key_frame("H264", bytes(H264_BYTES_SEARCHED) + access_unit)


def key_frame(width: int, height: int) -> bytes:
    """The header of a VP8 key frame, scaled up for display by its upper bits, which no decoder minds."""
    return KEY[:6] + (width | 0x4000).to_bytes(2, "little") + (height | 0x8000).to_bytes(2, "little")


def test_a_key_frame_of_more_pixels_than_a_camera_has_is_refused_and_what_follows_it() -> None:
    decoder = Decoder()
    allowed = key_frame(4096, 2304)
    decoder.put(allowed, DELTA)
    assert decoder.inside() == [allowed, DELTA]
    decoder.put(key_frame(4098, 2304), DELTA, key_frame(16383, 16383), DELTA)
    assert decoder.inside() == []
    assert decoder.unusable == [TOO_LARGE.format(MAX_PIXELS / 1e6)], "told once"
    assert decoder.dropped == 4


def test_the_size_of_a_key_frame_is_what_the_encoder_was_given() -> None:
    data = VideoEncoder("VP8", EncoderLimits()).encode(np.zeros((242, 326, 3), np.uint8), 0).data
    assert vp8_pixels(data) == 326 * 242 < MAX_PIXELS
    assert vp8_pixels(DELTA) == vp8_pixels(KEY[:6]) == vp8_pixels(b"") == 0


def test_a_decoder_that_cannot_keep_up_starts_afresh() -> None:
    decoder = Decoder()
    decoder.put(KEY, *[DELTA] * (CAPACITY - 1))
    assert len(decoder.decoder) == CAPACITY
    decoder.put(DELTA)
    assert len(decoder.decoder) == 0
    assert decoder.asked == 1
    assert decoder.dropped == CAPACITY + 1
    decoder.put(KEY)
    assert decoder.inside() == [KEY]


def test_the_end_passes_everything_that_waits() -> None:
    decoder = Decoder()
    decoder.put(KEY, DELTA, DELTA)
    decoder.decoder.end()
    assert decoder.inside() == [None]


@pytest.mark.parametrize("codec_name", ["VP8", "H264"])
def test_key_frames_are_told_from_others_in_what_encoders_make(codec_name: str) -> None:
    encoder = VideoEncoder(codec_name, EncoderLimits())
    pictures = [np.full((240, 320, 3), 10 * number, np.uint8) for number in range(12)]
    encoded = [encoder.encode(rgb, 3000 * number, key_frame=number == 7) for number, rgb in enumerate(pictures)]
    assert [frame.pts // 3000 for frame in encoded if is_key_frame(codec_name, frame.data)] == [0, 7]
    assert all(is_key_frame(codec_name, frame.data) == frame.is_key_frame for frame in encoded)


@pytest.mark.parametrize("codec_name", ["VP8", "H264"])
def test_decoders_have_bounded_threads_and_hold_no_frame_back(codec_name: str) -> None:
    decoder = open_decoder(codec_name)
    assert decoder.thread_count == 1
    assert decoder.thread_type.name == "SLICE"


@pytest.mark.parametrize(("width", "is_decoded"), [(4096, True), (4352, False)])
@pytest.mark.parametrize(
    ("codec_name", "encoder_name", "options"),
    [("VP8", "libvpx", {"deadline": "realtime"}), ("H264", "libx264", {"preset": "ultrafast", "tune": "zerolatency"})],
    ids=["VP8", "H264"],
)
def test_a_picture_above_the_limit_is_refused_by_its_decoder(
    width: int, is_decoded: bool, codec_name: str, encoder_name: str, options: dict[str, str]
) -> None:
    encoder = VideoCodecContext.create(encoder_name, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, 2304, "yuv420p", TIME_BASE
    encoder.options = options
    packet = [*encoder.encode(VideoFrame(width, 2304, "yuv420p")), *encoder.encode(None)][0]
    with contextlib.nullcontext() if is_decoded else pytest.raises(FFmpegError):
        assert len(open_decoder(codec_name).decode(packet)) == 1


def x264(**options: str) -> list[tuple[int, bytes]]:
    """Half a second of H.264 in the order in which it is sent: pts and data."""
    encoder = VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 64, 48, "yuv420p", TIME_BASE
    encoder.options = {"preset": "ultrafast", **options}
    packets = []
    for number in range(15):
        frame = VideoFrame.from_ndarray(np.full((48, 64, 3), 16 * number, np.uint8), format="rgb24")
        frame.pts, frame.time_base = 3000 * number, TIME_BASE
        packets += encoder.encode(frame)
    return [(packet.pts or 0, bytes(packet)) for packet in [*packets, *encoder.encode(None)]]


def decoded(sent: list[tuple[int, bytes]], parameter_sets: bytes = b"") -> tuple[list[int | None], list[int]]:
    """The pts of what is shown, and what is told of B-frames."""
    shown: list[int | None] = []
    told: list[int] = []
    decoder = VideoDecoder(lambda frame: shown.append(frame.pts), on_b_frames=told.append)
    decoder.parameter_sets = parameter_sets
    for pts, data in sent:
        decoder.put("H264", data, pts)
    decoder._queue.put(None)
    if decoder._thread is not None:
        decoder._thread.join(60)
    return shown, told


def test_b_frames_are_told_once_with_their_delay_and_pictures_come_in_the_order_of_their_time() -> None:
    sent = x264(bf="2", b_strategy="0")
    assert [pts for pts, _ in sent] != sorted(pts for pts, _ in sent), "the video is what it should be"
    shown, told = decoded(sent)
    assert len(told) == 1
    assert told[0] >= 1
    assert shown == [3000 * number for number in range(15 - told[0])]


def test_video_without_b_frames_is_shown_at_once_and_nothing_is_told() -> None:
    assert decoded(x264(tune="zerolatency")) == ([3000 * number for number in range(15)], [])


def test_parameter_sets_of_the_offer_decode_video_that_has_none_and_those_within_the_video_hold() -> None:
    def units(data: bytes) -> list[bytes]:
        return [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1") if unit.strip(b"\0")]

    sent = x264(tune="zerolatency")
    first = units(sent[0][1])
    sets = b"".join(b"\0\0\1" + unit for unit in first if unit[0] & 31 in (7, 8))
    without = b"".join(b"\0\0\1" + unit for unit in first if unit[0] & 31 not in (7, 8))
    every = [3000 * number for number in range(15)]
    assert decoded([(0, without), *sent[1:]]) == ([], [])
    assert decoded([(0, without), *sent[1:]], sets) == (every, [])
    others = x264(tune="zerolatency", profile="baseline", refs="1")[0][1]
    assert decoded(sent, others[: others.index(b"\0\0\1\x65")]) == (every, [])


class FailingCodec:
    """Decodes what is not broken."""

    def decode(self, packet: Packet) -> list[VideoFrame]:
        if bytes(packet) == BROKEN:
            raise FFmpegError(1, "broken")
        decoded = VideoFrame(64, 48, "yuv420p")
        decoded.pts = packet.pts
        return [decoded]


BROKEN = KEY + b"broken"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_decoder, "open_decoder", lambda *_: FailingCodec())


@pytest.mark.usefixtures("failing")
def test_decoded_frames_are_handed_on_in_the_decoders_own_thread() -> None:
    taken: list[tuple[int | None, str]] = []
    drops: list[int] = []
    has_three = threading.Event()

    def take(frame: VideoFrame) -> None:
        taken.append((frame.pts, threading.current_thread().name))
        if len(taken) == 3:
            has_three.set()

    decoder = VideoDecoder(take, lambda: drops.append(1))
    for pts, data in enumerate((KEY, DELTA, BROKEN, DELTA)):
        assert decoder.put("VP8", data, 3000 * pts)
    assert has_three.wait(60)
    decoder.close()
    assert taken == [(0, "video-decoder"), (3000, "video-decoder"), (9000, "video-decoder")]
    assert (decoder.decoded, len(drops)) == (3, 1)
    assert decoder.take_error()
    assert not decoder.take_error(), "told once"
    assert decoder.put("VP8", KEY, 0), "ignored"
    assert len(decoder) <= 1


@pytest.mark.usefixtures("failing")
def test_video_that_cannot_be_decoded_for_too_long_is_given_up_once() -> None:
    unusable: list[str] = []
    drops = threading.Semaphore(0)
    frames = threading.Semaphore(0)
    decoder = VideoDecoder(lambda _: frames.release(), drops.release, unusable.append)

    def fail(times: int) -> None:
        for _ in range(times):
            decoder.put("VP8", BROKEN, 0)
            assert drops.acquire(timeout=60)

    fail(MAX_UNDECODABLE_IN_A_ROW - 1)
    decoder.put("VP8", KEY, 0)
    assert frames.acquire(timeout=60)
    fail(MAX_UNDECODABLE_IN_A_ROW - 1)
    assert unusable == []
    fail(2 * MAX_UNDECODABLE_IN_A_ROW)
    decoder.close()
    assert unusable == [UNDECODABLE.format(MAX_PIXELS / 1e6)]


async def test_ending_it_does_not_wait_for_the_frame_in_work() -> None:
    is_working, may_go_on = threading.Event(), threading.Event()

    def work(_: VideoFrame) -> None:
        is_working.set()
        may_go_on.wait(60)

    decoder = VideoDecoder(work)
    decoder.put("VP8", VideoEncoder("VP8", EncoderLimits()).encode(np.zeros((48, 64, 3), np.uint8), 0).data, 0)
    assert await asyncio.to_thread(is_working.wait, 60)
    decoder.end()
    closing = asyncio.create_task(asyncio.to_thread(decoder.close))
    await asyncio.sleep(0)
    assert not closing.done()
    may_go_on.set()
    await closing


def test_a_decoder_that_fails_unexpectedly_is_opened_anew_and_its_thread_lives_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = VideoEncoder("VP8", EncoderLimits())
    black = np.zeros((48, 64, 3), np.uint8)
    opened, decoded, failed = [], threading.Event(), threading.Event()

    def open_broken(*args: object) -> VideoCodecContext:
        opened.append(args)
        if len(opened) == 1:
            raise MemoryError
        return open_decoder("VP8")

    monkeypatch.setattr(video_decoder, "open_decoder", open_broken)
    decoder = VideoDecoder(lambda _: decoded.set(), on_failure=failed.set)
    decoder.put("VP8", encoder.encode(black, 0).data, 0)
    assert failed.wait(60)
    assert not decoder.put("VP8", encoder.encode(black, 3000).data, 3000), "a key frame is needed"
    assert decoder.put("VP8", encoder.encode(black, 6000, key_frame=True).data, 6000)
    assert decoded.wait(60)
    assert decoder.take_error()
    decoder.close()


def test_a_decoder_that_hangs_does_not_hold_who_closes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_decoder, "JOIN_S", 0.05)
    taken, may_return = threading.Event(), threading.Event()

    def hang(_: VideoFrame) -> None:
        taken.set()
        assert may_return.wait(60)

    decoder = VideoDecoder(hang)
    decoder.put("VP8", VideoEncoder("VP8", EncoderLimits()).encode(np.zeros((48, 64, 3), np.uint8), 0).data, 0)
    assert taken.wait(60)
    decoder.close()
    may_return.set()


def packet(number: int, *, is_key_frame: bool) -> Packet:
    made = Packet(bytes([number]))
    made.is_keyframe = is_key_frame
    return made


def test_a_camera_s_frames_are_dropped_when_a_key_frame_comes_and_they_are_late() -> None:
    decoder, codec = Decoder(), Codec("hevc", b"parameters", 640, 480)
    for number in range(CATCH_UP + 1):
        assert decoder.decoder.put_packet(codec, packet(number, is_key_frame=number == 0), number)
    assert (len(decoder.decoder), decoder.dropped) == (CATCH_UP + 1, 0)
    assert decoder.decoder.put_packet(codec, packet(99, is_key_frame=True), 99)
    assert (decoder.inside(), decoder.dropped) == ([b"\x63"], CATCH_UP + 1)


def test_a_camera_whose_picture_is_too_large_is_told_before_it_is_decoded() -> None:
    decoder = Decoder()
    decoder.decoder.put_packet(Codec("hevc", None, 8192, 4320), packet(0, is_key_frame=True), 0)
    assert decoder.unusable == [TOO_LARGE.format(MAX_PIXELS / 1e6)]


def test_frames_of_a_camera_need_not_bring_what_their_decoder_has_to_know() -> None:
    pictures: list[VideoFrame] = []
    decoded = threading.Semaphore(0)

    def take(picture: VideoFrame) -> None:
        pictures.append(picture)
        decoded.release()

    decoder = VideoDecoder(take)
    raw = Packet(bytes(range(24)))
    raw.is_keyframe = True
    decoder.put_packet(Codec("rawvideo", None, 4, 4, "yuv420p"), raw, 3_000)
    assert decoded.acquire(timeout=60)
    decoder.close()
    assert (pictures[0].width, pictures[0].height, pictures[0].pts) == (4, 4, 3_000)
    assert pictures[0].to_ndarray().ravel().tolist() == list(range(24))
