"""Both encoders: key frames only where needed, bitrates within bounds, pictures that come back as they were."""

import cv2
import numpy as np
import pytest
from aiortc.codecs import depayload
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import VIDEO_TIME_BASE
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from tests.fakes import SettableClock
from tests.pictures import astronaut

from mocast.webrtc import encoders
from mocast.webrtc.aiortc.decoder_queue import is_key_frame
from mocast.webrtc.encoders import REOPEN_AFTER_S, EncoderLimits, LiveH264Encoder, LiveVp8Encoder
from mocast.webrtc.pixels import to_rgb, to_video_frame

Encoder = LiveVp8Encoder | LiveH264Encoder
LIMITS = EncoderLimits(min_bitrate=200_000, start_bitrate=1_000_000, max_bitrate=2_000_000)
CODECS = {"VP8": (LiveVp8Encoder, Vp8Decoder), "H264": (LiveH264Encoder, H264Decoder)}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    clock = SettableClock()
    monkeypatch.setattr(encoders, "time", clock)
    return clock


class Line:
    """An encoder and a decoder, one behind the other."""

    def __init__(self, name: str, limits: EncoderLimits = LIMITS) -> None:
        encoder_type, decoder_type = CODECS[name]
        self.codec = RTCRtpCodecParameters(f"video/{name}", 90_000, payloadType=97)
        self.encoder: Encoder = encoder_type(limits)
        self.decoder = decoder_type()
        self.number = 0
        self.is_key = False
        self.payloads: list[bytes] = []

    def send(self, rgb: np.ndarray, *, key_frame: bool = False) -> np.ndarray:
        """Return the picture as it comes out of the decoder."""
        frame = to_video_frame(rgb)
        frame.pts, frame.time_base = 3000 * self.number, VIDEO_TIME_BASE
        self.payloads, timestamp = self.encoder.encode(frame, force_keyframe=key_frame)
        assert timestamp == 3000 * self.number
        self.number += 1
        data = b"".join(depayload(self.codec, payload) for payload in self.payloads)
        self.is_key = is_key_frame(self.codec.name, data)
        (decoded,) = self.decoder.decode(JitterFrame(data, timestamp))
        assert decoded.pts == timestamp
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
        line.encoder.target_bitrate = int(change * LIMITS.start_bitrate)
        clock.now += 2 * REOPEN_AFTER_S
        line.send(picture())
        assert not line.is_key


def test_a_fall_of_the_bitrate_is_followed_at_once(line: Line, clock: SettableClock) -> None:
    line.send(picture())
    line.encoder.target_bitrate = 500_000
    line.send(picture())
    assert line.is_key
    assert line.encoder._live.codec is not None
    assert line.encoder._live.codec.bit_rate == 500_000
    line.send(picture())
    assert not line.is_key


def test_a_rise_of_the_bitrate_waits_for_its_turn(line: Line, clock: SettableClock) -> None:
    line.send(picture())
    line.encoder.target_bitrate = 2_000_000
    line.send(picture())
    assert not line.is_key
    clock.now += REOPEN_AFTER_S + 1
    line.send(picture())
    assert line.is_key
    assert line.encoder._live.codec is not None
    assert line.encoder._live.codec.bit_rate == 2_000_000


def test_the_bitrate_stays_within_the_operators_limits(line: Line) -> None:
    assert line.encoder.target_bitrate == LIMITS.start_bitrate
    line.encoder.target_bitrate = 1
    assert line.encoder.target_bitrate == LIMITS.min_bitrate
    line.encoder.target_bitrate = 10**9
    assert line.encoder.target_bitrate == LIMITS.max_bitrate


def test_a_lower_bitrate_makes_less_data(line: Line, clock: SettableClock) -> None:
    pictures = [np.roll(picture(), 16 * i, axis=1) for i in range(10)]

    def bytes_of_30() -> int:
        total = 0
        for i in range(30):
            line.send(pictures[i % 10])
            total += sum(map(len, line.payloads)) if i >= 10 else 0
        return total

    line.encoder.target_bitrate = LIMITS.max_bitrate
    much = bytes_of_30()
    line.encoder.target_bitrate = LIMITS.min_bitrate
    assert bytes_of_30() < much / 2


@pytest.mark.parametrize("name", CODECS)
def test_a_fast_line_is_not_filled_with_what_nobody_sees(name: str) -> None:
    line = Line(name, EncoderLimits(start_bitrate=4_000_000))
    noise = np.random.default_rng(0).normal(0, 2, (30, 240, 320, 1))
    sent = 0
    for number, grain in enumerate(noise):
        rgb = np.clip(picture() + grain, 0, 255).astype(np.uint8)
        back = line.send(rgb)
        sent += 8 * sum(map(len, line.payloads)) if number >= 10 else 0
    assert sent / 20 * 30 < 1_500_000
    assert cv2.PSNR(cv2.cvtColor(back, cv2.COLOR_RGB2GRAY), cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)) > 38


def test_the_size_may_change_in_the_middle(line: Line) -> None:
    for width, height in ((320, 240), (320, 240), (240, 320), (160, 120), (160, 120)):
        before = (line.encoder._live.codec.width, line.encoder._live.codec.height) if line.encoder._live.codec else None
        assert line.send(picture(width, height)).shape == (height, width, 3)
        assert line.is_key == (before != (width, height))


def test_threads_are_bounded(line: Line) -> None:
    line.send(picture())
    assert line.encoder._live.codec is not None
    assert line.encoder._live.codec.thread_count == 1


def test_every_payload_fits_a_packet(line: Line) -> None:
    line.send(np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8))
    assert len(line.payloads) > 1
    assert max(map(len, line.payloads)) <= 1300


def test_a_timestamp_goes_round_as_on_the_wire(line: Line) -> None:
    frame = to_video_frame(picture())
    frame.pts, frame.time_base = 2**32 + 3000, VIDEO_TIME_BASE
    _, timestamp = line.encoder.encode(frame)
    assert timestamp == 3000
