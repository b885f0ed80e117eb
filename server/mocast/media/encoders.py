"""Video encoders tuned for a live picture: bounded threads, no needless key frames, bitrate within bounds."""

import time
from collections.abc import Callable
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


class _LiveCodec:
    """An FFmpeg encoder that is opened for the first picture, and anew for another size or another bitrate."""

    def __init__(self, name: str, limits: EncoderLimits, options: Callable[[int], dict[str, str]]) -> None:
        """``options``: the encoder's own, for a bitrate."""
        self._name = name
        self._limits = limits
        self._options = options
        self._bitrate = limits.start_bitrate
        self.codec: VideoCodecContext | None = None
        self._opened_at = 0.0

    @property
    def bitrate(self) -> int:
        return self._bitrate

    @bitrate.setter
    def bitrate(self, bitrate: int) -> None:
        self._bitrate = max(self._limits.min_bitrate, min(bitrate, self._limits.max_bitrate))

    def encode(self, frame: av.VideoFrame, *, key_frame: bool) -> bytes:
        if self.codec is None or self._is_outdated(self.codec, frame):
            self.codec = self._open(frame)
        frame.pict_type = PictureType.I if key_frame else PictureType.NONE
        return b"".join(bytes(packet) for packet in self.codec.encode(frame))

    def _is_outdated(self, codec: VideoCodecContext, frame: av.VideoFrame) -> bool:
        if (codec.width, codec.height) != (frame.width, frame.height):
            return True
        change = self._bitrate / (codec.bit_rate or 1) - 1
        if abs(change) <= REOPEN_CHANGE:
            return False
        return change < 0 or time.monotonic() - self._opened_at > REOPEN_AFTER_S

    def _open(self, frame: av.VideoFrame) -> VideoCodecContext:
        codec = av.CodecContext.create(self._name, "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height = frame.width, frame.height
        codec.pix_fmt = "yuv420p"
        codec.bit_rate = self._bitrate
        codec.time_base = VIDEO_TIME_BASE
        codec.framerate = Fraction(30)
        codec.gop_size = KEY_FRAME_EVERY
        codec.thread_count = self._limits.threads
        codec.options = self._options(self._bitrate)
        self._opened_at = time.monotonic()
        return codec


class _LiveEncoder:
    """What aiortc's sender asks of an encoder, over a ``_LiveCodec``."""

    _live: _LiveCodec

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the RTP payloads and the timestamp of a picture."""
        assert isinstance(frame, av.VideoFrame)
        assert frame.pts is not None
        assert frame.time_base is not None
        payloads = self._payloads(self._live.encode(frame, key_frame=force_keyframe))
        timestamp = convert_timebase(frame.pts, frame.time_base, VIDEO_TIME_BASE) & 0xFFFFFFFF
        return payloads, AbsoluteTimestamp(timestamp)

    @property
    def target_bitrate(self) -> int:
        """Bits per second, within the limits."""
        return self._live.bitrate

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._live.bitrate = bitrate

    def _payloads(self, encoded: bytes) -> list[bytes]:
        raise NotImplementedError


class LiveVp8Encoder(_LiveEncoder, Vp8Encoder):
    """VP8 at its fastest: 0.05 dB below the speed of a call (-6) on webcam video, at two thirds of its time.

    No denoiser: what is encoded was decoded from video before.
    """

    def __init__(self, limits: EncoderLimits) -> None:
        super().__init__()
        self._live = _LiveCodec("libvpx", limits, self._options)

    def _payloads(self, encoded: bytes) -> list[bytes]:
        payloads = self._packetize(encoded, self.picture_id)
        self.picture_id = (self.picture_id + 1) % (1 << 15)
        return payloads

    @staticmethod
    def _options(bitrate: int) -> dict[str, str]:
        return {
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
        }


class LiveH264Encoder(_LiveEncoder, H264Encoder):
    """H.264 with a fast preset; aiortc sets none, so x264's "medium" would take ten times as long."""

    def __init__(self, limits: EncoderLimits) -> None:
        super().__init__()
        self._preset = limits.h264_preset
        self._live = _LiveCodec("libx264", limits, self._options)

    def _payloads(self, encoded: bytes) -> list[bytes]:
        return self._packetize(self._split_bitstream(encoded))

    def _options(self, bitrate: int) -> dict[str, str]:
        return {
            "preset": self._preset,
            "tune": "zerolatency",
            "profile": "baseline",
            "maxrate": str(bitrate),
            "bufsize": str(bitrate // 2),
        }
