"""Both encoders: key frames only where needed, bitrates within bounds, pictures that come back as they were."""

import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from av import Packet, VideoFrame
from tests.fakes import SettableClock
from tests.pictures import astronaut

from mocast.errors import Unprocessable
from mocast.webrtc import video_encoder
from mocast.webrtc.pixels import to_rgb
from mocast.webrtc.video_decoder import TIME_BASE, open_decoder
from mocast.webrtc.video_encoder import REOPEN_AFTER_S, EncodedFrame, EncoderFactory, EncoderLimits, VideoEncoder

LIMITS = EncoderLimits(min_bitrate=200_000, start_bitrate=1_000_000, max_bitrate=2_000_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    clock = SettableClock()
    monkeypatch.setattr(video_encoder, "time", clock)
    return clock


class Line:
    """An encoder and a decoder, one behind the other."""

    def __init__(self, name: str, limits: EncoderLimits = LIMITS) -> None:
        self.encoder = VideoEncoder(name, limits)
        self.decoder = open_decoder(name)
        self.number = 0
        self.encoded = EncodedFrame(b"", 0, False)

    @property
    def is_key(self) -> bool:
        return self.encoded.is_key_frame

    def send(self, rgb: np.ndarray, *, key_frame: bool = False) -> np.ndarray:
        """Return the picture as it comes out of the decoder."""
        self.encoded = self.encoder.encode(rgb, 3000 * self.number, key_frame=key_frame)
        packet = Packet(self.encoded.data)
        packet.pts, packet.time_base = self.encoded.pts, TIME_BASE
        (decoded,) = self.decoder.decode(packet)
        assert decoded.pts == self.encoded.pts == 3000 * self.number
        self.number += 1
        return to_rgb(decoded)


@pytest.fixture(params=["VP8", "H264"])
def line(request: pytest.FixtureRequest) -> Line:
    return Line(request.param)


def picture(width: int = 320, height: int = 240) -> np.ndarray:
    whole = astronaut()
    return np.ascontiguousarray(whole[:height, :width])


def test_a_picture_comes_back_as_it_was(line: Line) -> None:
    sent = picture()
    for _ in range(5):
        back = line.send(sent)
    assert back.shape == sent.shape
    assert np.abs(back.astype(int) - sent).mean() < 6


def test_there_is_one_key_frame_and_then_one_for_each_request(line: Line) -> None:
    keys = []
    for number in range(40):
        line.send(picture(), key_frame=number in (13, 14, 30))
        if line.is_key:
            keys.append(number)
    assert keys == [0, 13, 14, 30]


@pytest.mark.parametrize("change", [0.76, 0.9, 1.1, 1.24])
def test_a_small_change_of_bitrate_costs_no_key_frame(line: Line, clock: SettableClock, change: float) -> None:
    line.send(picture())
    for _ in range(5):
        line.encoder.bitrate = int(change * LIMITS.start_bitrate)
        clock.now += 2 * REOPEN_AFTER_S
        line.send(picture())
        assert not line.is_key


def test_a_fall_of_the_bitrate_is_followed_at_once(line: Line, clock: SettableClock) -> None:
    line.send(picture())
    line.encoder.bitrate = 500_000
    line.send(picture())
    assert line.is_key
    assert line.encoder.codec is not None
    assert line.encoder.codec.bit_rate == 500_000
    line.send(picture())
    assert not line.is_key


@pytest.mark.parametrize("line", ["H264"], indirect=True)
def test_h264_follows_a_small_fall_and_the_rise_after_it_without_a_key_frame(line: Line, clock: SettableClock) -> None:
    noise = np.random.default_rng(0).integers(-20, 20, (10, 240, 320, 3))
    pictures = [np.clip(picture() + grain, 0, 255).astype(np.uint8) for grain in noise]

    def bits_per_s(seconds: int) -> float:
        total = 0
        for i in range(30 * seconds):
            line.send(pictures[i % 10])
            total += len(line.encoded.data)
            assert not line.is_key
        return 8 * total / seconds

    line.send(pictures[0])
    for bitrate in (1_000_000, 720_000, 1_000_000):
        line.encoder.bitrate = bitrate
        bits_per_s(1)
        assert bits_per_s(3) == pytest.approx(bitrate, rel=0.1)


def test_vp8_keeps_to_the_bitrate_where_pictures_are_left_out() -> None:
    noise = np.random.default_rng(0).integers(-20, 20, (10, 240, 320, 3))
    pictures = [np.clip(picture() + grain, 0, 255).astype(np.uint8) for grain in noise]
    encoder = VideoEncoder("VP8", LIMITS)
    sizes = {i: len(encoder.encode(pictures[i % 7], 3000 * i).data) for i in range(150) if i % 10}
    assert 8 * sum(size for i, size in sizes.items() if i >= 30) / 4 == pytest.approx(LIMITS.start_bitrate, rel=0.1)


def test_a_rise_of_the_bitrate_waits_for_its_turn(line: Line, clock: SettableClock) -> None:
    line.send(picture())
    line.encoder.bitrate = 2_000_000
    line.send(picture())
    assert not line.is_key
    clock.now += REOPEN_AFTER_S + 1
    line.send(picture())
    assert line.is_key
    assert line.encoder.codec is not None
    assert line.encoder.codec.bit_rate == 2_000_000


def test_the_bitrate_stays_within_the_operators_limits(line: Line) -> None:
    assert line.encoder.bitrate == LIMITS.start_bitrate
    line.encoder.bitrate = 1
    assert line.encoder.bitrate == LIMITS.min_bitrate
    line.encoder.bitrate = 10**9
    assert line.encoder.bitrate == LIMITS.max_bitrate


def test_a_lower_bitrate_makes_less_data(line: Line, clock: SettableClock) -> None:
    pictures = [np.roll(picture(), 16 * i, axis=1) for i in range(10)]

    def bytes_of_30() -> int:
        total = 0
        for i in range(30):
            line.send(pictures[i % 10])
            total += len(line.encoded.data) if i >= 10 else 0
        return total

    line.encoder.bitrate = LIMITS.max_bitrate
    much = bytes_of_30()
    line.encoder.bitrate = LIMITS.min_bitrate
    assert bytes_of_30() < much / 2


def test_a_picture_after_a_pause_has_no_more_bits_than_others(line: Line, clock: SettableClock) -> None:
    line.encoder.bitrate = LIMITS.min_bitrate
    sizes = []
    for number in range(20):
        line.encoded = line.encoder.encode(np.roll(picture(), 40 * number, axis=1), 90_000 * number)
        sizes.append(8 * len(line.encoded.data))
    assert sum(sizes[5:]) / 15 < LIMITS.min_bitrate / 3, "a share of all that time would be the whole bitrate"


@pytest.mark.parametrize("name", ["VP8", "H264"])
def test_a_fast_line_is_not_filled_with_what_nobody_sees(name: str) -> None:
    line = Line(name, EncoderLimits(start_bitrate=4_000_000))
    noise = np.random.default_rng(0).normal(0, 2, (30, 240, 320, 1))
    sent = 0
    for number, grain in enumerate(noise):
        rgb = np.clip(picture() + grain, 0, 255).astype(np.uint8)
        back = line.send(rgb)
        sent += 8 * len(line.encoded.data) if number >= 10 else 0
    assert sent / 20 * 30 < 1_500_000
    assert cv2.PSNR(cv2.cvtColor(back, cv2.COLOR_RGB2GRAY), cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)) > 38


