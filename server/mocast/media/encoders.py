"""Video encoders tuned for a live picture: bounded threads, no needless key frames, bitrate within bounds."""

import time
from dataclasses import dataclass
from fractions import Fraction

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from av.frame import Frame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

REOPEN_CHANGE = 0.25
REOPEN_AFTER_S = 5.0
"""Opening an encoder anew costs a key frame, so a bitrate must have changed by a quarter; to go up, not too often."""

KEY_FRAME_EVERY = 3_000
"""Frames. A receiver that needs a key frame asks for it."""


@dataclass(frozen=True, slots=True)
class EncoderLimits:
    """What an operator sets for the returned video."""

    min_bitrate: int = 300_000
    start_bitrate: int = 2_000_000
    max_bitrate: int = 4_000_000
    threads: int = 1
    h264_preset: str = "superfast"


class AbsoluteTimestamp(int):
    """An RTP timestamp that stays what it is when the sender adds its random origin.

    So the returned picture's RTP timestamp equals the ``pts`` in the landmark messages, and a page can match the two
    by ``requestVideoFrameCallback``. Python asks the right operand first when its type is a subclass of the left's.
    """

    def __add__(self, other: int) -> "AbsoluteTimestamp":
        return self

    __radd__ = __add__


class _Reopening:
    """When to open the codec anew for another bitrate; the codec is opened for the first frame of each size."""

    def __init__(self, limits: EncoderLimits) -> None:
        self.limits = limits
        self.target_bitrate = limits.start_bitrate
        self._opened_at = 0.0

    def is_due(self, codec: VideoCodecContext, frame: av.VideoFrame) -> bool:
        if (codec.width, codec.height) != (frame.width, frame.height):
            return True
        change = self.target_bitrate / (codec.bit_rate or 1) - 1
        if abs(change) <= REOPEN_CHANGE:
            return False
        return change < 0 or time.monotonic() - self._opened_at > REOPEN_AFTER_S

    def open(self, name: str, frame: av.VideoFrame, options: dict[str, str]) -> VideoCodecContext:
        codec = av.CodecContext.create(name, "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height = frame.width, frame.height
        codec.pix_fmt = "yuv420p"
        codec.bit_rate = self.target_bitrate
        codec.time_base = VIDEO_TIME_BASE
        codec.framerate = Fraction(30)
        codec.gop_size = KEY_FRAME_EVERY
        codec.thread_count = self.limits.threads
        codec.options = options
        self._opened_at = time.monotonic()
        return codec

    def bound(self, bitrate: int) -> int:
        return max(self.limits.min_bitrate, min(bitrate, self.limits.max_bitrate))


def _encode(codec: VideoCodecContext, frame: av.VideoFrame, *, key_frame: bool) -> bytes:
    frame.pict_type = PictureType.I if key_frame else PictureType.NONE
    return b"".join(bytes(packet) for packet in codec.encode(frame))


def _timestamp(frame: av.VideoFrame) -> AbsoluteTimestamp:
    assert frame.pts is not None
    assert frame.time_base is not None
    return AbsoluteTimestamp(convert_timebase(frame.pts, frame.time_base, VIDEO_TIME_BASE) & 0xFFFFFFFF)


class LiveVp8Encoder(Vp8Encoder):
    """VP8 at its fastest: 0.05 dB below the speed of a call (-6) on webcam video, at two thirds of its time.

    No denoiser: what is encoded was decoded from video before.
    """

    def __init__(self, limits: EncoderLimits) -> None:
        super().__init__()
        self._reopening = _Reopening(limits)

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the RTP payloads and the timestamp of a picture."""
        assert isinstance(frame, av.VideoFrame)
        if self.codec is None or self._reopening.is_due(self.codec, frame):
            bitrate = self._reopening.target_bitrate
            self.codec = self._reopening.open(
                "libvpx",
                frame,
                {
                    "deadline": "realtime",
                    "cpu-used": "-16",
                    "lag-in-frames": "0",
                    "noise-sensitivity": "0",
                    "static-thresh": "100",
                    "qmin": "4",
                    "qmax": "56",
                    "minrate": str(bitrate),
                    "maxrate": str(bitrate),
                    "bufsize": str(bitrate),
                    "undershoot-pct": "100",
                    "overshoot-pct": "15",
                    "error-resilient": "0",
                },
            )
        payloads = self._packetize(_encode(self.codec, frame, key_frame=force_keyframe), self.picture_id)
        self.picture_id = (self.picture_id + 1) % (1 << 15)
        return payloads, _timestamp(frame)

    @property
    def target_bitrate(self) -> int:
        """Bits per second, within the limits."""
        return self._reopening.target_bitrate

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._reopening.target_bitrate = self._reopening.bound(bitrate)


class LiveH264Encoder(H264Encoder):
    """H.264 with a fast preset; aiortc sets none, so x264's "medium" would take ten times as long."""

    def __init__(self, limits: EncoderLimits) -> None:
        super().__init__()
        self._reopening = _Reopening(limits)

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the RTP payloads and the timestamp of a picture."""
        assert isinstance(frame, av.VideoFrame)
        if self.codec is None or self._reopening.is_due(self.codec, frame):
            bitrate = self._reopening.target_bitrate
            self.codec = self._reopening.open(
                "libx264",
                frame,
                {
                    "preset": self._reopening.limits.h264_preset,
                    "tune": "zerolatency",
                    "profile": "baseline",
                    "maxrate": str(bitrate),
                    "bufsize": str(bitrate // 2),
                },
            )
        bitstream = _encode(self.codec, frame, key_frame=force_keyframe)
        return self._packetize(self._split_bitstream(bitstream)), _timestamp(frame)

    @property
    def target_bitrate(self) -> int:
        """Bits per second, within the limits."""
        return self._reopening.target_bitrate

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._reopening.target_bitrate = self._reopening.bound(bitrate)