def test_the_size_may_change_in_the_middle(line: Line) -> None:
    for width, height in ((320, 240), (320, 240), (240, 320), (160, 120), (160, 120)):
        before = (line.encoder.codec.width, line.encoder.codec.height) if line.encoder.codec else None
        assert line.send(picture(width, height)).shape == (height, width, 3)
        assert line.is_key == (before != (width, height))


def test_threads_are_bounded(line: Line) -> None:
    line.send(picture())
    assert line.encoder.codec is not None
    assert line.encoder.codec.thread_count == 1


def test_there_are_encoders_for_two_codecs() -> None:
    with ThreadPoolExecutor(1) as executor:
        factory = EncoderFactory(LIMITS, executor)
        for name in ("VP8", "vp8", "H264"):
            assert factory.encoder(name).bitrate == LIMITS.start_bitrate
        with pytest.raises(Unprocessable, match="video/rtx"):
            factory.encoder("rtx")


async def test_pictures_are_encoded_in_threads_of_their_own() -> None:
    with ThreadPoolExecutor(1, "encoder") as executor:
        factory = EncoderFactory(LIMITS, executor)
        encoder = factory.encoder("VP8")
        threads: list[str] = []
        encode = encoder.encode_frame

        def noting(frame: VideoFrame, pts: int, *, key_frame: bool = False) -> EncodedFrame:
            threads.append(threading.current_thread().name)
            return encode(frame, pts, key_frame=key_frame)

        encoder.encode_frame = noting  # type: ignore[method-assign]
        assert (await factory.encode(encoder, picture(), 7, key_frame=True)).pts == 7
        assert threads == ["encoder_0"]
